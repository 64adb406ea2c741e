package alert_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/huiying/huiying/opinion"
)

// fakeLog hands its messages to the consumer in one batch of one partition and repeats
// the batch while the handler fails, as the port says. It leaves out groups, partitions
// and publishing.
type fakeLog struct {
	opinion.Log
	batch    []opinion.Message
	handled  chan struct{} // closed once the batch is committed
	failures chan error    // what the handler returned before
	deadErr  error

	mu   sync.Mutex
	dead []string // reasons
}

func newFakeLog(batch ...opinion.Message) *fakeLog {
	return &fakeLog{batch: batch, handled: make(chan struct{}), failures: make(chan error, 64)}
}

func (l *fakeLog) Consume(ctx context.Context, topic, group string, h opinion.Handler) error {
	if topic != opinion.TopicSignals || group != opinion.GroupAlert {
		return fmt.Errorf("consumes %s for %s", topic, group)
	}
	if err := h.Assign(ctx, []int{0}); err != nil {
		return err
	}
	for {
		err := h.Handle(ctx, l.batch)
		if err == nil {
			break
		}
		select {
		case l.failures <- err:
		case <-ctx.Done():
			return nil
		}
	}
	close(l.handled)
	<-ctx.Done()
	return nil
}

func (l *fakeLog) DeadLetter(_ context.Context, _ opinion.Message, reason string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.deadErr; err != nil {
		l.deadErr = nil
		return err
	}
	l.dead = append(l.dead, reason)
	return nil
}

func (l *fakeLog) letters() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.dead...)
}

// fakeStore opens one case for each event and runs each delivery that is not for an inbox
// once, as soon as its case is open. It leaves out users, acts, the ledger and retries.
type fakeStore struct {
	opinion.Store
	fail []error // what the next calls of OpenCase return

	mu        sync.Mutex
	cases     map[string]opinion.Case
	opened    []opinion.NewCase
	deliverTo chan pending
	results   chan result
}

type pending struct {
	delivery opinion.Delivery
	c        opinion.Case
}

type result struct {
	delivery opinion.Delivery
	err      error
}

func newFakeStore() *fakeStore {
	return &fakeStore{cases: map[string]opinion.Case{}, deliverTo: make(chan pending, 64), results: make(chan result, 64)}
}

func (s *fakeStore) OpenCase(_ context.Context, n opinion.NewCase, _ time.Time) (opinion.Case, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fail) > 0 {
		err := s.fail[0]
		s.fail = s.fail[1:]
		if err != nil {
			return opinion.Case{}, false, err
		}
	}
	if c, ok := s.cases[n.Case.EventID]; ok {
		return c, false, nil
	}
	c := n.Case
	c.ID = fmt.Sprintf("case-%d", len(s.cases)+1)
	c.Number = fmt.Sprintf("舆〔2026〕%04d号", len(s.cases)+1)
	s.cases[c.EventID] = c
	s.opened = append(s.opened, n)
	for i, d := range n.Deliveries {
		if d.Channel != "inbox" {
			s.deliverTo <- pending{opinion.Delivery{ID: fmt.Sprintf("%s-%d", c.ID, i), CaseID: c.ID, Unit: d.Unit, Channel: d.Channel, Target: d.Target}, c}
		}
	}
	return c, true, nil
}

func (s *fakeStore) WorkDeliveries(ctx context.Context, deliver opinion.DeliverFunc) error {
	for {
		select {
		case p := <-s.deliverTo:
			s.results <- result{p.delivery, deliver(ctx, p.delivery, p.c)}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *fakeStore) all() []opinion.NewCase {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]opinion.NewCase(nil), s.opened...)
}
