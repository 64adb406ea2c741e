// Package risk tells how grave a post is if nobody answers (风险研判): 0 平稳, 1 一般,
// 2 较高, 3 紧急, and a score of 0 to 100, by the district's labelling rules.
//
// The score is a sum: a base, and points of factors, each with the words that gave them.
// Factors are the policy's risk terms by kind (with negation, traps and discounts), signs
// that the rules name (a group, health, danger, a charge, repetition, anger, a petition),
// the number of people, and the attention that the post has. A fact that the rules list
// for level 3 lifts a post that is grave otherwise into level 3. Points were fitted on the
// training labels by ridge regression towards figures set by hand, with signs that cannot
// contradict the rules. The sum is bounded to 0 … 100.
package risk

import (
	"math"
	"slices"
	"strings"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// The lists of the model, counted from the first.
const (
	listTerms   lexicon.List = iota // policy terms, and traps
	listContext                     // negations, suppositions, discounts, amplifiers
	listGrave                       // grave signs
	listSigns                       // other signs
	listIntents                     // intents
	listsEnd
)

// Lists is how many lists of a lexicon the model uses.
const Lists = int(listsEnd)

// Input is what is judged.
type Input struct {
	Body    string
	Matches []lexicon.Match // by start
	// First is the first of the model's lists among Matches.
	First lexicon.List
	// TitleEnd is where the title ends, in code points.
	TitleEnd int
	// Topic is the topic of the post, opinion.NoTopic when it has none.
	Topic string
	// Post gives the attention that it has.
	Post opinion.Post
}

// Result is what the model says. See opinion.Assessment for the fields.
type Result struct {
	Risk      opinion.Risk
	Score     float64
	Factors   []opinion.Factor
	Kinds     []string
	Sentiment int
	Intent    string
}

// Model scores risk. It is read-only and safe for concurrent use.
type Model struct {
	terms   []policy.RiskTerm // a term without kind is a trap
	context []context
	kinds   []string // codes of the policy, in its order
	kindOf  map[string]int
	grave   words
	signs   words
	intents words
}

// context is a word that changes what stands near it.
type context struct {
	negates  bool
	supposes bool
	factor   float64 // 1 when it only negates or supposes
}

// words tells which sign a word of a list belongs to.
type words []int

// New compiles the policy's lexicon and adds its words, and the model's own, to the lists
// from first on in b.
func New(pol policy.Risk, b *lexicon.Builder, first lexicon.List) *Model {
	m := &Model{kindOf: map[string]int{}}
	for _, k := range pol.Kinds {
		m.kindOf[k.Code] = len(m.kinds)
		m.kinds = append(m.kinds, k.Code)
	}
	for _, trap := range pol.Traps {
		m.addTerm(b, first, policy.RiskTerm{Term: trap})
	}
	for _, t := range pol.Terms {
		m.addTerm(b, first, t)
	}
	m.addContext(pol, b, first+listContext)
	m.grave = addSigns(grave, b, first+listGrave)
	m.signs = addSigns(signs, b, first+listSigns)
	m.intents = addSigns(intents, b, first+listIntents)
	return m
}

func (m *Model) addTerm(b *lexicon.Builder, list lexicon.List, t policy.RiskTerm) {
	b.Add(list, int32(len(m.terms)), t.Term)
	m.terms = append(m.terms, t)
}

func (m *Model) addContext(pol policy.Risk, b *lexicon.Builder, list lexicon.List) {
	add := func(word string, c context) {
		b.Add(list, int32(len(m.context)), word)
		m.context = append(m.context, c)
	}
	for _, w := range pol.Negations {
		add(w, context{negates: true, factor: 1})
	}
	for _, w := range suppose {
		add(w, context{supposes: true, factor: 1})
	}
	for _, f := range slices.Concat(pol.Discounts, pol.Amplifiers) {
		add(f.Term, context{factor: f.Factor})
	}
}

func addSigns(list []sign, b *lexicon.Builder, to lexicon.List) words {
	var of words
	for i, s := range list {
		for _, w := range s.words {
			b.Add(to, int32(len(of)), w)
			of = append(of, i)
		}
	}
	return of
}

// Words are the words that the segmenter should know.
func Words(pol policy.Risk) []string {
	var out []string
	for _, t := range pol.Terms {
		out = append(out, t.Term)
	}
	out = append(append(out, pol.Traps...), pol.Negations...)
	for _, f := range slices.Concat(pol.Discounts, pol.Amplifiers) {
		out = append(out, f.Term)
	}
	for _, s := range slices.Concat(grave, signs, intents) {
		out = append(out, s.words...)
	}
	return append(out, suppose...)
}

// near are the windows of the rules, in code points.
const (
	negationWindow = 4  // before a term, inside the clause
	supposeWindow  = 10 // before a term, inside the clause
	contextWindow  = 15 // around a term, inside the sentence
	lookAround     = 32 // between the starts of two words that can be that near
)

const (
	clauseEnds   = "，,。！!？?；;：:、\n"
	sentenceEnds = "。！!？?\n"
)

// circumstance is what stands around a term.
type circumstance struct {
	negated, supposed bool
	factor            float64 // product of discounts and amplifiers, 0.1 … 2
}

// around looks at the words of context near matches[i].
func (m *Model) around(in *Input, i int) circumstance {
	c := circumstance{factor: 1}
	t := in.Matches[i]
	look := func(k int) bool {
		w := in.Matches[k]
		if max(w.Start-t.Start, t.Start-w.Start) > lookAround {
			return false
		}
		gap := max(int(t.Start-w.End), int(w.Start-t.End))
		if w.List != in.First+listContext || gap < 0 || gap > contextWindow {
			return true
		}
		lo, hi := w.ByteEnd, t.ByteStart
		if w.Start > t.Start {
			lo, hi = t.ByteEnd, w.ByteStart
		}
		between := in.Body[lo:hi]
		what := m.context[w.ID]
		switch {
		case what.factor != 1:
			if !strings.ContainsAny(between, sentenceEnds) {
				c.factor *= what.factor
			}
		case w.Start > t.Start || !w.Whole || strings.ContainsAny(between, clauseEnds):
		case what.negates && gap <= negationWindow:
			c.negated = true
		case what.supposes && gap <= supposeWindow:
			c.supposed = true
		}
		return true
	}
	for k := i - 1; k >= 0 && look(k); k-- {
	}
	for k := i + 1; k < len(in.Matches) && look(k); k++ {
	}
	c.factor = min(max(c.factor, 0.1), 2)
	return c
}

// Assess judges a post.
func (m *Model) Assess(in Input) Result {
	e := m.extract(&in)
	return m.judge(&in, e)
}

// round keeps one digit.
func round(x float64) float64 { return math.Round(x*10) / 10 }
