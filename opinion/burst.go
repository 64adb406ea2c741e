package opinion

import (
	"fmt"
	"time"
)

// Burst is the call of a burst (突发): that an event's posts and reposts come faster than the
// policy allows, with what was seen and what was expected. It is called once for an event.
type Burst struct {
	// At is the instant of the latest post or repost that was known then, From the start of
	// the window before it.
	At   time.Time `json:"at"`
	From time.Time `json:"from"`
	// Window is how many posts and reposts came from From to At, Usual how many would have
	// come at the event's pace before From: 0 when there was nothing before.
	Window float64 `json:"window"`
	Usual  float64 `json:"usual"`
	// Seen had come in all, Further more were expected; together they pass Reach.
	Seen    float64 `json:"seen"`
	Further float64 `json:"further"`
	Reach   float64 `json:"reach"`
}

// Detail is the call in figures, for staff.
func (b Burst) Detail() string {
	before := "此前没有信息"
	if b.Usual >= 0.05 {
		before = fmt.Sprintf("按此前速度应为%.1f条", b.Usual)
	}
	return fmt.Sprintf("%d分钟内出现%.0f条（含转发），%s；累计%.0f条，预计再增约%.0f条，将超过%.0f条",
		max(int(b.At.Sub(b.From).Minutes()+0.5), 1), b.Window, before, b.Seen, b.Further, b.Reach)
}

// Pulse is what is kept of how fast an event's posts and reposts come: a few numbers,
// however many there are (see analyze/burst). History is never counted.
type Pulse struct {
	Seen    float64   `json:"seen"`
	FirstAt time.Time `json:"first_at"`
	LastAt  time.Time `json:"last_at"`
	// Sums are the fading sums as they stood at LastAt, one for each scale of the policy.
	Sums []float64 `json:"sums"`
	// Slices count what came, by slices of the policy's window, oldest first; those that are
	// older than the window are dropped.
	Slices []Slice `json:"slices,omitempty"`
	// Watched are the posts with the most reposts, by which an edit's new ones are told.
	Watched []Watched `json:"watched,omitempty"`
}

// Slice counts what came in [At, next At), which are numbers of slices since 1970.
type Slice struct {
	At    int64   `json:"at"`
	Count float64 `json:"n"`
}

// Watched is how many reposts a post had when it was last received.
type Watched struct {
	Post    string    `json:"post"`
	Reposts int       `json:"reposts"`
	At      time.Time `json:"at"`
}
