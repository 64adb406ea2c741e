package backendtest

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/huiying/huiying/opinion"
)

func logDeadLetter(t *testing.T, l opinion.Log) {
	ctx := logContext(t)
	sent := opinion.Message{Key: []byte("k\x00"), Value: []byte("{\"v\":99,\xff"), Headers: map[string]string{"trace": "1"}}
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, 3, 1)...)
	logPublish(t, l, opinion.TopicPosts, sent)
	r := newLogRecorder()
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
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, n, 20)...)
	e = logEnds(t, l, opinion.TopicPosts)
	var sum, left int64
	for p, c := range logCommitted(t, l, opinion.TopicPosts, "g") {
		sum, left = sum+e[p], left+e[p]-c
	}
	if sum != n || left != n {
		t.Errorf("Ends sum to %d and %d are not committed, want %d", sum, left, n)
	}
	r := newLogRecorder()
	logConsume(t, l, opinion.TopicPosts, "g", r)
	// Caught up shows in the commits alone, while the consumer goes on.
	for !maps.Equal(logCommitted(t, l, opinion.TopicPosts, "g"), e) {
		if ctx.Err() != nil {
			t.Fatalf("Committed = %v, want %v", logCommitted(t, l, opinion.TopicPosts, "g"), e)
		}
	}
	if got := len(logDistinct(r.messages())); got != n {
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
		logPublish(t, l, topic, logNumbered(i, 1, 1)...)
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
			if logNumber(t, m) != 30-want+i {
				t.Errorf("limit %d: message %d is number %d, want %d", limit, i, logNumber(t, m), 30-want+i)
			}
		}
	}
	for _, limit := range []int{0, -1} {
		if _, err := l.Read(ctx, topic, limit); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("Read with limit %d = %v, want CodeInvalid", limit, err)
		}
	}
	logPublish(t, l, opinion.TopicPosts, logNumbered(0, 200, 17)...)
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
	r := newLogRecorder()
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
	if err := l.Publish(ctx, opinion.TopicPosts, logNumbered(0, 1, 1)...); err == nil {
		t.Error("Publish to a closed log = nil")
	}
	if err := l.Consume(ctx, opinion.TopicPosts, "g", r); err == nil {
		t.Error("Consume of a closed log = nil")
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close = %v", err)
	}
}
