package kafka

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// counter is a handler that knows which values it has seen.
type counter struct {
	mu      sync.Mutex
	seen    map[string]int
	want    func(map[string]int) bool
	done    chan struct{}
	reached bool
}

func awaitValues(want func(map[string]int) bool) *counter {
	return &counter{seen: map[string]int{}, want: want, done: make(chan struct{})}
}

func awaitCount(n int) *counter {
	return awaitValues(func(seen map[string]int) bool { return len(seen) >= n })
}

func (c *counter) Assign(context.Context, []int) error { return nil }

func (c *counter) Handle(_ context.Context, batch []opinion.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range batch {
		c.seen[string(m.Value)]++
	}
	if !c.reached && c.want(c.seen) {
		c.reached = true
		close(c.done)
	}
	return nil
}

// consumeUntil runs c until it has what it wants, and until that is committed.
func consumeUntil(t testing.TB, l *Log, topic, group string, c *counter) {
	t.Helper()
	ctx, cancel := context.WithCancel(testContext(t))
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- l.Consume(ctx, topic, group, c) }()
	select {
	case <-c.done:
	case <-ctx.Done():
		c.mu.Lock()
		t.Errorf("%s: %d values in time, not all that were awaited", group, len(c.seen))
		c.mu.Unlock()
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Consume = %v", err)
	}
}

func values(from, n int) []opinion.Message {
	var all []opinion.Message
	for i := from; i < from+n; i++ {
		all = append(all, opinion.Message{Key: fmt.Appendf(nil, "k%d", i%19), Value: fmt.Appendf(nil, "v%d", i)})
	}
	return all
}

func mustPublish(t testing.TB, l *Log, topic string, messages ...opinion.Message) {
	t.Helper()
	if err := l.Publish(testContext(t), topic, messages...); err != nil {
		t.Fatalf("Publish: %v", err)
	}
}

func TestEmbeddedListensOnLoopbackOnly(t *testing.T) {
	e := startEmbedded(t, EmbeddedConfig{Dir: t.TempDir()})
	for _, b := range e.Brokers() {
		host, _, err := net.SplitHostPort(b)
		if err != nil || !net.ParseIP(host).IsLoopback() {
			t.Errorf("broker listens on %s, want a loopback address", b)
		}
	}
}

func TestEmbeddedDirectoryHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	e := startEmbedded(t, EmbeddedConfig{Dir: dir})
	if _, err := StartEmbedded(testContext(t), EmbeddedConfig{Dir: dir}); opinion.CodeOf(err) != opinion.CodeConflict {
		t.Errorf("second broker in one directory = %v, want CodeConflict", err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	startEmbedded(t, EmbeddedConfig{Dir: dir})
}

func TestEmbeddedPortInUse(t *testing.T) {
	e := startEmbedded(t, EmbeddedConfig{Dir: t.TempDir()})
	dir := t.TempDir()
	_, err := StartEmbedded(testContext(t), EmbeddedConfig{Dir: dir, Port: portOf(t, e)})
	if opinion.CodeOf(err) != opinion.CodeUnavailable || !strings.Contains(err.Error(), dir) {
		t.Errorf("StartEmbedded on a port in use = %v, want CodeUnavailable with the directory", err)
	}
	startEmbedded(t, EmbeddedConfig{Dir: dir}) // the failure left no lock behind
}

func portOf(t testing.TB, e *Embedded) int {
	t.Helper()
	addr, err := net.ResolveTCPAddr("tcp", e.Brokers()[0])
	if err != nil {
		t.Fatal(err)
	}
	return addr.Port
}

func TestEmbeddedKeepsLogAndOffsetsOverRestart(t *testing.T) {
	dir, cfg := t.TempDir(), Config{Partitions: 4}
	const n = 300
	for round := range 3 {
		e := startEmbedded(t, EmbeddedConfig{Dir: dir})
		cfg.Brokers = e.Brokers()
		l := openLog(t, cfg)
		mustPublish(t, l, opinion.TopicPosts, values(round*n, n)...)
		r := awaitCount(n)
		consumeUntil(t, l, opinion.TopicPosts, "g", r)
		for v := range r.seen {
			var i int
			if _, err := fmt.Sscanf(v, "v%d", &i); err != nil || i < round*n {
				t.Fatalf("round %d: %s was committed before the restart and came again", round, v)
			}
		}
		consumeUntil(t, l, opinion.TopicPosts, fmt.Sprintf("fresh%d", round), awaitCount((round+1)*n))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Killed in the midst of writing, the broker must have every message that it
// acknowledged, and every commit.
func TestEmbeddedKeepsAcknowledgedMessagesOverKill(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	number := 0
	for round := range 3 {
		c := startChild(t, dir)
		l := openLog(t, Config{Brokers: []string{c.broker}, Partitions: 4})
		committed := consumeAcknowledged(t, l, acknowledged)
		enough := make(chan struct{})
		ctx, stop := context.WithCancel(testContext(t))
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for ctx.Err() == nil {
					mu.Lock()
					number++
					m := values(number, 1)[0]
					mu.Unlock()
					if l.Publish(ctx, opinion.TopicPosts, m) != nil {
						continue
					}
					mu.Lock()
					acknowledged[string(m.Value)] = true
					if len(acknowledged) == 60*(round+1) {
						close(enough)
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		c.kill(t)
		stop()
		writers.Wait()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		e := startEmbedded(t, EmbeddedConfig{Dir: dir})
		l = openLog(t, Config{Brokers: e.Brokers(), Partitions: 4})
		now, err := l.Committed(testContext(t), opinion.TopicPosts, "g")
		if err != nil || !maps.Equal(now, committed) {
			t.Fatalf("round %d: commits after the kill = %v, %v; before it were %v", round, now, err, committed)
		}
		checkAcknowledged(t, l, fmt.Sprintf("check%d", round), acknowledged)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// consumeAcknowledged commits what there is and returns the commits.
func consumeAcknowledged(t *testing.T, l *Log, acknowledged map[string]bool) map[int]int64 {
	t.Helper()
	if len(acknowledged) > 0 {
		ends, err := l.Ends(testContext(t), opinion.TopicPosts)
		if err != nil {
			t.Fatal(err)
		}
		left, err := l.Committed(testContext(t), opinion.TopicPosts, "g")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for p, end := range ends {
			n += int(end - left[p])
		}
		consumeUntil(t, l, opinion.TopicPosts, "g", awaitCount(n))
	}
	committed, err := l.Committed(testContext(t), opinion.TopicPosts, "g")
	if err != nil {
		t.Fatal(err)
	}
	return committed
}

func checkAcknowledged(t *testing.T, l *Log, group string, acknowledged map[string]bool) {
	t.Helper()
	consumeUntil(t, l, opinion.TopicPosts, group, awaitValues(func(seen map[string]int) bool {
		for v := range acknowledged {
			if seen[v] == 0 {
				return false
			}
		}
		return true
	}))
}

func TestEmbeddedDropsOldMessages(t *testing.T) {
	dir := t.TempDir()
	e := startEmbedded(t, EmbeddedConfig{Dir: dir, SegmentBytes: 64 << 10})
	l := openLog(t, Config{Brokers: e.Brokers(), Partitions: 2, Retention: time.Hour})
	const n = 400
	var all []opinion.Message
	for i, m := range values(0, n) {
		noise := make([]byte, 5000)
		for j := range noise {
			noise[j] = byte(rand.Uint32())
		}
		m.Key = fmt.Appendf(nil, "k%d", i)
		m.Value = append(m.Value, noise...)
		all = append(all, m)
	}
	mustPublish(t, l, opinion.TopicPosts, all...)
	consumeUntil(t, l, opinion.TopicPosts, "g", awaitCount(n))
	full := dirSize(t, dir)
	if full < n*5000 {
		t.Fatalf("%d bytes on disk for %d bytes of messages", full, n*5000)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}

	// After a restart with a shorter retention everything is old.
	e = startEmbedded(t, EmbeddedConfig{Dir: dir, SegmentBytes: 64 << 10, RetentionInterval: 10 * time.Millisecond})
	l = openLog(t, Config{Brokers: e.Brokers(), Partitions: 2, Retention: time.Millisecond})
	ctx := testContext(t)
	for {
		firsts, ends, err := l.bounds(ctx, opinion.TopicPosts)
		if err != nil {
			t.Fatal(err)
		}
		if maps.Equal(firsts, ends) {
			break
		}
	}
	if left := dirSize(t, dir); left > full/10 {
		t.Errorf("%d bytes on disk after retention, %d before", left, full)
	}

	// A crash now: the copy is what a killed process leaves. The group must see what
	// comes next, although it stands at a higher offset than the emptied log; and more
	// comes than that offset, so that a reader that starts there would miss some.
	crashed := t.TempDir()
	if err := os.CopyFS(crashed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	e = startEmbedded(t, EmbeddedConfig{Dir: crashed})
	l = openLog(t, Config{Brokers: e.Brokers(), Partitions: 2, Retention: time.Hour})
	mustPublish(t, l, opinion.TopicPosts, values(n, 3*n)...)
	consumeUntil(t, l, opinion.TopicPosts, "g", awaitCount(3*n))
}

func dirSize(t *testing.T, dir string) int {
	t.Helper()
	size := 0
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return nil // dropped meanwhile
		}
		size += int(info.Size())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
