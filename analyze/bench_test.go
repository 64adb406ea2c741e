package analyze

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yanyiwu/gojieba"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
)

// BenchmarkAssess puts the whole assessment beside the bare segmenter on the same posts,
// each on one core. The bare one is what a user of gojieba calls: Cut with the HMM.
func BenchmarkAssess(b *testing.B) {
	rows := shared(b, "messages_2019.jsonl")
	posts := make([]opinion.Post, len(rows))
	for i, r := range rows {
		posts[i] = r.post()
	}
	a := testAnalyzer()
	report := func(b *testing.B) { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s") }
	b.Run("bare_cut_hmm", func(b *testing.B) {
		j := segment.Bare(a.seg)
		for i := range b.N {
			j.Cut(posts[i%len(posts)].Body(), true)
		}
		report(b)
	})
	b.Run("tokenize", func(b *testing.B) {
		j := segment.Bare(a.seg)
		for i := range b.N {
			j.Tokenize(posts[i%len(posts)].Body(), gojieba.SearchMode, false)
		}
		report(b)
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			a.seg.Read(posts[i%len(posts)].Body())
		}
		report(b)
	})
	b.Run("scan", func(b *testing.B) {
		var s lexicon.Scratch
		var m []lexicon.Match
		b.ReportAllocs()
		for i := range b.N {
			m = a.lex.Scan(posts[i%len(posts)].Body(), m[:0], &s)
		}
		report(b)
	})
	b.Run("sign", func(b *testing.B) {
		for i := range b.N {
			event.Sign(posts[i%len(posts)].Body())
		}
		report(b)
	})
	b.Run("text_model", func(b *testing.B) {
		var s scratch
		inputs := make([]topic.Input, 500)
		for i := range inputs {
			inputs[i] = a.read(posts[i], &s)
			inputs[i].Text.Cuts, inputs[i].Text.Bytes = slices.Clone(s.cuts), slices.Clone(s.bytes)
			inputs[i].Matches = slices.Clone(s.matches)
		}
		b.ReportAllocs()
		b.ResetTimer()
		for i := range b.N {
			in := inputs[i%len(inputs)]
			a.text.Read(in.Text, &s.read)
			a.topics.Classify(in, &s.topics)
		}
		report(b)
	})
	b.Run("assess", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			a.Assess(posts[i%len(posts)])
		}
		report(b)
	})
	// Both in turns of 50 posts, so that whatever else the machine does strikes them alike.
	b.Run("assess_over_bare_cut", func(b *testing.B) {
		j := segment.Bare(a.seg)
		var bare, ours time.Duration
		for i := 0; i < b.N; i += 50 {
			start := time.Now()
			for k := range 50 {
				j.Cut(posts[(i+k)%len(posts)].Body(), true)
			}
			middle := time.Now()
			for k := range 50 {
				a.Assess(posts[(i+k)%len(posts)])
			}
			bare, ours = bare+middle.Sub(start), ours+time.Since(middle)
		}
		b.ReportMetric(ours.Seconds()/bare.Seconds(), "times_bare")
	})
	// How much faster two cores are than one, beside what two cores give the bare segmenter and
	// work that touches no memory.
	b.Run("two_cores", func(b *testing.B) {
		j := segment.Bare(a.seg)
		for name, work := range map[string]func(opinion.Post){
			"assess": func(p opinion.Post) { a.Assess(p) },
			"cut":    func(p opinion.Post) { j.Cut(p.Body(), true) },
			"spin":   spin,
		} {
			var one, two time.Duration
			for range max(b.N/len(posts), 1) {
				one += workedOff(posts, 1, work)
				two += workedOff(posts, 2, work)
			}
			b.ReportMetric(one.Seconds()/two.Seconds(), name+"_x")
		}
	})
}

// workedOff is how long so many goroutines take for all posts.
func workedOff(posts []opinion.Post, workers int, work func(opinion.Post)) time.Duration {
	start := time.Now()
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(posts); i += workers {
				work(posts[i])
			}
		})
	}
	group.Wait()
	return time.Since(start)
}

// spun keeps the compiler from leaving spin out.
var spun atomic.Uint64

func spin(opinion.Post) {
	x := uint64(1)
	for range 200_000 {
		x = x*6364136223846793005 + 1442695040888963407
	}
	spun.Add(x & 1)
}
