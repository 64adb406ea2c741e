package backendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
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
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// patience bounds every wait of this suite; nothing is expected to take so long.
const patience = 60 * time.Second

func logContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// recorder is a handler that keeps what it got.
type recorder struct {
	// before runs in Handle before the batch is kept; its error is Handle's.
	before func(ctx context.Context, batch []opinion.Message) error
	assign func(partitions []int) error

	mu       sync.Mutex
	changed  chan struct{}
	got      []opinion.Message
	assigned [][]int
}

func newRecorder() *recorder { return &recorder{changed: make(chan struct{})} }

func (r *recorder) Assign(_ context.Context, partitions []int) error {
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

func (r *recorder) Handle(ctx context.Context, batch []opinion.Message) error {
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

func (r *recorder) change() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// await waits until ok holds for what was recorded. ok runs under the lock.
func (r *recorder) await(t *testing.T, ctx context.Context, what string, ok func() bool) {
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
			t.Fatalf("%s: not after %s; %d messages came", what, patience, n)
		}
	}
}

func (r *recorder) awaitCount(t *testing.T, ctx context.Context, n int) {
	t.Helper()
	r.await(t, ctx, fmt.Sprintf("%d distinct messages", n), func() bool { return len(distinct(r.got)) >= n })
}

func (r *recorder) messages() []opinion.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// owned returns the partitions of the last assignment, nil before the first.
func (r *recorder) owned() []int {
	if len(r.assigned) == 0 {
		return nil
	}
	return r.assigned[len(r.assigned)-1]
}

type place struct {
	partition int
	offset    int64
}

// distinct drops re-deliveries.
func distinct(messages []opinion.Message) map[place]opinion.Message {
	m := map[place]opinion.Message{}
	for _, msg := range messages {
		m[place{msg.Partition, msg.Offset}] = msg
	}
	return m
}

// consume runs h in the background and returns a function that stops it and waits.
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
		case <-time.After(patience):
			t.Errorf("Consume still runs %s after its context ended", patience)
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

// numbered makes n messages over some keys; the value is the number.
func numbered(from, n, keys int) []opinion.Message {
	var all []opinion.Message
	for i := from; i < from+n; i++ {
		all = append(all, opinion.Message{Key: fmt.Appendf(nil, "key-%d", i%keys), Value: []byte(strconv.Itoa(i))})
	}
	return all
}

func number(t *testing.T, m opinion.Message) int {
	t.Helper()
	n, err := strconv.Atoi(string(m.Value))
	if err != nil {
		t.Fatalf("foreign message %q", m.Value)
	}
	return n
}

// checkOrder asserts that first deliveries of each key come in rising numbers, and
// that a key lives on one partition.
func checkOrder(t *testing.T, messages []opinion.Message) {
	t.Helper()
	seen, last, home := map[place]bool{}, map[string]int{}, map[string]int{}
	for _, m := range messages {
		at, key := place{m.Partition, m.Offset}, string(m.Key)
		if seen[at] {
			continue
		}
		seen[at] = true
		n := number(t, m)
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

func checkNumbers(t *testing.T, messages []opinion.Message, n int) {
	t.Helper()
	have := map[int]bool{}
	for _, m := range messages {
		have[number(t, m)] = true
	}
	for i := range n {
		if !have[i] {
			t.Fatalf("message %d of %d is lost", i, n)
		}
	}
}

func logKeyOrder(t *testing.T, l opinion.Log) {
	const n = 3000
	all := numbered(0, n, 7)
	for part := range slices.Chunk(all, 170) {
		logPublish(t, l, opinion.TopicPosts, part...)
	}
	r := newRecorder()
	var sizes []int
	r.before = func(_ context.Context, batch []opinion.Message) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		sizes = append(sizes, len(batch))
		for i, m := range batch {
			if m.Partition != batch[0].Partition {
				t.Errorf("one batch has partitions %d and %d", batch[0].Partition, m.Partition)
			}
			if i > 0 && m.Offset <= batch[i-1].Offset {
				t.Errorf("offset %d follows %d within a batch", m.Offset, batch[i-1].Offset)
			}
		}
		return nil
	}
	stop := logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, logContext(t), n)
	stop()
	checkOrder(t, r.messages())
	checkNumbers(t, r.messages(), n)
	if slices.Max(sizes) < 2 {
		t.Errorf("a backlog of %d messages came one by one", n)
	}
}

