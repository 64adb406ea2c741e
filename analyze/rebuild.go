package analyze

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
)

// founder is the post that an event's ID was made of.
func founder(event string) string { return strings.TrimPrefix(event, "ev-") }

// rebuild makes an event of its posts, in the order of their publication. Of base it keeps
// what posts do not tell: ID, version, marks, the events it must stay apart from, a called
// burst, and the signature when there is one.
func rebuild(base opinion.Event, posts []opinion.Assessed, r rules) *liveEvent {
	slices.SortFunc(posts, func(a, b opinion.Assessed) int {
		return cmp.Or(moment(a.Post).Compare(moment(b.Post)), cmp.Compare(a.Post.ID, b.Post.ID))
	})
	l := newLiveEvent(posts[0])
	l.ev.ID, l.ev.Version, l.ev.Marks, l.ev.Apart, l.ev.Burst = base.ID, base.Version, base.Marks, base.Apart, base.Burst
	if base.Fingerprint != nil {
		l.ev.Fingerprint = base.Fingerprint
	}
	for _, a := range posts {
		l.join(a, r)
	}
	return l
}

// absorbEvent counts the members of another event among this one's.
func (l *liveEvent) absorbEvent(from *liveEvent, r rules) {
	e, f := &l.ev, from.ev
	if l.ev.Burst == nil {
		l.ev.Burst = f.Burst
	}
	l.paceEvent(from, r.bursts)
	members := make(map[string]int64, len(l.members)+len(from.members))
	for _, m := range []map[string]int64{l.members, from.members} {
		for post, published := range m {
			members[post] = published
		}
	}
	l.members, l.uncount = members, l.uncount+from.uncount
	e.Posts = len(members) + l.uncount
	l.fresh = l.fresh || from.fresh
	if f.Heat.Value > 0 {
		e.Heat = e.Heat.Add(f.Heat.At, f.Heat.Value, time.Duration(f.Heat.HalfLife*float64(time.Second)))
	}
	if from.before(l) {
		e.FirstAt, e.FirstPost, e.Name = f.FirstAt, f.FirstPost, f.Name
	}
	if f.LastAt.After(e.LastAt) {
		e.LastAt = f.LastAt
	}
	if f.Likes > e.Likes || f.Likes == e.Likes && f.Likes > 0 && f.LikedPost < e.LikedPost {
		e.LikedPost, e.Likes = f.LikedPost, f.Likes
	}
	e.Sources = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(e.Sources), f.Sources...))))
	e.Sources = e.Sources[:min(len(e.Sources), maxSources)]
	if l.graverEvent(from) {
		e.Topic, e.KeyPost, l.keyAt, l.kinds = f.Topic, f.KeyPost, from.keyAt, from.kinds
	}
	e.Risk, e.Score = max(e.Risk, f.Risk), max(e.Score, f.Score)
	l.profile = l.profile.Join(from.profile)
	e.Profile = l.profile.String()
	l.keepApart(f.Apart)
	e.Level, e.Why = r.LevelOfEvent(*e, l.kinds)
}

// keepApart adds events that this one must not be joined with unasked.
func (l *liveEvent) keepApart(events []string) {
	for _, id := range events {
		if id != l.ev.ID && !slices.Contains(l.ev.Apart, id) && len(l.ev.Apart) < opinion.MaxApart {
			l.ev.Apart = append(slices.Clip(l.ev.Apart), id)
		}
	}
}

// graverEvent tells whether another event's key post should be this one's.
func (l *liveEvent) graverEvent(from *liveEvent) bool {
	return l.graver(opinion.Assessed{
		Post:       opinion.Post{ID: from.ev.KeyPost, PublishedAt: from.keyAt},
		Assessment: opinion.Assessment{Risk: from.ev.Risk, Score: from.ev.Score},
	})
}

