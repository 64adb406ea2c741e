package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/ingest/file"
)

// BenchmarkImport takes a file of real messages from disk to searchable, with the bare
// parts beside it in the same run: cutting the same texts with bare gojieba on one core,
// and inserting the same tokens into a bare FTS5 table. It reports posts a second of each,
// and the import's time as a multiple of the slower bare part (x_bare; 2 or less is the aim).
func BenchmarkImport(b *testing.B) {
	tuneCollector()
	path, texts := benchmarkFile(b)
	var cut, fts, all, work time.Duration
	for range b.N {
		p := benchmarkParts(b)
		cut += timed(func() {
			jieba := segment.Bare(p.segmenter)
			for _, t := range texts {
				jieba.Cut(t, true)
			}
		})
		fts += bareInsert(b, p.segmenter, texts)
		searchable := make(chan struct{})
		running, stop, err := p.runPipeline(b.Context(), searchable)
		if err != nil {
			b.Fatal(err)
		}
		before := processorTime(b)
		got, failed, err := p.importFiles(running, []string{path}, file.Options{RejectedPath: b.TempDir()}, io.Discard, true, func() { close(searchable) })
		if err != nil || failed != nil {
			b.Fatal(err, failed)
		}
		if got.Indexed != len(texts) {
			b.Fatalf("indexed %d of %d", got.Indexed, len(texts))
		}
		all += time.Duration(got.Seconds * float64(time.Second))
		work += processorTime(b) - before
		if err := stop(); err != nil {
			b.Fatal(err)
		}
		if err := p.closers.close(closeTimeout); err != nil {
			b.Fatal(err)
		}
	}
	posts := float64(len(texts) * b.N)
	b.ReportMetric(posts/cut.Seconds(), "cut_posts/s")
	b.ReportMetric(posts/fts.Seconds(), "fts5_posts/s")
	b.ReportMetric(posts/all.Seconds(), "import_posts/s")
	b.ReportMetric(all.Seconds()/max(cut, fts).Seconds(), "x_bare")
	b.ReportMetric(work.Seconds()*1e6/posts, "cpu_µs/post")
}

// processorTime is what this process has used of the processors, until its last case is
// open.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func timed(f func()) time.Duration {
	start := time.Now()
	f()
	return time.Since(start)
}

// benchmarkFile is messages_2019.jsonl of HUIYING_SHARED, or an invented file of its size.
func benchmarkFile(b *testing.B) (path string, texts []string) {
	b.Helper()
	if shared := os.Getenv("HUIYING_SHARED"); shared != "" {
		path = filepath.Join(shared, "data", "messages_2019.jsonl")
	} else {
		b.Log("HUIYING_SHARED names no real messages; measured on invented ones")
		path = inventedFile(b, 4326)
	}
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct{ Title, Text string }
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			b.Fatal(err)
		}
		texts = append(texts, m.Title+"\n"+m.Text)
	}
	return path, texts
}

// inventedFile writes n different posts of about 370 code points.
func inventedFile(tb testing.TB, n int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "invented.jsonl")
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	sentences := []string{
		"我们小区门前的道路多次开挖，至今没有恢复，下雨天积水很深，老人和孩子出行不便。", "物业公司收取停车费却不公示收支，业主多次要求查看账目都被拒绝。",
		"夜间施工噪音很大，凌晨两点还有渣土车进出，打过热线电话，当天停了，第二天照旧。", "孩子今年上小学，划片范围迟迟没有公布，希望教育部门给出明确的答复和时间。",
		"楼上餐馆的油烟直接排到楼道里，家里不敢开窗，请环保和城管部门到现场看一看。", "公交线路调整以后等车时间超过四十分钟，上班族意见很大，建议恢复原来的班次。",
		"供暖季开始两周，家里温度只有十四度，供热公司说管网老化，却没有维修的计划。",
	}
	for i := range n {
		var text strings.Builder
		for k := range 10 {
			fmt.Fprintf(&text, "%s（%d）", sentences[(i+k*(i%5+1))%len(sentences)], i*7+k)
		}
		line, err := json.Marshal(map[string]string{"id": fmt.Sprint(i), "title": fmt.Sprintf("反映第%d号院的问题", i), "text": text.String(), "published_at": "2019-05-06 10:20:30"})
		if err != nil {
			tb.Fatal(err)
		}
		w.Write(line)
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	return path
}

func benchmarkParts(b *testing.B) *parts {
	b.Helper()
	cfg := defaults()
	cfg.Data = b.TempDir()
	cfg.Log.Level = "error"
	p, err := newParts(cfg)
	if err != nil {
		b.Fatal(err)
	}
	p.logger = slog.New(slog.DiscardHandler)
	if err := openAll(b.Context(), p); err != nil {
		b.Fatal(err)
	}
	return p
}

// bareInsert is how long the same tokens take into a bare table, in batches of 500.
func bareInsert(b *testing.B, seg *segment.Segmenter, texts []string) time.Duration {
	b.Helper()
	rows := make([]string, len(texts))
	for i, t := range texts {
		rows[i] = strings.Join(seg.Tokens(t), " ")
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE VIRTUAL TABLE bare USING fts5(text, content='', contentless_delete=1)`); err != nil {
		b.Fatal(err)
	}
	return timed(func() {
		for at := 0; at < len(rows); at += 500 {
			tx, err := db.Begin()
			if err != nil {
				b.Fatal(err)
			}
			for i, text := range rows[at:min(at+500, len(rows))] {
				if _, err := tx.Exec(`INSERT INTO bare(rowid, text) VALUES (?, ?)`, at+i+1, text); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