func logConcurrentPublishers(t *testing.T, l opinion.Log) {
	const publishers, each = 8, 120
	ctx := logContext(t)
	var wg sync.WaitGroup
	for p := range publishers {
		wg.Go(func() {
			for i := range each {
				m := opinion.Message{Key: fmt.Appendf(nil, "key-%d", p), Value: []byte(strconv.Itoa(p*each + i))}
				if err := l.Publish(ctx, opinion.TopicAssessed, m); err != nil {
					t.Errorf("Publish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	r := newRecorder()
	stop := logConsume(t, l, opinion.TopicAssessed, "g", r)
	r.awaitCount(t, ctx, publishers*each)
	stop()
	checkOrder(t, r.messages())
	checkNumbers(t, r.messages(), publishers*each)
}

func logFidelity(t *testing.T, l opinion.Log) {
	big := bytes.Repeat([]byte("东城区答复\x00\xff"), opinion.MaxMessage/17)
	sent := []opinion.Message{
		{Key: []byte("k"), Value: []byte("v"), Headers: map[string]string{"来源": "人民网留言", "empty": ""}},
		{Key: []byte("k"), Value: []byte{}},
		{Key: []byte("k"), Value: big},
		{Key: []byte("k"), Value: bytes.Repeat([]byte{7}, opinion.MaxMessage)},
		{Key: []byte("k"), Value: []byte("last")},
	}
	before := time.Now().Add(-time.Minute)
	logPublish(t, l, opinion.TopicPosts, sent...)
	r := newRecorder()
	stop := logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, logContext(t), len(sent))
	stop()
	got := slices.Collect(maps.Values(distinct(r.messages())))
	slices.SortFunc(got, func(a, b opinion.Message) int { return int(a.Offset - b.Offset) })
	for i, m := range got {
		if !bytes.Equal(m.Key, sent[i].Key) || !bytes.Equal(m.Value, sent[i].Value) || !maps.Equal(m.Headers, sent[i].Headers) {
			t.Errorf("message %d changed: key %q, %d bytes (sent %d), headers %v", i, m.Key, len(m.Value), len(sent[i].Value), m.Headers)
		}
		if m.Topic != opinion.TopicPosts {
			t.Errorf("Topic = %q, want %q", m.Topic, opinion.TopicPosts)
		}
		if m.Time.Before(before) || m.Time.After(time.Now().Add(time.Minute)) || m.Time.Location() != time.UTC {
			t.Errorf("Time = %v, want now in UTC", m.Time)
		}
	}
}

func logPublishRefuses(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	if err := l.Publish(ctx, opinion.TopicPosts); err != nil {
		t.Errorf("Publish of nothing = %v", err)
	}
	huge := opinion.Message{Key: []byte("k"), Value: make([]byte, opinion.MaxMessage+1)}
	if err := l.Publish(ctx, opinion.TopicPosts, huge); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("Publish of a message that is too large = %v, want CodeInvalid", err)
	}
	if err := l.Publish(ctx, "huiying.nonsense", numbered(0, 1, 1)...); opinion.CodeOf(err) != opinion.CodeNotFound {
		t.Errorf("Publish to an unknown topic = %v, want CodeNotFound", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := l.Publish(ended, opinion.TopicPosts, numbered(0, 1, 1)...); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish with an ended context = %v, want context.Canceled", err)
	}
}

func logRetry(t *testing.T, l opinion.Log) {
	const n, failures = 40, 3
	all := numbered(0, n, 1)
	logPublish(t, l, opinion.TopicPosts, all...)
	r := newRecorder()
	var tries [][]opinion.Message
	r.before = func(_ context.Context, batch []opinion.Message) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		tries = append(tries, slices.Clone(batch))
		if len(tries) <= failures {
			clear(batch) // what a handler does to its slice must not reach the next attempt
			return errors.New("the index does not answer")
		}
		return nil
	}
	stop := logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, logContext(t), n)
	stop()
	for i := 1; i <= failures; i++ {
		if len(tries[i]) != len(tries[0]) || string(tries[i][0].Value) != string(tries[0][0].Value) {
			t.Fatalf("attempt %d got %d messages from %q, the first got %d from %q",
				i+1, len(tries[i]), tries[i][0].Value, len(tries[0]), tries[0][0].Value)
		}
	}
	checkOrder(t, r.messages())
	checkNumbers(t, r.messages(), n)
}

func logCommitAfterSuccess(t *testing.T, l opinion.Log) {
	const n = 10
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicPosts, numbered(0, n, 1)...)
	partition := -1
	failing := newRecorder()
	failed := make(chan struct{})
	var once sync.Once
	failing.before = func(_ context.Context, batch []opinion.Message) error {
		once.Do(func() {
			partition = batch[0].Partition
			close(failed)
		})
		return errors.New("no")
	}
	stop := logConsume(t, l, opinion.TopicPosts, "g", failing)
	logAwait(t, ctx, failed, "a first attempt")
	if c := logCommitted(t, l, opinion.TopicPosts, "g"); c[partition] != 0 {
		t.Errorf("Committed = %d while the first batch fails, want 0", c[partition])
	}
	stop()
	if c := logCommitted(t, l, opinion.TopicPosts, "g"); c[partition] != 0 {
		t.Errorf("Committed = %d after the handler never succeeded, want 0", c[partition])
	}
	r := newRecorder()
	stop = logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, ctx, n)
	stop()
	if c := logCommitted(t, l, opinion.TopicPosts, "g"); c[partition] != n {
		t.Errorf("Committed = %d after all %d were handled and Consume returned", c[partition], n)
	}
}

func logAwait(t *testing.T, ctx context.Context, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-ctx.Done():
		t.Fatalf("%s: not after %s", what, patience)
	}
}

