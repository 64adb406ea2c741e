package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

// Consume implements opinion.Log. It may be called again for the same group, also by
// other processes: the group's members share the partitions.
//
// Memory is bounded: for each partition there is one batch at the handler and one
// behind it, each of at most Config.Batch messages and Config.BatchBytes bytes (or one
// message); a slow handler makes the fetching wait.
func (l *Log) Consume(ctx context.Context, topic, group string, h opinion.Handler) error {
	if !l.enter() {
		return errClosed
	}
	defer l.running.Done()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()

	members, err := kafkago.NewConsumerGroup(kafkago.ConsumerGroupConfig{
		ID:                l.cfg.name(group),
		Brokers:           l.cfg.Brokers,
		Dialer:            l.dialer,
		Topics:            []string{l.cfg.name(topic)},
		GroupBalancers:    []kafkago.GroupBalancer{kafkago.RangeGroupBalancer{}},
		HeartbeatInterval: heartbeatInterval,
		SessionTimeout:    sessionTimeout,
		RebalanceTimeout:  rebalanceTimeout,
		JoinGroupBackoff:  joinBackoff,
		StartOffset:       kafkago.FirstOffset,
		// New partitions are found without a restart.
		WatchPartitionChanges:  true,
		PartitionWatchInterval: 10 * time.Second,
	})
	if err != nil {
		return fmt.Errorf("join group %s: %w", group, err)
	}
	defer leave(members)
	defer l.metrics.lag.DeleteLabelValues(topic, group)

	c := &consumer{log: l, topic: topic, group: group, handler: h}
	for ctx.Err() == nil {
		c.next(ctx, members)
	}
	return nil
}

// leave tells the group that this member goes, so that others take over at once. A
// coordinator that does not answer is not waited for: it will notice.
func leave(members *kafkago.ConsumerGroup) {
	left := make(chan struct{})
	go func() {
		members.Close()
		close(left)
	}()
	timer := time.NewTimer(closeTimeout)
	defer timer.Stop()
	select {
	case <-left:
	case <-timer.C:
	}
}

// consumer is one Consume.
type consumer struct {
	log     *Log
	topic   string
	group   string
	handler opinion.Handler
	trouble trouble // joining the group
}

// next runs one generation of the group: from the assignment of partitions to the
// next rebalance.
func (c *consumer) next(ctx context.Context, members *kafkago.ConsumerGroup) {
	gen, err := members.Next(ctx)
	if err != nil {
		c.failed(ctx, err)
		return
	}
	if after, was := c.trouble.over(time.Now()); was {
		c.log.logger.Info("joined group again", "group", c.group, "after", after.Round(time.Millisecond))
	}
	done := make(chan struct{})
	gen.Start(func(life context.Context) {
		defer close(done)
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(life, cancel)()
		c.run(ctx, cancel, gen)
	})
	<-done
}

// failed logs that the group cannot be joined: waiting for brokers is normal, silence
// about it is not.
func (c *consumer) failed(ctx context.Context, err error) {
	if ctx.Err() != nil || errors.Is(err, kafkago.RebalanceInProgress) {
		return
	}
	if c.trouble.tell(time.Now()) {
		c.log.logger.Warn("cannot join group, trying on", "group", c.group, "topic", c.topic, "error", err)
	}
}

// run consumes the partitions of a generation until ctx ends. It returns after the
// last Handle has returned and its commit was tried.
func (c *consumer) run(ctx context.Context, cancel context.CancelFunc, gen *kafkago.Generation) {
	assigned := gen.Assignments[c.log.cfg.name(c.topic)]
	partitions := make([]int, len(assigned))
	for i, a := range assigned {
		partitions[i] = a.ID
	}
	slices.Sort(partitions)
	c.log.metrics.rebalances.WithLabelValues(c.topic, c.group).Inc()
	c.log.logger.Debug("partitions assigned", "topic", c.topic, "group", c.group, "partitions", partitions, "generation", gen.ID)
	if !c.try(ctx, "assign", func() error { return c.handler.Assign(ctx, partitions) }) {
		return
	}

	commits := newCommitter(c.log.cfg.name(c.topic), gen.CommitOffsets)
	var work, aside sync.WaitGroup
	asideCtx, stopAside := context.WithCancel(ctx)
	for _, a := range assigned {
		work.Go(func() { c.consumePartition(ctx, a.ID, a.Offset, commits) })
	}
	aside.Go(func() {
		if err := commits.run(asideCtx); err != nil {
			c.log.logger.Warn("commit failed, joining the group anew", "topic", c.topic, "group", c.group, "error", err)
			cancel()
		}
	})
	aside.Go(func() { c.watchLag(asideCtx, assigned, commits) })
	<-ctx.Done()
	work.Wait()
	stopAside()
	aside.Wait()
	if err := commits.flush(); err != nil {
		// Others have taken over: they handle these messages again.
		c.log.logger.Debug("last commit of a generation failed", "topic", c.topic, "group", c.group, "error", err)
	}
}

// consumePartition hands the messages of one partition to the handler, batch by batch.
func (c *consumer) consumePartition(ctx context.Context, partition int, offset int64, commits *committer) {
	batches := make(chan []opinion.Message)
	var fetching sync.WaitGroup
	defer fetching.Wait()
	fetching.Go(func() {
		defer close(batches)
		f := &fetcher{log: c.log, topic: c.topic, partition: partition, offset: offset}
		f.run(ctx, batches)
	})
	seconds := c.log.metrics.handle.WithLabelValues(c.topic, c.group)
	consumed := c.log.metrics.consumed.WithLabelValues(c.topic, c.group)
	for batch := range batches {
		ok := c.try(ctx, "handle", func() error {
			start := time.Now()
			defer func() { seconds.Observe(time.Since(start).Seconds()) }()
			return c.handler.Handle(ctx, slices.Clone(batch))
		})
		if !ok {
			return
		}
		consumed.Add(float64(len(batch)))
		commits.done(partition, batch[len(batch)-1].Offset+1)
	}
}

// try calls f until it succeeds or ctx ends, with pauses that grow to half a minute.
func (c *consumer) try(ctx context.Context, what string, f func() error) bool {
	pause := backoff{limit: 30 * time.Second}
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil {
			return false
		}
		err := f()
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.log.metrics.retries.WithLabelValues(c.topic, c.group).Inc()
		c.log.logger.Warn("handler failed, trying again", "step", what, "topic", c.topic, "group", c.group, "attempt", attempt, "error", err)
		if !pause.wait(ctx) {
			return false
		}
	}
}

// lagInterval is how often the lag is measured, with one request.
const lagInterval = 5 * time.Second

// watchLag keeps the gauge of messages that are not yet handled.
func (c *consumer) watchLag(ctx context.Context, assigned []kafkago.PartitionAssignment, commits *committer) {
	gauge := c.log.metrics.lag.WithLabelValues(c.topic, c.group)
	for first := true; first || sleep(ctx, lagInterval); first = false {
		if len(assigned) == 0 {
			gauge.Set(0)
			continue
		}
		firsts, ends, err := c.log.bounds(ctx, c.topic)
		if err != nil {
			continue
		}
		lag := int64(0)
		for _, a := range assigned {
			lag += max(0, ends[a.ID]-max(firsts[a.ID], a.Offset, commits.position(a.ID)))
		}
		gauge.Set(float64(lag))
	}
}
