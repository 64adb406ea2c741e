package linear

import (
	"math"
	"slices"
)

// Temperature is the factor of margins with which their softmax is the likeliest for the
// samples (Guo et al. 2017, "On calibration of modern neural networks"), found by golden
// section between 1/20 and 20. margins are of each sample, as CrossValidate gives them;
// samples with nil margins or no weight do not count.
func Temperature(samples []Sample, margins [][]float64) float64 {
	loss := func(logT float64) float64 {
		t, sum := math.Exp(logT), 0.0
		for i, s := range samples {
			if margins[i] == nil {
				continue
			}
			highest, z := slices.Max(margins[i]), 0.0
			for _, m := range margins[i] {
				z += math.Exp(t * (m - highest))
			}
			sum += s.Weight * (math.Log(z) - t*(margins[i][s.Class]-highest))
		}
		return sum
	}
	golden := (math.Sqrt(5) - 1) / 2
	low, high := -math.Log(20), math.Log(20)
	for range 60 {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if loss(a) < loss(b) {
			high = b
		} else {
			low = a
		}
	}
	return math.Exp((low + high) / 2)
}
