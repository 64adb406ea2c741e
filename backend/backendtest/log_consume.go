package backendtest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/huiying/huiying/opinion"
)

func logRetry(t *testing.T, l opinion.Log) {
	const n, failures = 40, 3
	all := logNumbered(0, n, 1)
	logPublish(t, l, opinion.TopicPosts, all...)
	r := newLogRecorder()
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
	logCheckOrder(t, r.messages())
	logCheckNumbers(t, r.messages(), n)
}

func logCommitAfterSuccess(t *testing.T, l opinion.Log) {
	const n = 10
	ctx := logContext(t)
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, n, 1)...)
	partition := -1
	failing := newLogRecorder()
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
	r := newLogRecorder()
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
		t.Fatalf("%s: not after %s", what, logPatience)
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
		logPublish(t, l, opinion.TopicPosts, logNumbered(round*n/rounds, n/rounds, 11)...)
		r := newLogRecorder()
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
			r.await(t, ctx, "the rest", func() bool { return len(logDistinct(append(slices.Clone(all), r.got...))) >= n })
		} else {
			logAwait(t, ctx, stopped.Done(), "an interruption")
		}
		stop()
		enough()
		all = append(all, r.messages()...)
		handled += len(r.messages())
	}
	logCheckOrder(t, all)
	logCheckNumbers(t, all, n)
	if handled > 2*n {
		t.Errorf("%d deliveries of %d messages: commits are lost", handled, n)
	}
}
