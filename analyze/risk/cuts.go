package risk

import (
	"math"
	"slices"

	"github.com/huiying/huiying/analyze/linear"
)

// message tells whether an example is a labelled message to a government: cuts are chosen on
// these. People who write to each other are no measure of what asks for an answer.
func (e Example) message() bool { return e.Labels != nil && !e.Chat }

// cuts are those of the best quadratic kappa under the recall that is asked for. Level 3
// counts as 2: its incident decides on it.
func (t *Trainer) cuts(said []float64) (cut1, cut2 float64) {
	best := math.Inf(-1)
	for b := 1.8; b > 0.8; b -= 0.01 {
		for a := 0.3; a < b-0.1; a += 0.01 {
			var c [4][4]int
			for i, e := range t.ex {
				if e.message() {
					c[min(e.Labels.Risk, 2)][atMostHigh(said[i], a, b)]++
				}
			}
			_, recall := above(c, 2)
			if k := kappa(c); recall >= t.s.Recall && k > best {
				best, cut1, cut2 = k, a, b
			}
		}
	}
	return cut1, cut2
}

// kindCut is the cut of a kind with the best F1.
func (t *Trainer) kindCut(h linear.Head, margins [][]float64, k int, code string) (cut, f1 float64) {
	for c := -1.5; c < 1; c += 0.02 {
		var hit, said, is float64
		for i, s := range h.Samples {
			e := t.ex[s.Row]
			if !e.message() {
				continue
			}
			yes, has := margins[i][k] >= c, slices.Contains(e.Labels.Kinds, code)
			said += flag(yes)
			is += flag(has)
			hit += flag(yes && has)
		}
		if f := 2 * hit / max(said+is, 1); f > f1 {
			cut, f1 = digits(c), f
		}
	}
	return cut, f1
}
