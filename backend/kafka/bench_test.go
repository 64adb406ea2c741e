package kafka

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// eachBroker runs a benchmark on the embedded broker and on a real Kafka.
func eachBroker(b *testing.B, run func(b *testing.B, l *Log)) {
	b.Run("embedded", func(b *testing.B) {
		e := startEmbedded(b, EmbeddedConfig{Dir: b.TempDir()})
		run(b, openLog(b, Config{Brokers: e.Brokers(), Partitions: 4}))
	})
	b.Run("kafka", func(b *testing.B) {
		cfg := Config{Brokers: []string{realBroker(b)}, Prefix: uniquePrefix(), Partitions: 4}
		b.Cleanup(func() { dropTopics(b, cfg) })
		run(b, openLog(b, cfg))
	})
}

// posts makes messages of about 1.5 kB of text that compresses as prose does.
func posts(n int) []opinion.Message {
	words := strings.Fields("小区 停水 三天 物业 不管 居民 投诉 街道 办事处 回应 供水 公司 抢修 管道 老旧 改造 施工 噪音 扰民 停车 收费 燃气 学区 入学 医保 报销")
	all := make([]opinion.Message, n)
	for i := range all {
		var s strings.Builder
		for s.Len() < 1500 {
			s.WriteString(words[rand.IntN(len(words))])
			fmt.Fprintf(&s, "%d", rand.IntN(100))
		}
		all[i] = opinion.Message{Key: fmt.Appendf(nil, "post-%d", i), Value: []byte(s.String())}
	}
	return all
}

// BenchmarkPublish is one message of 1.5 kB, 100 in a call as an import sends them.
func BenchmarkPublish(b *testing.B) {
	eachBroker(b, func(b *testing.B, l *Log) {
		all := posts(1000)
		ctx := context.Background()
		b.SetBytes(int64(len(all[0].Value)))
		b.ResetTimer()
		for sent := 0; sent < b.N; sent += 100 {
			at := sent % 1000
			if err := l.Publish(ctx, opinion.TopicPosts, all[at:at+min(100, b.N-sent)]...); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPublishOne is one message in a call, from eight callers at once, as
// collectors push them.
func BenchmarkPublishOne(b *testing.B) {
	eachBroker(b, func(b *testing.B, l *Log) {
		all := posts(1000)
		b.SetParallelism(4)
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for i := rand.IntN(1000); pb.Next(); i++ {
				if err := l.Publish(context.Background(), opinion.TopicPosts, all[i%1000]); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkConsume is one message of 1.5 kB through a group with commits.
func BenchmarkConsume(b *testing.B) {
	eachBroker(b, func(b *testing.B, l *Log) {
		all := posts(1000)
		for sent := 0; sent < b.N; sent += 1000 {
			if err := l.Publish(context.Background(), opinion.TopicPosts, all[:min(1000, b.N-sent)]...); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(len(all[0].Value)))
		ctx, cancel := context.WithCancel(context.Background())
		h := &tally{want: b.N, done: cancel}
		b.ResetTimer()
		if err := l.Consume(ctx, opinion.TopicPosts, "g", h); err != nil {
			b.Fatal(err)
		}
	})
}

// tally counts messages of all partitions.
type tally struct {
	mu   sync.Mutex
	got  int
	want int
	done func()
}

func (t *tally) Assign(context.Context, []int) error { return nil }

func (t *tally) Handle(_ context.Context, batch []opinion.Message) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.got += len(batch); t.got >= t.want {
		t.done()
	}
	return nil
}

// BenchmarkLatency is the time from Publish to Handle of single messages on an idle
// log, with the share of the slowest in a hundred.
func BenchmarkLatency(b *testing.B) {
	eachBroker(b, func(b *testing.B, l *Log) {
		ctx, cancel := context.WithCancel(context.Background())
		arrived := make(chan struct{})
		h := relay(func(batch []opinion.Message) {
			for range batch {
				arrived <- struct{}{}
			}
		})
		done := make(chan error, 1)
		go func() { done <- l.Consume(ctx, opinion.TopicPosts, "g", h) }()
		m := posts(1)[0]
		send := func() time.Duration {
			start := time.Now()
			if err := l.Publish(ctx, opinion.TopicPosts, m); err != nil {
				b.Fatal(err)
			}
			<-arrived
			return time.Since(start)
		}
		send() // the first waits for the group
		took := make([]time.Duration, 0, b.N)
		b.ResetTimer()
		for range b.N {
			took = append(took, send())
		}
		b.StopTimer()
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	})
}

// relay is a handler without assignment.
type relay func([]opinion.Message)

func (relay) Assign(context.Context, []int) error { return nil }

func (r relay) Handle(_ context.Context, batch []opinion.Message) error {
	r(batch)
	return nil
}