// eventPosts reads the posts of an event, the newest maxMembers, without what an event does
// not need of them.
func eventPosts(ctx context.Context, index opinion.Index, id string) (list []opinion.Assessed, err error) {
	s := opinion.Search{EventID: id, Limit: opinion.MaxHits}
	for len(list) < maxMembers {
		found, err := index.Search(ctx, s)
		if err != nil {
			return nil, err
		}
		for _, h := range found.Hits {
			h.Post.Text = nameOf(opinion.Post{Text: h.Post.Text})
			h.Assessment.Factors, h.Assessment.Topics, h.Assessment.Places = nil, nil, nil
			list = append(list, opinion.Assessed{Post: h.Post, Assessment: h.Assessment})
		}
		if s.After = found.Next; s.After == "" {
			break
		}
	}
	return list, nil
}

// readEvent reads an event with its members from the index. The posts that are linked to it
// are its members, whatever number was written: when a process ended between its writes, the
// event is made of them anew.
func readEvent(ctx context.Context, index opinion.Index, id string, r rules) (*liveEvent, error) {
	ev, err := index.Event(ctx, id)
	if err != nil {
		return nil, err
	}
	l := &liveEvent{ev: ev, members: map[string]int64{}, saved: ev, profile: event.ParseProfile(ev.Profile)}
	if ev.MergedInto != "" {
		return l, nil
	}
	links, err := index.Members(ctx, id, maxMembers)
	if err != nil {
		return nil, err
	}
	for _, m := range links {
		l.members[m.PostID] = m.PublishedAt.UnixMilli()
	}
	if len(links) == maxMembers {
		l.uncount = max(ev.Posts-len(links), 0)
	} else if len(links) != ev.Posts && len(links) > 0 {
		return mended(ctx, index, ev, r)
	}
	return l, l.readKey(ctx, index)
}

// mended makes an event of the posts that are linked to it. Of posts that were dropped since,
// it keeps how grave they were and how it all began.
func mended(ctx context.Context, index opinion.Index, ev opinion.Event, r rules) (*liveEvent, error) {
	posts, err := eventPosts(ctx, index, ev.ID)
	if err != nil {
		return nil, err
	}
	if len(posts) == 0 {
		return nil, opinion.Errorf(opinion.CodeNotFound, "event %s has no posts any more", ev.ID)
	}
	l := rebuild(ev, posts, r)
	l.saved = ev
	if len(posts) >= ev.Posts {
		return l, nil
	}
	kept := ev
	kept.Posts, kept.Heat, kept.Pulse, kept.Burst = l.ev.Posts, l.ev.Heat, l.ev.Pulse, l.ev.Burst
	l.ev, l.profile = kept, event.ParseProfile(ev.Profile)
	return l, l.readKey(ctx, index)
}

// readKey reads what is known of an event by its key post.
func (l *liveEvent) readKey(ctx context.Context, index opinion.Index) error {
	key, err := index.Get(ctx, l.ev.KeyPost)
	switch {
	case opinion.CodeOf(err) == opinion.CodeNotFound: // dropped by retention: it stays the earliest
	case err != nil:
		return err
	default:
		l.keyAt, l.kinds = key.Post.PublishedAt, key.Assessment.Kinds
		l.fresh = l.fresh || !key.Post.History && key.Assessment.Elsewhere == nil
	}
	if !l.fresh {
		l.fresh, err = anyFresh(ctx, index, l.ev.ID)
		return err
	}
	return nil
}

// anyFresh tells whether an event has a post that is no history and not about another place.
func anyFresh(ctx context.Context, index opinion.Index, id string) (bool, error) {
	r, err := index.Search(ctx, opinion.Search{
		EventID: id, Limit: 1,
		Query: opinion.Query{Root: opinion.And{Nodes: []opinion.Node{
			opinion.Match{Field: opinion.FieldHistory, Value: "false"},
			opinion.Match{Field: opinion.FacetArea, Value: opinion.AreaOurs},
		}}},
	})
	return r.Total > 0, err
}
