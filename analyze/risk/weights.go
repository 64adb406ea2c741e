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
	// Mean is what the text model says of each level on average. What it says beyond counts.
	Mean []float64 `json:"mean"`
	// Kinds are from which margin on a post is of a kind.
	Kinds map[string]float64 `json:"kinds"`
}

// Head is a judgement: a sum over facts and over what the text model says.
type Head struct {
	Bias float64 `json:"bias"`
	// Facts are weights by the name of the fact: term.K2, death, people, …
	Facts map[string]float64 `json:"facts"`
	// Wording are weights of what the text model says of each level beyond the mean. None is
	// negative.
	Wording []float64 `json:"wording"`
}

// squashed is what the text model says of a level: a number from 0 to 1 that grows with its
// margin.
func squashed(margin float64) float64 { return 1 / (1 + math.Exp(-3*margin)) }

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
	h := w.Points
	for _, id := range slices.Sorted(maps.Keys(h.Facts)) {
		switch sign, known := signOf(id); {
		case !known:
			return opinion.Errorf(opinion.CodeInvalid, "the risk weights name %s, which this release does not count: train them again", id)
		case h.Facts[id]*float64(sign) < 0 || sign == 0:
			return opinion.Errorf(opinion.CodeInvalid, "the risk weights give %s the weight %v, against the rules' sign %d: train them again", id, h.Facts[id], sign)
		}
	}
	if slices.ContainsFunc(h.Wording, func(x float64) bool { return x < 0 }) {
		return opinion.Errorf(opinion.CodeInvalid, "the risk weights turn the wording round (%v): train them again", h.Wording)
	}
	if len(h.Wording) != len(levels) || len(w.Mean) != len(levels) {
		return opinion.Errorf(opinion.CodeInvalid, "the risk weights count %d levels, and the means of %d; there are %d: train them again", len(h.Wording), len(w.Mean), len(levels))
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
	bias           float64
	facts, wording []float64
}

func (h Head) compile(facts []fact) head {
	c := head{bias: h.Bias, wording: h.Wording, facts: make([]float64, len(facts))}
	for i, f := range facts {
		c.facts[i] = h.Facts[f.id()]
	}
	return c
}
