package sqlite_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yanyiwu/gojieba"

	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/opinion"
)

// jieba is the product's kind of tokenizer, with the plain dictionary. There is one a
// process, as gojieba wants it.
type jieba struct{ *gojieba.Jieba }

func (j jieba) Tokens(text string) []string {
	return strings.Fields(strings.ToLower(strings.Join(j.CutForSearch(text, false), " ")))
}

// realDocs reads the posts of a city's message board with made-up but varied assessments,
// again and again with new IDs until there are n.
func realDocs(b testing.TB, tok opinion.Tokenizer, n int) []opinion.Doc {
	b.Helper()
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		b.Skip("HUIYING_SHARED is not set: there are no real posts to measure with")
	}
	f, err := os.Open(filepath.Join(shared, "data", "messages_2019.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var docs []opinion.Doc
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct {
			ID, Title, Text string
			PublishedAt     string `json:"published_at"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			b.Fatal(err)
		}
		at, err := time.ParseInLocation(time.DateTime, row.PublishedAt, opinion.ChinaTime)
		if err != nil {
			at = time.Date(2019, 6, 1, 0, 0, 0, 0, time.UTC)
		}
		docs = append(docs, opinion.Doc{
			Post:        opinion.Post{SourceID: row.ID, Title: row.Title, Text: row.Text, PublishedAt: at.UTC(), ReceivedAt: at.UTC()},
			TitleTokens: strings.Join(tok.Tokens(row.Title), " "), TextTokens: strings.Join(tok.Tokens(row.Text), " "), Version: 1,
		})
	}
	if err := lines.Err(); err != nil {
		b.Fatal(err)
	}
	out := make([]opinion.Doc, n)
	for i := range out {
		d := docs[i%len(docs)]
		d.Post.Source, d.Post.Channel = fmt.Sprintf("source-%d", i%5), []opinion.Channel{opinion.ChannelPublic, opinion.ChannelHotline}[i%2]
		d.Post.ID = opinion.PostID("bench", fmt.Sprint(i))
		d.Post.PublishedAt = d.Post.PublishedAt.Add(time.Duration(i) * 7 * time.Second)
		h := i * 2654435761 >> 7
		d.Assessment = opinion.Assessment{Topic: fmt.Sprintf("topic.%d", h%31), Risk: opinion.Risk(h / 31 % 4), Score: float64(h%10000) / 100,
			Intent: []string{"投诉", "求助", "咨询", "建议"}[h/7%4], Sentiment: h/5%3 - 1, Fingerprint: []uint64{uint64(h), uint64(i)}}
		if h%3 == 0 {
			d.Assessment.Kinds = []string{fmt.Sprintf("K%d", h/3%6+1)}
		}
		if h%4 == 0 {
			d.Assessment.Streets = []string{fmt.Sprintf("street-%d", h/4%16)}
		}
		out[i] = d
	}
	return out
}

// batch is how many posts the analyser puts at a time.
const batch = 500

// BenchmarkIndexPut measures Put beside the bare full-text insertion of the same tokens.
func BenchmarkIndexPut(b *testing.B) {
	tok := jieba{gojieba.NewJieba()}
	defer tok.Free()
	docs := realDocs(b, tok, 8500)
	b.Run("bare_fts5", func(b *testing.B) {
		for b.Loop() {
			bareInsert(b, docs)
		}
		b.ReportMetric(float64(len(docs)*b.N)/b.Elapsed().Seconds(), "posts/s")
	})
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			x, err := sqlite.OpenIndex(filepath.Join(b.TempDir(), "index.db"), tok)
			if err != nil {
				b.Fatal(err)
			}
			putAll(b, x, docs)
			if err := x.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(docs)*b.N)/b.Elapsed().Seconds(), "posts/s")
	})
}

func putAll(b testing.TB, x opinion.Index, docs []opinion.Doc) {
	b.Helper()
	for len(docs) > 0 {
		n := min(batch, len(docs))
		if err := x.Put(b.Context(), docs[:n]); err != nil {
			b.Fatal(err)
		}
		docs = docs[n:]
	}
}

func bareInsert(b *testing.B, docs []opinion.Doc) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE VIRTUAL TABLE words USING fts5(title, text, content='')"); err != nil {
		b.Fatal(err)
	}
	for at := 0; at < len(docs); at += batch {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		insert, err := tx.Prepare("INSERT INTO words(rowid, title, text) VALUES (?,?,?)")
		if err != nil {
			b.Fatal(err)
		}
		for i, d := range docs[at:min(at+batch, len(docs))] {
			if _, err := insert.Exec(at+i+1, d.TitleTokens, d.TextTokens); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkIndexSearch measures questions to 100,000 posts.
func BenchmarkIndexSearch(b *testing.B) {
	tok := jieba{gojieba.NewJieba()}
	defer tok.Free()
	docs := realDocs(b, tok, 100_000)
	path := filepath.Join(b.TempDir(), "index.db")
	x, err := sqlite.OpenIndex(path, tok)
	if err != nil {
		b.Fatal(err)
	}
	defer x.Close()
	start := time.Now()
	putAll(b, x, docs)
	size, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("100,000 posts put in %v, %d MB", time.Since(start), size.Size()>>20)
	for _, c := range []struct {
		name  string
		query string
		sort  opinion.Sort
		all   bool // with all facets and a histogram
	}{
		{"everything_facets", "", opinion.SortTime, true},
		{"everything_risk_facets", "", opinion.SortRisk, true},
		{"broad_facets", "小区", opinion.SortTime, true},
		{"broad_relevance_facets", "小区 或 业主", opinion.SortRelevance, true},
		{"broad", "小区", opinion.SortTime, false},
		{"narrow_facets", "搅拌站 噪音", opinion.SortTime, true},
		{"narrow_relevance", "丽发新城", opinion.SortRelevance, true},
		{"not_facets", "-小区", opinion.SortTime, true},
		{"prefix_of_one_character", "小", opinion.SortTime, true},
		{"field_facets", "topic:topic.7 risk:>=2", opinion.SortTime, true},
		{"day", "date:2019-06-03", opinion.SortTime, true},
	} {
		b.Run(c.name, func(b *testing.B) {
			q, err := opinion.ParseQuery(c.query)
			if err != nil {
				b.Fatal(err)
			}
			s := opinion.Search{Query: q, Sort: c.sort}
			if c.all {
				s.Facets, s.Histogram = opinion.Facets, "day"
			}
			var r opinion.Result
			for b.Loop() {
				if r, err = x.Search(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(r.Total), "matches")
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/op")
		})
	}
}
