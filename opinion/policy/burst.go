package policy

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/huiying/huiying/opinion"
)

// maxScales bounds the state that is kept of an event.
const maxScales = 8

// Burst says how attention fades and when a burst (突发) is called. What an event has seen,
// its posts and their reposts, and what is expected further of the recent ones, is the
// forecast of how far it reaches; a burst is called when that passes Reach.
type Burst struct {
	// Reach is how many posts and reposts make a burst. 500 reposts is the number from which
	// defamation online counts as grave (法释〔2013〕21号第二条); for other matters it is a proposal.
	Reach float64 `json:"reach"`
	// MinPosts is how many must have been seen before anything is called, at least 1.
	MinPosts float64 `json:"min_posts"`
	// ScaleSeconds are the time scales of the memory, ascending: after one of them, its sum
	// has fallen to 1/e. At most eight.
	ScaleSeconds []float64 `json:"scale_seconds"`
	// Exponent is how fast the weight of a scale falls with its length: the weights are
	// scale^-Exponent, normalised to 1.
	Exponent float64 `json:"exponent"`
	// Gain is how many further posts one that has just come lets expect. The larger it is,
	// the earlier and the more often a burst is called.
	Gain float64 `json:"gain"`
	// WindowMinutes is the window in which the evidence of a call counts what came.
	WindowMinutes float64 `json:"window_minutes"`
	// MinRisk is from which risk on a called burst opens a case, 1 … 3.
	MinRisk opinion.Risk `json:"min_risk"`
	Basis   string       `json:"basis"`
	Source  string       `json:"source"`
}

// Off tells that no burst is ever called.
func (b Burst) Off() bool { return b.Reach == 0 && len(b.ScaleSeconds) == 0 }

// Reason is the call of a burst as a reason for people.
func (b Burst) Reason(call opinion.Burst) opinion.Reason {
	return opinion.Reason{Name: "burst", Detail: call.Detail(), Basis: fmt.Sprintf("alert.json burst（%s）", b.Basis)}
}

// Check tells the first thing that is wrong with how bursts are called.
func (b Burst) Check() error {
	if !(b.Reach > 0) || math.IsInf(b.Reach, 0) {
		return fmt.Errorf("reach is %v: a number of posts above 0 is needed", b.Reach)
	}
	if !(b.MinPosts >= 1) || math.IsInf(b.MinPosts, 0) {
		return fmt.Errorf("min_posts is %v: at least 1 is needed", b.MinPosts)
	}
	if n := len(b.ScaleSeconds); n < 1 || n > maxScales {
		return fmt.Errorf("scale_seconds has %d scales: 1 to %d are needed", n, maxScales)
	}
	last := 0.0
	for _, s := range b.ScaleSeconds {
		if !(s > last) || s > (100*365*24*time.Hour).Seconds() {
			return errors.New("scale_seconds must be above 0, ascending and below a hundred years")
		}
		last = s
	}
	if !(b.Exponent >= 0 && b.Exponent <= 3) {
		return fmt.Errorf("exponent is %v: 0 to 3 is needed", b.Exponent)
	}
	if !(b.Gain > 0) || math.IsInf(b.Gain, 0) {
		return fmt.Errorf("gain is %v: a number above 0 is needed", b.Gain)
	}
	if !(b.WindowMinutes >= 1 && b.WindowMinutes <= 7*24*60) {
		return fmt.Errorf("window_minutes is %v: 1 to a week is needed", b.WindowMinutes)
	}
	if b.MinRisk < opinion.RiskMinor || b.MinRisk > opinion.RiskUrgent {
		return fmt.Errorf("min_risk is %d: 1, 2 or 3 is needed", b.MinRisk)
	}
	return nil
}

func (c *checker) burst(b Burst) {
	if err := b.Check(); err != nil {
		c.out.add(fileAlert, "burst", err.Error(), "compare with the file of that name in seeds/policy")
	}
	c.basis(fileAlert, "burst", b.Basis)
	c.text(fileAlert, "burst.source", b.Source)
	if level, _ := c.p.Alert.LevelOfEvent(opinion.Event{Risk: b.MinRisk, Posts: 1, Burst: &opinion.Burst{}}, nil); level == opinion.LevelNone {
		c.out.add(fileAlert, "levels", fmt.Sprintf("give no level to a burst at risk %d", b.MinRisk), `add a row with "burst": true and that min_risk, so that every case has a level`)
	}
}
