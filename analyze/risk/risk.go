// Package risk tells how grave a post is if nobody answers (风险研判): 0 平稳, 1 一般,
// 2 较高, 3 紧急, and a score of 0 to 100, by the district's labelling rules.
//
// # Score
//
// The score is a sum: a base; points of facts, each with the words that gave them; and the
// points of the wording, of a text model that learned what the facts leave open. Facts are
// the policy's risk terms by kind, signs that the rules name (a group, health, danger, a
// charge, repetition, anger, a petition), incidents, how many people are counted, and the
// attention that the post has. The points of all factors together are the score; from Cut1 on
// it is risk 1, from Cut2 on risk 2.
//
// Weights of facts are learned under the signs of the rules (see fact): what speaks for a
// risk never calms, what speaks against one never alarms. The wording has no such signs, so
// its points are bounded and it shows its words.
//
// # Level 3
//
// An incident is what the rules list for level 3: a death or a serious injury of this matter,
// a danger, a crowd or violence that is there, a threat to a life. Its words count where they
// state it: not behind a negation, a condition (一旦, 万一 … 后果不堪设想), nor in a law, a
// drill, a film or a tale of another place. A post that states enough of it and is a
// grievance otherwise is lifted to Cut3 and above; every other stays below. What each
// incident counts was set by the rules (graveness), for few training rows are of level 3; the
// wording may add to it or take from it.
//
// # The other judgements
//
// Kinds, sentiment and intent are heads of the same text model that take the facts beside
// the text.
package risk

import (
	"math"
	"slices"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// The lists of the model, counted from the first.
const (
	listTerms     lexicon.List = iota // policy terms, and traps
	listContext                       // negations, suppositions, discounts, amplifiers
	listIncidents                     // incidents, and words that hold theirs
	listSigns                         // other signs
	listIntents                       // intents
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
	// Matter tells that the post names a matter of some topic: a keyword of one stands in it.
	Matter bool
	// Post gives the attention that it has.
	Post opinion.Post
	// Text is the body as the text model read it, and Read what it found.
	Text    linear.Text
	Read    *linear.Scratch
	Scratch *Scratch
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
	// incidents has a word that is none as -1.
	incidents words
	signs     words
	intents   words
	facts     []fact
	learned   Learned
	// points are the learned weights of the facts, extras the facts that the heads take.
	points head
	extras []int
	// present is where the fact of that name stands.
	present int
}

// words tells which sign a word of a list belongs to.
type words []int

// New compiles the policy's lexicon and adds its words, and the model's own, to the lists
// from first on in b.
func New(pol policy.Risk, l Learned, b *lexicon.Builder, first lexicon.List) *Model {
	m := &Model{kindOf: map[string]int{}, learned: l}
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
	m.incidents = addIncidents(b, first+listIncidents)
	m.signs = addSigns(signs, b, first+listSigns)
	m.intents = addSigns(intents, b, first+listIntents)
	m.facts = factsOf(m.kinds)
	m.present = slices.IndexFunc(m.facts, func(f fact) bool { return f.name == "present" })
	m.points = l.weights.Points.compile(m.facts)
	if l.model != nil {
		m.extras = l.places(l.kinds, m.facts)
	}
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
	for _, w := range supposeFar {
		add(w, context{far: true, factor: 1})
	}
	for _, w := range suppose {
		add(w, context{supposes: true, factor: 1})
	}
	for _, w := range unsure {
		add(w, context{unsure: true, factor: 1})
	}
	for _, w := range elsewhere {
		add(w, context{elsewhere: true, factor: 1})
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

func addIncidents(b *lexicon.Builder, to lexicon.List) words {
	var of words
	for i, s := range incidents {
		for _, w := range s.not {
			b.Add(to, int32(len(of)), w)
			of = append(of, -1)
		}
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
	for _, s := range incidents {
		out = append(out, s.words...)
	}
	for _, s := range slices.Concat(signs, intents) {
		out = append(out, s.words...)
	}
	return append(out, suppose...)
}

// Assess judges a post.
func (m *Model) Assess(in Input) Result {
	e := m.extract(&in)
	return m.judge(&in, e)
}

// round keeps one digit.
func round(x float64) float64 { return math.Round(x*10) / 10 }
