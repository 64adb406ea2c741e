package risk

import (
	"slices"

	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/opinion"
)

// The heads of the text model that this package judges with.
const (
	LevelsHead    = "risk_levels"
	KindsHead     = "kinds"
	SentimentHead = "sentiment"
	IntentHead    = "intent"
)

// The classes of the heads.
var (
	// Kinds are the six of work item 33.
	Kinds = []string{"K1", "K2", "K3", "K4", "K5", "K6"}
	// Intents are what a writer may want (诉求类型).
	Intents = []string{"投诉", "举报", "求助", "咨询", "建议", "表扬", "其他"}

	sentiments = []string{"-1", "0", "1"}
	levels     = []string{"1", "2", "3"} // and more
)

const intentOther = "其他"

// Learned is what was learned: heads of a text model, and weights beside them. The zero
// value is nothing, of a build that has no model yet: facts are then found and not judged.
type Learned struct {
	model                            *linear.Model
	levels, kinds, sentiment, intent linear.HeadID
	weights                          Weights
}

// Open finds the heads in a text model and checks the weights. A model that lacks a head,
// either of facts that this release does not count, and weights against the signs of the
// rules are an *opinion.Error.
func Open(m *linear.Model, w Weights) (Learned, error) {
	l := Learned{model: m, levels: m.Head(LevelsHead), kinds: m.Head(KindsHead), sentiment: m.Head(SentimentHead), intent: m.Head(IntentHead), weights: w}
	for _, c := range []struct {
		id      linear.HeadID
		name    string
		classes []string
	}{{l.levels, LevelsHead, levels}, {l.kinds, KindsHead, Kinds}, {l.sentiment, SentimentHead, sentiments}, {l.intent, IntentHead, Intents}} {
		if c.id < 0 || !slices.Equal(m.Classes(c.id), c.classes) {
			return l, opinion.Errorf(opinion.CodeInvalid, "the text model lacks the head %s of this release: train it again", c.name)
		}
		for _, id := range m.Extras(c.id) {
			if _, ok := signOf(id); !ok {
				return l, opinion.Errorf(opinion.CodeInvalid, "the text model takes the fact %s in its head %s, which this release does not count: train it again", id, c.name)
			}
		}
	}
	return l, w.check()
}

// places are where the facts of a head stand among those of a model, -1 for one of a kind
// of terms that the policy has dropped.
func (l Learned) places(id linear.HeadID, facts []fact) []int {
	var out []int
	for _, name := range l.model.Extras(id) {
		out = append(out, slices.IndexFunc(facts, func(f fact) bool { return f.id() == name }))
	}
	return out
}

// names are those of facts, as extras of the heads.
func names(facts []fact) []string {
	var out []string
	for _, f := range facts {
		out = append(out, f.id())
	}
	return out
}

// Scratch is memory that Assess uses again. The zero value is ready; one goroutine at a
// time may use it.
type Scratch struct {
	extracted
	extras  []float32
	margins []float32
	said    []float64 // of each level, by the text model
}

// others judges what is not risk: kinds, sentiment and intent.
func (m *Model) others(in *Input, e *extracted, r *Result) {
	l, s := &m.learned, in.Scratch
	if l.model == nil {
		r.Intent = intentOther
		return
	}
	s.extras = s.extras[:0]
	for _, i := range m.extras {
		x := 0.0
		if i >= 0 {
			x = e.facts[i]
		}
		s.extras = append(s.extras, float32(x))
	}
	s.margins = l.model.Margins(s.margins[:0], l.kinds, s.extras, in.Read)
	for k, margin := range s.margins {
		if float64(margin) >= l.weights.Kinds[Kinds[k]] {
			r.Kinds = append(r.Kinds, Kinds[k])
		}
	}
	s.margins = l.model.Margins(s.margins[:0], l.sentiment, s.extras, in.Read)
	r.Sentiment = largestOf(s.margins) - 1
	s.margins = l.model.Margins(s.margins[:0], l.intent, s.extras, in.Read)
	r.Intent = Intents[largestOf(s.margins)]
}

// largestOf is the place of the largest number, the first on a tie.
func largestOf(margins []float32) int {
	best := 0
	for i, x := range margins {
		if x > margins[best] {
			best = i
		}
	}
	return best
}
