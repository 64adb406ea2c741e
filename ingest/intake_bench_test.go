//go:build unix

package ingest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/huiying/huiying/ingest"
	"github.com/huiying/huiying/ingest/file"
	"github.com/huiying/huiying/opinion"
)

var letter = strings.Repeat("尊敬的领导：我们小区的路灯坏了三个月，物业说没有钱修，晚上老人小孩出门很危险。2019年3月5日打过12345，至今没有回音，请尽快处理。", 6)[:370*3]

// cpu is the processor time of this process, which a busy machine does not stretch.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, posts int, used time.Duration) {
	b.ReportMetric(float64(used.Nanoseconds())/1000/float64(b.N*posts), "cpu-µs/post")
}

// BenchmarkIntake is the cost of a post of 370 characters from row to published, with
// a log and an index that cost nothing; cpu-µs/post is the figure.
func BenchmarkIntake(b *testing.B) {
	const batch = 1000
	rows := make([]opinion.Raw, batch)
	for i := range rows {
		rows[i] = row("", letter)
	}
	bench := newBench(ingest.Config{})
	n := 0
	b.ReportAllocs()
	start := cpu(b)
	for b.Loop() {
		for i := range rows {
			n++
			rows[i].SourceID = fmt.Sprint(n)
		}
		if _, err := bench.intake.Accept(context.Background(), rows, ingest.Options{}); err != nil {
			b.Fatal(err)
		}
		bench.log.messages = bench.log.messages[:0]
	}
	report(b, batch, cpu(b)-start)
}

// noProgress keeps no resume point.
type noProgress struct{}

func (noProgress) Progress(context.Context, string) (string, error)  { return "", nil }
func (noProgress) SetProgress(context.Context, string, string) error { return nil }

// BenchmarkImport is the cost from a file of JSON Lines to published.
func BenchmarkImport(b *testing.B) {
	const rows = 5000
	path := filepath.Join(b.TempDir(), "posts.jsonl")
	var text strings.Builder
	for i := range rows {
		line, _ := json.Marshal(map[string]any{"id": fmt.Sprint(i), "author": "甲", "title": "路灯坏了", "text": letter, "published_at": "2019-03-05 11:25:05", "likes": 1})
		text.Write(line)
		text.WriteByte('\n')
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	start := cpu(b)
	for b.Loop() {
		bench := newBench(ingest.Config{Now: func() time.Time { return now }})
		s, err := file.Import(context.Background(), bench.intake, noProgress{}, path, file.Options{})
		if err != nil || s.Accepted != rows {
			b.Fatal(s, err)
		}
	}
	report(b, rows, cpu(b)-start)
}
