package analyze

import (
	"cmp"
	"slices"

	"github.com/huiying/huiying/analyze/burst"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// rules are what events are judged by.
type rules struct {
	policy.Alert
	bursts *burst.Model // nil: no burst is called
}

// newRules panics on a policy that policy.Load would not have let through.
func newRules(a policy.Alert) rules {
	r := rules{Alert: a}
	if a.Burst.Off() {
		return r
	}
	var err error
	if r.bursts, err = burst.New(a.Burst); err != nil {
		panic("analyze: an unchecked policy: " + err.Error())
	}
	return r
}

// pace follows how fast posts come, before p is counted among them: p is a new member, or
// one with more reposts than before. History and posts about another place are not followed by
// the caller, and a single post without reposts is not, because all of it is known anyway.
func (l *liveEvent) pace(p opinion.Post, isNew bool, bursts *burst.Model) {
	alone := isNew && l.ev.Posts == 0
	if bursts == nil || p.Reposts == 0 && (alone || !isNew) {
		return
	}
	d := l.detector(bursts, alone)
	seen := d.Seen()
	d.Post(p.ID, isNew, moment(p), p.ReceivedAt, p.Reposts)
	if d.Seen() != seen {
		s := d.State()
		l.ev.Pulse, l.ev.Burst = &s, d.Called()
	}
}

// detector goes on from what is stored of an event.
func (l *liveEvent) detector(bursts *burst.Model, alone bool) *burst.Detector {
	if l.ev.Pulse != nil {
		if d, err := bursts.Resume(*l.ev.Pulse, l.ev.Burst); err == nil {
			return d
		}
		// Another policy left it: the pace is followed from here on.
	}
	d := bursts.Start(l.ev.Burst)
	if l.ev.Pulse == nil && !alone && l.ev.Posts == 1 && l.fresh {
		first := l.ev.FirstAt
		if h := l.ev.Heat; h.Value > 0 {
			first = h.At // its moment
		}
		d.Observe(first)
	}
	return d
}

// repace follows all members again, in the order in which they came.
func (l *liveEvent) repace(members []member, bursts *burst.Model) {
	if bursts == nil {
		return
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Or(a.moment.Compare(b.moment), cmp.Compare(a.post, b.post)) })
	members = slices.DeleteFunc(members, func(m member) bool { return !m.ours })
	if len(members) == 0 || len(members) == 1 && members[0].reposts == 0 {
		return
	}
	d := bursts.Start(l.ev.Burst)
	for _, m := range members {
		d.Post(m.post, true, m.moment, m.received, m.reposts)
	}
	s := d.State()
	l.ev.Pulse, l.ev.Burst = &s, d.Called()
}
