package analyze

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// ClusterConfig sets the stage that joins posts into events.
type ClusterConfig struct {
	// MaxEvents is how many open events this instance compares new posts with; beyond
	// it the ones added first are compared no more. Each costs about 850 bytes. 0 means
	// 200,000.
	MaxEvents int
	// MaxPosts is of how many posts this instance remembers the event, so that a message
	// that comes twice is told at once. Each costs about 150 bytes. 0 means 100,000.
	MaxPosts int
	// Window is how long after its last post an event is still read from the index after a
	// restart. 0 means for ever.
	Window time.Duration
	// Alert grades events and calls bursts (Policy.Alert, as policy.Load lets it through); an
	// event whose level rises is signalled again. The zero value gives no level and calls none.
	Alert policy.Alert
}

// maxLive is of how many events everything is kept in memory; the others are read from
// the index when a post joins them.
const maxLive = 20_000

// Clusterer is the stage that joins posts about one matter into events (事件聚合), and corrects
// events as staff tell it to.
type Clusterer struct {
	log     opinion.Log
	index   opinion.Index
	cfg     ClusterConfig
	rules   rules
	now     func() time.Time
	metrics clusterMetrics
	// match makes the matcher; tests put one of their own here.
	match func(capacity int) matcher

	mu      sync.Mutex // one batch at a time
	matcher matcher
	loaded  bool // the open events were read from the index
	live    memory[*liveEvent]
	posts   memory[string] // event ID by post ID
	written bool           // events were written since the last Refresh
	pending *changes
	aside   map[spot]bool // messages of the batch that are with the dead letters
}

// spot is where a message stands in the log.
type spot struct {
	partition int
	offset    int64
}

var _ opinion.Handler = (*Clusterer)(nil)

// matcher finds the event of a post; see event.Matcher.
type matcher interface {
	Len() int
	Has(id string) bool
	Put(event.Entry)
	Remove(id string)
	Find(event.Query) event.Found
}

// NewClusterer makes the stage. Its metrics are registered with reg.
func NewClusterer(log opinion.Log, index opinion.Index, cfg ClusterConfig, now func() time.Time, reg prometheus.Registerer) *Clusterer {
	if cfg.MaxEvents < 1 {
		cfg.MaxEvents = 200_000
	}
	if cfg.MaxPosts < 1 {
		cfg.MaxPosts = 100_000
	}
	c := &Clusterer{log: log, index: index, cfg: cfg, rules: newRules(cfg.Alert), now: now, metrics: newClusterMetrics(reg)}
	c.match = func(capacity int) matcher { return event.NewMatcher(capacity) }
	c.forget()
	return c
}

// Run consumes assessed posts until ctx ends, then returns nil after the last batch.
func (c *Clusterer) Run(ctx context.Context) error {
	return c.log.Consume(ctx, opinion.TopicAssessed, opinion.GroupCluster, c)
}

// Assign forgets everything. The open events are read from the index when the first post
// comes, so an instance without the partition of MatterKey reads nothing.
func (c *Clusterer) Assign(context.Context, []int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget()
	return nil
}

func (c *Clusterer) forget() {
	c.matcher = c.match(c.cfg.MaxEvents)
	c.loaded = false
	c.live = newMemory[*liveEvent](maxLive)
	c.posts = newMemory[string](c.cfg.MaxPosts)
	c.pending, c.aside = newChanges(), map[spot]bool{}
	c.written = true
}

// Handle joins the posts of a batch to events and applies its edits, then signals, links and
// writes. A batch that failed is taken in again: what memory has taken in already is told by
// the posts' events and changes nothing, and what was not written yet is written then. A crash
// after any of the steps is mended the same way: links tell which posts are counted, the
// written event tells what was signalled at most.
func (c *Clusterer) Handle(ctx context.Context, batch []opinion.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	read := decode(batch)
	linked, err := c.prepare(ctx, read)
	if err != nil {
		return err
	}
	for i, d := range read {
		switch {
		case d.err != nil:
			err = c.setAside(ctx, batch[i], d.err.Error())
		case d.edit != nil:
			err = c.edit(ctx, batch[i], *d.edit)
		default:
			err = c.take(ctx, d.assessed, linked)
		}
		if err != nil {
			return err
		}
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	clear(c.aside)
	return nil
}

// decoded is a message that was read, or why it never can be.
type decoded struct {
	assessed opinion.Assessed
	edit     *opinion.Edit
	err      error
}

func decode(batch []opinion.Message) []decoded {
	out := make([]decoded, len(batch))
	for i, m := range batch {
		if opinion.KindOf(m.Value) == opinion.KindEdit {
			var e opinion.Edit
			e, out[i].err = opinion.Decode[opinion.Edit](m.Value)
			out[i].edit = &e
			continue
		}
		out[i].assessed, out[i].err = opinion.Decode[opinion.Assessed](m.Value)
	}
	return out
}

// setAside moves a message to the dead letters, once for each time its batch is handled to
// the end.
func (c *Clusterer) setAside(ctx context.Context, m opinion.Message, reason string) error {
	at := spot{m.Partition, m.Offset}
	if c.aside[at] {
		return nil
	}
	if err := c.log.DeadLetter(ctx, m, reason); err != nil {
		return fmt.Errorf("dead-letter assessed post: %w", err)
	}
	c.aside[at] = true
	c.metrics.dead.Inc()
	return nil
}

// take joins a post to its event.
func (c *Clusterer) take(ctx context.Context, a opinion.Assessed, linked map[string]string) error {
	l, before, err := c.find(ctx, a, linked)
	if err != nil {
		return err
	}
	if l.join(a, c.rules) {
		c.pending.link(a.Post.ID, a.Post.PublishedAt, l.ev.ID)
	}
	c.posts.put(a.Post.ID, l.ev.ID)
	c.settle(l, before, a)
	return nil
}

// settle tells the matcher, the alerter and the index of an event that has changed, with the
// post by which it stands as it does.
func (c *Clusterer) settle(l *liveEvent, before standing, a opinion.Assessed) {
	c.matcher.Put(l.entry())
	reason, now := before.signal(l.standing()), c.now().UTC()
	if reason != "" {
		l.mark(reason, now)
	}
	c.pending.event(l)
	if reason != "" {
		c.pending.signals = append(c.pending.signals, opinion.Signal{Event: l.ev, Post: a.Post, Assessment: a.Assessment, Reason: reason, At: now})
	}
}
