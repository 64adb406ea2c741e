package risk

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

const first lexicon.List = 2

// shipped is the model of the shipped policy with its lexicon.
var shipped = sync.OnceValues(func() (*Model, *lexicon.Lexicon) {
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		panic(err)
	}
	var b lexicon.Builder
	return New(pol.Risk, &b, first), b.Build()
})

// judge assesses a text with the shipped policy. Matches count as whole words but for
// those inside the words given.
func judge(likes int, text string, words ...string) Result {
	m, lex := shipped()
	matches := lex.Scan(text, nil, &lexicon.Scratch{})
	for i, match := range matches {
		matches[i].Whole = !slices.ContainsFunc(words, func(w string) bool {
			at := strings.Index(text, w)
			return at >= 0 && int(match.ByteStart) >= at && int(match.ByteEnd) <= at+len(w) && int(match.ByteEnd-match.ByteStart) < len(w)
		})
	}
	return m.Assess(Input{Body: text, Matches: matches, First: first, Post: opinion.Post{Likes: likes}})
}

// named returns the points of a factor, and whether it is there.
func named(r Result, name, kind string) (float64, bool) {
	for _, f := range r.Factors {
		if f.Name == name && (kind == "" || f.Kind == kind) {
			return f.Points, true
		}
	}
	return 0, false
}

func TestLevels(t *testing.T) {
	for text, want := range map[string]opinion.Risk{
		"请问居住证怎么办理？需要什么材料？谢谢！":                      0,
		"建议在护城河边增设几张长椅，方便老人休息。":                     0,
		"楼下的路灯坏了，晚上看不见，请派人修理。":                      1,
		"我们小区几百户业主被开发商欺骗，房屋烂尾多年，多次投诉无果，强烈要求查处官商勾结！": 2,
		"幸福小区5号楼燃气泄漏，味道很大，请赶紧派人来！":                  3,
		"国道边的仓库起火了，浓烟滚滚，请快来人！":                      3,
		"小区燃气泄漏，已经两人昏迷送医院抢救，几百户居民非常危险，多次报修没人管！":     3,
		"工地坍塌，三名工人死亡，十几人重伤，家属多次反映，有关部门不管不问，强烈要求严惩！": 3,
		"业主们聚众堵路，保安殴打业主，多人被打伤，派出所迟迟不来，强烈要求处理！":      3,
	} {
		if got := judge(0, text); got.Risk != want {
			t.Errorf("%s: risk %d (score %.1f), want %d: %+v", text, got.Risk, got.Score, want, got.Factors)
		}
	}
}

// TestCircumstances compares a statement with the same one taken back or set elsewhere.
func TestCircumstances(t *testing.T) {
	for _, c := range []struct {
		name, plain, changed string
		words                []string
	}{
		{"negation", "小区发生坍塌", "小区没有坍塌", nil},
		{"supposition", "小区发生坍塌", "小区万一坍塌", nil},
		{"drill", "小区着火了", "小区着火应急演练", nil},
		{"film", "楼里着火了", "电影里楼里着火了", nil},
		{"trap", "有人要跳楼", "全场跳楼价", nil},
	} {
		plain, changed := judge(0, c.plain, c.words...), judge(0, c.changed, c.words...)
		if changed.Score >= plain.Score {
			t.Errorf("%s: %q has %.1f, %q has %.1f", c.name, c.plain, plain.Score, c.changed, changed.Score)
		}
	}
	if _, ok := named(judge(0, "小区没有坍塌"), "negated", ""); !ok {
		t.Error("a denied term is not shown")
	}
	// The 非 of 非常 and a negation of another clause deny nothing.
	for _, text := range []string{"非常危险，坍塌", "没有人管，坍塌了"} {
		if _, ok := named(judge(0, text, "非常"), "danger_now", ""); !ok {
			t.Errorf("%s: the danger is denied", text)
		}
	}
}

