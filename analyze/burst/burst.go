package burst

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Model follows events under one policy. It is immutable and safe for concurrent use.
type Model struct {
	policy  policy.Burst
	weights []float64     // expected further posts of one fresh post, by scale
	slice   time.Duration // of the window
}

// slicesAWindow is into how many slices the window of the evidence is cut.
const slicesAWindow = 12

// New makes a model of a policy; the error is that of policy.Burst.Check.
func New(p policy.Burst) (*Model, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("burst policy: %w", err)
	}
	window := time.Duration(p.WindowMinutes * float64(time.Minute))
	return &Model{policy: p, weights: weights(p), slice: window / slicesAWindow}, nil
}

// weights sum to the policy's gain.
func weights(p policy.Burst) []float64 {
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

// Detector follows one event. It is not safe for concurrent use.
type Detector struct {
	model *Model
	state opinion.Pulse
	call  *opinion.Burst
}

// Start follows an event of which nothing was seen yet, or was forgotten but for the call,
// which may be nil.
func (m *Model) Start(call *opinion.Burst) *Detector {
	return &Detector{model: m, state: opinion.Pulse{Sums: make([]float64, len(m.weights))}, call: call}
}

// Resume follows an event from a stored state and its call, which may be nil. A state that
// this policy cannot have left, for example one with other scales, is refused: the caller
// then feeds the event's posts to a new detector.
func (m *Model) Resume(s opinion.Pulse, call *opinion.Burst) (*Detector, error) {
	if len(s.Sums) != len(m.weights) {
		return nil, fmt.Errorf("resume burst state: it has %d sums, the policy has %d scales", len(s.Sums), len(m.weights))
	}
	if !(s.Seen >= 0) || s.LastAt.Before(s.FirstAt) {
		return nil, fmt.Errorf("resume burst state: %v posts from %v to %v cannot be", s.Seen, s.FirstAt, s.LastAt)
	}
	for _, v := range s.Sums {
		if !(v >= 0 && v <= s.Seen*(1+1e-9)) {
			return nil, fmt.Errorf("resume burst state: a sum of %v over %v posts cannot be", v, s.Seen)
		}
	}
	return &Detector{model: m, state: clone(s), call: call}, nil
}

// Seen is how many posts and reposts were taken in.
func (d *Detector) Seen() float64 { return d.state.Seen }

// State is a copy of all that the detector knows of the event's pace.
func (d *Detector) State() opinion.Pulse { return clone(d.state) }

func clone(s opinion.Pulse) opinion.Pulse {
	s.Sums, s.Slices, s.Watched = slices.Clone(s.Sums), slices.Clone(s.Slices), slices.Clone(s.Watched)
	return s
}

// Observe takes in one post of the event by its time of publication, and tells whether a
// burst is called by it. Posts may come in any order: a late one counts as much as is left
// of it by now. A time far in the future would make all others look old; it is the caller's
// to refuse.
func (d *Detector) Observe(at time.Time) (called bool) { return d.Spread(1, at, at) }

// Spread takes in some posts or reposts of which is known that they came between two
// instants, both included, and tells whether a burst is called by them. They count as if
// they had come evenly.
func (d *Detector) Spread(n float64, from, to time.Time) (called bool) {
	if !(n > 0) || to.Before(from) {
		return false
	}
	d.advance(from, to)
	s := &d.state
	for i, scale := range d.model.policy.ScaleSeconds {
		s.Sums[i] += n * left(s.LastAt.Sub(from).Seconds(), s.LastAt.Sub(to).Seconds(), scale)
	}
	s.Seen += n
	d.count(n, from, to)
	return d.judge()
}

// left is which part of something is left that came evenly between two ages, in seconds.
func left(older, younger, scale float64) float64 {
	span := (older - younger) / scale
	if span < 1e-6 {
		return math.Exp(-younger / scale)
	}
	return math.Exp(-younger/scale) * -math.Expm1(-span) / span
}

// advance moves the state on to the latest instant.
func (d *Detector) advance(from, to time.Time) {
	s := &d.state
	if s.Seen == 0 {
		s.FirstAt, s.LastAt = from, to
		return
	}
	if to.After(s.LastAt) {
		age := to.Sub(s.LastAt).Seconds()
		for i, scale := range d.model.policy.ScaleSeconds {
			s.Sums[i] *= math.Exp(-age / scale)
		}
		s.LastAt = to
	}
	if from.Before(s.FirstAt) {
		s.FirstAt = from
	}
}

// judge calls a burst when what was seen and what is expected pass the policy's reach. An
// event can only come nearer to it with a post, never between two.
func (d *Detector) judge() bool {
	s, p := &d.state, d.model.policy
	if d.call != nil || s.Seen < p.MinPosts {
		return false
	}
	further := d.Further(s.LastAt)
	if s.Seen+further < p.Reach {
		return false
	}
	call := opinion.Burst{At: s.LastAt, Seen: s.Seen, Further: further, Reach: p.Reach}
	call.From, call.Window, call.Usual = d.window()
	d.call = &call
	return true
}

// Further is how many further posts are expected after now, 0 or more. At any instant it is
// the higher the more posts were observed up to it, and it fades to 0 when none comes. Asked
// for a time before the latest post, it answers for the time of that post.
func (d *Detector) Further(now time.Time) float64 {
	age := max(now.Sub(d.state.LastAt).Seconds(), 0)
	further := 0.0
	for i, scale := range d.model.policy.ScaleSeconds {
		further += d.model.weights[i] * d.state.Sums[i] * math.Exp(-age/scale)
	}
	return further
}

// Called is the call of a burst, nil when there was none.
func (d *Detector) Called() *opinion.Burst { return d.call }

// CallIn follows a whole cascade, whose posts come ascending delays in seconds after its
// first one, and returns the delay at which a burst is called. It decides at each instant
// from the delays up to then only.
func (m *Model) CallIn(delays []float64) (seconds float64, ok bool) {
	d, start := m.Start(nil), time.Unix(0, 0)
	for _, s := range delays {
		if d.Observe(start.Add(time.Duration(s * float64(time.Second)))) {
			return s, true
		}
	}
	return 0, false
}
