package linear

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

var (
	spec   = Spec{MinN: 2, MaxN: 3, Words: true, Title: 2, Signs: true}
	themes = [][]string{{"路灯", "井盖", "路面"}, {"学校", "老师", "幼儿园"}, {"医院", "医保", "疫苗"}}
	filler = []string{"我们", "小区", "希望", "解决", "反映", "您好", "！", "，", "已经", "多次"}
)

// textOf makes a text of words, with one word as its title when title is true.
func textOf(words []string, title bool) Text {
	t := Text{}
	end := 0
	for i, w := range words {
		if i == 1 && title {
			t.TitleEnd = end
			w = "\n" + w
		}
		t.Body += w
		end += utf8.RuneCountInString(w)
		t.Cuts, t.Bytes = append(t.Cuts, int32(end)), append(t.Bytes, int32(len(t.Body)))
	}
	return t
}

// made are invented texts of three themes, of which every tenth is labelled wrongly.
func made(n int) (texts []Text, samples []Sample) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		theme := i % len(themes)
		var words []string
		for range 12 {
			if r.IntN(4) == 0 {
				words = append(words, themes[theme][r.IntN(3)])
			} else {
				words = append(words, filler[r.IntN(len(filler))])
			}
		}
		class := theme
		if i%10 == 9 {
			class = r.IntN(3)
		}
		texts = append(texts, textOf(words, i%2 == 0))
		samples = append(samples, Sample{Row: i, Class: class, Values: []float64{float64(2*(theme&1) - 1), float64(1 - 2*(theme&1))}, Weight: 1})
	}
	return texts, samples
}

func heads(samples []Sample) []Head {
	extras := make([][]float32, len(samples))
	for i := range extras {
		extras[i] = []float32{float32(i % 5), 0}
	}
	return []Head{
		{Name: "theme", Classes: []string{"street", "school", "health"}, Kind: OneOf, Samples: samples, Config: Config{Cost: 1, Latent: 4, Place: 1, Seed: 1}},
		{Name: "odd", Classes: []string{"odd"}, Kind: AnyOf, Samples: samples, Config: Config{Cost: 1, Seed: 1}},
		{Name: "both", Classes: []string{"odd", "even"}, Kind: AnyOf, Samples: samples, Extras: extras, ExtraNames: []string{"x", "y"}, Config: Config{Cost: 1, Extra: 0.5, Seed: 1}},
	}
}

type trained struct {
	corpus *Corpus
	texts  []Text
	fitted []*Fitted
	model  *Model
}

