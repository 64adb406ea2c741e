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
		if _, known := c.posts.get(d.assessed.Post.ID); d.err == nil && !known {
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

// find returns the event of a post: the one that it is in already, the one that fits best,
// or a new one.
func (c *Clusterer) find(ctx context.Context, a opinion.Assessed, linked map[string]string) (*liveEvent, error) {
	own := "ev-" + a.Post.ID
	id := c.known(a.Post.ID, linked)
	if id != "" {
		l, err := c.recall(ctx, id)
		if l != nil || err != nil {
			return l, err
		}
	}
	if id != own { // else its link was written before a crash, and not the event
		l, err := c.nearest(ctx, queryOf(a))
		if l != nil || err != nil {
			return l, err
		}
	}
	l := newLiveEvent(a)
	c.live.put(l.ev.ID, l)
	return l, nil
}

// nearest is the event that fits a post best, nil when none does.
func (c *Clusterer) nearest(ctx context.Context, q event.Query) (*liveEvent, error) {
	for {
		id := c.matcher.Find(q).Event
		if id == "" {
			return nil, nil
		}
		l, err := c.recall(ctx, id)
		if l != nil || err != nil {
			return l, err
		}
		c.matcher.Remove(id) // the index has dropped it
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
	return event.Query{Signature: event.FromSlice(a.Assessment.Fingerprint), Profile: event.ParseProfile(a.Assessment.Profile), At: a.Post.PublishedAt}
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
	err := c.index.Events(ctx, since, func(e opinion.Event) bool {
		open = append(open, entryOf(e))
		return len(open) < c.cfg.MaxEvents
	})
	if err != nil {
		return fmt.Errorf("read open events: %w", err)
	}
	for _, e := range slices.Backward(open) {
		c.matcher.Put(e)
	}
	c.loaded = true
	c.metrics.rebuilt.Inc()
	return nil
}

func entryOf(e opinion.Event) event.Entry {
	return event.Entry{ID: e.ID, Signature: event.FromSlice(e.Fingerprint), Profile: event.ParseProfile(e.Profile), Last: e.LastAt}
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

// recall returns an event with all that is known of it, from memory or from the index;
// nil when the index has dropped it.
func (c *Clusterer) recall(ctx context.Context, id string) (*liveEvent, error) {
	if l, ok := c.live.get(id); ok {
		return l, nil
	}
	if l := c.unwritten(id); l != nil {
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

// unwritten finds an event that memory has dropped before its batch was written.
func (c *Clusterer) unwritten(id string) *liveEvent {
	for _, ch := range c.pending {
		if l := ch.events[id]; l != nil {
			return l
		}
	}
	return nil
}
