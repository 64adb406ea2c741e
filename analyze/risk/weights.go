package risk

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// Weights are what was learned beside the text model (seeds/models/risk.json), to be read
// by people too.
type Weights struct {
	// Text is the version of the text model that they were learned with.
	Text string `json:"text"`
	// Points gives the score: from 25 on a post is risk 1, from 50 on risk 2.
	Points Head `json:"points"`
	// Wording gives the points of what the text model says.
	Wording Wording `json:"wording"`
	// Grave decides whether a stated incident makes a post risk 3: from its cut on.
	Grave Head `json:"grave"`
	// Kinds are from which margin on a post is of a kind.
	Kinds map[string]float64 `json:"kinds"`
}

// Head is one judgement: a sum over facts.
type Head struct {
	Bias float64 `json:"bias"`
	// Facts are weights by the name of the fact: term.K2, death, people, …
	Facts map[string]float64 `json:"facts"`
	// Cut is from where the judgement is yes.
	Cut float64 `json:"cut,omitempty"`
}

// Wording turns what the text model says of risk into points.
type Wording struct {
	// Level is of the level that it says, AtLeast of how likely levels from 1 and from 2 on
	// are. None is negative.
	Level   float64   `json:"level"`
	AtLeast []float64 `json:"at_least"`
	// Mean is what these give on average, and is taken off.
	Mean float64 `json:"mean"`
}

// said is what the text model says, from the margins of its heads: a level, and numbers from
// 0 to 1 that grow with the margins of the levels.
func said(level float64, atLeast []float64) []float64 {
	out := []float64{level}
	for _, m := range atLeast {
		out = append(out, squashed(m))
	}
	return out
}

func squashed(margin float64) float64 { return 1 / (1 + math.Exp(-3*margin)) }

func (w Wording) sum(said []float64) float64 {
	sum := float64(w.Level * said[0])
	for i, x := range w.AtLeast {
		sum += float64(x * said[i+1])
	}
	return sum
}

// ReadWeights reads a file of weights. A broken one is an *opinion.Error of CodeInvalid.
func ReadWeights(data []byte) (Weights, error) {
	var w Weights
	if err := json.Unmarshal(data, &w); err != nil {
		return w, opinion.Errorf(opinion.CodeInvalid, "the risk weights cannot be read: %v: take the file of this release or train it again", err)
	}
	return w, nil
}

// check holds the weights to the signs of the rules, and to facts that are counted.
func (w Weights) check() error {
	for _, h := range []struct {
		name string
		Head
	}{{"points", w.Points}, {"grave", w.Grave}} {
		for _, id := range slices.Sorted(maps.Keys(h.Facts)) {
			switch sign, known := signOf(id); {
			case !known:
				return opinion.Errorf(opinion.CodeInvalid, "the risk weights name %s in %s, which this release does not count: train them again", id, h.name)
			case h.Facts[id]*float64(sign) < 0 || sign == 0:
				return opinion.Errorf(opinion.CodeInvalid, "the risk weights give %s the weight %v in %s, against the rules' sign %d: train them again", id, h.Facts[id], h.name, sign)
			}
		}
	}
	if w.Wording.Level < 0 || slices.ContainsFunc(w.Wording.AtLeast, func(x float64) bool { return x < 0 }) {
		return opinion.Errorf(opinion.CodeInvalid, "the risk weights turn the wording round (%+v): train them again", w.Wording)
	}
	if n := len(w.Wording.AtLeast); n > len(levels) {
		return opinion.Errorf(opinion.CodeInvalid, "the risk weights count %d levels, %d are possible: train them again", n, len(levels))
	}
	return nil
}

// signOf is the sign of a fact by its name, and whether there is such a fact. Terms may be
// of any kind: a policy has its own.
func signOf(id string) (sign int, known bool) {
	if strings.HasPrefix(id, "term.") {
		return 1, true
	}
	for _, f := range factsOf(nil) {
		if f.id() == id {
			return f.sign, true
		}
	}
	return 0, false
}

// head is a Head with its weights in the order of the facts.
type head struct {
	bias, cut float64
	facts     []float64
}

func (h Head) compile(facts []fact) head {
	c := head{bias: h.Bias, cut: h.Cut, facts: make([]float64, len(facts))}
	for i, f := range facts {
		c.facts[i] = h.Facts[f.id()]
	}
	return c
}

func (h *head) value(facts []float64) float64 {
	sum := h.bias
	for i, x := range facts {
		if x != 0 {
			sum += float64(h.facts[i] * x)
		}
	}
	return sum
}