func train(t testing.TB, n int) trained {
	t.Helper()
	texts, samples := made(n)
	c := NewCorpus(texts, spec)
	all := heads(samples)
	voc := c.Choose(all, 1000)
	out := trained{corpus: c, texts: texts}
	for _, h := range all {
		out.fitted = append(out.fitted, c.Fit(h, voc))
	}
	m, err := Join(out.fitted, []float64{2, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	out.model = m
	return out
}

func TestLearnsThemesInSpiteOfWrongLabels(t *testing.T) {
	texts, samples := made(300)
	c := NewCorpus(texts, spec)
	folds := make([]int, len(samples))
	for i := range folds {
		folds[i] = i % 5
	}
	for _, h := range heads(samples) {
		right := 0
		for i, m := range c.CrossValidate(h, folds) {
			theme := samples[i].Row % 3
			switch h.Kind {
			case OneOf:
				if m[theme] == slices.Max(m) {
					right++
				}
			case AnyOf:
				if (m[0] > 0) == (theme == 1) {
					right++
				}
			}
		}
		if right < 270 {
			t.Errorf("%s: %d of 300 right", h.Name, right)
		}
	}
}

// TestRoundedModelSaysWhatTheFittedSays compares the two ways to judge a text, one in
// floating point over the corpus and one in bytes over the text.
func TestRoundedModelSaysWhatTheFittedSays(t *testing.T) {
	tr := train(t, 150)
	var s Scratch
	for row, text := range tr.texts {
		tr.model.Read(text, &s)
		for i, f := range tr.fitted {
			want := f.Margins(row)
			if f.Head.Kind == OneOf {
				mean := (want[0] + want[1] + want[2]) / 3
				for j := range want {
					want[j] -= mean
				}
			}
			var extras []float32
			if f.Head.Extras != nil {
				extras = f.Head.Extras[row]
			}
			for j, got := range tr.model.Margins(nil, HeadID(i), extras, &s) {
				if math.Abs(float64(got)-want[j]) > 0.05 {
					t.Fatalf("row %d, %s %d: %v, fitted %v", row, f.Head.Name, j, got, want[j])
				}
			}
		}
	}
}

func TestTrainingIsReproducibleToTheByte(t *testing.T) {
	a, err := train(t, 120).model.Encode(Card{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, err := train(t, 120).model.Encode(Card{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two trainings on the same rows differ")
	}
}

func TestFileKeepsTheModel(t *testing.T) {
	tr := train(t, 120)
	card := Card{Seed: 7, Data: []DataFile{{"rows.jsonl", "00", 3}}, Metrics: map[string]map[string]float64{"theme": {"accuracy": 0.5}}}
	data, err := tr.model.Encode(card)
	if err != nil {
		t.Fatal(err)
	}
	m, back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(card, back); diff != "" {
		t.Error(diff)
	}
	if again, _ := m.Encode(back); !bytes.Equal(again, data) {
		t.Error("a model that was read and written again differs")
	}
	var s, u Scratch
	for _, text := range tr.texts {
		tr.model.Read(text, &s)
		m.Read(text, &u)
		if a, b := tr.model.Margins(nil, 0, nil, &s), m.Margins(nil, 0, nil, &u); !slices.Equal(a, b) {
			t.Fatalf("%v, from the file %v", a, b)
		}
	}
}

func TestExplanationsPointAtTheirWords(t *testing.T) {
	tr := train(t, 150)
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(slices.Concat(append(themes, filler)...)), rapid.StringN(1, 4, -1)), 1, 30).Draw(rt, "words")
		for i, w := range words {
			words[i] = strings.ToValidUTF8(w, "?")
		}
		text := textOf(words, rapid.Bool().Draw(rt, "title"))
		class, sign := rapid.IntRange(0, 2).Draw(rt, "class"), rapid.SampledFrom([]float32{1, -1}).Draw(rt, "sign")
		var s Scratch
		tr.model.Read(text, &s)
		runes, last := []rune(text.Body), math.Inf(1)
		for _, w := range tr.model.Explain(text, 0, class, 4, sign, &s) {
			if string(runes[w.Start:w.End]) != w.Word || w.Margin <= 0 || w.Margin > last {
				rt.Fatalf("%+v in %q", w, text.Body)
			}
			last = w.Margin
		}
	})
}

// TestExplanationAddsUp: what all words gave for a class, less what they took, is the
// margin without its bias.
func TestExplanationAddsUp(t *testing.T) {
	tr := train(t, 150)
	var s Scratch
	for _, text := range tr.texts {
		tr.model.Read(text, &s)
		margins := tr.model.Margins(nil, 0, nil, &s)
		for class, margin := range margins {
			sum := tr.model.heads[0].tail[class]
			tr.model.share(class, 1, &s)
			for _, g := range s.gains {
				sum += g
			}
			if math.Abs(float64(sum-margin)) > 1e-4 {
				t.Fatalf("class %d: parts %v, margin %v", class, sum, margin)
			}
		}
	}
}

func TestProbabilitiesSumToOne(t *testing.T) {
	tr := train(t, 120)
	p := tr.model.Probabilities(nil, 0, []float32{1000, -1000, 3})
	if p[0] != 1 || p[0]+p[1]+p[2] != 1 {
		t.Error(p)
	}
}

func TestTemperatureFindsWhatMadeTheLabels(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var samples []Sample
	var margins [][]float64
	for range 20000 {
		m := []float64{r.NormFloat64(), r.NormFloat64()}
		class := 0
		if r.Float64() > 1/(1+math.Exp(2.5*(m[1]-m[0]))) {
			class = 1
		}
		samples, margins = append(samples, Sample{Class: class, Weight: 1}), append(margins, m)
	}
	samples, margins = append(samples, Sample{Class: 0, Weight: 1}), append(margins, nil)
	if got := Temperature(samples, margins); math.Abs(got-2.5) > 0.1 {
		t.Errorf("%v, labels were drawn with 2.5", got)
	}
}

func TestJoinRefusesWhatDoesNotFit(t *testing.T) {
	texts, samples := made(60)
	c := NewCorpus(texts, spec)
	h := heads(samples)[0]
	a, b := c.Fit(h, c.Choose([]Head{h}, 1000)), c.Fit(h, c.Choose([]Head{h}, 20))
	if _, err := Join([]*Fitted{a, b}, []float64{1, 1}); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("two vocabularies: %v", err)
	}
	wide := h
	wide.Classes = slices.Repeat([]string{"x"}, Columns+1)
	if _, err := Join([]*Fitted{c.Fit(wide, c.Choose([]Head{h}, 20))}, []float64{1}); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("too many classes: %v", err)
	}
}

