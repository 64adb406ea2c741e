package eval

import "math"

// bins is the number of bins of a reliability diagram; ten is the usual choice.
const bins = 10

// Bin is one bin of a reliability diagram: predictions whose probability was in [From, To),
// the last one with To.
type Bin struct {
	From, To float64
	Rows     int
	// Confidence is the mean probability, Accuracy the share that was right; NaN without
	// rows.
	Confidence, Accuracy float64
}

// Calibration tells how far probabilities can be taken at their word (校准).
type Calibration struct {
	Bins []Bin
	// ECE is the expected calibration error: the mean distance of confidence and accuracy,
	// weighted by the rows of the bins (Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017). 0
	// is perfect.
	ECE float64
}

// Calibrate makes the reliability diagram of predictions with their probabilities, 0 to 1,
// in ten bins of equal width. It returns nil without predictions.
func Calibrate(probability []float64, right []bool) *Calibration {
	if len(probability) == 0 {
		return nil
	}
	c := &Calibration{Bins: make([]Bin, bins)}
	for i, p := range probability {
		b := &c.Bins[min(max(int(p*bins), 0), bins-1)]
		b.Rows++
		b.Confidence += p
		b.Accuracy += b2f(right[i])
	}
	for i := range c.Bins {
		b := &c.Bins[i]
		b.From, b.To = float64(i)/bins, float64(i+1)/bins
		if b.Rows == 0 {
			b.Confidence, b.Accuracy = math.NaN(), math.NaN()
			continue
		}
		b.Confidence /= float64(b.Rows)
		b.Accuracy /= float64(b.Rows)
		c.ECE += math.Abs(b.Confidence-b.Accuracy) * float64(b.Rows) / float64(len(probability))
	}
	return c
}
