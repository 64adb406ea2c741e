package eval

import (
	"math"
	"slices"
	"time"
)

// bigCascade is how many reposts a cascade must pass to be one that should be called.
const bigCascade = 500

// Cascade is a post with the times of its reposts and the call of the model.
type Cascade struct {
	PublishedAt time.Time
	// Reposts is the number that the source tells; Delays are the recorded ones, in seconds,
	// ascending, and may be fewer.
	Reposts int
	Delays  []float64
	// CalledAt is the delay in seconds at which the model called a burst, nil when it never
	// did.
	CalledAt *float64
}

// passedAt is when the cascade passed bigCascade recorded reposts.
func (c Cascade) passedAt() (seconds float64, ok bool) {
	if len(c.Delays) <= bigCascade {
		return 0, false
	}
	return c.Delays[bigCascade], true
}

// small tells that the cascade never passed bigCascade. One that did, by the number that
// the source tells, but not within its recorded reposts is neither.
func (c Cascade) small() bool { return max(c.Reposts, len(c.Delays)) <= bigCascade }

// Warning is how early bursts were called (早期预警).
type Warning struct {
	// Big is the number of cascades that passed 500 recorded reposts, InTime of those that
	// were called before that, and Called their share.
	Big, InTime int
	Called      float64
	// LeadMedian is the median over the called of the seconds from the call to half of their
	// recorded reposts; negative when the call came after.
	LeadMedian float64
	// FalseCalls counts the calls of cascades that never passed 500 reposts, Days the days
	// from the first publication to the last one, at least one, and FalsePerDay is their
	// ratio.
	FalseCalls  int
	Days        float64
	FalsePerDay float64
	// Late counts big cascades that were called only after they had passed 500.
	Late int
}

// Warn measures calls.
func Warn(cascades []Cascade) Warning {
	w := Warning{LeadMedian: math.NaN(), FalsePerDay: math.NaN()}
	var leads []float64
	var first, last time.Time
	for _, c := range cascades {
		if at := c.PublishedAt; !at.IsZero() {
			if first.IsZero() || at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
		}
		passed, big := c.passedAt()
		switch {
		case big:
			w.Big++
			if c.CalledAt == nil {
				continue
			}
			if *c.CalledAt >= passed {
				w.Late++
				continue
			}
			leads = append(leads, c.Delays[(len(c.Delays)-1)/2]-*c.CalledAt)
		case c.small() && c.CalledAt != nil:
			w.FalseCalls++
		}
	}
	w.InTime = len(leads)
	w.Called = ratio(w.InTime, w.Big)
	if len(leads) > 0 {
		w.LeadMedian = median(leads)
	}
	if len(cascades) > 0 {
		w.Days = max(last.Sub(first).Hours()/24, 1)
		w.FalsePerDay = float64(w.FalseCalls) / w.Days
	}
	return w
}

// median of a list that is not empty; the mean of the two in the middle when they are two.
func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}
