package analyze

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/risk"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/seeds"
)

// models is the trained text model with the heads that the judgements take from it, and
// the weights of risk. The zero value is no model: topics are then judged by keywords alone,
// and risk not at all.
type models struct {
	*linear.Model
	version string
	topics  topic.Heads
	emotion linear.HeadID
	risk    risk.Learned
}

// EmotionHead is the name of the head that judges the six emotions of a microblog.
const EmotionHead = "emotion"

// shipped is the text model of this release. It is embedded, so a file that cannot be read
// is a defect of the build, which a test finds. A build without one, for training the
// first, has none.
var shipped = sync.OnceValue(func() models {
	data, err := fs.ReadFile(seeds.Models, "text.model")
	if errors.Is(err, fs.ErrNotExist) {
		return models{version: "keywords"}
	}
	if err != nil {
		panic(fmt.Errorf("read text.model: %w", err))
	}
	weights, err := fs.ReadFile(seeds.Models, "risk.json")
	if err != nil {
		panic(fmt.Errorf("read risk.json: %w", err))
	}
	m, err := openModels(data, weights)
	if err != nil {
		panic(fmt.Errorf("read the models: %w", err))
	}
	return m
})

// openModels reads a text model and the weights of risk, and finds the heads. Files that are
// damaged, or do not fit this release or each other, are an *opinion.Error that says so.
func openModels(data, weights []byte) (models, error) {
	m, _, err := linear.Decode(data)
	if err != nil {
		return models{}, err
	}
	t := models{Model: m, version: linear.Version(data), emotion: m.Head(EmotionHead)}
	if t.emotion < 0 {
		return t, opinion.Errorf(opinion.CodeInvalid, "the text model lacks the head %s: train it again", EmotionHead)
	}
	if t.topics, err = topic.HeadsOf(m); err != nil {
		return t, err
	}
	w, err := risk.ReadWeights(weights)
	if err != nil {
		return t, err
	}
	if w.Text != t.version {
		return t, opinion.Errorf(opinion.CodeInvalid, "the risk weights were learned with the text model %s, this one is %s: take both from one training", w.Text, t.version)
	}
	t.risk, err = risk.Open(m, w)
	return t, err
}

// ModelVersion is the version that assessments carry: the release of the rules and the text
// model's checksum.
func ModelVersion() string { return fmt.Sprintf("%d-%s", ModelRevision, shipped().version) }

// readText hands a post to the text model. What it returns is valid until the scratch is
// used again.
func (a *Analyzer) readText(body string, titleEnd int, words []segment.Word, s *scratch) topic.Input {
	s.cuts, s.bytes = s.cuts[:0], s.bytes[:0]
	bytes := 0
	for _, w := range words {
		bytes += len(w.Text)
		s.cuts, s.bytes = append(s.cuts, int32(w.End)), append(s.bytes, int32(bytes))
	}
	in := topic.Input{Text: linear.Text{Body: body, TitleEnd: titleEnd, Cuts: s.cuts, Bytes: s.bytes}, Read: &s.read, Matches: s.matches}
	if a.text.Model != nil {
		a.text.Read(in.Text, &s.read)
	}
	return in
}

// riskInput is what risk is judged by.
func (a *Analyzer) riskInput(p opinion.Post, in topic.Input, s *risk.Scratch) risk.Input {
	return risk.Input{
		Body: in.Text.Body, Matches: in.Matches, First: listRisk, TitleEnd: in.Text.TitleEnd, Post: p,
		Matter: slices.ContainsFunc(in.Matches, func(m lexicon.Match) bool { return m.List == listTopics }),
		Text:   in.Text, Read: in.Read, Scratch: s,
	}
}

// read reads a post for the judgements that are asked for one by one.
func (a *Analyzer) read(p opinion.Post, s *scratch) topic.Input {
	body := segment.Clean(p.Body())
	words := a.seg.Cut(body)
	s.matches = a.lex.Scan(body, s.matches[:0], &s.Scratch)
	s.matches = s.fit(words)
	return a.readText(body, utf8.RuneCountInString(p.Title), words, s)
}

// Coarse judges which of the seven first-level classes a post is of; false when this build
// has no text model.
func (a *Analyzer) Coarse(p opinion.Post) (topic.Class, bool) {
	s := a.scratch.Get().(*scratch)
	defer a.scratch.Put(s)
	c := a.topics.Coarse(a.read(p, s), &s.topics)
	return c, c.Name != ""
}

// Emotion judges which of the six emotions a text shows (情绪), with its probability; false
// when this build has no text model.
func (a *Analyzer) Emotion(p opinion.Post) (name string, probability float64, ok bool) {
	if a.text.Model == nil {
		return "", 0, false
	}
	s := a.scratch.Get().(*scratch)
	defer a.scratch.Put(s)
	a.read(p, s)
	s.margins = a.text.Margins(s.margins[:0], a.text.emotion, nil, &s.read)
	s.chances = a.text.Probabilities(s.chances[:0], a.text.emotion, s.margins)
	best := 0
	for i, c := range s.chances {
		if c > s.chances[best] {
			best = i
		}
	}
	return a.text.Classes(a.text.emotion)[best], s.chances[best], true
}

// scattered makes the words of a text of which only they are left.
func scattered(words []string) (body string, cut []segment.Word) {
	end := 0
	for _, w := range words {
		if n := utf8.RuneCountInString(w); n > 0 {
			cut = append(cut, segment.Word{Text: w, Start: end, End: end + n})
			end += n
		}
	}
	return strings.Join(words, ""), cut
}
