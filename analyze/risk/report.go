package risk

import "github.com/huiying/huiying/analyze/eval"

// Report is how learned weights judge examples that they did not see, in cross-validation
// over the labelled messages.
type Report struct {
	// Confusion counts by labelled and judged level.
	Confusion [4][4]int
	// KindF1 is of each kind.
	KindF1 map[string]float64
}

// Metrics are the figures of a model card: of risk and of kinds.
func (r Report) Metrics() (risk, kinds map[string]float64) {
	precision, recall := above(r.Confusion, 2)
	precision3, recall3 := above(r.Confusion, 3)
	risk = map[string]float64{
		"kappa_quadratic": kappa(r.Confusion), "precision_ge2": precision, "recall_ge2": recall,
		"precision_3": precision3, "recall_3": recall3,
	}
	kinds = map[string]float64{}
	for code, f1 := range r.KindF1 {
		kinds["f1_"+code] = f1
		kinds["macro_f1"] += f1 / float64(len(r.KindF1))
	}
	return risk, kinds
}

// confusion is a table of levels as eval measures it.
func confusion(c [4][4]int) eval.Confusion {
	out := eval.Confusion{Classes: []string{"0", "1", "2", "3"}}
	for i := range c {
		out.Count = append(out.Count, c[i][:])
	}
	return out
}

// kappa is Cohen's kappa with quadratic weights.
func kappa(c [4][4]int) float64 { return confusion(c).QuadraticKappa() }

// above is precision and recall of levels from on.
func above(c [4][4]int, from int) (precision, recall float64) {
	s := confusion(c).AtLeast(from)
	return s.Precision(), s.Recall()
}
