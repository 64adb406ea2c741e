package backendtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Log is the contract of opinion.Log as tests. open returns a log with empty topics of
// its own, closed by t.Cleanup; the suite never looks behind the port.
func Log(t *testing.T, open func(t *testing.T) opinion.Log) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, l opinion.Log)
	}{
		{"keys keep their order", logKeyOrder},
		{"concurrent publishers lose nothing and keep their order", logConcurrentPublishers},
		{"bytes and headers arrive as they were", logFidelity},
		{"publish refuses what cannot work", logPublishRefuses},
		{"a failed batch comes again and nothing passes it", logRetry},
		{"offsets are committed after success only", logCommitAfterSuccess},
		{"a restart loses nothing", logRestart},
		{"assign comes before handle and never beside it", logAssign},
		{"a failed assign is repeated before any batch", logAssignFails},
		{"members share partitions and take over", logTakeOver},
		{"groups are independent", logGroups},
		{"consume waits for the last handle", logConsumeWaits},
		{"a slow handler holds back the rest", logBackPressure},
		{"dead letters keep key and value and tell their origin", logDeadLetter},
		{"ends and commits tell when a group has caught up", logCaughtUp},
		{"read lists the newest, oldest first", logRead},
		{"ping answers", logPing},
		{"a closed log refuses and lets go", logClosed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel() // each on topics of its own
			c.test(t, open(t))
		})
	}
}

// logPatience bounds every wait of this suite; nothing is expected to take so long.
const logPatience = 60 * time.Second

func logContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), logPatience)
	t.Cleanup(cancel)
	return ctx
}

// logRecorder is a handler that keeps what it got.
type logRecorder struct {
	// before runs in Handle before the batch is kept; its error is Handle's.
	before func(ctx context.Context, batch []opinion.Message) error
	assign func(partitions []int) error

	mu       sync.Mutex
	changed  chan struct{}
	got      []opinion.Message
	assigned [][]int
}

func newLogRecorder() *logRecorder { return &logRecorder{changed: make(chan struct{})} }

func (r *logRecorder) Assign(_ context.Context, partitions []int) error {
	if r.assign != nil {
		if err := r.assign(partitions); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.assigned = append(r.assigned, slices.Clone(partitions))
	r.change()
	return nil
}

func (r *logRecorder) Handle(ctx context.Context, batch []opinion.Message) error {
	if r.before != nil {
		if err := r.before(ctx, batch); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, batch...)
	r.change()
	return nil
}

func (r *logRecorder) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// await waits until ok holds for what was recorded. ok runs under the lock.
func (r *logRecorder) await(t *testing.T, ctx context.Context, what string, ok func() bool) {
	t.Helper()
	for {
		r.mu.Lock()
		done, changed := ok(), r.changed
		n := len(r.got)
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("%s: not after %s; %d messages came", what, logPatience, n)
		}
	}
}

func (r *logRecorder) awaitCount(t *testing.T, ctx context.Context, n int) {
	t.Helper()
	r.await(t, ctx, fmt.Sprintf("%d distinct messages", n), func() bool { return len(logDistinct(r.got)) >= n })
}

func (r *logRecorder) messages() []opinion.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// owned returns the partitions of the last assignment, nil before the first.
func (r *logRecorder) owned() []int {
	if len(r.assigned) == 0 {
		return nil
	}
	return r.assigned[len(r.assigned)-1]
}

type logPlace struct {
	partition int
	offset    int64
}

// logDistinct drops re-deliveries.
func logDistinct(messages []opinion.Message) map[logPlace]opinion.Message {
	m := map[logPlace]opinion.Message{}
	for _, msg := range messages {
		m[logPlace{msg.Partition, msg.Offset}] = msg
	}
	return m
}

// logConsume runs h in the background and returns a function that stops it and waits.
func logConsume(t *testing.T, l opinion.Log, topic, group string, h opinion.Handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Consume(ctx, topic, group, h) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Consume = %v after its context ended, want nil", err)
			}
		case <-time.After(logPatience):
			t.Errorf("Consume still runs %s after its context ended", logPatience)
		}
	})
	t.Cleanup(stop)
	return stop
}

func logPublish(t *testing.T, l opinion.Log, topic string, messages ...opinion.Message) {
	t.Helper()
	if err := l.Publish(logContext(t), topic, messages...); err != nil {
		t.Fatalf("Publish: %v", err)
	}
}

// logNumbered makes n messages over some keys; the value is the number.
func logNumbered(from, n, keys int) []opinion.Message {
	var all []opinion.Message
	for i := from; i < from+n; i++ {
		all = append(all, opinion.Message{Key: fmt.Appendf(nil, "key-%d", i%keys), Value: []byte(strconv.Itoa(i))})
	}
	return all
}

func logNumber(t *testing.T, m opinion.Message) int {
	t.Helper()
	n, err := strconv.Atoi(string(m.Value))
	if err != nil {
		t.Fatalf("foreign message %q", m.Value)
	}
	return n
}

// logCheckOrder asserts that first deliveries of each key come in rising numbers, and
// that a key lives on one partition.
func logCheckOrder(t *testing.T, messages []opinion.Message) {
	t.Helper()
	seen, last, home := map[logPlace]bool{}, map[string]int{}, map[string]int{}
	for _, m := range messages {
		at, key := logPlace{m.Partition, m.Offset}, string(m.Key)
		if seen[at] {
			continue
		}
		seen[at] = true
		n := logNumber(t, m)
		if before, ok := last[key]; ok && n <= before {
			t.Errorf("%s: message %d came after %d", key, n, before)
		}
		last[key] = n
		if p, ok := home[key]; ok && p != m.Partition {
			t.Errorf("%s lives on partitions %d and %d", key, p, m.Partition)
		}
		home[key] = m.Partition
	}
}

func logCheckNumbers(t *testing.T, messages []opinion.Message, n int) {
	t.Helper()
	have := map[int]bool{}
	for _, m := range messages {
		have[logNumber(t, m)] = true
	}
	for i := range n {
		if !have[i] {
			t.Fatalf("message %d of %d is lost", i, n)
		}
	}
}
