package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"github.com/huiying/huiying/opinion"
)

// shaky stands in for the brokers: it takes its time, fails now and then, and
// sometimes fails although it has kept the messages. It leaves out the network.
type shaky struct {
	rand *rand.Rand
	mu   sync.Mutex
	busy map[int]bool
	kept map[int][]string
	most int // bytes of the largest request
}

func (s *shaky) send(ctx context.Context, _ string, partition int, messages []opinion.Message) error {
	s.mu.Lock()
	if s.busy[partition] {
		s.mu.Unlock()
		return errors.New("two requests to one partition at once")
	}
	s.busy[partition] = true
	fate, pause := s.rand.IntN(10), time.Duration(s.rand.IntN(20))*time.Millisecond
	s.mu.Unlock()
	sleep(ctx, pause)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[partition] = false
	if fate == 0 {
		return kafkago.NotEnoughReplicas
	}
	bytes := 0
	for _, m := range messages {
		s.kept[partition] = append(s.kept[partition], string(m.Key)+"/"+string(m.Value[:10]))
		bytes += sizeOf(m)
	}
	s.most = max(s.most, bytes)
	if fate == 1 {
		return io.ErrUnexpectedEOF // kept all the same
	}
	return nil
}

// In fake time, over many schedules: what was acknowledged is kept, first deliveries
// of a key are in the order of its publisher, and requests are bounded.
func TestProducerKeepsOrderThroughFailures(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runProducer(t, seed) })
		})
	}
}

func runProducer(t *testing.T, seed uint64) {
	const publishers, calls = 5, 12
	s := &shaky{rand: rand.New(rand.NewPCG(seed, 1)), busy: map[int]bool{}, kept: map[int][]string{}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := newProducer(ctx, s.send)
	var wg sync.WaitGroup
	for who := range publishers {
		r := rand.New(rand.NewPCG(seed, uint64(who)+2))
		wg.Go(func() {
			next := 0
			for range calls {
				var batch []opinion.Message
				for range 1 + r.IntN(6) {
					value := fmt.Appendf(nil, "%010d", next)
					batch = append(batch, opinion.Message{Key: fmt.Appendf(nil, "k%d", who), Value: append(value, make([]byte, r.IntN(400<<10))...)})
					next++
				}
				if err := p.write(ctx, "posts", 3, batch); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	wg.Wait()
	cancel()
	p.wait()
	if s.most > requestBytes {
		t.Errorf("a request of %d bytes, the limit is %d", s.most, requestBytes)
	}
	last := map[string]int{}
	for _, kept := range s.kept {
		seen := map[string]bool{}
		for _, entry := range kept {
			if seen[entry] {
				continue
			}
			seen[entry] = true
			key, n := entry[:2], 0
			if _, err := fmt.Sscanf(entry[3:], "%d", &n); err != nil {
				t.Fatal(err)
			}
			if before, ok := last[key]; n != before+1 && (ok || n != 0) {
				t.Errorf("%s: %d was kept after %d", key, n, before)
			}
			last[key] = n
		}
	}
	if !p.pending.TryAcquire(pendingBytes) {
		t.Error("acknowledged messages still count as pending")
	}
}

func TestProducerErrors(t *testing.T) {
	one := []opinion.Message{{Key: []byte("k"), Value: []byte("v")}}
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		p := newProducer(t.Context(), func(context.Context, string, int, []opinion.Message) error {
			calls++
			return fmt.Errorf("produce: %w", kafkago.MessageSizeTooLarge)
		})
		if err := p.write(t.Context(), "posts", 1, one); !errors.Is(err, kafkago.MessageSizeTooLarge) || calls != 1 {
			t.Errorf("write = %v after %d requests, want the broker's refusal after one", err, calls)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		p := newProducer(t.Context(), func(context.Context, string, int, []opinion.Message) error { return kafkago.NotEnoughReplicas })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		err := p.write(ctx, "posts", 1, one)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, kafkago.NotEnoughReplicas) || opinion.CodeOf(err) != opinion.CodeUnavailable {
			t.Errorf("write = %v, want CodeUnavailable with the context's error and the brokers'", err)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("write gave up after %v, its context after a minute", took)
		}
		p.wait()
	})
	synctest.Test(t, func(t *testing.T) {
		life, end := context.WithCancel(t.Context())
		p := newProducer(life, func(ctx context.Context, _ string, _ int, _ []opinion.Message) error {
			<-ctx.Done()
			return ctx.Err()
		})
		time.AfterFunc(time.Second, end)
		if err := p.write(t.Context(), "posts", 1, one); !errors.Is(err, errClosed) {
			t.Errorf("write to a producer that ends = %v, want errClosed", err)
		}
		p.wait()
		if err := p.write(t.Context(), "posts", 1, one); !errors.Is(err, errClosed) {
			t.Errorf("write to a producer that has ended = %v, want errClosed", err)
		}
	})
}

// Callers are held back before memory runs out.
func TestProducerHoldsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p := newProducer(t.Context(), func(context.Context, string, int, []opinion.Message) error {
			<-release
			return nil
		})
		mega := []opinion.Message{{Key: []byte("k"), Value: make([]byte, 1<<20)}}
		done := make(chan error, 100)
		for range 100 {
			go func() { done <- p.write(t.Context(), "posts", 1, mega) }()
		}
		synctest.Wait()
		p.mu.Lock()
		queued := 0
		for _, l := range p.lanes {
			queued += len(l.queue)
		}
		p.mu.Unlock()
		if queued == 0 || queued > pendingBytes>>20 {
			t.Errorf("%d messages of 1 MiB are queued, want at most %d and not none", queued, pendingBytes>>20)
		}
		close(release)
		for range 100 {
			if err := <-done; err != nil {
				t.Errorf("write: %v", err)
			}
		}
	})
}

func TestPartitionsOfKeys(t *testing.T) {
	// The hashes are those of Apache Kafka's own tests of its murmur2.
	for key, hash := range map[string]int32{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536} {
		if got, want := partitioner(1000)([]byte(key)), (int(hash)&0x7fffffff)%1000; got != want {
			t.Errorf("%s lies on partition %d, want %d", key, got, want)
		}
	}
	if got := partitioner(8)(nil); got != 0 {
		t.Errorf("no key lies on partition %d, want 0", got)
	}
}

func TestChunks(t *testing.T) {
	var all []opinion.Message
	for _, n := range []int{10, 500, 1, 1, 900, 3, 0, 450, 450} {
		all = append(all, opinion.Message{Value: make([]byte, n)})
	}
	var again []opinion.Message
	for chunk := range chunks(all, 700) {
		bytes := 0
		for _, m := range chunk {
			bytes += sizeOf(m)
		}
		if len(chunk) == 0 || bytes > 700 && len(chunk) > 1 {
			t.Errorf("a chunk of %d messages with %d bytes", len(chunk), bytes)
		}
		again = append(again, chunk...)
	}
	if !slices.EqualFunc(again, all, func(a, b opinion.Message) bool { return len(a.Value) == len(b.Value) }) {
		t.Errorf("chunks hold %d messages, want the %d in order", len(again), len(all))
	}
}
