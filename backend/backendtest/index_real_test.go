package backendtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/yanyiwu/gojieba"

	"github.com/huiying/huiying/backend/elastic"
	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/opinion"
)

// jieba is the product's kind of tokenizer, with the plain dictionary.
type jieba struct{ *gojieba.Jieba }

func (j jieba) Tokens(text string) []string {
	return strings.Fields(strings.ToLower(strings.Join(j.CutForSearch(text, false), " ")))
}

// cityPosts reads the posts of a city's message board, with assessments that vary.
func cityPosts(t testing.TB, tok opinion.Tokenizer) []opinion.Doc {
	t.Helper()
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: there are no real posts to search")
	}
	f, err := os.Open(filepath.Join(shared, "data", "messages_2019.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var docs []opinion.Doc
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 0; lines.Scan(); n++ {
		var row struct {
			ID, Title, Text string
			PublishedAt     string `json:"published_at"`
			Likes           int
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		at, err := time.ParseInLocation(time.DateTime, row.PublishedAt, opinion.ChinaTime)
		if err != nil {
			if at, err = time.ParseInLocation("2006-01-02 15:04", row.PublishedAt, opinion.ChinaTime); err != nil {
				t.Fatal(err)
			}
		}
		d := opinion.Doc{
			Post: opinion.Post{ID: opinion.PostID("city", row.ID), Source: []string{"12345", "renmin"}[n%2], SourceID: row.ID, Title: row.Title, Text: row.Text,
				Channel: opinion.ChannelWebMessage, PublishedAt: at.UTC(), ReceivedAt: at.UTC(), PublishedKnown: true, Likes: row.Likes},
			Assessment: opinion.Assessment{Topic: fmt.Sprintf("topic.%d", n%31), Risk: opinion.Risk(n % 4), Score: float64(n*7%400) / 4, Sentiment: n%3 - 1,
				Intent: []string{"投诉", "咨询", "建议"}[n/3%3], Streets: []string{fmt.Sprintf("street-%d", n%16)}},
			TitleTokens: strings.Join(tok.Tokens(row.Title), " "), TextTokens: strings.Join(tok.Tokens(row.Text), " "), Version: 1,
		}
		if n%5 == 0 {
			d.Assessment.Kinds = []string{"K1", fmt.Sprintf("K%d", n/5%5+2)}
		}
		docs = append(docs, d)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return docs
}

func openSQLite(t testing.TB, tok opinion.Tokenizer) opinion.Index {
	t.Helper()
	x, err := sqlite.OpenIndex(filepath.Join(t.TempDir(), "index.db"), tok)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func fill(t testing.TB, x opinion.Index, docs []opinion.Doc) {
	t.Helper()
	for part := range slices.Chunk(docs, 500) {
		if err := x.Put(t.Context(), part); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func parse(t *testing.T, text string) opinion.Query {
	t.Helper()
	q, err := opinion.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// pages reads all pages of a search and returns the IDs in order.
func pages(t *testing.T, x opinion.Index, s opinion.Search) (ids []string, first opinion.Result) {
	t.Helper()
	s.Limit = opinion.MaxHits
	for {
		r, err := x.Search(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if s.After == "" {
			first = r
		}
		for _, h := range r.Hits {
			ids = append(ids, h.Post.ID)
		}
		if s.After = r.Next; r.Next == "" {
			return ids, first
		}
	}
}

var usualTerms = strings.Fields(`停车 物业费 噪音扰民 丽发新城 拖欠工资 小区 违建 油烟 公交车 学校 补课 教育局 房产证 开发商 电梯 加装电梯 业委会 业主委员会 夜间施工
	垃圾 污水 自来水 天然气 暖气 医保 社保 公积金 拆迁 征地 补偿款 农民工 交房 逾期交房 学位 幼儿园 渣土车 红绿灯 路灯 广场舞 传销 诈骗 环境污染 A7县 泉星公园
	扰民 收费 乱收费 停车费 停车位 停车场 乱停车 村民 城管 12345 KTV 地铁3号线 搅拌站 混凝土 麻将馆 下水道 停水 停电 非法集资 人才补贴 购房补贴 落户 户口 二手房 退费 退款 健身房 培训机构`)

// TestIndexMissesNothing measures what terms find against plain substring search.
func TestIndexMissesNothing(t *testing.T) {
	tok := jieba{gojieba.NewJieba()}
	defer tok.Free()
	docs := cityPosts(t, tok)
	x := openSQLite(t, tok)
	fill(t, x, docs)
	right, wrong, missed := 0, 0, 0
	for _, term := range usualTerms {
		got, _ := pages(t, x, opinion.Search{Query: parse(t, term)})
		found := map[string]bool{}
		for _, id := range got {
			found[id] = true
		}
		for _, d := range docs {
			fold := strings.ToLower(term)
			stands := strings.Contains(strings.ToLower(d.Post.Title), fold) || strings.Contains(strings.ToLower(d.Post.Text), fold)
			switch {
			case stands && found[d.Post.ID]:
				right++
			case stands:
				missed++
			case found[d.Post.ID]:
				wrong++
			}
		}
	}
	recall, precision := float64(right)/float64(right+missed), float64(right)/float64(right+wrong)
	t.Logf("%d terms, %d posts: recall %.4f, precision %.4f against substrings", len(usualTerms), right+missed, recall, precision)
	if recall < 0.99 || precision < 0.999 {
		t.Errorf("recall %.4f or precision %.4f fell below 0.99 and 0.999", recall, precision)
	}
}

// TestIndexesAgree asks both indexes the same thirty questions of the same real posts.
func TestIndexesAgree(t *testing.T) {
	server := os.Getenv("HUIYING_TEST_ELASTIC")
	if server == "" && os.Getenv("HUIYING_TEST_SERVERS") == "required" {
		t.Fatal("HUIYING_TEST_ELASTIC is not set and HUIYING_TEST_SERVERS=required asks for it")
	}
	if server == "" {
		t.Skip("HUIYING_TEST_ELASTIC is not set: there is no Elasticsearch to compare with")
	}
	tok := jieba{gojieba.NewJieba()}
	defer tok.Free()
	docs := cityPosts(t, tok)
	small, large := openSQLite(t, tok), openElastic(t, server, tok)
	for name, x := range map[string]opinion.Index{"sqlite": small, "elastic": large} {
		start := time.Now()
		fill(t, x, docs)
		t.Logf("%s: %d posts searchable after %v", name, len(docs), time.Since(start))
		fill(t, x, docs[:1000]) // a second import adds nothing
	}
	found := 0
	for _, query := range []string{
		"", "停车", "物业费", "噪音扰民", "丽发新城", "拖欠工资", "停车 收费", "停车 或 噪音", "物业 -收费", "（停车 或 车位） 物业 非 小区", "业主委员会",
		"“夜间施工” 噪音", "title:停车", "title:公交车 或 title:地铁", "-小区", "小", "12345", "KTV", "topic:topic.7", "risk:>=2 停车", "risk:3 intent:投诉",
		"score:>=60 扰民", "source:12345 学校", "kind:K4", "kind:K1 street:street-3", "sentiment:-1 拆迁", "date:2019-01-01..2019-02-01", "after:2019-06-01 before:2019-07-01 电梯",
		"history:true 或 幼儿园", "(date:2019-08-06 或 title:垃圾) -title:分类 risk:<3",
	} {
		for _, order := range []opinion.Sort{opinion.SortTime, opinion.SortRisk, opinion.SortRelevance} {
			s := opinion.Search{Query: parse(t, query), Sort: order, Facets: opinion.Facets, Histogram: "week"}
			a, first := pages(t, small, s)
			b, second := pages(t, large, s)
			if !slices.Equal(a, b) {
				t.Errorf("%s by %s: %d posts on SQLite, %d on Elasticsearch, or in another order", query, order, len(a), len(b))
			}
			found += len(a)
			first.Next, second.Next = "", "" // they need not be the same text
			if diff := cmp.Diff(first, second); diff != "" {
				t.Errorf("%s by %s (-sqlite +elastic):\n%.2000s", query, order, diff)
			}
		}
	}
	if found < 5*len(docs) {
		t.Errorf("only %d posts were found by all questions", found)
	}
}

func openElastic(t testing.TB, server string, tok opinion.Tokenizer) opinion.Index {
	t.Helper()
	prefix := fmt.Sprintf("hytest-%012x", rand.Uint64()>>16)
	x, err := elastic.Open(t.Context(), elastic.Config{URLs: []string{server}, Prefix: prefix}, tok, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Dropping every month leaves only the empty index of events and the templates.
		if _, err := x.DeleteBefore(context.Background(), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
			t.Error(err)
		}
		for _, path := range []string{prefix + "-events-v1", "_index_template/" + prefix + "-posts-v1", "_index_template/" + prefix + "-events-v1"} {
			req, err := http.NewRequest(http.MethodDelete, server+"/"+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Error(err)
				continue
			}
			res.Body.Close()
		}
		x.Close()
	})
	return x
}

// BenchmarkIndexesPut puts the real posts into both indexes until they are searchable.
func BenchmarkIndexesPut(b *testing.B) {
	tok := jieba{gojieba.NewJieba()}
	defer tok.Free()
	docs := cityPosts(b, tok)
	measure := func(name string, open func() opinion.Index) {
		b.Run(name, func(b *testing.B) {
			var spent time.Duration
			for range b.N {
				x := open()
				for i := range docs { // the months' indexes exist before the clock starts
					if i%100 == 0 {
						d := docs[i]
						d.Post.ID += "x"
						fill(b, x, []opinion.Doc{d})
					}
				}
				start := time.Now()
				fill(b, x, docs)
				spent += time.Since(start)
			}
			b.ReportMetric(float64(len(docs)*b.N)/spent.Seconds(), "posts/s")
		})
	}
	measure("sqlite", func() opinion.Index { return openSQLite(b, tok) })
	if server := os.Getenv("HUIYING_TEST_ELASTIC"); server != "" {
		measure("elastic", func() opinion.Index { return openElastic(b, server, tok) })
	}
}
