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
	// it the ones added first are compared no more. Each costs about 1,000 bytes. 0 means
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

// Clusterer is the stage that joins posts that say the same into events (事件聚合).
type Clusterer struct {
	log     opinion.Log
	index   opinion.Index
	cfg     ClusterConfig
	rules   rules
	now     func() time.Time
	metrics clusterMetrics

	mu      sync.Mutex
	matcher *event.Matcher
	loaded  bool // the open events were read from the index
	live    memory[*liveEvent]
	posts   memory[string] // event ID by post ID
	written bool           // events were written since the last Refresh
	pending map[int]*changes
}

var _ opinion.Handler = (*Clusterer)(nil)

// NewClusterer makes the stage. Its metrics are registered with reg.
func NewClusterer(log opinion.Log, index opinion.Index, cfg ClusterConfig, now func() time.Time, reg prometheus.Registerer) *Clusterer {
	if cfg.MaxEvents < 1 {
		cfg.MaxEvents = 200_000
	}
	if cfg.MaxPosts < 1 {
		cfg.MaxPosts = 100_000
	}
	c := &Clusterer{log: log, index: index, cfg: cfg, rules: newRules(cfg.Alert), now: now, metrics: newClusterMetrics(reg)}
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
	c.matcher = event.NewMatcher(c.cfg.MaxEvents)
	c.loaded = false
	c.live = newMemory[*liveEvent](maxLive)
	c.posts = newMemory[string](c.cfg.MaxPosts)
	c.pending = map[int]*changes{}
	c.written = true
}

// changes is what a batch does to the world. It is kept until all of it is done: the
// memory has taken the batch in already when an index write fails.
type changes struct {
	first, last int64 // offsets of the batch
	next        int   // message of the batch to be taken in next
	links       []opinion.Link
	events      map[string]*liveEvent
	signals     []opinion.Signal
}

// Handle joins the posts of a batch to events, and signals, links and writes, in this
// order. A crash after any of the steps is mended by handling the batch again: links tell
// which posts are counted, the written event tells what was signalled at most.
func (c *Clusterer) Handle(ctx context.Context, batch []opinion.Message) error {
	if len(batch) == 0 {
		return nil
	}
	ch, events, err := c.take(ctx, batch, decode(batch))
	if err != nil {
		return err
	}
	if err := c.publish(ctx, ch.signals); err != nil {
		return err
	}
	if len(ch.links) > 0 {
		if err := c.index.Link(ctx, ch.links); err != nil {
			return fmt.Errorf("link posts to events: %w", err)
		}
	}
	if len(events) > 0 {
		if err := c.index.PutEvents(ctx, events); err != nil {
			return fmt.Errorf("index events: %w", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, batch[0].Partition)
	c.written = true
	c.metrics.open.Set(float64(c.matcher.Len()))
	return nil
}

// decoded is a message that was read, or why it never can be.
type decoded struct {
	assessed opinion.Assessed
	err      error
}

func decode(batch []opinion.Message) []decoded {
	out := make([]decoded, len(batch))
	for i, m := range batch {
		out[i].assessed, out[i].err = opinion.Decode[opinion.Assessed](m.Value)
	}
	return out
}

// take joins the batch's posts to events in memory. When a read fails half-way, the next
// call goes on where it stopped.
func (c *Clusterer) take(ctx context.Context, batch []opinion.Message, read []decoded) (*changes, []opinion.Event, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first, last := batch[0].Offset, batch[len(batch)-1].Offset
	ch := c.pending[batch[0].Partition]
	if ch == nil {
		ch = &changes{first: first, last: last, events: map[string]*liveEvent{}}
		c.pending[batch[0].Partition] = ch
	}
	if ch.first != first || ch.last != last {
		ch.first, ch.last, ch.next = first, last, 0
	}
	linked, err := c.prepare(ctx, read)
	if err != nil {
		return nil, nil, err
	}
	for ; ch.next < len(batch); ch.next++ {
		if err := c.one(ctx, batch[ch.next], read[ch.next], linked, ch); err != nil {
			return nil, nil, err
		}
	}
	events := make([]opinion.Event, 0, len(ch.events))
	for _, l := range ch.events {
		events = append(events, l.ev)
	}
	return ch, events, nil
}

// one takes in one message.
func (c *Clusterer) one(ctx context.Context, m opinion.Message, d decoded, linked map[string]string, ch *changes) error {
	if d.err != nil {
		if err := c.log.DeadLetter(ctx, m, d.err.Error()); err != nil {
			return fmt.Errorf("dead-letter assessed post: %w", err)
		}
		c.metrics.dead.Inc()
		return nil
	}
	a := d.assessed
	l, err := c.find(ctx, a, linked)
	if err != nil {
		return err
	}
	before := l.standing()
	if l.join(a, c.rules) {
		ch.links = append(ch.links, opinion.Link{PostID: a.Post.ID, PublishedAt: a.Post.PublishedAt, EventID: l.ev.ID})
	}
	reason, now := before.signal(l.standing()), c.now().UTC()
	if reason != "" {
		l.mark(reason, now)
	}
	if l.changed() {
		ch.events[l.ev.ID] = l
	}
	c.posts.put(a.Post.ID, l.ev.ID)
	c.matcher.Put(l.entry())
	if reason != "" {
		ch.signals = append(ch.signals, opinion.Signal{
			Event: l.ev, Post: a.Post, Assessment: a.Assessment, Reason: reason, At: now,
		})
	}
	return nil
}

func (c *Clusterer) publish(ctx context.Context, signals []opinion.Signal) error {
	if len(signals) == 0 {
		return nil
	}
	messages := make([]opinion.Message, 0, len(signals))
	for _, s := range signals {
		value, err := opinion.Encode(s)
		if err != nil {
			return fmt.Errorf("encode signal of %s: %w", s.Event.ID, err)
		}
		messages = append(messages, opinion.Message{Key: []byte(s.Event.ID), Value: value})
	}
	if err := c.log.Publish(ctx, opinion.TopicSignals, messages...); err != nil {
		return fmt.Errorf("publish signals: %w", err)
	}
	for _, s := range signals {
		c.metrics.signals.WithLabelValues(s.Reason).Inc()
	}
	return nil
}