func TestChooseKeepsToItsBound(t *testing.T) {
	texts, samples := made(120)
	c := NewCorpus(texts, spec)
	all := heads(samples)
	for _, most := range []int{1, 17, 100} {
		if n := c.Choose(all, most).Size(); n > most || n < most*9/10 {
			t.Errorf("%d features chosen, at most %d", n, most)
		}
	}
	all[0].Config.Features = 5
	if n := c.Choose(all[:1], 1000).Size(); n != 5 {
		t.Errorf("%d features, the head takes 5", n)
	}
}

// TestDamagedFilesAreRefused cuts a file everywhere and flips every byte of its header.
func TestDamagedFilesAreRefused(t *testing.T) {
	data, err := train(t, 60).model.Encode(Card{})
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, bad []byte) {
		t.Helper()
		if _, _, err := Decode(bad); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := 0; n < len(data); n += 1 + n/20 {
		refused("cut off", data[:n])
	}
	for i := 0; i < len(data); i += 1 + i/200 {
		bad := bytes.Clone(data)
		bad[i] ^= 0x20
		refused("flipped", bad)
	}
	refused("longer", append(bytes.Clone(data), 0))
}

// FuzzDecode gives the reader foreign files with a checksum that fits: it must refuse them
// or read a model that can be used.
func FuzzDecode(f *testing.F) {
	good, err := train(f, 30).model.Encode(Card{})
	if err != nil {
		f.Fatal(err)
	}
	end := len(good) - sha256.Size
	n := int(binary.LittleEndian.Uint32(good[8:]))
	f.Add(good[prefix:prefix+n], good[prefix+n:end])
	f.Add([]byte(`{"heads":[{"name":"a","kind":"one_of","classes":["x"],"temperature":1}],"spec":{"title":1}}`), make([]byte, 4*Columns+4))
	f.Add([]byte(`{"features":-1}`), []byte{})
	f.Fuzz(func(t *testing.T, head, body []byte) {
		data := []byte(magic)
		data = binary.LittleEndian.AppendUint32(data, formatVersion)
		data = binary.LittleEndian.AppendUint32(data, uint32(len(head)))
		data = append(append(data, head...), body...)
		sum := sha256.Sum256(data)
		m, _, err := Decode(append(data, sum[:]...))
		if err != nil {
			if opinion.CodeOf(err) != opinion.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		var s Scratch
		text := textOf([]string{"路灯", "坏了", "😀！", "a1"}, true)
		m.Read(text, &s)
		for id, h := range m.heads {
			m.Probabilities(nil, HeadID(id), m.Margins(nil, HeadID(id), make([]float32, len(h.Extras)), &s))
			m.Explain(text, HeadID(id), 0, 3, 1, &s)
		}
	})
}
