package backendtest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/huiying/huiying/opinion"
)

// logExclusion fails the test when Assign runs beside Handle, or Handle gets a partition
// that is not assigned.
type logExclusion struct {
	*logRecorder
	t       *testing.T
	mu      sync.Mutex
	running int
	owns    map[int]bool
}

func (e *logExclusion) Assign(ctx context.Context, partitions []int) error {
	e.mu.Lock()
	if e.running > 0 {
		e.t.Errorf("Assign beside %d running Handles", e.running)
	}
	e.owns = map[int]bool{}
	for _, p := range partitions {
		e.owns[p] = true
	}
	e.mu.Unlock()
	return e.logRecorder.Assign(ctx, partitions)
}

func (e *logExclusion) Handle(ctx context.Context, batch []opinion.Message) error {
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
	return e.logRecorder.Handle(ctx, batch)
}

func logAssign(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	e := &logExclusion{logRecorder: newLogRecorder(), t: t}
	logConsume(t, l, opinion.TopicPosts, "g", e)
	e.await(t, ctx, "all partitions", func() bool { return len(e.owned()) == len(logEnds(t, l, opinion.TopicPosts)) })
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, 100, 13)...)
	e.awaitCount(t, ctx, 100)
	// A second member takes some partitions and gives them back.
	other := &logExclusion{logRecorder: newLogRecorder(), t: t}
	stop := logConsume(t, l, opinion.TopicPosts, "g", other)
	other.await(t, ctx, "a share", func() bool { return len(other.owned()) > 0 })
	logPublish(t, l, opinion.TopicPosts, logNumbered(100, 100, 13)...)
	stop()
	e.await(t, ctx, "all partitions again", func() bool {
		return len(e.assigned) >= 3 && len(e.owned()) == len(logEnds(t, l, opinion.TopicPosts))
	})
}

func logAssignFails(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, 20, 3)...)
	r := newLogRecorder()
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
	a, b := newLogRecorder(), newLogRecorder()
	stopA := logConsume(t, l, opinion.TopicPosts, "g", a)
	a.await(t, ctx, "all partitions", func() bool { return len(a.owned()) == total })
	logConsume(t, l, opinion.TopicPosts, "g", b)
	b.await(t, ctx, "a share", func() bool { return len(b.owned()) > 0 && len(b.owned()) < total })
	a.await(t, ctx, "the other share", func() bool { return len(a.owned()) > 0 && len(a.owned()) < total })
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, n, 50)...)
	both := func() []opinion.Message { return append(a.messages(), b.messages()...) }
	b.await(t, ctx, "the share's messages", func() bool { return len(b.got) > 0 })
	a.await(t, ctx, "the other share's messages", func() bool { return len(a.got) > 0 })
	stopA()
	logPublish(t, l, opinion.TopicPosts, logNumbered(n, n, 50)...)
	b.await(t, ctx, "all partitions", func() bool { return len(b.owned()) == total })
	b.await(t, ctx, "everything", func() bool { return len(logDistinct(append(a.messages(), b.got...))) >= 2*n })
	logCheckNumbers(t, both(), 2*n)
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
	logPublish(t, l, opinion.TopicSignals, logNumbered(0, n, 5)...)
	for _, group := range []string{"first", "second"} {
		r := newLogRecorder()
		stop := logConsume(t, l, opinion.TopicSignals, group, r)
		r.awaitCount(t, ctx, n)
		stop()
		logCheckNumbers(t, r.messages(), n)
	}
}

func logConsumeWaits(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, 1, 1)...)
	consumeCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	entered, release := make(chan struct{}), make(chan struct{})
	var mu sync.Mutex
	returned := false
	r := newLogRecorder()
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
	r := newLogRecorder()
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
	for part := range slices.Chunk(logNumbered(0, n, 40), 500) {
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
	logCheckOrder(t, r.messages())
	logCheckNumbers(t, r.messages(), n)
}
