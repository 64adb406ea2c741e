package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// The broker goes away and comes back while messages are published and consumed:
// nothing that was acknowledged is lost, and neither side needs help.
func TestBrokerRestartsUnderLoad(t *testing.T) {
	dir := t.TempDir()
	e := startEmbedded(t, EmbeddedConfig{Dir: dir})
	port := portOf(t, e)
	l := openLog(t, Config{Brokers: e.Brokers(), Partitions: 4})
	const writers, each = 3, 60
	h := awaitCount(writers * each)
	consumeCtx, stop := context.WithCancel(testContext(t))
	defer stop()
	consumed := make(chan error, 1)
	go func() { consumed <- l.Consume(consumeCtx, opinion.TopicPosts, "g", h) }()

	restart := make(chan struct{}, writers*each)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				m := opinion.Message{Key: fmt.Appendf(nil, "w%d", w), Value: fmt.Appendf(nil, "w%d-%d", w, i)}
				if err := l.Publish(testContext(t), opinion.TopicPosts, m); err != nil {
					t.Errorf("Publish: %v", err)
				}
				restart <- struct{}{}
			}
		})
	}
	for range 3 { // after every so many acknowledged messages
		for range writers * each / 5 {
			<-restart
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		e = startEmbedded(t, EmbeddedConfig{Dir: dir, Port: port})
	}
	wg.Wait()
	select {
	case <-h.done:
	case <-testContext(t).Done():
		h.mu.Lock()
		t.Errorf("%d of %d messages handled", len(h.seen), writers*each)
		h.mu.Unlock()
	}
	stop()
	if err := <-consumed; err != nil {
		t.Errorf("Consume = %v", err)
	}
}

func TestBrokerGone(t *testing.T) {
	dir := t.TempDir()
	e := startEmbedded(t, EmbeddedConfig{Dir: dir})
	port := portOf(t, e)
	l := openLog(t, Config{Brokers: e.Brokers(), Partitions: 4})
	mustPublish(t, l, opinion.TopicPosts, values(0, 10)...)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	short := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	err := l.Publish(short(), opinion.TopicPosts, values(10, 10)...)
	if opinion.CodeOf(err) != opinion.CodeUnavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Publish without a broker = %v, want CodeUnavailable and the context's error", err)
	}
	if err := l.Ping(short()); opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("Ping without a broker = %v, want CodeUnavailable", err)
	}
	if _, err := l.Ends(short(), opinion.TopicPosts); err == nil {
		t.Error("Ends without a broker = nil")
	}
	if _, err := l.Committed(short(), opinion.TopicPosts, "g"); err == nil {
		t.Error("Committed without a broker = nil")
	}
	if _, err := l.Read(short(), opinion.TopicPosts, 3); err == nil {
		t.Error("Read without a broker = nil")
	}
	// A consumer that starts now waits, and ends when it is told to.
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := l.Consume(ctx, opinion.TopicPosts, "g", awaitCount(1)); err != nil {
		t.Errorf("Consume without a broker = %v, want nil", err)
	}
	startEmbedded(t, EmbeddedConfig{Dir: dir, Port: port})
	mustPublish(t, l, opinion.TopicPosts, values(20, 10)...)
	consumeUntil(t, l, opinion.TopicPosts, "g", awaitValues(func(seen map[string]int) bool {
		return seen["v0"] > 0 && seen["v29"] > 0
	}))
}

// Callers that give up must not leave their messages behind in memory.
func TestGivenUpMessagesAreNotHeld(t *testing.T) {
	e := startEmbedded(t, EmbeddedConfig{Dir: t.TempDir()})
	l := openLog(t, Config{Brokers: e.Brokers(), Partitions: 4})
	mustPublish(t, l, opinion.TopicPosts, values(0, 1)...)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	big := opinion.Message{Key: []byte("k"), Value: make([]byte, opinion.MaxMessage)}
	for range 2 * pendingBytes / opinion.MaxMessage {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if err := l.Publish(ctx, opinion.TopicPosts, big); err == nil {
			t.Error("Publish without a broker = nil")
		}
		cancel()
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if !l.producer.pending.TryAcquire(pendingBytes) {
		t.Error("messages of callers that gave up still count as pending after Close")
	}
}

func TestOpenWaitsForTheBroker(t *testing.T) {
	dir := t.TempDir()
	e := startEmbedded(t, EmbeddedConfig{Dir: dir})
	cfg := Config{Brokers: e.Brokers(), Partitions: 2}
	port := portOf(t, e)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, cfg, testLogger(t), nil); opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("Open without a broker = %v, want CodeUnavailable", err)
	}
	opened := make(chan error, 1)
	go func() {
		l, err := Open(testContext(t), cfg, testLogger(t), nil)
		if err == nil {
			err = l.Close()
		}
		opened <- err
	}()
	startEmbedded(t, EmbeddedConfig{Dir: dir, Port: port})
	if err := <-opened; err != nil {
		t.Errorf("Open while the broker starts = %v", err)
	}
}
