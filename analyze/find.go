package analyze

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
)

// prepare reads what a batch needs of the index: after an assignment the open events, and
// always the events of those posts that memory does not know. A post that came before, in
// whatever process, stays in its event.
func (c *Clusterer) prepare(ctx context.Context, read []decoded) (linked map[string]string, err error) {
	if err := c.load(ctx); err != nil {
		return nil, err
	}
	var unknown []string
	for _, d := range read {
		if _, known := c.posts.get(d.assessed.Post.ID); d.err == nil && d.edit == nil && !known {
			unknown = append(unknown, d.assessed.Post.ID)
		}
	}
	if len(unknown) == 0 {
		return nil, nil
	}
	if linked, err = c.index.Linked(ctx, unknown); err != nil {
		return nil, fmt.Errorf("look up the events of posts: %w", err)
	}
	return linked, nil
}

// find returns the event of a post, and how it stood before: the one that the post is in
// already, the one that fits best, or a new one.
func (c *Clusterer) find(ctx context.Context, a opinion.Assessed, linked map[string]string) (*liveEvent, standing, error) {
	own := "ev-" + a.Post.ID
	id := c.known(a.Post.ID, linked)
	if id != "" {
		l, err := c.recall(ctx, id)
		if err != nil {
			return nil, standing{}, err
		}
		if l != nil {
			return l, l.standing(), nil
		}
	}
	if id != own { // else its link was written before a crash, and not the event
		l, before, err := c.nearest(ctx, queryOf(a))
		if l != nil || err != nil {
			return l, before, err
		}
	}
	l := newLiveEvent(a)
	c.live.put(l.ev.ID, l)
	return l, l.standing(), nil
}

// nearest is the event that fits a post best, nil when none does. When the matcher takes two
// events for one matter, they are joined here.
func (c *Clusterer) nearest(ctx context.Context, q event.Query) (*liveEvent, standing, error) {
	for {
		found := c.matcher.Find(q)
		if found.Event == "" {
			return nil, standing{}, nil
		}
		l, err := c.recall(ctx, found.Event)
		if err != nil {
			return nil, standing{}, err
		}
		if l == nil {
			c.matcher.Remove(found.Event) // the index has dropped it
			continue
		}
		before := l.standing()
		if found.Same != "" {
			if l, before, err = c.unite(ctx, l, found.Same); err != nil {
				return nil, standing{}, err
			}
		}
		return l, before, nil
	}
}

// known is the event that a post is in already, "" when it is in none.
func (c *Clusterer) known(post string, linked map[string]string) string {
	if id, ok := c.posts.get(post); ok {
		return id
	}
	if id, ok := linked[post]; ok {
		return id
	}
	if own := "ev-" + post; c.matcher.Has(own) {
		return own
	}
	return ""
}

func queryOf(a opinion.Assessed) event.Query {
	return event.Query{Signature: event.FromSlice(a.Assessment.Fingerprint), Profile: event.ParseProfile(a.Assessment.Profile)}
}

// load reads the open events from the index, once for each assignment, and enters them with
// the latest last, so that the oldest are forgotten first.
func (c *Clusterer) load(ctx context.Context) error {
	if c.loaded {
		return nil
	}
	if err := c.refresh(ctx); err != nil {
		return err
	}
	var since time.Time
	if c.cfg.Window > 0 {
		since = c.now().Add(-c.cfg.Window)
	}
	var open []event.Entry
	var unfinished []opinion.Event
	err := c.index.Events(ctx, since, func(e opinion.Event) bool {
		open = append(open, entryOf(e))
		if e.MergedInto != "" && e.Posts > 0 {
			unfinished = append(unfinished, e)
		}
		return len(open) < c.cfg.MaxEvents
	})
	if err != nil {
		return fmt.Errorf("read open events: %w", err)
	}
	if err := c.finish(ctx, unfinished); err != nil {
		return err
	}
	for _, e := range slices.Backward(open) {
		c.matcher.Put(e)
	}
	if err := c.recount(ctx, unfinished); err != nil {
		return err
	}
	c.loaded = true
	c.metrics.rebuilt.Inc()
	return nil
}

func entryOf(e opinion.Event) event.Entry {
	return event.Entry{ID: e.ID, Signature: event.FromSlice(e.Fingerprint), Profile: event.ParseProfile(e.Profile)}
}

func (c *Clusterer) refresh(ctx context.Context) error {
	if !c.written {
		return nil
	}
	if err := c.index.Refresh(ctx); err != nil {
		return fmt.Errorf("refresh index: %w", err)
	}
	c.written = false
	return nil
}

// maxHops bounds how often an event's posts were taken over by another.
const maxHops = 64

// recall returns an event with all that is known of it, from memory or from the index, or
// the one that has taken its posts over; nil when the index has dropped it.
func (c *Clusterer) recall(ctx context.Context, id string) (*liveEvent, error) {
	for range maxHops {
		l, err := c.exactly(ctx, id)
		if l == nil || err != nil || l.ev.MergedInto == "" {
			return l, err
		}
		id = l.ev.MergedInto
	}
	return nil, nil
}

// exactly returns the event of an ID, also one that was merged into another.
func (c *Clusterer) exactly(ctx context.Context, id string) (*liveEvent, error) {
	if l, ok := c.live.get(id); ok {
		return l, nil
	}
	if l := c.pending.events[id]; l != nil { // memory has dropped it before it was written
		return l, nil
	}
	if err := c.refresh(ctx); err != nil {
		return nil, err
	}
	l, err := readEvent(ctx, c.index, id, c.rules)
	if opinion.CodeOf(err) == opinion.CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read event %s: %w", id, err)
	}
	c.live.put(id, l)
	return l, nil
}
