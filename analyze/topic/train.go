package topic

import (
	"slices"

	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// The names of the heads that judge topics.
const (
	CoarseHead = "topic7"
	FineHead   = "topic31"
)

// Classes are the seven first-level classes of the public message platform, in the order
// of the coarse head.
var Classes = []string{"交通运输", "劳动和社会保障", "卫生计生", "商贸旅游", "城乡建设", "教育文体", "环境保护"}

// The settings of training. They were chosen by cross-validation on the training rows, in
// which rows that are alike stood in one fold, and with one source of rows left out.
var (
	coarseConfig = linear.Config{Cost: 1, Ratio: 0.5, Features: 30_000}
	fineConfig   = linear.Config{Cost: 0.5, Ratio: 0.3, Features: 30_000, Extra: 0.3, Latent: 192, Place: 2}
)

// Example is a row to learn topics from; examples are the rows of a corpus, in its order.
type Example struct {
	// Points are the keyword points of the text, see Model.Points.
	Points []float64
	// Topic is one of the policy's topics, opinion.NoTopic, or "" for a row nobody judged.
	Topic string
	// Weight is how much the topic counts; 0 is 1.
	Weight float64
	// Class is one of Classes, or "".
	Class string
	// Chat is a row of a kind that is hardly ever a public affair.
	Chat bool
}

// How much counts, beside a message that a person judged.
const (
	sketchWeight  = 0.3  // a topic's name and keywords together
	keywordWeight = 0.03 // each of them alone
	blogWeight    = 0.4  // a microblog that a person judged
	chatWeight    = 0.02 // one that nobody judged and that has no keyword, taken for no public affair
)

// Sketch is words of a topic as if they were a message about it. They carry the topics of
// which few messages are labelled.
type Sketch struct {
	Topic  string
	Words  []string
	Weight float64
}

// Sketches are, of each topic of the policy, its name and keywords together, and each alone
// that may vote alone.
func (m *Model) Sketches() []Sketch { return m.sketches }

func sketchesOf(t policy.Topic) []Sketch {
	words := append([]string{t.Name}, t.Keywords...)
	out := []Sketch{{t.ID, words, sketchWeight}}
	for _, w := range words {
		if !slices.Contains(t.WeakAlone, w) {
			out = append(out, Sketch{t.ID, []string{w}, keywordWeight})
		}
	}
	return out
}

// noneShift holds "no public affair" back: what is known of it is all of microblogs, and a
// message of a kind that was not seen should rather get a topic. With it 3 of 10,726 messages
// of five sources are taken for none.
const noneShift = -0.4

// Coarse is the head of the seven classes.
func Coarse(examples []Example, seed uint64) linear.Head {
	h := linear.Head{Name: CoarseHead, Classes: Classes, Kind: linear.OneOf, Config: coarseConfig}
	h.Config.Seed = seed
	for i, e := range examples {
		if class := slices.Index(Classes, e.Class); class >= 0 {
			h.Samples = append(h.Samples, linear.Sample{Row: i, Class: class, Weight: 1})
		}
	}
	return h
}

// Fine is the head of topics. coarse are the margins of the coarse head, of each row by a
// model that had not learned from it; nil leaves the extras out, which serves to choose
// features. A topic that the policy does not have is an *opinion.Error.
func Fine(examples []Example, topics []string, coarse [][]float64, seed uint64) (linear.Head, error) {
	h := linear.Head{Name: FineHead, Classes: append(slices.Clone(topics), opinion.NoTopic), Kind: linear.OneOf, Config: fineConfig}
	h.Config.Seed = seed
	h.Shift = make([]float64, len(h.Classes))
	h.Shift[len(topics)] = noneShift
	for i, e := range examples {
		sample := linear.Sample{Row: i, Class: slices.Index(h.Classes, e.Topic), Weight: 1}
		switch {
		case e.Chat && e.Topic == "" && slices.Max(e.Points) < 1:
			sample.Class, sample.Weight = len(topics), chatWeight
		case e.Topic == "":
			continue
		case sample.Class < 0:
			return h, opinion.Errorf(opinion.CodeInvalid, "topic %q is none of the policy's", e.Topic)
		case e.Weight > 0:
			sample.Weight = e.Weight
		case e.Chat:
			sample.Weight = blogWeight
		}
		h.Samples = append(h.Samples, sample)
	}
	if coarse == nil {
		return h, nil
	}
	h.ExtraNames = fineExtraNames(topics)
	for i, e := range examples {
		margins := make([]float32, len(coarse[i]))
		for j, m := range coarse[i] {
			margins[j] = float32(m)
		}
		h.Extras = append(h.Extras, fineExtras(nil, e.Points, margins))
	}
	return h, nil
}
