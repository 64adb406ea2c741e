package kafka

import (
	"context"
	"maps"
	"sync"
	"time"
)

// commitInterval is the least time between two commits of a generation. Many small
// batches share a commit; the first after a pause is not delayed.
const commitInterval = 20 * time.Millisecond

// committer commits the offsets of handled batches for one generation of a group. A
// generation that is over cannot commit any more: the coordinator refuses it, so that
// a late commit never moves a successor's offsets.
type committer struct {
	topic   string
	commit  func(map[string]map[int]int64) error
	wake    chan struct{}
	mu      sync.Mutex // guards the maps
	handled map[int]int64
	pending map[int]int64
}

func newCommitter(topic string, commit func(map[string]map[int]int64) error) *committer {
	return &committer{topic: topic, commit: commit, wake: make(chan struct{}, 1), handled: map[int]int64{}, pending: map[int]int64{}}
}

// done notes that everything before next was handled.
func (c *committer) done(partition int, next int64) {
	c.mu.Lock()
	c.handled[partition], c.pending[partition] = next, next
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// position returns the offset after the last handled message, 0 when there is none.
func (c *committer) position(partition int) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.handled[partition]
}

// run commits what is done until ctx ends or a commit fails.
func (c *committer) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.wake:
		}
		if err := c.flush(); err != nil {
			return err
		}
		if !sleep(ctx, commitInterval) {
			return nil
		}
	}
}

// flush commits what is pending. It is not called beside run.
func (c *committer) flush() error {
	c.mu.Lock()
	pending := maps.Clone(c.pending)
	clear(c.pending)
	c.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	return c.commit(map[string]map[int]int64{c.topic: pending})
}