func logCommitted(t *testing.T, l opinion.Log, topic, group string) map[int]int64 {
	t.Helper()
	c, err := l.Committed(logContext(t), topic, group)
	if err != nil {
		t.Fatalf("Committed: %v", err)
	}
	return c
}

func logEnds(t *testing.T, l opinion.Log, topic string) map[int]int64 {
	t.Helper()
	e, err := l.Ends(logContext(t), topic)
	if err != nil {
		t.Fatalf("Ends: %v", err)
	}
	return e
}

func logRestart(t *testing.T, l opinion.Log) {
	const n, rounds = 900, 4
	ctx := logContext(t)
	var all []opinion.Message
	handled := 0
	for round := range rounds {
		logPublish(t, l, opinion.TopicPosts, numbered(round*n/rounds, n/rounds, 11)...)
		r := newRecorder()
		// Stop in the middle: the second batch meets the end of the context.
		stopped, enough := context.WithCancel(ctx)
		batches := 0
		r.before = func(context.Context, []opinion.Message) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if batches++; batches > 2 {
				enough()
				return errors.New("killed")
			}
			return nil
		}
		if round == rounds-1 {
			r.before = nil
		}
		stop := logConsume(t, l, opinion.TopicPosts, "g", r)
		if round == rounds-1 {
			r.await(t, ctx, "the rest", func() bool { return len(distinct(append(slices.Clone(all), r.got...))) >= n })
		} else {
			logAwait(t, ctx, stopped.Done(), "an interruption")
		}
		stop()
		enough()
		all = append(all, r.messages()...)
		handled += len(r.messages())
	}
	checkOrder(t, all)
	checkNumbers(t, all, n)
	if handled > 2*n {
		t.Errorf("%d deliveries of %d messages: commits are lost", handled, n)
	}
}

// exclusion fails the test when Assign runs beside Handle, or Handle gets a partition
// that is not assigned.
type exclusion struct {
	*recorder
	t       *testing.T
	mu      sync.Mutex
	running int
	owns    map[int]bool
}

func (e *exclusion) Assign(ctx context.Context, partitions []int) error {
	e.mu.Lock()
	if e.running > 0 {
		e.t.Errorf("Assign beside %d running Handles", e.running)
	}
	e.owns = map[int]bool{}
	for _, p := range partitions {
		e.owns[p] = true
	}
	e.mu.Unlock()
	return e.recorder.Assign(ctx, partitions)
}

