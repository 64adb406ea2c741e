package watch

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

func words(list []opinion.Evidence) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Word)
	}
	return strings.Join(out, " ")
}

func TestMatch(t *testing.T) {
	r := Compile(opinion.UnitTopic{
		Keywords: []string{"电梯 困人", "APP"}, Exclusions: []string{"招聘", "电梯 广告"},
		Words:     []opinion.TopicWord{{Word: "停运", Weight: 0.5}, {Word: "维保", Weight: 0.4}, {Word: "老人", Weight: 0.1}},
		Threshold: 0.6,
	})
	for _, c := range []struct {
		body                string
		belongs, excluded   bool
		score               float64
		keywords, exclusion string
	}{
		{"小区电梯又困人了", true, false, 0, "电梯 困人", ""},
		{"困人的电梯", true, false, 0, "困人 电梯", ""},
		{"小区电梯停了", false, false, 0, "", ""},
		{"手机App打不开", true, false, 0, "App", ""},
		{"电梯困人，维保公司招聘", false, true, 0.4, "电梯 困人", "招聘"},
		{"招聘保安", false, false, 0, "", "招聘"},
		{"停运一个月，老人下不了楼", true, false, 0.6, "", ""},
		{"停运一个月", false, false, 0.5, "", ""},
		{"停运维保，电梯里贴满广告", false, true, 0.9, "", "电梯 广告"},
		{"", false, false, 0, "", ""},
	} {
		m := r.Match(c.body)
		if m.Belongs != c.belongs || m.Excluded != c.excluded || math.Abs(m.Score-c.score) > 1e-9 || words(m.Keywords) != c.keywords || words(m.Exclusions) != c.exclusion {
			t.Errorf("%s: %+v", c.body, m)
		}
	}
}

// TestEvidencePointsAtWords: whatever the text, also with letters that change their length
// when their case does.
func TestEvidencePointsAtWords(t *testing.T) {
	piece := rapid.SampledFrom([]string{"电梯", "困人", "İ", "APP", "ẞ", "👩", "\xff", " ", "\n", "停"})
	rapid.Check(t, func(t *rapid.T) {
		body := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "body"), "")
		r := Compile(opinion.UnitTopic{Keywords: []string{"电梯", "app 困人", "i̇"}, Words: []opinion.TopicWord{{Word: "ß", Weight: 1}, {Word: "停", Weight: 1}}, Threshold: 1})
		m := r.Match(body)
		points := []rune(body)
		for _, e := range append(append(m.Keywords, m.Words...), m.Exclusions...) {
			if string(points[e.Start:e.End]) != string([]rune(e.Word)) {
				t.Fatalf("%q: %q is not at %d", body, e.Word, e.Start)
			}
		}
		if m.Belongs && len(m.Keywords)+len(m.Words) == 0 {
			t.Fatalf("%q belongs without evidence", body)
		}
	})
}

// TestQueryMissesNothing: every text that belongs matches the query, when terms are looked for
// as pieces of the text.
func TestQueryMissesNothing(t *testing.T) {
	piece := rapid.SampledFrom([]string{"电梯", "困人", "停运", "维保", "老人", "，"})
	rapid.Check(t, func(t *rapid.T) {
		topic := opinion.UnitTopic{Threshold: rapid.Float64Range(0.1, 1).Draw(t, "threshold")}
		for _, w := range rapid.SliceOfNDistinct(piece, 0, 4, rapid.ID).Draw(t, "words") {
			topic.Words = append(topic.Words, opinion.TopicWord{Word: w, Weight: rapid.Float64Range(0.01, 1).Draw(t, "weight")})
		}
		if rapid.Bool().Draw(t, "keyword") {
			topic.Keywords = []string{"电梯 困人"}
		}
		body := strings.Join(rapid.SliceOfN(piece, 0, 8).Draw(t, "body"), "")
		r := Compile(topic)
		if q := r.Query(); r.Match(body).Belongs && (q == nil || !holds(body, q)) {
			t.Fatalf("%q belongs to %+v, and the query %v misses it", body, topic, q)
		}
	})
}

func holds(body string, n opinion.Node) bool {
	switch n := n.(type) {
	case opinion.And:
		for _, c := range n.Nodes {
			if !holds(body, c) {
				return false
			}
		}
		return true
	case opinion.Or:
		for _, c := range n.Nodes {
			if holds(body, c) {
				return true
			}
		}
		return false
	default:
		return strings.Contains(body, n.(opinion.Term).Text)
	}
}

func TestLearn(t *testing.T) {
	background := []string{"领导 您好 路灯 不亮", "领导 您好 垃圾 没人 清理", "领导 您好 停车 太 乱", "领导 您好 噪音 扰民", "领导 您好 老人 办证", "领导 您好 电梯 广告"}
	examples := []string{"领导 您好 电梯 困人 老人 害怕", "领导 您好 电梯 困人 维保 不来"}
	got := Learn(examples, background, strings.Fields)
	weight := map[string]float64{}
	for _, w := range got {
		weight[w.Word] = w.Weight
	}
	if got[0].Word != "困人" || weight["领导"] != 0 || weight["电梯"] <= weight["维保"] || weight["来"] != 0 {
		t.Errorf("learned %v", got)
	}
	r := Compile(opinion.UnitTopic{Words: got, Threshold: 0.5})
	sum := 0.0
	for _, e := range examples {
		for _, w := range got {
			if strings.Contains(e, w.Word) {
				sum += w.Weight
			}
		}
		if m := r.Match(e); !m.Belongs {
			t.Errorf("%s: its own example weighs %v", e, m.Score)
		}
	}
	if math.Abs(sum/2-1) > 1e-9 {
		t.Errorf("an average example weighs %v", sum/2)
	}
	for _, b := range background {
		if m := r.Match(b); m.Belongs {
			t.Errorf("%s belongs: %v", b, m.Score)
		}
	}
	if got := Learn(nil, background, strings.Fields); got != nil {
		t.Errorf("learned %v from nothing", got)
	}
	if got := Learn(examples, nil, strings.Fields); len(got) == 0 {
		t.Error("learned nothing without a background")
	}
	if got := Learn([]string{"1 2 的"}, background, strings.Fields); got != nil {
		t.Errorf("learned %v from numbers", got)
	}
}

// TestWeightsTellNothingOfSinglePosts: a unit sees the weights, and could read from them whether
// somebody else's post holds a word that it typed.
func TestWeightsTellNothingOfSinglePosts(t *testing.T) {
	background := make([]string, 500)
	for i := range background {
		background[i] = "路灯 不亮"
	}
	weights := func() map[string]float64 {
		out := map[string]float64{}
		for _, w := range Learn([]string{"拆迁 某路三号"}, background, strings.Fields) {
			out[w.Word] = w.Weight
		}
		return out
	}
	before := weights()
	for i := range few {
		background[i] = "某路三号 漏水"
	}
	if after := weights(); before["某路三号"] != after["某路三号"] || before["拆迁"] != after["拆迁"] || len(after) != 2 {
		t.Errorf("a word of %d posts weighs %v, one of none %v", few, after, before)
	}
	background[few] = "某路三号 漏水"
	if after := weights(); after["某路三号"] >= after["拆迁"] {
		t.Errorf("a word that more hold does not weigh less: %v", after)
	}
}
