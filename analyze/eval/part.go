package eval

import (
	"cmp"
	"math"
	"slices"
)

// Part is one question to the model with the answers of all labelled rows: the whole of
// most tasks, one of the six grades of a reply.
type Part struct {
	Name string
	// Confusion is over classes; for kinds, where a row has several, it is empty.
	Confusion Confusion
	Scores    []ClassScore
	// Quadratic tells that Kappa counts distances on a scale.
	Quadratic bool
	// Kappa is the agreement of model and gold; for kinds the mean over the six.
	Kappa, Accuracy, MacroF1 float64
	// Readers is the agreement of the two annotators on the rows that carry both readings.
	Readers *Agreement
	// Peer is how a published system fared on the same rows, nil when the rows have none.
	Peer *Agreement
	// Calibration is nil where the model gives no probabilities.
	Calibration *Calibration
	Sources     []Slice
	// Worst are wrong rows, the most confident first.
	Worst []Miss
}

// Agreement is how two labellings of the same rows agree; F1 takes the first as gold.
type Agreement struct {
	Rows                     int
	Accuracy, Kappa, MacroF1 float64
}

// Slice is the accuracy on the rows of one source.
type Slice struct {
	Source   string
	Rows     int
	Accuracy float64
}

// Miss is one wrong row.
type Miss struct {
	// Line is the row's line in the data file.
	Line            int
	Gold, Predicted string
	// Score is what the model was sure by: a probability, or the score of the risk, or the
	// number of wrong kinds; NaN when the task has none.
	Score float64
	// sure orders wrong rows: Score, or its rest to 100 where a risk was put too low.
	sure float64
	// Distance is how many grades the answer was off, where grades are on a scale.
	Distance int
	// Quote is the row's title and how its text begins. A report leaves it out unless asked.
	Quote string
}

// item is one labelled row of a part.
type item struct {
	row             *Row
	gold, predicted string
	score           float64 // NaN when there is none
	a, b            string  // the readings
	read            bool    // both readings are there
}

const (
	maxWorst = 20
	maxQuote = 80 // code points
)

// question describes a part.
type question struct {
	name        string
	order       []string // the classes that stand first, or all of a scale
	quadratic   bool
	probability bool // scores are probabilities
}

func newPart(q question, items []item) Part {
	var pairs, readings, peers []Pair
	var probability []float64
	var right []bool
	for _, it := range items {
		pairs = append(pairs, Pair{it.gold, it.predicted})
		if it.read {
			readings = append(readings, Pair{it.a, it.b})
		}
		if it.row.Peer != "" && q.name == "topic7" {
			peers = append(peers, Pair{it.gold, it.row.Peer})
		}
		if q.probability && !math.IsNaN(it.score) {
			probability = append(probability, it.score)
			right = append(right, it.gold == it.predicted)
		}
	}
	c := NewConfusion(pairs, q.order...)
	own := q.agreement(c)
	return Part{
		Name: q.name, Confusion: c, Scores: c.Scores(), Quadratic: q.quadratic,
		Kappa: own.Kappa, Accuracy: own.Accuracy, MacroF1: own.MacroF1,
		Readers: q.agreementOf(readings), Peer: q.agreementOf(peers),
		Calibration: Calibrate(probability, right), Sources: bySource(items), Worst: q.worst(items),
	}
}

func (q question) agreementOf(pairs []Pair) *Agreement {
	if len(pairs) == 0 {
		return nil
	}
	a := q.agreement(NewConfusion(pairs, q.order...))
	return &a
}

func (q question) agreement(c Confusion) Agreement {
	a := Agreement{Rows: c.Total(), Accuracy: c.Accuracy(), Kappa: c.Kappa(), MacroF1: MacroF1(c.Scores())}
	if q.quadratic {
		a.Kappa = c.QuadraticKappa()
	}
	return a
}

func bySource(items []item) []Slice {
	rows, right := map[string]int{}, map[string]int{}
	for _, it := range items {
		if it.row.Source != "" {
			rows[it.row.Source]++
			if it.gold == it.predicted {
				right[it.row.Source]++
			}
		}
	}
	var out []Slice
	for source, n := range rows {
		out = append(out, Slice{source, n, ratio(right[source], n)})
	}
	slices.SortFunc(out, func(a, b Slice) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// worst picks the wrong rows: farthest on a scale, then surest, then first in the file.
func (q question) worst(items []item) []Miss {
	var out []Miss
	for _, it := range items {
		if it.gold == it.predicted {
			continue
		}
		m := Miss{Line: it.row.Line, Gold: it.gold, Predicted: it.predicted, Score: it.score, sure: it.score, Quote: quote(it.row)}
		if q.quadratic {
			m.Distance = slices.Index(q.order, it.predicted) - slices.Index(q.order, it.gold)
			if m.Distance < 0 {
				m.Distance, m.sure = -m.Distance, 100-m.sure
			}
		}
		out = append(out, m)
	}
	return firstMisses(out)
}

func firstMisses(all []Miss) []Miss {
	slices.SortStableFunc(all, func(a, b Miss) int {
		return cmp.Or(cmp.Compare(b.Distance, a.Distance), cmp.Compare(b.sure, a.sure), cmp.Compare(a.Line, b.Line))
	})
	return all[:min(len(all), maxWorst)]
}

func quote(r *Row) string {
	s := r.Title
	if s != "" && r.Text != "" {
		s += " / "
	}
	runes := []rune(s + r.Text)
	if len(runes) > maxQuote {
		return string(runes[:maxQuote]) + "…"
	}
	return string(runes)
}
