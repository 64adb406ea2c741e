package console

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Event is a set of posts about one matter.
type Event struct {
	ID        string        `json:"id"`
	Topic     string        `json:"topic"`
	Name      string        `json:"name"`
	FirstAt   time.Time     `json:"first_at" doc:"Earliest publication."`
	LastAt    time.Time     `json:"last_at" doc:"Latest publication."`
	Posts     int           `json:"posts"`
	Sources   []string      `json:"sources"`
	Risk      opinion.Risk  `json:"risk" minimum:"0" maximum:"3"`
	Score     float64       `json:"score" minimum:"0" maximum:"100"`
	Level     opinion.Level `json:"level" enum:"I,II,III,IV," doc:"Empty when it has none."`
	Why       []Reason      `json:"why" doc:"Why it has its level."`
	KeyPost   string        `json:"key_post" doc:"ID of its gravest post."`
	Heat      float64       `json:"heat" minimum:"0" doc:"Fading count of its posts and of what readers did with them, as it stands now."`
	HalfLifeH float64       `json:"half_life_h" minimum:"0" doc:"After how many hours half of the heat is left; 0 when none was counted."`
	Burst     *Burst        `json:"burst,omitempty" doc:"The call of a burst; absent when there was none."`
}

// Burst is the call of a burst: posts and reposts came faster than the policy allows.
type Burst struct {
	At      time.Time `json:"at" doc:"When it was called, by the time of the post that did it."`
	From    time.Time `json:"from" doc:"Since when the window counts."`
	Window  float64   `json:"window" doc:"Posts and reposts from then to the call."`
	Usual   float64   `json:"usual" doc:"As many would have come at the pace of before."`
	Seen    float64   `json:"seen" doc:"All until the call."`
	Further float64   `json:"further" doc:"As many more were expected then."`
	Reach   float64   `json:"reach" doc:"What seen and further together passed, by the policy."`
}

func viewBurst(b *opinion.Burst) *Burst {
	if b == nil {
		return nil
	}
	whole := func(n float64) float64 { return math.Round(n*10) / 10 }
	return &Burst{b.At, b.From, whole(b.Window), whole(b.Usual), whole(b.Seen), whole(b.Further), b.Reach}
}

func viewEvent(e opinion.Event, now time.Time) Event {
	return Event{
		ID: e.ID, Topic: e.Topic, Name: e.Name, FirstAt: e.FirstAt, LastAt: e.LastAt, Posts: e.Posts, Sources: list(e.Sources),
		Risk: e.Risk, Score: e.Score, Level: e.Level, Why: views(e.Why, viewReason), KeyPost: e.KeyPost,
		Heat: math.Round(e.Heat.Fade(now)*1000) / 1000, HalfLifeH: e.Heat.HalfLife / 3600, Burst: viewBurst(e.Burst),
	}
}

func viewReason(r opinion.Reason) Reason { return Reason{r.Name, r.Detail, r.Basis} }

// EventDetail is an event with all that shows how it came and spread.
type EventDetail struct {
	Event
	KeyPosts     KeyPosts     `json:"key_posts"`
	Timeline     Timeline     `json:"timeline"`
	SourceCounts []Count      `json:"source_counts" doc:"Searchable posts by source, the most frequent first."`
	Streets      []Count      `json:"streets" doc:"Posts by street office whose places they name, the most frequent first."`
	Places       []Count      `json:"places" doc:"Places that its newest posts name, the most frequent first, at most 20."`
	Members      []PostHit    `json:"members" doc:"Its posts, newest publication first, at most 100. The search event:ID has them all."`
	MemberCount  int          `json:"member_count" doc:"Posts that can be searched now; posts counts those that retention has dropped, too."`
	Case         *CaseSummary `json:"case,omitempty"`
	MergedCases  []CaseBrief  `json:"merged_cases" doc:"Cases of the events that became part of this one."`
	Edits        []EventEdit  `json:"edits" doc:"Corrections by hand, the latest first, at most 20."`
}

type eventOutput struct{ Body EventDetail }

// KeyPosts are the posts that tell most of an event; absent ones are not there, or are no
// longer kept.
type KeyPosts struct {
	Gravest  *PostHit `json:"gravest,omitempty"`
	Earliest *PostHit `json:"earliest,omitempty"`
	Liked    *PostHit `json:"liked,omitempty" doc:"The one with the most likes, where any has some."`
}

// Timeline is an event's posts over time with what happened.
type Timeline struct {
	Unit  string `json:"unit" enum:"hour,day,month" doc:"Of the bars, in China Standard Time."`
	Bars  []Bar  `json:"bars" doc:"By time, empty bars included."`
	Marks []Mark `json:"marks" doc:"By time."`
}

