package kafka

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"golang.org/x/sync/semaphore"

	"github.com/huiying/huiying/opinion"
)

// producer sends messages with one request at a time for each partition. While a
// request is under way, what other callers publish to the partition gathers and goes
// out together: a single message waits for nobody, and many share a round trip and a
// disk flush. Order is that of arrival; a request that failed is sent again before
// anything that came later. What nobody waits for any more is not sent.
type producer struct {
	ctx     context.Context // ends when the log is closed
	send    func(ctx context.Context, topic string, partition int, messages []opinion.Message) error
	pending *semaphore.Weighted
	running sync.WaitGroup
	mu      sync.Mutex // guards lanes and their fields
	lanes   map[laneKey]*lane
}

type laneKey struct {
	topic     string
	partition int
}

// lane is the queue of one partition. It has a goroutine while it is not empty.
type lane struct {
	key    laneKey
	queue  []*write
	active bool
}

// write is the part of a Publish that goes to one partition.
type write struct {
	ctx      context.Context
	messages []opinion.Message
	bytes    int
	sent     int
	done     chan error // receives once
	mu       sync.Mutex // guards last
	last     error      // of the last attempt, to tell why it took too long
}

func newProducer(ctx context.Context, send func(context.Context, string, int, []opinion.Message) error) *producer {
	return &producer{ctx: ctx, send: send, pending: semaphore.NewWeighted(pendingBytes), lanes: map[laneKey]*lane{}}
}

// wait returns when no request is under way, after ctx has ended.
func (p *producer) wait() {
	p.mu.Lock() // who is in enqueue has started its goroutine now, who comes later will not
	p.mu.Unlock()
	p.running.Wait()
}

var errClosed = opinion.Errorf(opinion.CodeUnavailable, "the log is closed")

// write appends messages to their partitions and waits for all acknowledgements.
func (p *producer) write(ctx context.Context, topic string, partitions int, messages []opinion.Message) error {
	byPartition := map[int]*write{}
	partitionOf := partitioner(partitions)
	for _, m := range messages {
		n := partitionOf(m.Key)
		w := byPartition[n]
		if w == nil {
			w = &write{ctx: ctx, done: make(chan error, 1)}
			byPartition[n] = w
		}
		w.messages = append(w.messages, m)
		w.bytes += sizeOf(m)
	}
	for _, n := range slices.Sorted(maps.Keys(byPartition)) {
		w := byPartition[n]
		if err := p.pending.Acquire(ctx, int64(w.bytes)); err != nil {
			return overdue(err, errors.New("too many messages wait for the brokers"))
		}
		if err := p.enqueue(laneKey{topic, n}, w); err != nil {
			p.pending.Release(int64(w.bytes))
			return err
		}
	}
	for _, w := range byPartition {
		select {
		case err := <-w.done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return overdue(ctx.Err(), w.lastError())
		case <-p.ctx.Done():
			return errClosed
		}
	}
	return nil
}

func overdue(ctxErr, last error) error {
	return &opinion.Error{Code: opinion.CodeUnavailable, Message: "the brokers did not acknowledge in time", Err: errors.Join(ctxErr, last)}
}

// partitioner is that of Kafka's own clients, so that tools agree with us where a key
// lives. Messages without a key go to partition 0, to keep their order.
func partitioner(partitions int) func(key []byte) int {
	all := make([]int, partitions)
	for i := range all {
		all[i] = i
	}
	hash := kafkago.Murmur2Balancer{Consistent: true}
	return func(key []byte) int {
		if key == nil {
			return 0
		}
		return hash.Balance(kafkago.Message{Key: key}, all...)
	}
}

func (p *producer) enqueue(key laneKey, w *write) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return errClosed
	}
	l := p.lanes[key]
	if l == nil {
		l = &lane{key: key}
		p.lanes[key] = l
	}
	l.queue = append(l.queue, w)
	if !l.active {
		l.active = true
		p.running.Go(func() { p.run(l) })
	}
	return nil
}

// run sends a lane's queue until it is empty.
func (p *producer) run(l *lane) {
	for {
		writes := p.take(l)
		if writes == nil {
			return
		}
		p.sendAll(l.key, writes)
	}
}

// take removes the next writes that fit into one request, or ends the lane's
// goroutine.
func (p *producer) take(l *lane) []*write {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(l.queue) == 0 {
		l.active = false
		l.queue = nil
		return nil
	}
	n, bytes, messages := 0, 0, 0
	for n < len(l.queue) && (n == 0 || bytes+l.queue[n].bytes <= requestBytes && messages+len(l.queue[n].messages) <= requestMessages) {
		bytes += l.queue[n].bytes
		messages += len(l.queue[n].messages)
		n++
	}
	taken := slices.Clone(l.queue[:n])
	l.queue = l.queue[n:]
	return taken
}

// sendAll sends writes in as many requests as they need, and tells each what became
// of it.
func (p *producer) sendAll(key laneKey, writes []*write) {
	pause := backoff{limit: time.Second}
	for {
		writes = slices.DeleteFunc(writes, p.finished)
		if len(writes) == 0 {
			return
		}
		messages, counts := nextRequest(writes)
		ctx, cancel := context.WithTimeout(p.ctx, requestTimeout)
		err := p.send(ctx, key.topic, key.partition, messages)
		cancel()
		switch {
		case err == nil:
			pause.reset()
			for i, n := range counts {
				writes[i].sent += n
			}
		case permanent(err):
			for _, w := range writes[:len(counts)] {
				p.finish(w, err)
			}
			writes = writes[len(counts):]
		default:
			for _, w := range writes {
				w.setLast(err)
			}
			pause.wait(p.ctx)
		}
	}
}

// nextRequest gathers the next messages of writes and how many come from each.
func nextRequest(writes []*write) (messages []opinion.Message, counts []int) {
	bytes := 0
	for _, w := range writes {
		n := 0
		for _, m := range w.messages[w.sent:] {
			if len(messages) > 0 && (bytes+sizeOf(m) > requestBytes || len(messages) == requestMessages) {
				break
			}
			messages = append(messages, m)
			bytes += sizeOf(m)
			n++
		}
		counts = append(counts, n)
		if w.sent+n < len(w.messages) {
			break
		}
	}
	return messages, counts
}

// finished reports whether w needs no more sending, and tells its owner.
func (p *producer) finished(w *write) bool {
	switch {
	case w.sent == len(w.messages):
		p.finish(w, nil)
	case w.ctx.Err() != nil:
		p.finish(w, overdue(w.ctx.Err(), w.lastError()))
	case p.ctx.Err() != nil:
		p.finish(w, errClosed)
	default:
		return false
	}
	return true
}

func (p *producer) finish(w *write, err error) {
	p.pending.Release(int64(w.bytes))
	w.done <- err
}

func (w *write) setLast(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = err
}

func (w *write) lastError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// permanent tells errors that no repetition mends.
func permanent(err error) bool {
	for _, k := range []kafkago.Error{kafkago.MessageSizeTooLarge, kafkago.InvalidTopic, kafkago.TopicAuthorizationFailed, kafkago.ClusterAuthorizationFailed, kafkago.InvalidRecord} {
		if errors.Is(err, k) {
			return true
		}
	}
	return false
}
