package risk

import (
	"io/fs"
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
	m := New(pol.Risk, Learned{weights: shippedWeights()}, &b, first)
	return m, b.Build()
})

func shippedWeights() Weights {
	data, err := fs.ReadFile(seeds.Models, "risk.json")
	if err != nil {
		panic(err)
	}
	w, err := ReadWeights(data)
	if err != nil {
		panic(err)
	}
	return w
}

// input is a text for the shipped policy. Matches count as whole words but for those
// inside the words given.
func input(likes int, text string, words ...string) Input {
	_, lex := shipped()
	matches := lex.Scan(text, nil, &lexicon.Scratch{})
	for i, match := range matches {
		matches[i].Whole = !slices.ContainsFunc(words, func(w string) bool {
			at := strings.Index(text, w)
			return at >= 0 && int(match.ByteStart) >= at && int(match.ByteEnd) <= at+len(w) && int(match.ByteEnd-match.ByteStart) < len(w)
		})
	}
	return Input{Body: text, Matches: matches, First: first, Post: opinion.Post{Likes: likes}, Scratch: new(Scratch)}
}

// judge assesses a text by facts alone, without a text model.
func judge(likes int, text string, words ...string) Result {
	m, _ := shipped()
	return m.Assess(input(likes, text, words...))
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

// facts are the facts of a text, by name.
func facts(text string, words ...string) map[string]float64 {
	m, _ := shipped()
	out := map[string]float64{}
	for i, x := range m.Facts(input(0, text, words...)) {
		out[m.facts[i].id()] = x
	}
	return out
}

// TestStated tells incidents that happened from those that are denied, supposed, told of
// elsewhere, quoted, or only sound like one.
func TestStated(t *testing.T) {
	for _, c := range []struct {
		text, fact string
		stated     bool
	}{
		{"工地坍塌，三名工人死亡", "death", true},
		{"工地坍塌，三名工人死亡", "toll", true},
		{"工地坍塌，没有人死亡", "death", false},
		{"昨晚车棚起火了", "danger_now", true},
		{"车棚没有起火", "danger_now", false},
		{"一旦起火，消防车进不来", "danger_now", false},
		{"如果哪天半夜里车棚突然起火，谁来负责", "danger_now", false},
		{"车棚起火，后果不堪设想", "danger_now", false},
		{"本周举行火灾演练，模拟车棚起火", "danger_now", false},
		{"电影里车棚起火的场面", "danger_now", false},
		{"国外一座车棚起火", "danger_now", false},
		{"新闻里说某市车棚起火", "danger_now", false},
		{"刑法规定，致三人死亡的处有期徒刑", "death", false},
		{"这里的气味熏死人", "death", false},
		{"排队排得累死了", "death", false},
		{"人命关天的大事", "death", false},
		{"请问死亡证明怎么开", "death", false},
		{"他说活不下去，要跳楼", "self_harm", true},
		{"全场跳楼价", "self_harm", false},
		{"物业扬言弄死业主", "threat_life", true},
		{"业主在门口拉横幅", "crowd", true},
		{"楼上聚众赌博到半夜", "crowd", false},
		{"电梯罢工了", "crowd", false},
		{"不要等到出了人命才管", "death", false},
		{"差点烧死人", "death", false},
		{"非常危险，坍塌", "collapse", true},
		{"没有人管，坍塌了", "collapse", true},
	} {
		if got := facts(c.text, "非常")[c.fact] > 0; got != c.stated {
			t.Errorf("%s: %s stated is %v", c.text, c.fact, got)
		}
	}
	if x := facts("车棚一旦起火，消防车进不来")["supposed"]; x == 0 {
		t.Error("a fire that may come is no fact")
	}
	for _, c := range []struct{ name, text string }{{"negated", "小区没有坍塌"}, {"elsewhere", "某市大楼坍塌"}, {"played", "电影里大楼坍塌"}} {
		if _, ok := named(judge(0, c.text), c.name, ""); !ok {
			t.Errorf("%s: what is %s is not shown", c.text, c.name)
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

// TestSigns holds the shipped weights to the signs of the rules: what speaks for a risk
// never calms, and what speaks against one never alarms.
func TestSigns(t *testing.T) {
	m, _ := shipped()
	if err := shippedWeights().check(); err != nil {
		t.Error(err)
	}
	for i, f := range m.facts {
		if w := m.points.facts[i]; w*float64(f.sign) < 0 || f.sign == 0 && w != 0 {
			t.Errorf("%s has the weight %v against its sign %d", f.id(), w, f.sign)
		}
	}
}

func TestWeightsThatDoNotFitAreRefused(t *testing.T) {
	for name, w := range map[string]Weights{
		"a sign turned round": {Points: Head{Facts: map[string]float64{"death": -1}}},
		"an alarming thanks":  {Points: Head{Facts: map[string]float64{"solved": 0.1}}},
		"an unknown fact":     {Points: Head{Facts: map[string]float64{"detail": 1}}},
		"a fact without sign": {Points: Head{Facts: map[string]float64{"intent_投诉": 1}}},
		"a wording turned":    {Points: Head{Wording: []float64{0, -1, 0}}},
	} {
		if err := w.check(); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ReadWeights([]byte("{")); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("a broken file: %v", err)
	}
}

// TestPointsAddUp adds the points of a post's factors up: they are the score.
func TestPointsAddUp(t *testing.T) {
	words := []string{"死亡", "坍塌", "请问", "谢谢", "全体业主", "三百多户", "一旦", "没有", "停车", "！", "多次投诉", "殴打", "电影"}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 10).Draw(rt, "words"), "，")
		r := judge(0, text)
		sum := 0.0
		for _, f := range r.Factors {
			sum += f.Points
		}
		if math.Abs(sum-r.Score) > 1e-6 || r.Risk != level(r.Score) {
			rt.Errorf("%q: the points make %.2f, the score is %.2f, the risk %d", text, sum, r.Score, r.Risk)
		}
	})
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
