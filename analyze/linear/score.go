package linear

// Measure is the accuracy, the macro-F1 and the share of samples whose class is among the
// first three, of margins as CrossValidate gives them. Samples with nil margins, and those
// that are guesses (a weight below 1), do not count; "rows" is how many did.
func Measure(samples []Sample, margins [][]float64, classes int) map[string]float64 {
	hit, said, is := make([]float64, classes), make([]float64, classes), make([]float64, classes)
	var right, three, rows float64
	for i, s := range samples {
		if margins[i] == nil || s.Weight < 1 {
			continue
		}
		best, better := 0, 0
		for class, m := range margins[i] {
			if m > margins[i][best] {
				best = class
			}
			if m > margins[i][s.Class] {
				better++
			}
		}
		rows++
		is[s.Class]++
		said[best]++
		if best == s.Class {
			hit[best]++
			right++
		}
		if better < 3 {
			three++
		}
	}
	macro, occur := 0.0, 0.0
	for class := range hit {
		if is[class] > 0 {
			macro += 2 * hit[class] / (said[class] + is[class])
			occur++
		}
	}
	out := map[string]float64{"rows": rows}
	if rows > 0 {
		out["accuracy"], out["macro_f1"], out["top3"] = right/rows, macro/occur, three/rows
	}
	return out
}
