package burst

import (
	"fmt"
	"math"
	"time"
)

// Model follows events under one policy. It is immutable and safe for concurrent use.
type Model struct {
	policy  Policy
	weights []float64
}

// New makes a model of a policy; the error is that of Policy.Check.
func New(p Policy) (*Model, error) {
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("burst policy: %w", err)
	}
	return &Model{policy: p, weights: p.weights()}, nil
}

// State is all that is kept of one event: a few numbers, however many posts it has. It can
// be stored as JSON and taken up again with Model.Resume.
type State struct {
	Posts   int64     `json:"posts"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
	// Sums are the fading sums as they stood at LastAt, one for each scale of the policy.
	Sums []float64 `json:"sums"`
	// Call is nil until a burst is called, and stays as it was from then on.
	Call *Call `json:"call,omitempty"`
}

// Call is the moment at which a burst was called, and why.
type Call struct {
	// At is the publication of the latest post that was known then.
	At time.Time `json:"at"`
	// Posts had been seen, Heat further ones were expected.
	Posts int64   `json:"posts"`
	Heat  float64 `json:"heat"`
	Reach float64 `json:"reach"`
}

// Reason is the call in a sentence for staff.
func (c Call) Reason() string {
	return fmt.Sprintf("已有%d条，按近期势头预计再增约%.0f条，将超过%.0f条", c.Posts, c.Heat, c.Reach)
}

// Detector follows one event. It is not safe for concurrent use.
type Detector struct {
	model *Model
	state State
}

// Start follows an event of which nothing was seen yet.
func (m *Model) Start() *Detector {
	return &Detector{model: m, state: State{Sums: make([]float64, len(m.weights))}}
}

// Resume follows an event from a stored state. A state that this policy cannot have left,
// for example one with other scales, is refused: the caller then feeds the event's posts to
// a new detector.
func (m *Model) Resume(s State) (*Detector, error) {
	if len(s.Sums) != len(m.weights) {
		return nil, fmt.Errorf("resume burst state: it has %d sums, the policy has %d scales", len(s.Sums), len(m.weights))
	}
	if s.Posts < 0 || s.LastAt.Before(s.FirstAt) {
		return nil, fmt.Errorf("resume burst state: %d posts from %v to %v cannot be", s.Posts, s.FirstAt, s.LastAt)
	}
	for _, v := range s.Sums {
		if !(v >= 0 && v <= float64(s.Posts)*(1+1e-9)) {
			return nil, fmt.Errorf("resume burst state: a sum of %v over %d posts cannot be", v, s.Posts)
		}
	}
	return &Detector{model: m, state: s.clone()}, nil
}

// State is a copy of all that the detector knows.
func (d *Detector) State() State { return d.state.clone() }

func (s State) clone() State {
	s.Sums = append([]float64(nil), s.Sums...)
	if s.Call != nil {
		call := *s.Call
		s.Call = &call
	}
	return s
}

// Observe takes in one post of the event by its time of publication, and tells whether a
// burst is called by it. Posts may come in any order: a late one counts as much as is left
// of it by now. A time far in the future would make all others look old; it is the caller's
// to refuse.
func (d *Detector) Observe(at time.Time) (called bool) {
	s := &d.state
	switch {
	case s.Posts == 0:
		s.FirstAt, s.LastAt = at, at
	case at.After(s.LastAt):
		age := at.Sub(s.LastAt).Seconds()
		for i, scale := range d.model.policy.ScaleSeconds {
			s.Sums[i] *= math.Exp(-age / scale)
		}
		s.LastAt = at
	case at.Before(s.FirstAt):
		s.FirstAt = at
	}
	age := s.LastAt.Sub(at).Seconds()
	for i, scale := range d.model.policy.ScaleSeconds {
		s.Sums[i] += math.Exp(-age / scale)
	}
	s.Posts++
	return d.judge()
}

// judge calls a burst when what was seen and what is expected pass the policy's reach. An
// event can only come nearer to it with a post, never between two.
func (d *Detector) judge() bool {
	s, p := &d.state, d.model.policy
	if s.Call != nil || s.Posts < p.MinPosts {
		return false
	}
	heat := d.Heat(s.LastAt)
	if float64(s.Posts)+heat < p.Reach {
		return false
	}
	s.Call = &Call{At: s.LastAt, Posts: s.Posts, Heat: heat, Reach: p.Reach}
	return true
}

// Heat is how many further posts are expected after now, 0 or more. At any instant it is
// the higher the more posts were observed up to it, and it fades to 0 when none comes. Asked
// for a time before the latest post, it answers for the time of that post.
func (d *Detector) Heat(now time.Time) float64 {
	age := max(now.Sub(d.state.LastAt).Seconds(), 0)
	heat := 0.0
	for i, scale := range d.model.policy.ScaleSeconds {
		heat += d.model.weights[i] * d.state.Sums[i] * math.Exp(-age/scale)
	}
	return heat
}

// Called is the call of a burst, and whether there was one.
func (d *Detector) Called() (Call, bool) {
	if d.state.Call == nil {
		return Call{}, false
	}
	return *d.state.Call, true
}

// CallIn follows a whole cascade, whose posts come ascending delays in seconds after its
// first one, and returns the delay at which a burst is called. It decides at each instant
// from the delays up to then only.
func (m *Model) CallIn(delays []float64) (seconds float64, ok bool) {
	d, start := m.Start(), time.Unix(0, 0)
	for _, s := range delays {
		if d.Observe(start.Add(time.Duration(s * float64(time.Second)))) {
			return s, true
		}
	}
	return 0, false
}
