package reply

import (
	"slices"
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
	// substance are the pairs of characters in pieces that are not frame, and where each
	// stands first.
	substance grams
	// headings are those of the pieces that only name the matter: what follows speaks to it.
	headings grams
	// solid and facts count the Chinese characters of substance, all and those besides
	// actions.
	solid, facts int
}

// span is a pair of byte offsets.
type span struct{ from, to int }

func read(s *script) *reading {
	r := &reading{script: s, pieces: s.pieces(), hits: map[ReasonName][]span{}, substance: grams{}, headings: grams{}}
	r.roles = make([]role, len(r.pieces))
	r.did, r.will = make([]bool, len(r.pieces)), make([]bool, len(r.pieces))
	for i, p := range r.pieces {
		r.roles[i] = r.classify(p)
		r.search(i)
	}
	return r
}

// find notes where the pattern matches in a piece, and whether it does.
func (r *reading) find(name ReasonName, c cue, p piece) bool {
	at := c.all(r.text[p.from:p.to])
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
	if explained.in(text) {
		r.note(Process, p)
		return told
	}
	rest, name := text, ReasonName("")
	for _, f := range frames {
		left, held := f.strip(rest)
		if !held {
			continue
		}
		if rest = left; name == "" {
			name = f.name
		}
		if han(rest) < 4 {
			break
		}
	}
	switch {
	case name != "" && han(rest) < 4:
		r.note(name, p)
		if name == Receipt {
			r.headings.gather(r.text, p)
		}
		return frame
	case han(text) == 0 && !strings.ContainsAny(text, "*0123456789"), signature.in(text):
		r.note(Courtesy, p)
		return frame
	case investigates.in(text):
		r.note(Process, p)
		return looked
	case settled.in(text) && !denied.in(text):
		r.note(Settled, p)
		return settling
	case refer.in(text):
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
		r.substance.gather(r.text, p)
	}
	if r.find(Disclaimer, disclaimer, p) && role == referral {
		r.roles[i], role = substance, substance
	}
	r.find(Excuse, excuse, p)
	r.find(Advice, advice, p)
	r.find(Law, law, p)
	r.find(Finding, finding, p)
	r.find(Cause, cause, p)
	r.find(Figure, figure, p)
	if role != substance {
		return
	}
	r.solid += n
	if !law.in(r.text[p.from:p.to]) {
		r.acts(i)
	}
	// What was done is a fact too when it is told with its figures.
	if !r.will[i] && (!r.did[i] || figure.in(r.text[p.from:p.to])) {
		r.facts += n
	}
}

// acts notes what the piece says was or will be done.
func (r *reading) acts(i int) {
	p := r.pieces[i]
	text := r.text[p.from:p.to]
	if denied.in(text) || startsAny(text, "请", "因", "由于") {
		return
	}
	if to := act(text, future, false); to > 0 {
		r.will[i] = true
		r.hits[Plan] = append(r.hits[Plan], span{p.from, p.from + to})
	} else if to := act(text, past, true); to > 0 {
		r.did[i] = true
		r.hits[Done] = append(r.hits[Done], span{p.from, p.from + to})
	}
}

func startsAny(s string, with ...string) bool {
	return slices.ContainsFunc(with, func(w string) bool { return strings.HasPrefix(s, w) })
}

// act finds an act after a mark of time, and returns where it ends, or 0. With only the past
// to go by, it must be a step, or follow the mark within eight characters.
func act(text string, mark cue, strict bool) int {
	at := mark.all(text)
	if len(at) == 0 {
		return 0
	}
	start, last := at[0][0], rune(0)
	for k, c := range text {
		g := gram{last, c}
		last = c
		if k <= start || !steps[g] && !works[g] {
			continue
		}
		if steps[g] || !strict || near(at, k) {
			return k + len(string(c))
		}
	}
	return 0
}

// near tells that a mark ends at most eight Chinese characters before byte k.
func near(marks [][]int, k int) bool {
	for _, m := range marks {
		if k >= m[1] && k-m[1] <= 8*3 {
			return true
		}
	}
	return false
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
	Process, Disclaimer, Excuse, Elsewhere, Transfer, Receipt, Courtesy,
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
