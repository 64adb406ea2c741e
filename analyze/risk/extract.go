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
	kinds   []trace // value: the policy's score of the kind over 5
	grave   []trace // value: 1 for the first word, 0.5 for each further, at most 2.5
	signs   []trace
	intents []trace
	denied  []opinion.Evidence // words that a negation took back
	people  counted
	crowd   bool    // people is ten or more
	exclaim float64 // 0 … 1
	asks    float64 // 0 … 1: question marks
}

func (m *Model) extract(in *Input) *extracted {
	e := &extracted{
		kinds: make([]trace, len(m.kinds)), grave: make([]trace, len(grave)),
		signs: make([]trace, len(signs)), intents: make([]trace, len(intents)),
	}
	for i, match := range in.Matches {
		switch match.List - in.First {
		case listTerms:
			m.term(in, e, i)
		case listGrave:
			m.sign(in, e, &e.grave[m.grave[match.ID]], i, grave[m.grave[match.ID]].negatable)
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
		e.denied = append(e.denied, match.Evidence(in.Body))
		return
	}
	weight := t.Weight * c.factor
	if c.supposed {
		weight /= 2
	}
	for _, code := range append([]string{t.Kind}, t.Also...) {
		k, ok := m.kindOf[code]
		if !ok {
			continue
		}
		if trace := &e.kinds[k]; trace.see(in, match) {
			most := max(trace.value, weight)
			trace.value = min(most+0.5*min(trace.value, weight), most+3)
		}
	}
}

// sign adds a word of a sign.
func (m *Model) sign(in *Input, e *extracted, t *trace, i int, negatable bool) {
	match := in.Matches[i]
	value := 1.0
	if negatable {
		c := m.around(in, i)
		switch {
		case c.negated:
			e.denied = append(e.denied, match.Evidence(in.Body))
			return
		case c.supposed:
			value = 0.3
		}
		value *= min(c.factor, 1)
	}
	if !t.see(in, match) {
		return
	}
	if t.value > 0 {
		value /= 2
	}
	t.value = min(t.value+value, 2.5)
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
