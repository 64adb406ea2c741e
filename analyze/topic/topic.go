// Package topic tells which of the policy's topics a post is about (主题).
//
// Two heads of the text model judge it (see analyze/linear): one of the seven first-level
// classes of the public message platform, and one of the policy's topics and "no public
// affair", which also takes what the first says and the points of the topics' keywords
// (taxonomy.json, keywords as weak supervision). A topic that the model was not trained on,
// of a policy of one's own, is judged by its keywords beside the others; without a model
// all are.
//
// The rule of the taxonomy for keywords: the longest keyword at a place counts; a topic has
// a vote when a keyword that is not weak_alone stands in the post, or two different keywords
// do. Each different keyword gives points: more in the title, more for a longer one, little
// more for being repeated, less when several topics share it or when it is weak_alone.
package topic

import (
	"math"
	"slices"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// maxEvidence bounds the words shown for one topic.
const maxEvidence = 5

// Result is the topics of a post.
type Result struct {
	// Topics are the best three, best first. The first may be opinion.NoTopic.
	Topics []opinion.TopicScore
	// Second is a second matter, when the post likely has two.
	Second string
}

// Class is one of the seven first-level classes (一级分类) with its probability.
type Class struct {
	Name        string
	Probability float64
}

// Model scores topics. It is read-only and safe for concurrent use.
type Model struct {
	list     lexicon.List
	topics   []string
	keywords []keyword
	sketches []Sketch
	heads    Heads
	// topicOf is the policy's topic of each class but the last, -1 when the policy has
	// dropped it; own are the topics that are no class.
	topicOf []int
	own     []int
}

// Heads are the heads of the text model that judge topics. The zero value is none, in a
// release that has no trained model yet.
type Heads struct {
	model        *linear.Model
	coarse, fine linear.HeadID
	classes      []string // of fine
}

// HeadsOf finds the heads in a text model. A model that does not fit this release is an
// *opinion.Error that says so.
func HeadsOf(m *linear.Model) (Heads, error) {
	h := Heads{model: m, coarse: m.Head(CoarseHead), fine: m.Head(FineHead)}
	if h.coarse < 0 || h.fine < 0 {
		return h, opinion.Errorf(opinion.CodeInvalid, "the text model lacks the heads %s and %s: train it again", CoarseHead, FineHead)
	}
	h.classes = m.Classes(h.fine)
	n := len(h.classes) - 1
	if !slices.Equal(m.Classes(h.coarse), Classes) || h.classes[n] != opinion.NoTopic || !slices.Equal(m.Extras(h.fine), fineExtraNames(h.classes[:n])) {
		return h, opinion.Errorf(opinion.CodeInvalid, "the text model's topics are of another release: train it again")
	}
	return h, nil
}

// New compiles the topics and adds their keywords to list in b.
func New(topics []policy.Topic, h Heads, b *lexicon.Builder, list lexicon.List) *Model {
	m := &Model{list: list, heads: h}
	m.compile(topics, b)
	for _, class := range h.classes[:max(len(h.classes)-1, 0)] {
		m.topicOf = append(m.topicOf, slices.Index(m.topics, class))
	}
	for t := range m.topics {
		if !slices.Contains(m.topicOf, t) {
			m.own = append(m.own, t)
		}
	}
	return m
}

// Input is a post that was read.
type Input struct {
	Text linear.Text
	// Read is what the text model found in Text.
	Read *linear.Scratch
	// Matches are those of all lists in Text.Body, by start.
	Matches []lexicon.Match
}

// length is that of the body in code points.
func (in Input) length() int {
	if n := len(in.Text.Cuts); n > 0 {
		return int(in.Text.Cuts[n-1])
	}
	return 0
}

// Scratch is memory that Classify uses again. The zero value is ready; one goroutine at a
// time may use it.
type Scratch struct {
	tallies    []tally
	count      []uint8
	points     []float64
	extras     []float32
	coarse     []float32
	margins    []float32
	chances    []float64
	candidates []candidate
}

// candidate is a topic, or no topic (-1), with its class in the fine head (-1 for none).
type candidate struct {
	topic, class int
	margin, p    float64
}

// Points are the keyword points of each topic in a text.
func (m *Model) Points(in Input) []float64 {
	var s Scratch
	m.tally(in, &s)
	var points []float64
	for _, t := range s.tallies {
		points = append(points, t.points)
	}
	return points
}

// fineExtras are the extras of the fine head: keyword points of its topics, dampened, and
// the margins of the coarse head.
func fineExtras(dst []float32, points []float64, coarse []float32) []float32 {
	for _, p := range points {
		if p != 0 {
			p = math.Log1p(p)
		}
		dst = append(dst, float32(p))
	}
	return append(dst, coarse...)
}

func fineExtraNames(topics []string) []string {
	var names []string
	for _, t := range topics {
		names = append(names, "keywords:"+t)
	}
	for _, c := range Classes {
		names = append(names, "class:"+c)
	}
	return names
}

// When a second matter is named. The figures were the best of fifteen in cross-validation on the
// training rows, of which a quarter have two; still only one second matter in four is the right one.
const (
	secondShare       = 0.15 // of the first one's probability that a second has at least
	secondProbability = 0.12 // that it has at least
)

// ownMargin and ownPoint place a topic that no model was trained on among the margins of
// those that were: one keyword of two characters is just short of likely.
const (
	ownMargin = -1.0
	ownPoint  = 0.6
	// ownTemperature is the factor of margins when there is no model.
	ownTemperature = 3.0
)

// Coarse judges which of the seven classes a post is of. A post that is no public affair
// has one all the same. It is the zero Class when there is no model.
func (m *Model) Coarse(in Input, s *Scratch) Class {
	h := m.heads
	if h.model == nil {
		return Class{}
	}
	s.coarse = h.model.Margins(s.coarse[:0], h.coarse, nil, in.Read)
	s.chances = h.model.Probabilities(s.chances[:0], h.coarse, s.coarse)
	best := slices.Index(s.coarse, slices.Max(s.coarse))
	return Class{Classes[best], round(s.chances[best])}
}

// Classify judges a post.
func (m *Model) Classify(in Input, s *Scratch) Result {
	m.tally(in, s)
	s.candidates = s.candidates[:0]
	if m.heads.model != nil {
		m.judge(in, s)
	} else {
		s.candidates = append(s.candidates, candidate{topic: -1, class: -1, margin: ownMargin + 0.5*ownPoint})
	}
	for _, t := range m.own {
		if s.tallies[t].votes() {
			s.candidates = append(s.candidates, candidate{topic: t, class: -1, margin: ownMargin + ownPoint*s.tallies[t].points})
		}
	}
	return m.rank(in, s)
}

// judge asks the heads.
func (m *Model) judge(in Input, s *Scratch) {
	h := m.heads
	s.points = s.points[:0]
	for _, topic := range m.topicOf {
		p := 0.0
		if topic >= 0 {
			p = s.tallies[topic].points
		}
		s.points = append(s.points, p)
	}
	s.coarse = h.model.Margins(s.coarse[:0], h.coarse, nil, in.Read)
	s.extras = fineExtras(s.extras[:0], s.points, s.coarse)
	s.margins = h.model.Margins(s.margins[:0], h.fine, s.extras, in.Read)
	none := len(m.topicOf)
	s.candidates = append(s.candidates, candidate{topic: -1, class: none, margin: float64(s.margins[none])})
	if in.Read.Known() == 0 {
		return // nothing that says anything: no public affair
	}
	for class, topic := range m.topicOf {
		if topic >= 0 {
			s.candidates = append(s.candidates, candidate{topic: topic, class: class, margin: float64(s.margins[class])})
		}
	}
}

// rank orders the candidates and shows the best three.
func (m *Model) rank(in Input, s *Scratch) Result {
	temperature := ownTemperature
	if m.heads.model != nil {
		temperature = m.heads.model.Temperature(m.heads.fine)
	}
	best := firstThree(s.candidates)
	sum := 0.0
	for i := range s.candidates {
		c := &s.candidates[i]
		c.p = math.Exp(temperature * (c.margin - s.candidates[0].margin))
		sum += c.p
	}
	r := Result{Topics: make([]opinion.TopicScore, 0, len(best))}
	for i, c := range best {
		score := opinion.TopicScore{Topic: opinion.NoTopic, Probability: round(c.p / sum)}
		if c.topic >= 0 {
			score.Topic = m.topics[c.topic]
			score.Evidence = m.evidence(c, in, s, i == 0)
		}
		r.Topics = append(r.Topics, score)
	}
	if len(best) > 1 && best[0].topic >= 0 && best[1].topic >= 0 && best[1].p > secondShare*best[0].p && best[1].p > secondProbability*sum {
		r.Second = m.topics[best[1].topic]
	}
	return r
}

// firstThree moves the candidates with the largest margins to the front, in their order.
// Of equal ones the first in the policy goes before.
func firstThree(list []candidate) []candidate {
	n := min(len(list), 3)
	for i := range n {
		best := i
		for j := i + 1; j < len(list); j++ {
			if list[j].margin > list[best].margin || list[j].margin == list[best].margin && list[j].topic < list[best].topic {
				best = j
			}
		}
		list[i], list[best] = list[best], list[i]
	}
	return list[:n]
}

// evidence shows the keywords of a topic and, for the first topic, then the other words
// that decided.
func (m *Model) evidence(c candidate, in Input, s *Scratch, first bool) []opinion.Evidence {
	var out []opinion.Evidence
	var shown [maxEvidence]int32
	for _, match := range in.Matches {
		if match.List != m.list || slices.Contains(shown[:len(out)], match.ID) || !slices.ContainsFunc(m.keywords[match.ID].topics, func(v vote) bool { return v.topic == c.topic }) {
			continue
		}
		shown[len(out)] = match.ID
		out = append(out, match.Evidence(in.Text.Body))
		if len(out) == maxEvidence {
			return out
		}
	}
	if !first || c.class < 0 {
		return out
	}
	for _, w := range m.heads.model.Explain(in.Text, m.heads.fine, c.class, maxEvidence, 1, in.Read) {
		if len(out) == maxEvidence {
			break
		}
		if !slices.ContainsFunc(out, func(e opinion.Evidence) bool { return e.Start < w.End && w.Start < e.End || e.Word == w.Word }) {
			out = append(out, w.Evidence)
		}
	}
	return out
}

// round keeps four digits: enough to order, and the same on every machine.
func round(p float64) float64 { return math.Round(p*1e4) / 1e4 }

// Topics are the policy's topics, in their order. They must not be changed.
func (m *Model) Topics() []string { return m.topics }