func (e *exclusion) Handle(ctx context.Context, batch []opinion.Message) error {
	e.mu.Lock()
	e.running++
	if !e.owns[batch[0].Partition] {
		e.t.Errorf("Handle of partition %d, assigned are %v", batch[0].Partition, e.owns)
	}
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		e.running--
		e.mu.Unlock()
	}()
	return e.recorder.Handle(ctx, batch)
}

func logAssign(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	e := &exclusion{recorder: newRecorder(), t: t}
	logConsume(t, l, opinion.TopicPosts, "g", e)
	e.await(t, ctx, "all partitions", func() bool { return len(e.owned()) == len(logEnds(t, l, opinion.TopicPosts)) })
	logPublish(t, l, opinion.TopicPosts, numbered(0, 100, 13)...)
	e.awaitCount(t, ctx, 100)
	// A second member takes some partitions and gives them back.
	other := &exclusion{recorder: newRecorder(), t: t}
	stop := logConsume(t, l, opinion.TopicPosts, "g", other)
	other.await(t, ctx, "a share", func() bool { return len(other.owned()) > 0 })
	logPublish(t, l, opinion.TopicPosts, numbered(100, 100, 13)...)
	stop()
	e.await(t, ctx, "all partitions again", func() bool {
		return len(e.assigned) >= 3 && len(e.owned()) == len(logEnds(t, l, opinion.TopicPosts))
	})
}

func logAssignFails(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicPosts, numbered(0, 20, 3)...)
	r := newRecorder()
	var mu sync.Mutex
	calls := 0
	r.assign = func([]int) error {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls < 3 {
			return errors.New("the index does not answer")
		}
		return nil
	}
	r.before = func(context.Context, []opinion.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if calls < 3 {
			t.Errorf("Handle after %d calls of Assign, none of which succeeded", calls)
		}
		return nil
	}
	logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, ctx, 20)
}

func logTakeOver(t *testing.T, l opinion.Log) {
	const n = 600
	ctx := logContext(t)
	total := len(logEnds(t, l, opinion.TopicPosts))
	if total < 2 {
		t.Skip("the topic has one partition; nothing can be shared")
	}
	a, b := newRecorder(), newRecorder()
	stopA := logConsume(t, l, opinion.TopicPosts, "g", a)
	a.await(t, ctx, "all partitions", func() bool { return len(a.owned()) == total })
	logConsume(t, l, opinion.TopicPosts, "g", b)
	b.await(t, ctx, "a share", func() bool { return len(b.owned()) > 0 && len(b.owned()) < total })
	a.await(t, ctx, "the other share", func() bool { return len(a.owned()) > 0 && len(a.owned()) < total })
	logPublish(t, l, opinion.TopicPosts, numbered(0, n, 50)...)
	both := func() []opinion.Message { return append(a.messages(), b.messages()...) }
	b.await(t, ctx, "the share's messages", func() bool { return len(b.got) > 0 })
	a.await(t, ctx, "the other share's messages", func() bool { return len(a.got) > 0 })
	stopA()
	logPublish(t, l, opinion.TopicPosts, numbered(n, n, 50)...)
	b.await(t, ctx, "all partitions", func() bool { return len(b.owned()) == total })
	b.await(t, ctx, "everything", func() bool { return len(distinct(append(a.messages(), b.got...))) >= 2*n })
	checkNumbers(t, both(), 2*n)
	homes := map[int]bool{}
	for _, m := range b.messages() {
		homes[m.Partition] = true
	}
	if len(homes) != total {
		t.Errorf("the member that stayed saw partitions %v, want all %d", slices.Sorted(maps.Keys(homes)), total)
	}
}

func logGroups(t *testing.T, l opinion.Log) {
	const n = 50
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicSignals, numbered(0, n, 5)...)
	for _, group := range []string{"first", "second"} {
		r := newRecorder()
		stop := logConsume(t, l, opinion.TopicSignals, group, r)
		r.awaitCount(t, ctx, n)
		stop()
		checkNumbers(t, r.messages(), n)
	}
}

