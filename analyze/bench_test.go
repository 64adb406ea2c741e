package analyze

import (
	"testing"
	"time"

	"github.com/yanyiwu/gojieba"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/segment"
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
	b.Run("assess_parallel", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				a.Assess(posts[i%len(posts)])
			}
		})
		report(b)
	})
}
