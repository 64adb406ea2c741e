package analyze

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
)

// maxMoved bounds how many posts move when the matcher takes two events for one.
const maxMoved = 1000

// unite joins two events that the matcher takes for one matter and returns the one that is
// left, and how both stood before. An event that was signalled may have a case and is never
// taken away; of two that were not, the earlier one is left. Where that cannot be, and where
// the two were split by hand, both stay.
func (c *Clusterer) unite(ctx context.Context, l *liveEvent, id string) (*liveEvent, standing, error) {
	same, err := c.recall(ctx, id)
	if err != nil {
		return nil, standing{}, err
	}
	if same == nil || same == l || apart(l, same) {
		return l, l.standing(), nil
	}
	into, from := l, same
	if from.signalled() || !into.signalled() && from.before(into) {
		into, from = from, into
	}
	if from.signalled() || from.ev.Posts > maxMoved {
		return l, l.standing(), nil
	}
	before := into.standing()
	c.merge(into, from)
	c.metrics.merges.Inc()
	return into, before, nil
}

func apart(a, b *liveEvent) bool {
	return slices.Contains(a.ev.Apart, b.ev.ID) || slices.Contains(b.ev.Apart, a.ev.ID)
}

// signalled tells whether the alerter may know of the event.
func (l *liveEvent) signalled() bool { return len(l.ev.Marks) > 0 || l.standing().alive }

// before orders events by their first post.
func (l *liveEvent) before(m *liveEvent) bool {
	if d := l.ev.FirstAt.Compare(m.ev.FirstAt); d != 0 {
		return d < 0
	}
	return l.ev.ID < m.ev.ID
}

// merge moves all members of an event into another and leaves an alias. Its entry stays with
// the matcher: what would have joined it leads on.
func (c *Clusterer) merge(into, from *liveEvent) {
	if len(from.members) > 0 { // else they have come already, before a crash
		into.absorbEvent(from, c.rules)
	}
	for post, published := range from.members {
		c.pending.link(post, time.UnixMilli(published).UTC(), into.ev.ID)
		if _, known := c.posts.get(post); known {
			c.posts.put(post, into.ev.ID)
		}
	}
	into.ev.Apart = without(into.ev.Apart, from.ev.ID)
	from.ev.MergedInto = into.ev.ID
	if from.ev.Posts > 0 {
		from.changed()
		c.pending.intents = append(c.pending.intents, from.ev)
	}
	from.members, from.uncount, from.ev.Posts, from.ev.Apart = nil, 0, 0, nil
	c.pending.event(from)
	c.pending.event(into)
}

func without(list []string, id string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == id })
	if len(list) == 0 {
		return nil
	}
	return list
}

// finish ends the merges that a process left between its writes: posts on their way are
// linked, and the aliases say that nothing is left.
func (c *Clusterer) finish(ctx context.Context, unfinished []opinion.Event) error {
	if len(unfinished) == 0 {
		return nil
	}
	finished := slices.Clone(unfinished)
	for i, e := range unfinished {
		links, err := c.index.Members(ctx, e.ID, maxMembers)
		if err != nil {
			return fmt.Errorf("finish merge of %s: %w", e.ID, err)
		}
		for k := range links {
			links[k].EventID = e.MergedInto
		}
		if len(links) > 0 {
			if err := c.index.Link(ctx, links); err != nil {
				return fmt.Errorf("finish merge of %s: %w", e.ID, err)
			}
		}
		finished[i].Posts, finished[i].Apart = 0, nil
		finished[i].Version++
	}
	if err := c.index.PutEvents(ctx, finished); err != nil {
		return fmt.Errorf("finish merges: %w", err)
	}
	c.written = true
	return nil
}

// recount writes the events that took the posts of unfinished merges over: they count anew
// when they are read, and stay apart from what those were kept apart from.
func (c *Clusterer) recount(ctx context.Context, unfinished []opinion.Event) error {
	for _, e := range unfinished {
		l, err := c.recall(ctx, e.MergedInto)
		if err != nil {
			return fmt.Errorf("recount after merge of %s: %w", e.ID, err)
		}
		if l != nil {
			l.ev.Apart = without(l.ev.Apart, e.ID)
			l.keepApart(e.Apart)
			c.settle(l, l.standing(), opinion.Assessed{})
		}
	}
	return nil
}