func logConsumeWaits(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicPosts, numbered(0, 1, 1)...)
	consumeCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	entered, release := make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	returned := false
	r := newRecorder()
	r.before = func(ctx context.Context, _ []opinion.Message) error {
		close(entered)
		<-ctx.Done() // the handler is told …
		<-release    // … and takes its time
		mu.Lock()
		defer mu.Unlock()
		returned = true
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- l.Consume(consumeCtx, opinion.TopicPosts, "g", r) }()
	logAwait(t, ctx, entered, "the message")
	cancel()
	close(release)
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Consume = %v, want nil", err)
		}
	case <-ctx.Done():
		t.Fatal("Consume did not return")
	}
	mu.Lock()
	defer mu.Unlock()
	if !returned {
		t.Error("Consume returned while Handle ran")
	}
	// That Handle succeeded, late as it was: its batch is committed.
	if c, e := logCommitted(t, l, opinion.TopicPosts, "g"), logEnds(t, l, opinion.TopicPosts); !maps.Equal(c, e) {
		t.Errorf("Committed = %v, want %v: the last batch succeeded", c, e)
	}
}

func logBackPressure(t *testing.T, l opinion.Log) {
	const n = 4000
	ctx := logContext(t)
	r := newRecorder()
	release, entered := make(chan struct{}), make(chan struct{})
	var once sync.Once
	handing := map[int]int{} // running Handles of each partition
	r.before = func(_ context.Context, batch []opinion.Message) error {
		r.mu.Lock()
		handing[batch[0].Partition]++
		if handing[batch[0].Partition] > 1 {
			t.Errorf("two Handles of partition %d at once", batch[0].Partition)
		}
		r.mu.Unlock()
		once.Do(func() { close(entered) })
		<-release
		r.mu.Lock()
		handing[batch[0].Partition]--
		r.mu.Unlock()
		return nil
	}
	logConsume(t, l, opinion.TopicPosts, "g", r)
	padding := strings.Repeat(" ", 1000)
	for part := range slices.Chunk(numbered(0, n, 40), 500) {
		for i := range part {
			part[i].Headers = map[string]string{"padding": padding}
		}
		logPublish(t, l, opinion.TopicPosts, part...) // publishing does not wait for the slow reader
	}
	logAwait(t, ctx, entered, "the first batch")
	for p, c := range logCommitted(t, l, opinion.TopicPosts, "g") {
		if c != 0 {
			t.Errorf("partition %d is committed up to %d while its first Handle runs", p, c)
		}
	}
	close(release)
	r.awaitCount(t, ctx, n)
	checkOrder(t, r.messages())
	checkNumbers(t, r.messages(), n)
}

func logDeadLetter(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	sent := opinion.Message{Key: []byte("k\x00"), Value: []byte("{\"v\":99,\xff"), Headers: map[string]string{"trace": "1"}}
	logPublish(t, l, opinion.TopicPosts, numbered(0, 3, 1)...)
	logPublish(t, l, opinion.TopicPosts, sent)
	r := newRecorder()
	stop := logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, ctx, 4)
	stop()
	all := r.messages()
	bad := all[slices.IndexFunc(all, func(m opinion.Message) bool { return bytes.Equal(m.Value, sent.Value) })]
	const reason = "schema version 99 is from the future (来自将来的版本)"
	if err := l.DeadLetter(ctx, bad, reason); err != nil {
		t.Fatalf("DeadLetter: %v", err)
	}
	dead, err := l.Read(ctx, opinion.DeadTopic(opinion.TopicPosts), 10)
	if err != nil || len(dead) != 1 {
		t.Fatalf("Read of dead letters = %d messages, %v; want 1", len(dead), err)
	}
	d := dead[0]
	if !bytes.Equal(d.Key, sent.Key) || !bytes.Equal(d.Value, sent.Value) {
		t.Errorf("dead letter has key %q and value %q, sent were %q and %q", d.Key, d.Value, sent.Key, sent.Value)
	}
	want := map[string]string{
		"trace":                 "1",
		opinion.HeaderReason:    reason,
		opinion.HeaderTopic:     opinion.TopicPosts,
		opinion.HeaderPartition: strconv.Itoa(bad.Partition),
		opinion.HeaderOffset:    strconv.FormatInt(bad.Offset, 10),
	}
	if !maps.Equal(d.Headers, want) {
		t.Errorf("headers = %v, want %v", d.Headers, want)
	}
	if _, ok := bad.Headers[opinion.HeaderReason]; ok {
		t.Error("DeadLetter wrote into the headers of its argument")
	}
	if err := l.DeadLetter(ctx, opinion.Message{Value: []byte("x")}, "r"); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("DeadLetter of a message without a topic = %v, want CodeInvalid", err)
	}
}

