package risk

import "math"

// column is a feature of a head with the bounds of its weight.
type column struct {
	name      string
	low, high float64
}

// regress minimises Σ weight·(y-b-wx)² + λ·Σ(scale·w)² with every weight inside its bounds,
// by coordinate descent from
// zero. A column that is the same in all rows gets its floor. The scale is the column's spread, so that the unit of a
// feature does not matter. The bias is free.
func regress(x [][]float64, y, weight []float64, columns []column, lambda float64) (bias float64, w []float64) {
	n := len(columns)
	w = make([]float64, n)
	total, mean := 0.0, make([]float64, n)
	for i, row := range x {
		total += weight[i]
		for j, v := range row {
			mean[j] += float64(weight[i] * v)
		}
	}
	square := make([]float64, n)
	for j := range mean {
		mean[j] /= total
	}
	residual, ymean := make([]float64, len(y)), 0.0
	for i := range y {
		ymean += float64(weight[i] * y[i])
	}
	ymean /= total
	for i, row := range x {
		residual[i] = y[i] - ymean
		for j, v := range row {
			square[j] += float64(weight[i] * float64((v-mean[j])*(v-mean[j])))
		}
	}
	for range 300 {
		largest := 0.0
		for j, c := range columns {
			if square[j] == 0 {
				w[j] = max(c.low, 0) // no row tells
				continue
			}
			g := 0.0
			for i, row := range x {
				g += float64(weight[i] * float64(residual[i]*(row[j]-mean[j])))
			}
			hold := lambda * square[j] / total
			next := (g + square[j]*w[j]) / (square[j] + hold)
			next = min(max(next, c.low), c.high)
			d := next - w[j]
			if d == 0 {
				continue
			}
			w[j] = next
			for i, row := range x {
				residual[i] -= float64(d * (row[j] - mean[j]))
			}
			largest = max(largest, math.Abs(d)*math.Sqrt(square[j]/total))
		}
		if largest < 1e-5 {
			break
		}
	}
	bias = ymean
	for j := range w {
		bias -= w[j] * mean[j]
	}
	return bias, w
}
