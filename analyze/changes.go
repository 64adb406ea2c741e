package analyze

import (
	"context"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

// changes is what memory has taken in and the world does not know yet. Each part is dropped
// when it is done, so that a retry does the rest.
type changes struct {
	signals []opinion.Signal
	// intents are written before the links: aliases that tell whose posts are on their way.
	intents []opinion.Event
	links   []opinion.Link
	events  map[string]*liveEvent
}

func newChanges() *changes {
	return &changes{events: map[string]*liveEvent{}}
}

func (ch *changes) link(post string, published time.Time, event string) {
	ch.links = append(ch.links, opinion.Link{PostID: post, PublishedAt: published, EventID: event})
}

func (ch *changes) event(l *liveEvent) {
	if l.changed() {
		ch.events[l.ev.ID] = l
	}
}

// flush brings all changes out: signals, links, events, in this order. A signal that was sent
// and not marked is sent again after a crash; a mark without a signal would be silence.
func (c *Clusterer) flush(ctx context.Context) error {
	ch := c.pending
	if err := c.publish(ctx, ch.signals); err != nil {
		return err
	}
	ch.signals = nil
	if len(ch.intents) > 0 {
		if err := c.index.PutEvents(ctx, ch.intents); err != nil {
			return fmt.Errorf("index merged events: %w", err)
		}
		ch.intents = nil
	}
	if len(ch.links) > 0 {
		if err := c.index.Link(ctx, ch.links); err != nil {
			return fmt.Errorf("link posts to events: %w", err)
		}
		ch.links, c.written = nil, true
	}
	if len(ch.events) > 0 {
		events := make([]opinion.Event, 0, len(ch.events))
		for _, l := range ch.events {
			events = append(events, l.ev)
		}
		if err := c.index.PutEvents(ctx, events); err != nil {
			return fmt.Errorf("index events: %w", err)
		}
		c.written = true
	}
	c.pending = newChanges()
	c.metrics.open.Set(float64(c.matcher.Len()))
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
