package analyze

import (
	"slices"

	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/analyze/risk"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/analyze/topic"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Labelled is a row to train the text model from, with what is known of it. A row of which
// nothing is known helps to tell which words are rare and which go together.
type Labelled struct {
	Post opinion.Post
	// Words are of a row of which only the cut words are left; Post is then empty.
	Words []string
	// Topic is one of the policy's, opinion.NoTopic, or "".
	Topic string
	// Weight is how much the topic counts; 0 is 1, as for what a person said of a message.
	// Rows that count less are never measured.
	Weight float64
	// Class is one of topic.Classes, or "".
	Class string
	// Emotion is one of Emotions, or "".
	Emotion string
	// Judged is what the labelling rules say of it, nil when nobody judged it.
	Judged *risk.Labels
	// Measured is a row that the model is measured on elsewhere. Neither it nor any row that
	// is like it is learned from.
	Measured bool
}

// Emotions are the six of the evaluation of microblogs SMP2020-EWECT.
var Emotions = []string{"angry", "fear", "happy", "neutral", "sad", "surprise"}

var (
	textSpec      = linear.Spec{MinN: 2, MaxN: 2, Words: true, Title: 3, Signs: true}
	emotionConfig = linear.Config{Cost: 0.5, Ratio: 0.3, Features: 20_000}
)

const (
	// maxFeatures bounds the features of the text model; with 74 bytes each it is 5 MB.
	maxFeatures = 64_000
	// alike is the share of their pairs of letters that makes two texts one.
	alike = 0.55
	// trainingFolds is the number of parts of cross-validation.
	trainingFolds = 5
	always        = -1 // the fold of rows that are always learned from and never measured
)

// Trained is a text model with what cross-validation on its training rows said of it: by
// head, then by name.
type Trained struct {
	Model *linear.Model
	// Risk are the weights beside the model.
	Risk    risk.Weights
	Metrics map[string]map[string]float64
	// Learned and LeftOut count the rows; those left out are like one that is measured.
	Learned, LeftOut int
}

// Train makes the text model from rows, and the weights of risk. Equal rows in equal order
// and an equal seed give equal ones, on one processor architecture, whatever model this
// release ships with.
func Train(seg *segment.Segmenter, pol *policy.Policy, rows []Labelled, seed uint64) (Trained, error) {
	t := &training{a: newAnalyzer(seg, pol, models{}), seed: seed, out: Trained{Metrics: map[string]map[string]float64{}}}
	t.read(rows)
	if err := t.choose(); err != nil {
		return Trained{}, err
	}
	coarse, _ := t.learn(t.coarse)
	fine, err := topic.Fine(t.examples, t.topics, t.unseen(coarse), seed)
	if err != nil {
		return Trained{}, err
	}
	t.learn(fine)
	t.learn(t.emotion)
	t.learnRisk()
	t.out.Model, err = linear.Join(t.fitted, t.temperatures)
	return t.out, err
}

// training is one run of Train.
//
// To add a head: make it of t.rows (its Samples name rows of t.corpus, in the same order),
// add it to the heads in choose, and give it to learn before the model is joined. Numbers
// beside the text are its Extras; numbers of another head come from unseen.
type training struct {
	a        *Analyzer
	seed     uint64
	topics   []string // of the policy
	rows     []Labelled
	examples []topic.Example
	risks    []risk.Example
	corpus   *linear.Corpus
	folds    []int // of each row; rows that are alike share one
	voc      linear.Vocabulary

	coarse, emotion linear.Head
	risk            *risk.Trainer
	riskHeads       []linear.Head

	fitted       []*linear.Fitted
	temperatures []float64
	out          Trained
}

// read reads the rows and leaves those out that are like one that is measured.
func (t *training) read(rows []Labelled) {
	texts := make([]linear.Text, len(rows))
	examples, risks := make([]topic.Example, len(rows)), make([]risk.Example, len(rows))
	s := &scratch{}
	for i, r := range rows {
		in := t.a.readRow(r, s)
		texts[i] = in.Text
		texts[i].Cuts = slices.Clone(in.Text.Cuts)
		examples[i] = topic.Example{Points: t.a.topics.Points(in), Topic: r.Topic, Weight: r.Weight, Class: r.Class, Chat: r.Emotion != ""}
		risks[i] = t.a.riskExample(r, in)
	}
	groups := linear.Groups(texts, alike)
	measured := make([]bool, len(rows))
	for i, r := range rows {
		measured[groups[i]] = measured[groups[i]] || r.Measured
	}
	var kept []linear.Text
	for i, r := range rows {
		if measured[groups[i]] {
			if !r.Measured {
				t.out.LeftOut++
			}
			continue
		}
		t.rows, t.examples, kept = append(t.rows, r), append(t.examples, examples[i]), append(kept, texts[i])
		risks[i].Fold = int(uint32(groups[i])*2654435761>>8) % trainingFolds
		t.risks, t.folds = append(t.risks, risks[i]), append(t.folds, risks[i].Fold)
	}
	t.out.Learned = len(kept)
	for _, sketch := range t.a.topics.Sketches() {
		in := t.a.readRow(t.a.sketch(sketch), s)
		in.Text.Cuts = slices.Clone(in.Text.Cuts)
		t.rows, kept, t.folds = append(t.rows, Labelled{}), append(kept, in.Text), append(t.folds, always)
		t.examples = append(t.examples, topic.Example{Points: t.a.topics.Points(in), Topic: sketch.Topic, Weight: sketch.Weight})
		t.risks = append(t.risks, risk.Example{Fold: always})
	}
	t.topics = t.a.topics.Topics()
	t.corpus = linear.NewCorpus(kept, textSpec)
}

// sketch is a sketch as a row: one word is a text, several are words apart.
func (a *Analyzer) sketch(s topic.Sketch) Labelled {
	if len(s.Words) == 1 {
		return Labelled{Post: opinion.Post{Text: s.Words[0]}}
	}
	return Labelled{Words: s.Words}
}

// readRow reads a row as Assess would read it.
func (a *Analyzer) readRow(r Labelled, s *scratch) topic.Input {
	if r.Words == nil {
		return a.read(r.Post, s)
	}
	body, words := scattered(r.Words)
	body = segment.Clean(body)
	s.matches = a.lex.Scan(body, s.matches[:0], &s.Scratch)
	s.matches = s.fit(words)
	in := a.readText(body, 0, words, s)
	in.Text.Scattered = true
	return in
}

// choose makes the heads and chooses the features that they share.
func (t *training) choose() error {
	t.coarse = topic.Coarse(t.examples, t.seed)
	fine, err := topic.Fine(t.examples, t.topics, nil, t.seed)
	if err != nil {
		return err
	}
	t.emotion = emotionOf(t.rows, t.seed)
	if t.risk, err = t.a.risk.NewTrainer(t.risks, risk.DefaultSettings()); err != nil {
		return err
	}
	t.riskHeads = t.risk.Heads(t.seed)
	heads := append([]linear.Head{t.coarse, fine, t.emotion}, t.riskHeads...)
	for _, h := range heads {
		if len(h.Samples) < 10*trainingFolds {
			return opinion.Errorf(opinion.CodeInvalid, "%d rows tell of %s: at least %d are needed", len(h.Samples), h.Name, 10*trainingFolds)
		}
	}
	t.voc = t.corpus.Choose(heads, maxFeatures)
	return nil
}

// learn fits a head, calibrates it, and measures it by cross-validation, the margins of
// which it returns too.
func (t *training) learn(h linear.Head) (*linear.Fitted, [][]float64) {
	margins := t.corpus.CrossValidate(h, t.foldsOf(h))
	temperature := 1.0
	if h.Kind == linear.OneOf {
		temperature = linear.Temperature(h.Samples, margins)
		t.out.Metrics[h.Name] = linear.Measure(h.Samples, margins, len(h.Classes))
	}
	f := t.corpus.Fit(h, t.voc)
	t.fitted, t.temperatures = append(t.fitted, f), append(t.temperatures, temperature)
	return f, margins
}

func (t *training) foldsOf(h linear.Head) []int {
	folds := make([]int, len(h.Samples))
	for i, s := range h.Samples {
		folds[i] = t.folds[s.Row]
	}
	return folds
}

// unseen are the margins of a head for every row, by a model that had not learned from it.
func (t *training) unseen(f *linear.Fitted) [][]float64 {
	out := make([][]float64, len(t.rows))
	for i, m := range t.corpus.HoldOut(f.Head, t.foldsOf(f.Head), t.voc) {
		out[f.Head.Samples[i].Row] = m
	}
	for row := range out {
		if out[row] == nil {
			out[row] = f.Margins(row)
		}
	}
	return out
}

// learnRisk fits the heads of risk, chooses its cuts and measures them.
func (t *training) learnRisk() {
	var margins [][][]float64
	for _, h := range t.riskHeads {
		_, m := t.learn(h)
		margins = append(margins, m)
	}
	var report risk.Report
	t.out.Risk, report = t.risk.Finish(t.riskHeads, margins)
	t.out.Metrics["risk"], t.out.Metrics[risk.KindsHead] = report.Metrics()
}

// moods are what an emotion says of the writer.
var moods = map[string]int{"angry": -1, "fear": -1, "sad": -1, "happy": 1}

// riskExample is a row for the heads of risk.
func (a *Analyzer) riskExample(r Labelled, in topic.Input) risk.Example {
	e := risk.Example{Labels: r.Judged, Chat: r.Emotion != "", Mood: moods[r.Emotion]}
	if r.Words == nil {
		e.Facts = a.risk.Facts(a.riskInput(r.Post, in, new(risk.Scratch)))
	}
	return e
}

// emotionOf is the head of emotions.
func emotionOf(rows []Labelled, seed uint64) linear.Head {
	h := linear.Head{Name: EmotionHead, Classes: Emotions, Kind: linear.OneOf, Config: emotionConfig}
	h.Config.Seed = seed
	for i, r := range rows {
		if class := slices.Index(Emotions, r.Emotion); class >= 0 {
			h.Samples = append(h.Samples, linear.Sample{Row: i, Class: class, Weight: 1})
		}
	}
	return h
}
