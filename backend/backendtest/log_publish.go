package backendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

func logKeyOrder(t *testing.T, l opinion.Log) {
	const n = 3000
	all := logNumbered(0, n, 7)
	for part := range slices.Chunk(all, 170) {
		logPublish(t, l, opinion.TopicPosts, part...)
	}
	r := newLogRecorder()
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
	logCheckOrder(t, r.messages())
	logCheckNumbers(t, r.messages(), n)
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
	r := newLogRecorder()
	stop := logConsume(t, l, opinion.TopicAssessed, "g", r)
	r.awaitCount(t, ctx, publishers*each)
	stop()
	logCheckOrder(t, r.messages())
	logCheckNumbers(t, r.messages(), publishers*each)
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
	r := newLogRecorder()
	stop := logConsume(t, l, opinion.TopicPosts, "g", r)
	r.awaitCount(t, logContext(t), len(sent))
	stop()
	got := slices.Collect(maps.Values(logDistinct(r.messages())))
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
	if err := l.Publish(ctx, "huiying.nonsense", logNumbered(0, 1, 1)...); opinion.CodeOf(err) != opinion.CodeNotFound {
		t.Errorf("Publish to an unknown topic = %v, want CodeNotFound", err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if err := l.Publish(ended, opinion.TopicPosts, logNumbered(0, 1, 1)...); !errors.Is(err, context.Canceled) {
		t.Errorf("Publish with an ended context = %v, want context.Canceled", err)
	}
}
