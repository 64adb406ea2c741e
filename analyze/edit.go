package analyze

import (
	"context"
	"fmt"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// edit applies a correction by hand to what the log held before it. One that names what is
// not there is set aside with the reason.
func (c *Clusterer) edit(ctx context.Context, m opinion.Message, e opinion.Edit) error {
	if err := c.flush(ctx); err != nil { // so that the index knows every post of the events
		return err
	}
	if err := c.refresh(ctx); err != nil {
		return err
	}
	apply := c.mergeByHand
	if e.Op == opinion.EditSplit {
		apply = c.splitByHand
	}
	refusal, err := apply(ctx, e)
	if err != nil {
		return fmt.Errorf("%s %s: %w", e.Op, e.ID, err)
	}
	result := "applied"
	if refusal != "" {
		result = "refused"
		if err = c.setAside(ctx, m, fmt.Sprintf("%s %s by %s: %s", e.Op, e.ID, e.By, refusal)); err == nil {
			err = c.refuse(ctx, e)
		}
	}
	c.metrics.edits.WithLabelValues(e.Op, result).Inc()
	return err
}

// mergeByHand joins two events whatever they are. What the alerter was told of either is not
// told again.
func (c *Clusterer) mergeByHand(ctx context.Context, e opinion.Edit) (refusal string, err error) {
	from, err := c.recall(ctx, e.From)
	if err != nil {
		return "", err
	}
	into, err := c.recall(ctx, e.Into)
	switch {
	case err != nil:
		return "", err
	case from == nil:
		return fmt.Sprintf("there is no event %s; look whether it is older than what is kept", e.From), nil
	case into == nil:
		return fmt.Sprintf("there is no event %s; look whether it is older than what is kept", e.Into), nil
	case from == into:
		return "", nil // they are one already
	case from.ev.Posts > maxMembers:
		return fmt.Sprintf("event %s has %d posts and at most %d can move; merge the smaller event into the larger", e.From, from.ev.Posts, maxMembers), nil
	}
	trial, before := *into, together(into.standing(), from.standing())
	trial.absorbEvent(from, c.rules)
	var key opinion.Assessed
	if before.signal(trial.standing()) != "" {
		h, err := c.index.Get(ctx, trial.ev.KeyPost)
		switch {
		case opinion.CodeOf(err) == opinion.CodeNotFound: // dropped by retention: too old to alert
			before = trial.standing()
		case err != nil:
			return "", fmt.Errorf("read key post %s: %w", trial.ev.KeyPost, err)
		}
		key = opinion.Assessed{Post: h.Post, Assessment: h.Assessment}
	}
	c.merge(into, from)
	c.settle(into, before, key)
	return "", nil
}

// together is how two events stand that become one: what was signalled of either.
func together(a, b standing) standing {
	switch {
	case !b.alive:
		return a
	case !a.alive:
		return b
	}
	a.risk, a.burst = max(a.risk, b.risk), a.burst || b.burst
	if rank(b.level) > rank(a.level) {
		a.level = b.level
	}
	return a
}

// splitByHand moves posts into an event of their own, which is signalled like any new one.
func (c *Clusterer) splitByHand(ctx context.Context, e opinion.Edit) (refusal string, err error) {
	if done, err := c.exactly(ctx, e.EventID()); done != nil || err != nil {
		return "", err // its posts have been linked: events are written last
	}
	from, err := c.recall(ctx, e.From)
	if err != nil {
		return "", err
	}
	if from == nil {
		return fmt.Sprintf("there is no event %s; look whether it is older than what is kept", e.From), nil
	}
	if refusal, err = c.checkMembers(ctx, e, from); refusal != "" || err != nil {
		return refusal, err
	}
	moved := make([]opinion.Assessed, 0, len(e.Posts))
	for _, id := range e.Posts {
		h, err := c.index.Get(ctx, id)
		if err != nil {
			return "", fmt.Errorf("read post %s: %w", id, err)
		}
		moved = append(moved, opinion.Assessed{Post: h.Post, Assessment: h.Assessment})
	}
	rest, err := c.remainder(ctx, from, e.Posts)
	if err != nil {
		return "", err
	}
	if rest == nil {
		return fmt.Sprintf("event %s has no other posts; a split leaves at least one", from.ev.ID), nil
	}
	split := rebuild(opinion.Event{ID: e.EventID(), Apart: []string{from.ev.ID}}, moved, c.rules)
	rest.ev.Apart = append(without(rest.ev.Apart, split.ev.ID), split.ev.ID)
	if n := len(rest.ev.Apart); n > opinion.MaxApart {
		rest.ev.Apart = rest.ev.Apart[n-opinion.MaxApart:]
	}
	*from = *rest
	c.live.put(split.ev.ID, split)
	for _, a := range moved {
		c.pending.link(a.Post.ID, a.Post.PublishedAt, split.ev.ID)
		c.posts.put(a.Post.ID, split.ev.ID)
	}
	c.settle(from, from.standing(), opinion.Assessed{})
	key := slices.IndexFunc(moved, func(a opinion.Assessed) bool { return a.Post.ID == split.ev.KeyPost })
	c.settle(split, standing{}, moved[key])
	return "", nil
}

// refuse leaves an alias in the place of the event that a split would have made, if there is
// one to split. Posts that come later may do away with the reason; when the split is read again
// after a crash, it is refused all the same.
func (c *Clusterer) refuse(ctx context.Context, e opinion.Edit) error {
	if e.Op != opinion.EditSplit {
		return nil
	}
	from, err := c.recall(ctx, e.From)
	if from == nil || err != nil {
		return err
	}
	alias := &liveEvent{ev: opinion.Event{ID: e.EventID(), MergedInto: e.From, FirstAt: e.At, LastAt: e.At}}
	c.live.put(alias.ev.ID, alias)
	c.pending.event(alias)
	return c.flush(ctx) // before posts behind it are linked
}

// checkMembers tells what is wrong with the posts that a split names.
func (c *Clusterer) checkMembers(ctx context.Context, e opinion.Edit, from *liveEvent) (refusal string, err error) {
	linked, err := c.index.Linked(ctx, e.Posts)
	if err != nil {
		return "", fmt.Errorf("look up the events of posts: %w", err)
	}
	for _, post := range e.Posts {
		id := linked[post]
		if id == from.ev.ID || id == e.EventID() { // the latter after a crash half-way
			continue
		}
		if id == "" {
			return fmt.Sprintf("post %s is in no event", post), nil
		}
		if l, err := c.recall(ctx, id); l != from || err != nil {
			return fmt.Sprintf("post %s is in event %s, not in %s", post, id, from.ev.ID), err
		}
	}
	return "", nil
}

// remainder is an event without some of its posts, nil when nothing is left. One with more
// posts than are known one by one only loses them from the count.
func (c *Clusterer) remainder(ctx context.Context, from *liveEvent, posts []string) (*liveEvent, error) {
	if from.uncount > 0 {
		rest := *from
		rest.ev.Posts -= len(posts)
		rest.uncount = max(rest.ev.Posts-len(rest.members), 0)
		return &rest, nil
	}
	all, err := eventPosts(ctx, c.index, from.ev.ID)
	if err != nil {
		return nil, err
	}
	kept := slices.DeleteFunc(all, func(a opinion.Assessed) bool { return slices.Contains(posts, a.Post.ID) })
	if len(kept) == 0 {
		return nil, nil
	}
	base := from.ev
	if slices.Contains(posts, founder(base.ID)) {
		base.Fingerprint = nil // of another matter
	}
	rest := rebuild(base, kept, c.rules)
	rest.saved = from.saved
	return rest, nil
}
