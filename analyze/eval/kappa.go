package eval

import "math"

// Kappa is Cohen's kappa of two labellings of the same rows: agreement beyond what their
// marginal distributions would give by chance (Cohen 1960). 1 is perfect, 0 is chance. NaN
// when it is not defined: no rows, or both always say the same one class.
func (c Confusion) Kappa() float64 { return c.weighted(func(i, j int) float64 { return b2f(i != j) }) }

// QuadraticKappa is Cohen's weighted kappa with weights (i−j)² over the grades in the order
// of Classes (Cohen 1968; scikit-learn cohen_kappa_score with weights="quadratic"). Classes
// must be the whole scale in its order, so that a grade nobody gave keeps its distance.
func (c Confusion) QuadraticKappa() float64 {
	return c.weighted(func(i, j int) float64 { return float64((i - j) * (i - j)) })
}

// weighted is 1 − Σ w·observed / Σ w·expected.
func (c Confusion) weighted(weight func(i, j int) float64) float64 {
	n := len(c.Classes)
	gold, predicted := make([]float64, n), make([]float64, n)
	for i, row := range c.Count {
		for j, count := range row {
			gold[i] += float64(count)
			predicted[j] += float64(count)
		}
	}
	total := float64(c.Total())
	observed, expected := 0.0, 0.0
	for i, row := range c.Count {
		for j, count := range row {
			w := weight(i, j)
			observed += w * float64(count)
			expected += w * gold[i] * predicted[j] / total
		}
	}
	if total == 0 || expected == 0 {
		return math.NaN()
	}
	return 1 - observed/expected
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
