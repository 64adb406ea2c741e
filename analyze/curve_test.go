package analyze

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/opinion"
)

// sink is an index that takes everything and keeps nothing: an event that is read again has one
// post.
type sink struct{ opinion.Index }

func (sink) Link(context.Context, []opinion.Link) error                        { return nil }
func (sink) PutEvents(context.Context, []opinion.Event) error                  { return nil }
func (sink) Refresh(context.Context) error                                     { return nil }
func (sink) Linked(context.Context, []string) (map[string]string, error)       { return nil, nil }
func (sink) Events(context.Context, time.Time, func(opinion.Event) bool) error { return nil }
func (sink) Event(_ context.Context, id string) (opinion.Event, error) {
	return opinion.Event{ID: id, Posts: 1, KeyPost: founder(id), FirstAt: day, LastAt: day, Version: 1}, nil
}
func (sink) Members(_ context.Context, id string, _ int) ([]opinion.Link, error) {
	return []opinion.Link{{PostID: founder(id), PublishedAt: day, EventID: id}}, nil
}
func (sink) Get(_ context.Context, id string) (opinion.Hit, error) {
	return opinion.Hit{Post: opinion.Post{ID: id, PublishedAt: day}}, nil
}

// invention draws posts: three of ten are about a matter of before, mostly of the latest days,
// in other words. A matter has a place of its own, with two names that few share, and a theme
// of twenty words that many share.
type invention struct {
	rng   *rand.Rand
	words []string // of the language
	seen  int
}

func newInvention() *invention {
	v := &invention{rng: rand.New(rand.NewPCG(1, 2))}
	for range 5000 {
		v.words = append(v.words, string([]rune{v.letter(3000), v.letter(3000)}))
	}
	return v
}

func (v *invention) letter(of int) rune { return rune(0x4E00 + v.rng.IntN(of)) }

func (v *invention) post(n int) opinion.Assessed {
	matter := n
	if n > 10 && v.rng.IntN(10) < 3 {
		matter = n - 1 - int(float64(n-1)*v.rng.Float64()*v.rng.Float64()*v.rng.Float64()*v.rng.Float64())
	}
	own := rand.New(rand.NewPCG(uint64(matter), 7))
	var list []string
	for range 2 {
		list = append(list, string([]rune{rune(0x4E00 + own.IntN(20000)), rune(0x4E00 + own.IntN(20000)), rune(0x4E00 + own.IntN(20000))}))
	}
	for range 20 {
		list = append(list, v.words[min(own.IntN(5000), own.IntN(5000))])
	}
	for range 40 {
		list = append(list, v.words[min(v.rng.IntN(5000), v.rng.IntN(5000))])
	}
	var words []segment.Word
	at := 0
	for _, w := range list {
		length := len([]rune(w))
		words = append(words, segment.Word{Text: w, Start: at, End: at + length})
		at += length
	}
	text := strings.Join(list, "")
	return opinion.Assessed{
		Post: opinion.Post{ID: opinion.PostID("invented", fmt.Sprint(n)), Source: "invented", Title: "", Text: text,
			PublishedAt: day.Add(time.Duration(n) * 86 * time.Millisecond), ReceivedAt: day.Add(time.Duration(n) * 86 * time.Millisecond)},
		Assessment: opinion.Assessment{Topic: "urban.utility", Risk: opinion.Risk(v.rng.IntN(3)), Fingerprint: event.Sign(text).Slice(),
			Profile: event.Describe(words, 12, day.Add(time.Duration(n)*86*time.Millisecond)).String()},
	}
}

// BenchmarkStage feeds a million posts, none of whose events is closed, and reports what one
// costs after so many, in processor time.
func BenchmarkStage(b *testing.B) {
	for range b.N {
		v := newInvention()
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c := newTestClusterer(newQuietLog(), sink{}, ClusterConfig{MaxEvents: 1_000_000})
		var spent time.Duration
		at := map[int]bool{10_000: true, 30_000: true, 100_000: true, 300_000: true, 1_000_000: true}
		const window, batch = 10_000, 500
		for n := 0; n < 1_000_000; n += batch {
			var messages []opinion.Message
			for i := range batch {
				value, err := opinion.Encode(v.post(n + i))
				if err != nil {
					b.Fatal(err)
				}
				messages = append(messages, opinion.Message{Topic: opinion.TopicAssessed, Offset: int64(n + i), Value: value})
			}
			if n%window == 0 {
				spent = 0
			}
			start := processorTime(b)
			if err := c.Handle(b.Context(), messages); err != nil {
				b.Fatal(err)
			}
			spent += processorTime(b) - start
			if done := n + batch; at[done] {
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.Logf("after %7d posts: %5.1f µs a post, %6d open events, %4.0f MB, %4.0f bytes an event", done,
					float64(spent.Microseconds())/window, c.matcher.Len(), float64(after.HeapAlloc-before.HeapAlloc)/1e6,
					float64(after.HeapAlloc-before.HeapAlloc)/float64(c.matcher.Len()))
				b.ReportMetric(float64(spent.Microseconds())/window, fmt.Sprintf("µs/post@%d", done))
			}
		}
	}
}

// newQuietLog is a log that drops signals.
func newQuietLog() opinion.Log { return quietLog{} }

type quietLog struct{ opinion.Log }

func (quietLog) Publish(context.Context, string, ...opinion.Message) error { return nil }

// processorTime is what the process has used on all cores, also for collecting garbage.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
