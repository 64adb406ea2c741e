package kafka

import (
	"context"
	"math/rand/v2"
	"time"
	"unicode/utf8"
)

// backoff is a growing pause: 100 ms, doubled each time up to limit, with a fifth of
// jitter. Its zero value is ready, with a limit of two seconds.
type backoff struct {
	limit time.Duration
	next  time.Duration
}

// wait pauses, and reports false when ctx ended.
func (b *backoff) wait(ctx context.Context) bool {
	if b.limit == 0 {
		b.limit = 2 * time.Second
	}
	if b.next == 0 {
		b.next = 100 * time.Millisecond
	}
	pause := min(b.next, b.limit)
	b.next = 2 * pause
	return sleep(ctx, pause-pause/5+rand.N(pause/5+1))
}

func (b *backoff) reset() { b.next = 0 }

// trouble decides when something that goes on failing is worth a line in the log: at
// once, and then every half minute. Its zero value is no trouble.
type trouble struct {
	since time.Time
	told  time.Time
}

// tell notes a failure, and reports whether it should be logged.
func (t *trouble) tell(now time.Time) bool {
	if t.since.IsZero() {
		t.since = now
	}
	if now.Sub(t.told) < 30*time.Second {
		return false
	}
	t.told = now
	return true
}

// over notes a success, and reports how long there was trouble, if there was.
func (t *trouble) over(now time.Time) (after time.Duration, was bool) {
	if t.since.IsZero() {
		return 0, false
	}
	after = now.Sub(t.since)
	*t = trouble{}
	return after, true
}

// sleep pauses for d, and reports false when ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// truncate cuts s to at most n bytes between two code points.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
