package analyze

import (
	"context"
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

// member is what an event's attention is counted anew from.
type member struct {
	post             string
	moment, received time.Time
	reposts          int
	ours             bool // no history, and about our ground
}

// rewarm counts the attention and the pace of an event anew from its members in the index, as
// is needed when some were linked by a process that ended before it had written the event.
func (l *liveEvent) rewarm(ctx context.Context, index opinion.Index, r rules) error {
	l.ev.Heat, l.ev.Pulse = opinion.Heat{}, nil
	var members []member
	s := opinion.Search{EventID: l.ev.ID, Limit: opinion.MaxHits}
	for len(members) < maxMembers {
		found, err := index.Search(ctx, s)
		if err != nil {
			return err
		}
		for _, h := range found.Hits {
			p := h.Post
			l.warm(p, r.Heat)
			l.notice(p)
			members = append(members, member{p.ID, moment(p), p.ReceivedAt, p.Reposts, !p.History && h.Assessment.Elsewhere == nil})
		}
		if s.After = found.Next; s.After == "" {
			break
		}
	}
	l.repace(members, r.bursts)
	return nil
}
