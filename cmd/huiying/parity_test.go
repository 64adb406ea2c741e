package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// realFiles are the real messages that both kinds of parts must treat alike. They are
// outside the project; HUIYING_SHARED names their folder.
var realFiles = []struct {
	name string
	rows int
}{{"messages_2019", 4326}, {"messages_gas_2022", 1050}, {"messages_hangzhou", 1661}}

// questions are what staff ask: words, phrases, operators, fields, dates.
var questions = []string{
	"", "停车", "停车 收费", "停车 与 收费 非 地铁", "暖气 或 供暖", "(暖气 或 供热) 与 不热", `"物业费"`, `"业主委员会" 或 业委会`,
	"噪音", "噪音 扰民 夜间", "拖欠工资", "农民工 与 工资", "公积金 贷款", "幼儿园", "小学 与 学位", "医保 报销", "公交 线路",
	"地铁 噪音", "违建", "油烟 非 餐饮", "risk:>=2", "risk:3", "topic:edu.school", "topic:urban.traffic risk:>=1", "intent:投诉 停水",
	"sentiment:1", "date:2019-01-01..2019-03-31 拆迁", "before:2019-06-01 物业", "source:messages_hangzhou 杭州", "天然气 与 (停气 或 断供 或 不足)", "score:>=60 老人",
}

// TestServersAgreeWithEmbedded imports the real files on both kinds of parts and asks
// both the same questions.
func TestServersAgreeWithEmbedded(t *testing.T) {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("NOT RUN: HUIYING_SHARED names no folder of real messages")
	}
	one, two := embedded(t), onServers(t)
	for _, f := range realFiles {
		path := filepath.Join(shared, "data", f.name+".jsonl")
		for _, i := range []*installation{one, two} {
			got := i.importFile(path)
			t.Logf("%s: %+v", f.name, got)
			if got.Read != f.rows || got.Accepted != f.rows || got.Indexed != f.rows || got.Rejected != 0 {
				t.Errorf("%s: %+v, want %d rows accepted and indexed", f.name, got, f.rows)
			}
		}
	}
	for _, i := range []*installation{one, two} {
		again := i.importFile(filepath.Join(shared, "data", realFiles[0].name+".jsonl"))
		if again.Accepted != 0 || again.Indexed != 0 || again.Duplicates != realFiles[0].rows {
			t.Errorf("a second import added something: %+v", again)
		}
	}
	a, b := one.serve().signIn("jiance", "staff", ""), two.serve().signIn("jiance", "staff", "")
	for _, q := range questions {
		for _, order := range []string{"time", "risk"} {
			path := fmt.Sprintf("/api/v1/posts?limit=50&facets=topic,risk,source,channel,kind,intent,sentiment,street&histogram=week&sort=%s&q=%s", order, url.QueryEscape(q))
			x, y := a.answer(path), b.answer(path)
			if x.Total == 0 {
				t.Errorf("%q finds nothing: it compares nothing", q)
			}
			if d := cmp.Diff(x, y); d != "" {
				t.Errorf("%q by %s differs (-embedded +servers):\n%s", q, order, d)
			}
		}
	}
}

func (i *installation) importFile(path string) imported {
	i.t.Helper()
	var r imported
	if err := json.Unmarshal([]byte(lastLine(i.run("import", "--json", path))), &r); err != nil {
		i.t.Fatal(err)
	}
	return r
}

// answered is what must be equal on both.
type answered struct {
	Total  int
	Hits   []struct{ ID string }
	Facets map[string][]struct {
		Value string
		Count int
	}
	Histogram []struct {
		Start string
		Count int
	}
}

func (b *browser) answer(path string) answered {
	b.t.Helper()
	var out answered
	if code := b.call("GET", path, nil, &out); code != http.StatusOK {
		b.t.Fatalf("%s: %d", path, code)
	}
	return out
}