func TestMoreOfAReasonNeverCalms(t *testing.T) {
	reasons := []string{"死亡", "重伤", "坍塌", "殴打", "聚众", "自杀", "全体业主", "孩子", "致癌", "安全隐患", "停水", "烂尾", "贪污", "不作为", "多次投诉", "天理", "上访", "拆迁", "上千人"}
	rapid.Check(t, func(rt *rapid.T) {
		have := rapid.SliceOfN(rapid.SampledFrom(reasons), 0, 8).Draw(rt, "have")
		more := rapid.SampledFrom(reasons).Draw(rt, "more")
		text := strings.Join(have, "。")
		before, after := judge(0, text), judge(0, text+"。"+more)
		if after.Score < before.Score {
			rt.Errorf("%q has %.1f, with %s %.1f", text, before.Score, more, after.Score)
		}
	})
}

func TestAttentionRaisesTheScore(t *testing.T) {
	last := 0.0
	for _, likes := range []int{0, 4, 100, 10_000, math.MaxInt32} {
		got := judge(likes, "路灯不亮").Score
		if got < last || got > 100 {
			t.Errorf("%d likes: %.1f after %.1f", likes, got, last)
		}
		last = got
	}
}

func TestKindsAreSortedAndKnown(t *testing.T) {
	r := judge(0, "全体业主联名举报村干部贪污受贿，多次反映不作为，保安殴打老人，聚众堵门，央视曝光，政策一刀切，虐童")
	if want := "K1 K2 K3 K4 K5 K6"; strings.Join(r.Kinds, " ") != want {
		t.Errorf("kinds %v, want %s", r.Kinds, want)
	}
}

func TestSentimentAndIntent(t *testing.T) {
	for text, want := range map[string]string{
		"感谢社区工作人员，点赞！":     "表扬 1",
		"请问公租房如何申请？":       "咨询 0",
		"建议增加公交班次，希望尽快开通。": "建议 0",
		"举报无证作坊非法生产，请严查！":  "举报 -1",
		"今天的晚霞":            "其他 0",
		"投诉物业乱收费，问题严重，多次反映一直没有解决，推诿敷衍！": "投诉 -1",
	} {
		r := judge(0, text)
		if got := r.Intent + " " + map[int]string{-1: "-1", 0: "0", 1: "1"}[r.Sentiment]; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestNumbersOfPeople(t *testing.T) {
	for text, want := range map[string]float64{
		"小区有1200户居民":      1200,
		"三百多户业主":          300,
		"上百名工人":           100,
		"数千人":             3000,
		"两千余业主受害":         2000,
		"1.2万人":           12000,
		"一百二十三名学生":        123,
		"几十户人家":           30,
		"十几个孩子":           13,
		"三十来户":            30,
		"4655人":           4655,
		"受害人达4655人，共1.9亿": 4655,
		"三个人":             0, // fewer than ten
		"2019年3月12日":      0,
		"拨打12345":         0,
		"赔偿30万元":          0,
		"1000个车位":         0,
		"12人大代表":          0,
		"138123456789人":   0, // too long for a count
		"上海":              0,
		"几年":              0,
		"百姓":              0,
		"":                0,
	} {
		got, ok := largest(text)
		if ok != (want > 0) || ok && got.n != want {
			t.Errorf("%s: %v %v, want %v", text, got.n, ok, want)
		}
		if ok && !strings.Contains(text, got.where.Word) {
			t.Errorf("%s: evidence %q", text, got.where.Word)
		}
	}
}

func FuzzLargest(f *testing.F) {
	f.Add("三百多万户")
	f.Add("1.2.3万名\xff几")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := largest(text)
		if math.IsNaN(got.n) || math.IsInf(got.n, 0) {
			t.Fatalf("%q: %v", text, got.n)
		}
		if !ok || !utf8.ValidString(text) {
			return
		}
		r := []rune(text)
		if got.where.End > len(r) || string(r[got.where.Start:got.where.End]) != got.where.Word {
			t.Errorf("%q: %q is not at [%d, %d)", text, got.where.Word, got.where.Start, got.where.End)
		}
	})
}
