package analyze

import (
	"slices"
	"strings"
	"time"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
)

// Bounds of what is kept of an event.
const (
	maxSources = 32
	maxMembers = 20_000 // post IDs by which a member is told; later ones are only counted
	maxName    = 40     // code points
)

// liveEvent is an event in memory. Its members and what they say of it do not depend on the
// order in which they came, except for who founded it.
type liveEvent struct {
	ev      opinion.Event
	members map[string]int64 // publication in Unix milliseconds, by post ID
	uncount int              // posts beyond members
	fresh   bool             // a member is no history and not about another place
	keyAt   time.Time        // publication of the key post
	kinds   []string         // of the key post
	saved   opinion.Event
	profile event.Profile // ev.Profile, read
}

// standing is what decides on a signal.
type standing struct {
	alive bool // a fresh post about our ground, and risk ≥ 1
	burst bool // one was called
	risk  opinion.Risk
	level opinion.Level
}

// signal tells why the change from s to after must be signalled, or "".
func (s standing) signal(after standing) string {
	switch {
	case !after.alive:
		return ""
	case !s.alive:
		return "new_event"
	case after.burst && !s.burst:
		return "burst"
	case after.risk > s.risk:
		return "risk_rose"
	case rank(after.level) > rank(s.level):
		return "level_rose"
	default:
		return ""
	}
}

// rank orders levels: none, IV, III, II, I.
func rank(l opinion.Level) int {
	return slices.Index([]opinion.Level{opinion.LevelNone, opinion.LevelIV, opinion.LevelIII, opinion.LevelII, opinion.LevelI}, l)
}

func newLiveEvent(a opinion.Assessed) *liveEvent {
	return &liveEvent{
		ev: opinion.Event{
			ID: "ev-" + a.Post.ID, Topic: a.Assessment.Topic, Name: nameOf(a.Post),
			FirstAt: a.Post.PublishedAt, LastAt: a.Post.PublishedAt,
			Fingerprint: a.Assessment.Fingerprint,
		},
		members: map[string]int64{},
	}
}

// nameOf is the post's title, or how its text begins.
func nameOf(p opinion.Post) string {
	name := strings.Join(strings.Fields(p.Title), " ")
	if name == "" {
		name = strings.Join(strings.Fields(p.Text), " ")
	}
	if r := []rune(name); len(r) > maxName {
		return string(r[:maxName]) + "…"
	}
	return name
}

// join takes a post in and tells whether it is a new member. Taking it in again changes
// nothing.
func (l *liveEvent) join(a opinion.Assessed, r rules) (joined bool) {
	p := a.Post
	if _, member := l.members[p.ID]; !member {
		joined = true
		if len(l.members) < maxMembers {
			l.members[p.ID] = p.PublishedAt.UnixMilli()
		} else {
			l.uncount++
		}
	}
	e := &l.ev
	ours := !p.History && a.Assessment.Elsewhere == nil
	if ours {
		l.pace(p, joined, r.bursts)
	}
	e.Posts = len(l.members) + l.uncount
	l.fresh = l.fresh || ours
	if joined {
		l.absorb(a.Assessment.Profile)
		l.warm(p, r.Heat)
	}
	l.notice(p)
	if p.PublishedAt.Before(e.FirstAt) {
		e.FirstAt = p.PublishedAt
	}
	if p.PublishedAt.After(e.LastAt) {
		e.LastAt = p.PublishedAt
	}
	if i, there := slices.BinarySearch(e.Sources, p.Source); !there && len(e.Sources) < maxSources {
		e.Sources = slices.Insert(slices.Clone(e.Sources), i, p.Source)
	}
	if l.graver(a) {
		e.Topic, e.KeyPost, l.keyAt, l.kinds = a.Assessment.Topic, p.ID, p.PublishedAt, a.Assessment.Kinds
	}
	e.Risk, e.Score = max(e.Risk, a.Assessment.Risk), max(e.Score, a.Assessment.Score)
	e.Level, e.Why = r.LevelOfEvent(*e, l.kinds)
	return joined
}

// absorb takes the profile of a new member in.
func (l *liveEvent) absorb(profile string) {
	if p := event.ParseProfile(profile); p.Posts > 0 {
		l.profile = l.profile.Absorb(p)
		l.ev.Profile = l.profile.String()
	}
}

// entry is the event as the matcher knows it.
func (l *liveEvent) entry() event.Entry {
	return event.Entry{ID: l.ev.ID, Signature: event.FromSlice(l.ev.Fingerprint), Profile: l.profile}
}

// graver tells whether a post should be the key post instead of the present one.
func (l *liveEvent) graver(a opinion.Assessed) bool {
	switch {
	case l.ev.KeyPost == "":
		return true
	case a.Assessment.Risk != l.ev.Risk:
		return a.Assessment.Risk > l.ev.Risk
	case a.Assessment.Score != l.ev.Score:
		return a.Assessment.Score > l.ev.Score
	case !a.Post.PublishedAt.Equal(l.keyAt):
		return a.Post.PublishedAt.Before(l.keyAt)
	default:
		return a.Post.ID < l.ev.KeyPost
	}
}

func (l *liveEvent) standing() standing {
	return standing{alive: l.fresh && l.ev.Risk >= opinion.RiskMinor, burst: l.ev.Burst != nil, risk: l.ev.Risk, level: l.ev.Level}
}

// changed gives the event its next version when it differs from what was saved last.
func (l *liveEvent) changed() bool {
	e, s := l.ev, l.saved
	if e.Posts == s.Posts && e.Profile == s.Profile && e.Risk == s.Risk && e.Score == s.Score && e.Level == s.Level && e.KeyPost == s.KeyPost &&
		e.FirstAt.Equal(s.FirstAt) && e.LastAt.Equal(s.LastAt) && len(e.Sources) == len(s.Sources) &&
		e.FirstPost == s.FirstPost && e.LikedPost == s.LikedPost && e.Likes == s.Likes && len(e.Marks) == len(s.Marks) && e.Heat == s.Heat && e.Pulse == s.Pulse &&
		e.MergedInto == s.MergedInto && slices.Equal(e.Apart, s.Apart) {
		return false
	}
	l.ev.Version++
	l.saved = l.ev
	return true
}
