package opinion

import (
	"math"
	"time"
)

// Heat is how much attention an event has (热度): a sum of weights, of its posts and of what
// readers did with them, of which half is left after each half-life. It is kept with the
// instant at which it stood so and fades when it is read, so that nothing has to be written
// while time passes. The zero Heat is cold.
type Heat struct {
	Value float64   `json:"value"` // at At, 0 or more
	At    time.Time `json:"at"`
	// HalfLife is in seconds, above 0 except in the zero Heat.
	HalfLife float64 `json:"half_life_s"`
}

// Fade is the heat at an instant. Before At it is what is known to be left of it at At: a
// clock that runs behind does not make an event hotter.
func (h Heat) Fade(now time.Time) float64 {
	if h.Value == 0 || h.HalfLife <= 0 {
		return 0
	}
	return h.Value * math.Exp2(-max(now.Sub(h.At).Seconds(), 0)/h.HalfLife)
}

// Add is the heat with a weight that came at an instant, which may lie before At. In which
// order weights are added changes the sum by rounding only. Another half-life than before
// holds from now on.
func (h Heat) Add(at time.Time, weight float64, halfLife time.Duration) Heat {
	seconds := halfLife.Seconds()
	switch {
	case weight <= 0 || seconds <= 0:
		return h
	case h.Value == 0:
		return Heat{Value: weight, At: at, HalfLife: seconds}
	case at.After(h.At):
		h.Value, h.At = h.Fade(at)+weight, at
	default:
		h.Value += weight * math.Exp2(-h.At.Sub(at).Seconds()/seconds)
	}
	h.HalfLife = seconds
	return h
}

// Cold is the Order of an event without heat, below that of every other.
const Cold = -1e12

// Order puts heats of one half-life in the order of their values at any one instant: all
// fade alike, so the order never changes while time passes, and an index can keep it.
func (h Heat) Order() float64 {
	if !(h.Value > 0) || h.HalfLife <= 0 {
		return Cold
	}
	return math.Log2(h.Value) + float64(h.At.UnixMilli())/1000/h.HalfLife
}

// Mark is an instant of an event that is remembered: when a signal was sent, and why.
type Mark struct {
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// MaxMarks bounds Event.Marks: the first one and the latest are kept.
const MaxMarks = 16
