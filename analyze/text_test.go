package analyze

import (
	"io/fs"
	"testing"

	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/seeds"
)

// TestShippedTextModelFits: the release's model has every head, and the topics are those of
// its policy.
func TestShippedTextModelFits(t *testing.T) {
	data, err := fs.ReadFile(seeds.Models, "text.model")
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 6<<20 {
		t.Errorf("the model has %d bytes, more than 6 MiB", len(data))
	}
	weights, err := fs.ReadFile(seeds.Models, "risk.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := openModels(data, weights)
	if err != nil {
		t.Fatal(err)
	}
	topics := testAnalyzer().topics.Topics()
	classes := m.Classes(m.Head(topic.FineHead))
	if len(classes) != len(topics)+1 {
		t.Errorf("the model knows %d topics, the policy %d: train it again", len(classes)-1, len(topics))
	}
	for _, cut := range []int{0, 10, len(data) / 2, len(data) - 1} {
		if _, err := openModels(data[:cut], weights); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("a model of %d bytes: %v", cut, err)
		}
	}
	for _, other := range []string{"", "{", `{"text":"another"}`} {
		if _, err := openModels(data, []byte(other)); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("weights %q: %v", other, err)
		}
	}
}

func TestTextModelOfAnotherReleaseIsRefused(t *testing.T) {
	c := linear.NewCorpus([]linear.Text{{Body: "路灯"}, {Body: "路灯"}}, textSpec)
	h := linear.Head{Name: EmotionHead, Classes: []string{"a"}, Kind: linear.AnyOf, Samples: []linear.Sample{{Values: []float64{1}, Weight: 1}}, Config: linear.Config{Cost: 1}}
	m, err := linear.Join([]*linear.Fitted{c.Fit(h, c.Choose([]linear.Head{h}, 10))}, []float64{1})
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Encode(linear.Card{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openModels(data, nil); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("a model without topics: %v", err)
	}
}

func TestCoarseAndEmotion(t *testing.T) {
	a := testAnalyzer()
	if c, ok := a.Coarse(post(1, "学校乱收费", "孩子的学校强制收取补课费，老师体罚学生。")); !ok || c.Name != "教育文体" || c.Probability < 0.5 {
		t.Errorf("%+v %v", c, ok)
	}
	if name, p, ok := a.Emotion(post(1, "", "气死我了，太过分了，滚！")); !ok || name != "angry" || p <= 1.0/6 || p > 1 {
		t.Errorf("%s %v %v", name, p, ok)
	}
}
