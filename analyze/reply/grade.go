package reply

import "slices"

// empty tells that the reply has nothing but frame: no substance, nothing told, nobody
// named to turn to instead. A telephone number beside a transfer is frame too.
func (m *Model) empty(r *reading) bool {
	return r.solid < m.rules.MinSubstance && r.count(told) == 0 && r.count(settling) == 0 &&
		(r.count(referral) == 0 || r.has(Transfer))
}

// evasive tells that the reply sends the citizen elsewhere or disclaims the matter, does
// nothing, and cites no rule that explains why. Who asked where to turn is not evaded by
// being told.
func (m *Model) evasive(q Quality, r *reading) bool {
	if q.Empty || r.count(told)+r.count(settling) > 0 || some(r.did) || some(r.will) || q.Explained > 1 && r.has(Law) {
		return false
	}
	if r.has(Disclaimer) || r.has(Excuse) && r.facts < m.rules.FactsFull {
		return true
	}
	asked := slices.ContainsFunc(q.Demands, func(d Demand) bool { return asksContact.MatchString(d.Point.Word) })
	return r.count(referral) > 0 && !r.has(Transfer) && q.Explained == 0 && r.solid < 2*m.rules.FactsPart && !(asked && r.has(Contact))
}

func some(of []bool) bool {
	for _, x := range of {
		if x {
			return true
		}
	}
	return false
}

// explained grades facts, rules and their basis.
func (m *Model) explained(r *reading) int {
	signs := len(r.hits[Finding]) + len(r.hits[Cause]) + len(r.hits[Figure])
	switch {
	case r.has(Law) && r.solid >= 2*m.rules.FactsPart:
		return 2
	case r.facts >= m.rules.FactsFull && signs >= 2:
		return 2
	case r.has(Law), r.facts >= m.rules.FactsPart && signs > 0, r.facts >= m.rules.FactsFull/2:
		return 1
	case r.has(Finding) && r.solid >= m.rules.FactsPart:
		return 1
	}
	return 0
}

// action grades what was or will be done. It is concrete when the sentence names who or
// when, or when several things were done.
func (m *Model) action(r *reading) int {
	done, concrete, planned := 0, false, false
	doneIn, named := -1, -1 // the last sentence that tells of a deed, that names who or when
	for i, p := range r.pieces {
		text := r.text[p.from:p.to]
		if r.did[i] {
			done, doneIn = done+1, p.sentence
		}
		if named != p.sentence && r.roles[i] != frame && (actor.in(text) || dated.in(text)) {
			named = p.sentence
		}
		concrete = concrete || doneIn >= 0 && doneIn == named
		planned = planned || r.will[i] && dated.in(text)
	}
	switch {
	case done > 1, concrete, planned:
		return 2
	case done > 0, some(r.will), r.has(Settled), r.has(Advice), r.has(Contact), r.count(told) > 0, r.count(referral) > 0:
		return 1
	}
	return 0
}

// relevance grades by the words that reply and post share outside of the frame.
func (m *Model) relevance(r *reading, shared []span) int {
	pairs := 0
	for _, w := range shared {
		pairs += max(r.at[w.to]-r.at[w.from]-1, 1)
	}
	answers := r.solid + r.count(settling) + r.count(told)
	switch {
	case pairs >= m.rules.SharedFull && answers > 0, pairs > 0 && r.count(settling) > 0:
		return 2
	case pairs > 0, r.solid >= m.rules.MinSubstance, r.count(told)+r.count(settling) > 0:
		return 1
	}
	return 0
}

// completeness grades by how much of the post is answered. Sending the citizen elsewhere
// meets a demand only in part, and so does asserting that all is well without what was found
// or done.
func (m *Model) completeness(q Quality, r *reading, post *script) int {
	if q.Empty || r.solid < m.rules.MinSubstance && r.count(settling)+r.count(told) == 0 {
		return 0
	}
	covered := r.covered(post, q.Demands, r.solid >= m.rules.FactsPart)
	switch {
	case covered == 0 && q.Relevance < 2:
		return 0
	case q.Evasive || q.Explained == 0 && q.Action < 2:
		return 1
	case covered+float64(q.Action)*m.rules.ActionWorth-float64(max(len(q.Demands)-1, 0))*m.rules.DemandCost >= m.rules.Complete:
		return 2
	}
	return 1
}

// covered is how much of the post the reply speaks to, 0 to 1: the mean of the shares of its
// demand points that are met, of its sentences that are touched, and of the words that it
// repeats.
func (r *reading) covered(post *script, demands []Demand, headed bool) float64 {
	met := 0
	for _, d := range demands {
		if d.Met {
			met++
		}
	}
	touched, sentences := r.sentences(post, headed)
	said, words := r.repeated(post, headed)
	return (share(met, len(demands)) + share(touched, sentences) + share(said, words)) / 3
}

func share(part, whole int) float64 { return float64(part) / float64(max(whole, 1)) }

// sentences counts the sentences of the post of eight Chinese characters or more, and those
// of which the reply takes up two pairs of characters.
func (r *reading) sentences(post *script, headed bool) (touched, all int) {
	pieces := post.pieces()
	for i := 0; i < len(pieces); {
		long, pairs := 0, 0
		k := i
		for ; k < len(pieces) && pieces[k].sentence == pieces[i].sentence; k++ {
			words := post.text[pieces[k].from:pieces[k].to]
			at, _ := r.touch(words, headed)
			long, pairs = long+han(words), pairs+len(at)
		}
		if i = k; long < 8 {
			continue
		}
		if all++; pairs >= 2 {
			touched++
		}
	}
	return touched, all
}

// repeated counts the pairs of characters that the post holds more than once, and those of
// them that the reply holds too.
func (r *reading) repeated(post *script, headed bool) (said, all int) {
	times := map[gram]int{}
	eachGram(post.text, func(g gram, _ int) { times[g]++ })
	for g, n := range times {
		if n < 2 {
			continue
		}
		_, solid := r.substance[g]
		_, named := r.headings[g]
		if all++; solid || named && headed {
			said++
		}
	}
	return said, all
}
