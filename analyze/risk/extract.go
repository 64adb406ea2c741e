package risk

import (
	"math"
	"slices"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion"
)

// maxEvidence bounds the words shown for one factor.
const maxEvidence = 5

// trace is what was found of one factor: how much, and where.
type trace struct {
	value    float64
	seen     []int32 // different words
	evidence []opinion.Evidence
}

// see notes a word, and tells whether it is a new one. A word is shown where it stands
// first.
func (t *trace) see(in *Input, match lexicon.Match) bool {
	if slices.Contains(t.seen, match.ID) {
		return false
	}
	t.seen = append(t.seen, match.ID)
	if len(t.evidence) < maxEvidence {
		t.evidence = append(t.evidence, match.Evidence(in.Body))
	}
	return true
}

// extracted is all that was found in a post.
type extracted struct {
	kinds []trace // value: the policy's score of the kind over 5
	// The values of these are 1 for the first word, 0.5 for each further, at most 2.5.
	incidents []trace // stated
	signs     []trace
	intents   []trace
	supposed  trace              // incidents that may come
	denied    []opinion.Evidence // words that a negation took back
	away      []opinion.Evidence // incidents of another place, or of a law
	played    []opinion.Evidence // incidents of a drill or a film
	now       bool               // a danger or a crowd is present
	short     bool               // see brief
	people    counted
	crowd     bool    // people is ten or more
	exclaim   float64 // 0 … 1
	asks      float64 // 0 … 1: question marks

	facts []float64            // in the order of Model.facts
	where [][]opinion.Evidence // of each fact
}

// reset empties e for the next post. Evidence is never used again: results keep it.
func (e *extracted) reset(kinds int) {
	for _, list := range []struct {
		traces *[]trace
		size   int
	}{{&e.kinds, kinds}, {&e.incidents, len(incidents)}, {&e.signs, len(signs)}, {&e.intents, len(intents)}} {
		if len(*list.traces) != list.size {
			*list.traces = make([]trace, list.size)
		}
		for i := range *list.traces {
			(*list.traces)[i].reset()
		}
	}
	e.supposed.reset()
	e.denied, e.away, e.played = nil, nil, nil
	e.facts, e.where = e.facts[:0], e.where[:0]
}

func (t *trace) reset() { t.value, t.seen, t.evidence = 0, t.seen[:0], nil }

// extract finds the facts of a post. They are valid until the scratch is used again.
func (m *Model) extract(in *Input) *extracted {
	e := &in.Scratch.extracted
	e.reset(len(m.kinds))
	for i, match := range in.Matches {
		switch match.List - in.First {
		case listTerms:
			m.term(in, e, i)
		case listIncidents:
			m.incident(in, e, i)
		case listSigns:
			m.sign(in, e, &e.signs[m.signs[match.ID]], i, signs[m.signs[match.ID]].negatable)
		case listIntents:
			t := &e.intents[m.intents[match.ID]]
			if t.see(in, match) {
				t.value++
				if int(match.Start) < in.TitleEnd {
					t.value += 1.5
				}
			}
		}
	}
	for i := range e.kinds {
		e.kinds[i].value /= 5
	}
	e.people, e.crowd = largest(in.Body)
	e.marks(in.Body)
	m.fill(in, e)
	return e
}

// term adds a policy term: of each kind the largest weight counts whole and the others
// half, at most 3 together (risk_terms, scoring).
func (m *Model) term(in *Input, e *extracted, i int) {
	match := in.Matches[i]
	t := m.terms[match.ID]
	if t.Kind == "" {
		return // a trap
	}
	c := m.around(in, i)
	if c.negated {
		e.denied = note(e.denied, in, match)
		return
	}
	weight := t.Weight * c.factor
	if c.supposed {
		weight /= 2
	}
	m.addKind(in, e, t.Kind, match, weight)
	for _, code := range t.Also {
		m.addKind(in, e, code, match, weight)
	}
}

func (m *Model) addKind(in *Input, e *extracted, code string, match lexicon.Match, weight float64) {
	k, ok := m.kindOf[code]
	if !ok {
		return
	}
	if t := &e.kinds[k]; t.see(in, match) {
		most := max(t.value, weight)
		t.value = min(most+0.5*min(t.value, weight), most+3)
	}
}

// note adds a word to a list of those that are shown.
func note(words []opinion.Evidence, in *Input, match lexicon.Match) []opinion.Evidence {
	if len(words) == maxEvidence {
		return words
	}
	return append(words, match.Evidence(in.Body))
}

// playedBelow is from which discount down an incident is one of a drill, a film, another
// place or time.
const playedBelow = 0.5

// incident adds a word of an incident: where it is stated, to what happened.
func (m *Model) incident(in *Input, e *extracted, i int) {
	match := in.Matches[i]
	of := m.incidents[match.ID]
	if of < 0 {
		return
	}
	c := m.around(in, i)
	switch {
	case c.negated:
		e.denied = note(e.denied, in, match)
	case c.factor < playedBelow:
		e.played = note(e.played, in, match)
	case c.elsewhere:
		e.away = note(e.away, in, match)
	case c.supposed:
		e.supposed.count(in, match, 1)
	default:
		e.incidents[of].count(in, match, 1)
		if slices.Contains(harms, incidents[of].name) && countsVictims(in.Body[:match.ByteStart]) {
			e.trace("toll").count(in, match, 1)
		}
	}
}

// count adds a word, whole the first time and half when another was there.
func (t *trace) count(in *Input, match lexicon.Match, value float64) {
	if !t.see(in, match) {
		return
	}
	if t.value > 0 {
		value /= 2
	}
	t.value = min(t.value+value, 2.5)
}

// sign adds a word of a sign.
func (m *Model) sign(in *Input, e *extracted, t *trace, i int, negatable bool) {
	match := in.Matches[i]
	value := 1.0
	if negatable {
		c := m.around(in, i)
		switch {
		case c.negated:
			e.denied = note(e.denied, in, match)
			return
		case c.supposed:
			value = 0.3
		}
		value *= min(c.factor, 1)
	}
	t.count(in, match, value)
}

// marks counts exclamation and question marks.
func (e *extracted) marks(body string) {
	exclaims, asks := 0, 0
	for _, r := range body {
		switch r {
		case '！', '!':
			exclaims++
		case '？', '?':
			asks++
		}
	}
	e.exclaim = math.Min(float64(exclaims), 8) / 8
	e.asks = math.Min(float64(asks), 4) / 4
}

// size is how many people are meant, from 0 (fewer than ten) to 4 (a hundred thousand).
func (e *extracted) size() float64 {
	if !e.crowd {
		return 0
	}
	return min(math.Log10(e.people.n), 5) - 0.5
}