// Mark is what happened at an instant.
type Mark struct {
	Kind string    `json:"kind" enum:"first_post,new_event,risk_rose,level_rose,burst,open,sign,answer,approve,return" doc:"The first post, a signal to those who open cases, or a step of the case."`
	At   time.Time `json:"at"`
	Unit string    `json:"unit,omitempty" doc:"Unit of who took the step."`
}

// maxPlaces bounds the places of an event.
const maxPlaces = 20

// placesOf counts the posts that name a place.
func placesOf(hits []opinion.Hit) []Count {
	counts := map[string]int{}
	for _, h := range hits {
		seen := map[string]bool{}
		for _, p := range h.Assessment.Places {
			if !seen[p.Word] {
				seen[p.Word] = true
				counts[p.Word]++
			}
		}
	}
	out := make([]Count, 0, len(counts))
	for word, n := range counts {
		out = append(out, Count{word, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value)) })
	return out[:min(len(out), maxPlaces)]
}

// reasonBurst is the reason of a signal that tells of a burst.
const reasonBurst = "burst"

// marksOf lists what happened to an event and to its case, which may be none.
func marksOf(e opinion.Event, c opinion.Case) []Mark {
	marks := []Mark{{Kind: "first_post", At: e.FirstAt}}
	if e.Burst != nil {
		marks = append(marks, Mark{Kind: reasonBurst, At: e.Burst.At})
	}
	for _, m := range e.Marks {
		if m.Reason == reasonBurst { // the call itself stands there
			continue
		}
		marks = append(marks, Mark{Kind: m.Reason, At: m.At})
	}
	for _, s := range c.Steps {
		marks = append(marks, Mark{Kind: string(s.Action), At: s.At, Unit: s.Unit})
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return a.At.Compare(b.At) })
	return marks
}

// The longest spans that are shown by hour and by day.
const (
	hourSpan = 4 * 24 * time.Hour
	daySpan  = 400 * 24 * time.Hour
)

// The units of bars.
const (
	barHour  = "hour"
	barDay   = "day"
	barMonth = "month"
)

// maxBars bounds a timeline: months of a hundred years.
const maxBars = 1200

// timelineUnit chooses the bars for an event.
func timelineUnit(e opinion.Event) string {
	switch span := e.LastAt.Sub(e.FirstAt); {
	case span <= hourSpan:
		return barHour
	case span <= daySpan:
		return barDay
	default:
		return barMonth
	}
}

// Bars beyond the posts: a timeline has at least so many, and reaches to its latest mark
// where that takes no more than so many.
const (
	leastBars = 12
	markBars  = 200
)

// timeline fills the gaps between the bars, and goes on to the latest mark.
func timeline(unit string, found []opinion.Bucket, marks []Mark) Timeline {
	t := Timeline{Unit: unit, Bars: []Bar{}, Marks: marks}
	if len(found) == 0 {
		return t
	}
	var at time.Time
	for i, b := range found {
		if i > 0 {
			t.fill(at, b.Start, maxBars)
		}
		t.Bars = append(t.Bars, viewBar(b))
		at = nextBar(unit, b.Start)
	}
	if last := marks[len(marks)-1].At; !last.Before(at) {
		reach := t
		reach.Bars = slices.Clip(t.Bars)
		if reach.fill(at, last.Add(1), markBars); len(reach.Bars) < markBars {
			return reach.atLeast(leastBars)
		}
	}
	return t.atLeast(leastBars)
}

// fill appends empty bars from one instant to another, up to a number in all.
func (t *Timeline) fill(from, to time.Time, most int) {
	for at := from; at.Before(to) && len(t.Bars) < most; at = nextBar(t.Unit, at) {
		t.Bars = append(t.Bars, Bar{at.Format(barTime), 0})
	}
}

// atLeast appends empty bars up to a number in all.
func (t Timeline) atLeast(n int) Timeline {
	last, err := time.Parse(barTime, t.Bars[len(t.Bars)-1].Start)
	if err != nil { // the bars' starts were written in this form
		return t
	}
	for len(t.Bars) < n {
		last = nextBar(t.Unit, last)
		t.Bars = append(t.Bars, Bar{last.UTC().Format(barTime), 0})
	}
	return t
}

// nextBar is the start of the bar behind one.
func nextBar(unit string, start time.Time) time.Time {
	l := start.In(opinion.ChinaTime)
	switch unit {
	case barHour:
		return start.Add(time.Hour)
	case barDay:
		return l.AddDate(0, 0, 1).UTC()
	default:
		return l.AddDate(0, 1, 0).UTC()
	}
}
