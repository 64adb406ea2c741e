package analyze

import (
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// moment is when a post began to draw attention: when it was published, or when it was
// received where its source dates it later than that.
func moment(p opinion.Post) time.Time {
	if p.ReceivedAt.Before(p.PublishedAt) {
		return p.ReceivedAt
	}
	return p.PublishedAt
}

// warm adds a new member to the event's heat.
func (l *liveEvent) warm(p opinion.Post, rule policy.Heat) {
	l.ev.Heat = l.ev.Heat.Add(moment(p), rule.Weight(p), rule.HalfLife())
}

// notice remembers the event's earliest post and the one with the most likes. Taking a post
// in again changes nothing, unless it has more likes by now.
func (l *liveEvent) notice(p opinion.Post) {
	e := &l.ev
	if p.PublishedAt.Before(e.FirstAt) || p.PublishedAt.Equal(e.FirstAt) && (e.FirstPost == "" || p.ID < e.FirstPost) {
		e.FirstPost = p.ID
		if name := nameOf(p); name != "" {
			e.Name = name
		}
	}
	if p.Likes > e.Likes || p.Likes == e.Likes && p.Likes > 0 && p.ID < e.LikedPost {
		e.LikedPost, e.Likes = p.ID, p.Likes
	}
}

// mark remembers that a signal was sent.
func (l *liveEvent) mark(reason string, at time.Time) {
	marks := append(slices.Clip(l.ev.Marks), opinion.Mark{Reason: reason, At: at})
	if len(marks) > opinion.MaxMarks {
		marks = slices.Delete(marks, 1, 2) // a copy: the saved event keeps its own
	}
	l.ev.Marks = marks
}
