package topic

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

const list lexicon.List = 3

func model(topics ...policy.Topic) func(title, text string) Result {
	var b lexicon.Builder
	m := New(topics, Heads{}, &b, list)
	b.Add(list+1, 0, "停电") // another list's word must not vote
	lex := b.Build()
	return func(title, text string) Result {
		body := opinion.Post{Title: title, Text: text}.Body()
		matches := lex.Scan(body, nil, &lexicon.Scratch{})
		in := linear.Text{Body: body, TitleEnd: utf8.RuneCountInString(title), Cuts: []int32{int32(utf8.RuneCountInString(body))}}
		return m.Classify(Input{Text: in, Matches: matches}, &Scratch{})
	}
}

var classify = model(
	policy.Topic{ID: "utility", Keywords: []string{"燃气", "停水", "路灯", "跑路"}},
	policy.Topic{ID: "emergency", Keywords: []string{"燃气泄漏", "火灾", "受伤", "死亡"}, WeakAlone: []string{"受伤", "死亡"}},
	policy.Topic{ID: "school", Keywords: []string{"学校", "老师", "跑路"}, WeakAlone: []string{"学校", "老师"}},
)

func TestClassify(t *testing.T) {
	for _, c := range []struct{ name, title, text, want string }{
		{"nothing", "", "今天天气好", opinion.NoTopic},
		{"empty", "", "", opinion.NoTopic},
		{"a keyword", "", "小区停水", "utility"},
		{"the longest keyword counts", "", "燃气泄漏", "emergency"},
		{"both where both stand", "燃气", "没有燃气，学校", "utility"},
		{"one weak word does not vote", "", "有人受伤", opinion.NoTopic},
		{"the same weak word twice does not vote", "", "受伤又受伤", opinion.NoTopic},
		{"two weak words vote", "", "学校的老师", "school"},
		{"the title weighs more", "火灾", "停水了", "emergency"},
		{"another list's word", "", "停电", opinion.NoTopic},
	} {
		got := classify(c.title, c.text)
		if got.Topics[0].Topic != c.want {
			t.Errorf("%s: %+v, want %s", c.name, got.Topics, c.want)
		}
	}
}

func TestCoveredKeywordsGiveNoEvidence(t *testing.T) {
	for _, s := range classify("", "燃气泄漏了").Topics {
		for _, e := range s.Evidence {
			if e.Word == "燃气" {
				t.Errorf("%s shows 燃气, which 燃气泄漏 covers", s.Topic)
			}
		}
	}
}

func TestASecondMatterIsNamed(t *testing.T) {
	if got := classify("", "停水，路灯不亮，火灾，燃气泄漏"); got.Second == "" || got.Second == got.Topics[0].Topic {
		t.Errorf("second matter is %q beside %q", got.Second, got.Topics[0].Topic)
	}
	if got := classify("", "停水"); got.Second != "" {
		t.Errorf("a post of one matter has a second, %q", got.Second)
	}
}

func TestProbabilities(t *testing.T) {
	word := rapid.SampledFrom([]string{"燃气", "停水", "路灯", "跑路", "燃气泄漏", "火灾", "受伤", "学校", "老师", "，", "好的"})
	rapid.Check(t, func(rt *rapid.T) {
		title := strings.Join(rapid.SliceOfN(word, 0, 3).Draw(rt, "title"), "")
		text := strings.Join(rapid.SliceOfN(word, 0, 20).Draw(rt, "text"), "")
		got := classify(title, text)
		sum, last := 0.0, 1.0
		for _, s := range got.Topics {
			if s.Probability < 0 || s.Probability > last || math.IsNaN(s.Probability) {
				rt.Fatalf("probabilities %+v", got.Topics)
			}
			last = s.Probability
			sum += s.Probability
		}
		if len(got.Topics) > 3 || sum > 1.001 {
			rt.Fatalf("%d topics with %.3f", len(got.Topics), sum)
		}
	})
}
