package analyze

import (
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

// paceEvent takes in all that came to another event, of which is known between which
// instants.
func (l *liveEvent) paceEvent(from *liveEvent, bursts *burst.Model) {
	if bursts == nil || !from.fresh {
		return
	}
	seen := 1.0
	first, last := from.ev.FirstAt, from.ev.LastAt
	if p := from.ev.Pulse; p != nil {
		seen, first, last = p.Seen, p.FirstAt, p.LastAt
	}
	d := l.detector(bursts, l.ev.Posts == 0)
	d.Spread(seen, first, last)
	s := d.State()
	l.ev.Pulse, l.ev.Burst = &s, d.Called()
}
