package burst

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// maxScales bounds the state of a detector.
const maxScales = 8

// Policy says how attention fades and when a burst is called. Its numbers are proposals
// (basis "assumption") until the district confirms them.
type Policy struct {
	// Reach is how many posts make a burst. 500 reposts is the number from which defamation
	// online counts as grave (法释〔2013〕21号第二条); for other matters it is a proposal.
	Reach float64 `json:"reach"`
	// MinPosts is how many posts must have been seen before anything is called, at least 1.
	MinPosts int64 `json:"min_posts"`
	// ScaleSeconds are the time scales of the memory, ascending: after one of them, its sum
	// has fallen to 1/e. At most eight.
	ScaleSeconds []float64 `json:"scale_seconds"`
	// Exponent is how fast the weight of a scale falls with its length: the weights are
	// scale^-Exponent, normalised to 1.
	Exponent float64 `json:"exponent"`
	// Gain is how many further posts one post that has just come lets expect. The larger it
	// is, the earlier and the more often a burst is called.
	Gain float64 `json:"gain"`
	// Basis is the standing of these numbers, as in the other policy files.
	Basis string `json:"basis"`
}

// Assumed is the policy that huiying proposes. Scales, exponent and gain were chosen on one
// half of 500 public repost cascades of 2010 to 2014 so that at most one call in three is
// false; the other half measured them. They are rough on purpose: between exponents of 0.4
// and 0.75 and with three to five scales the results were the same.
func Assumed() Policy {
	return Policy{
		Reach: 500, MinPosts: 30,
		ScaleSeconds: []float64{300, 3600, 6 * 3600, 24 * 3600},
		Exponent:     0.5, Gain: 7.5,
		Basis: "assumption",
	}
}

// Check tells the first thing that is wrong with the policy.
func (p Policy) Check() error {
	if !(p.Reach > 0) || math.IsInf(p.Reach, 0) {
		return fmt.Errorf("reach is %v: a number of posts above 0 is needed", p.Reach)
	}
	if p.MinPosts < 1 {
		return fmt.Errorf("min_posts is %d: at least 1 is needed", p.MinPosts)
	}
	if n := len(p.ScaleSeconds); n < 1 || n > maxScales {
		return fmt.Errorf("scale_seconds has %d scales: 1 to %d are needed", n, maxScales)
	}
	last := 0.0
	for _, s := range p.ScaleSeconds {
		if !(s > last) || s > (100*365*24*time.Hour).Seconds() {
			return errors.New("scale_seconds must be above 0, ascending and below a hundred years")
		}
		last = s
	}
	if !(p.Exponent >= 0 && p.Exponent <= 3) {
		return fmt.Errorf("exponent is %v: 0 to 3 is needed", p.Exponent)
	}
	if !(p.Gain > 0) || math.IsInf(p.Gain, 0) {
		return fmt.Errorf("gain is %v: a number above 0 is needed", p.Gain)
	}
	return nil
}

// weights are the expected further posts of one fresh post, by scale; they sum to Gain.
func (p Policy) weights() []float64 {
	w := make([]float64, len(p.ScaleSeconds))
	sum := 0.0
	for i, s := range p.ScaleSeconds {
		w[i] = math.Pow(s, -p.Exponent)
		sum += w[i]
	}
	for i := range w {
		w[i] *= p.Gain / sum
	}
	return w
}