func logCaughtUp(t *testing.T, l opinion.Log) {
	const n = 300
	ctx := logContext(t)
	e := logEnds(t, l, opinion.TopicPosts)
	if c := logCommitted(t, l, opinion.TopicPosts, "g"); !maps.Equal(c, e) {
		t.Errorf("an empty topic: Committed = %v, Ends = %v; want them equal", c, e)
	}
	logPublish(t, l, opinion.TopicPosts, numbered(0, n, 20)...)
	e = logEnds(t, l, opinion.TopicPosts)
	var sum, left int64
	for p, c := range logCommitted(t, l, opinion.TopicPosts, "g") {
		sum, left = sum+e[p], left+e[p]-c
	}
	if sum != n || left != n {
		t.Errorf("Ends sum to %d and %d are not committed, want %d", sum, left, n)
	}
	r := newRecorder()
	logConsume(t, l, opinion.TopicPosts, "g", r)
	// Caught up shows in the commits alone, while the consumer goes on.
	for !maps.Equal(logCommitted(t, l, opinion.TopicPosts, "g"), e) {
		if ctx.Err() != nil {
			t.Fatalf("Committed = %v, want %v", logCommitted(t, l, opinion.TopicPosts, "g"), e)
		}
	}
	if got := len(distinct(r.messages())); got != n {
		t.Errorf("caught up with %d of %d messages handled", got, n)
	}
	if _, err := l.Ends(ctx, "huiying.nonsense"); opinion.CodeOf(err) != opinion.CodeNotFound {
		t.Errorf("Ends of an unknown topic = %v, want CodeNotFound", err)
	}
}

func logRead(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	topic := opinion.DeadTopic(opinion.TopicSignals)
	if got, err := l.Read(ctx, topic, 5); err != nil || len(got) != 0 {
		t.Errorf("Read of an empty topic = %d messages, %v", len(got), err)
	}
	for i := range 30 {
		logPublish(t, l, topic, numbered(i, 1, 1)...)
	}
	for _, limit := range []int{1, 7, 30, 1000} {
		got, err := l.Read(ctx, topic, limit)
		if err != nil {
			t.Fatalf("Read: %v", err)
		}
		want := min(limit, 30)
		if len(got) != want {
			t.Fatalf("Read with limit %d = %d messages, want %d", limit, len(got), want)
		}
		for i, m := range got {
			if number(t, m) != 30-want+i {
				t.Errorf("limit %d: message %d is number %d, want %d", limit, i, number(t, m), 30-want+i)
			}
		}
	}
	for _, limit := range []int{0, -1} {
		if _, err := l.Read(ctx, topic, limit); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("Read with limit %d = %v, want CodeInvalid", limit, err)
		}
	}
	logPublish(t, l, opinion.TopicPosts, numbered(0, 200, 17)...)
	got, err := l.Read(ctx, opinion.TopicPosts, 50)
	if err != nil || len(got) != 50 || !slices.IsSortedFunc(got, func(a, b opinion.Message) int { return a.Time.Compare(b.Time) }) {
		t.Errorf("Read over partitions = %d messages, %v; want 50 by time", len(got), err)
	}
}

func logPing(t *testing.T, l opinion.Log) {
	if err := l.Ping(logContext(t)); err != nil {
		t.Errorf("Ping = %v", err)
	}
}

func logClosed(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	r := newRecorder()
	done := make(chan error, 1)
	go func() { done <- l.Consume(ctx, opinion.TopicPosts, "g", r) }()
	r.await(t, ctx, "an assignment", func() bool { return len(r.assigned) > 0 })
	if err := l.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("Consume = %v after Close, want nil", err)
		}
	case <-ctx.Done():
		t.Fatal("Consume goes on after Close")
	}
	if err := l.Publish(ctx, opinion.TopicPosts, numbered(0, 1, 1)...); err == nil {
		t.Error("Publish to a closed log = nil")
	}
	if err := l.Consume(ctx, opinion.TopicPosts, "g", r); err == nil {
		t.Error("Consume of a closed log = nil")
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}
