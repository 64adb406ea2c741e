package reply

import (
	"regexp"
	"strings"
)

// role is what a piece is for.
type role int

const (
	substance role = iota
	frame          // greeting, receipt, transfer, thanks
	looked         // somebody looks into it
	told           // it was explained by telephone or in person
	referral       // turn to somebody else
	settling       // it is said to be solved
)

// reading is a reply cut into pieces, with what was found in them.
type reading struct {
	*script
	pieces []piece
	roles  []role
	hits   map[ReasonName][]span
	// did and will tell which pieces say what was or will be done.
	did, will []bool
	// substance are the pairs of characters in pieces that are not frame, said where each
	// stands first.
	substance grams
	// solid and facts count the Chinese characters of substance, all and those besides
	// actions; said those of substance and advice.
	solid, facts int
}

// span is a pair of byte offsets.
type span struct{ from, to int }

func read(s *script) *reading {
	r := &reading{script: s, pieces: s.pieces(), hits: map[ReasonName][]span{}, substance: grams{}}
	r.roles = make([]role, len(r.pieces))
	r.did, r.will = make([]bool, len(r.pieces)), make([]bool, len(r.pieces))
	for i, p := range r.pieces {
		r.roles[i] = r.classify(p)
		r.search(i)
	}
	return r
}

// find notes where the pattern matches in a piece, and whether it does.
func (r *reading) find(name ReasonName, pattern *regexp.Regexp, p piece) bool {
	at := pattern.FindAllStringIndex(r.text[p.from:p.to], maxEvidence)
	for _, m := range at {
		if m[0] < m[1] {
			r.hits[name] = append(r.hits[name], span{p.from + m[0], p.from + m[1]})
		}
	}
	return len(at) > 0
}

func (r *reading) note(name ReasonName, p piece) {
	r.hits[name] = append(r.hits[name], span{p.from, p.to})
}

// classify finds the role of a piece. What frame phrases leave of it decides: with four
// Chinese characters more it says something of its own.
func (r *reading) classify(p piece) role {
	text := plain(r.text[p.from:p.to])
	if explained.MatchString(text) {
		r.note(Process, p)
		return told
	}
	rest, name := text, ReasonName("")
	for _, f := range frames {
		if left := f.pattern.ReplaceAllString(rest, ""); left != rest {
			if rest = left; name == "" {
				name = f.name
			}
		}
		if han(rest) < 4 {
			break
		}
	}
	switch {
	case name != "" && han(rest) < 4:
		r.note(name, p)
		return frame
	case han(text) == 0 && !strings.ContainsAny(text, "*0123456789"), signature.MatchString(text):
		r.note(Courtesy, p)
		return frame
	case investigates.MatchString(text):
		r.note(Process, p)
		return looked
	case settled.MatchString(text):
		r.note(Settled, p)
		return settling
	case refer.MatchString(text):
		return referral
	}
	return substance
}

// search notes the cues of a piece.
func (r *reading) search(i int) {
	p, role := r.pieces[i], r.roles[i]
	r.find(Contact, contact, p)
	if role == frame {
		return
	}
	n := han(r.text[p.from:p.to])
	if role != looked {
		r.gather(p)
	}
	if r.find(Disclaimer, disclaimer, p) && role == referral {
		r.roles[i], role = substance, substance
	}
	r.find(Advice, advice, p)
	r.find(Law, law, p)
	r.find(Finding, finding, p)
	r.find(Cause, cause, p)
	r.find(Figure, figure, p)
	if role != substance {
		return
	}
	r.solid += n
	if r.will[i] = r.find(Plan, will, p); !r.will[i] {
		r.did[i] = r.find(Done, did, p)
	}
	if !r.will[i] && !r.did[i] {
		r.facts += n
	}
}

// count is how many pieces have a role.
func (r *reading) count(of role) int {
	n := 0
	for _, x := range r.roles {
		if x == of {
			n++
		}
	}
	return n
}

func (r *reading) has(name ReasonName) bool { return len(r.hits[name]) > 0 }

// order is the order in which reasons are told.
var order = []ReasonName{
	Shared, Law, Finding, Cause, Figure, Done, Plan, Settled, Advice, Contact,
	Process, Disclaimer, Elsewhere, Transfer, Receipt, Courtesy,
}

// reasons are all that was found, with the first places of each.
func (r *reading) reasons(shared []span) []Reason {
	r.hits[Shared] = shared
	var all []Reason
	for _, name := range order {
		hits := r.hits[name]
		if len(hits) == 0 {
			continue
		}
		reason := Reason{Name: name, Count: len(hits)}
		for _, h := range hits[:min(len(hits), maxEvidence)] {
			reason.Evidence = append(reason.Evidence, r.evidence(h.from, h.to))
		}
		all = append(all, reason)
	}
	return all
}
