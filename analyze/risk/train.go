package risk

import (
	"math"
	"slices"

	"github.com/huiying/huiying/analyze/linear"
	"github.com/huiying/huiying/opinion"
)

// Example is a row to learn from; examples are the rows of a corpus, in its order.
type Example struct {
	// Facts are those of the post, see Model.Facts; nil for a row that is no post.
	Facts []float64
	// Labels are what a person said of it, nil for a row that nobody judged.
	Labels *Labels
	// Chat is a row of a kind that hardly ever asks anything of a government. Unless it is
	// labelled it counts as calm, a little. Mood is the writer's, -1 to 1.
	Chat bool
	Mood int
	// Fold is the part of the examples that judges it: rows that are alike share one.
	Fold int
}

// Labels are judgements of a post by the labelling rules.
type Labels struct {
	Risk      opinion.Risk
	Kinds     []string
	Sentiment int
	Intent    string
}

// Facts are the facts of a post, to learn from.
func (m *Model) Facts(in Input) []float64 { return slices.Clone(m.extract(&in).facts) }

// Settings are how everything is learned. They were chosen by cross-validation on the
// training rows.
type Settings struct {
	// Lambda holds the weights of facts down, in rows.
	Lambda float64
	// ChatWeight is what a row of chat counts.
	ChatWeight float64
	// Urgent is the target of a post of level 3: what is written of one is not much graver
	// than of level 2, its incident is.
	Urgent float64
	// Recall is what levels 2 and 3 together must reach in cross-validation, and GraveRecall
	// level 3.
	Recall, GraveRecall float64
	// GraveWeight is what a post of level 3 counts when incidents are weighed.
	GraveWeight float64
	// Wording, Levels and Others are how the heads of the text model are trained.
	Wording, Levels, Others linear.Config
}

// DefaultSettings are those of the shipped weights.
func DefaultSettings() Settings {
	return Settings{
		Lambda: 60, ChatWeight: 0.03, Urgent: 2.3, Recall: 0.905, GraveRecall: 0.88, GraveWeight: 8,
		Wording: linear.Config{Cost: 1, Features: 16_000},
		Levels:  linear.Config{Cost: 0.3, Features: 16_000},
		Others:  linear.Config{Cost: 0.5, Features: 12_000, Extra: 0.3},
	}
}

// Trainer learns what this package judges with: heads of the text model, then the weights of
// facts and wording, then the cuts.
type Trainer struct {
	m  *Model
	s  Settings
	ex []Example
}

// NewTrainer takes the examples. Too few of a level are an *opinion.Error.
func (m *Model) NewTrainer(examples []Example, s Settings) (*Trainer, error) {
	t := &Trainer{m: m, s: s, ex: examples}
	levels := map[opinion.Risk]int{}
	for _, e := range examples {
		if e.Labels != nil {
			levels[e.Labels.Risk]++
		}
	}
	for level := opinion.RiskCalm; level <= opinion.RiskUrgent; level++ {
		if levels[level] < fewest {
			return nil, opinion.Errorf(opinion.CodeInvalid, "%d rows have the risk %d: at least %d are needed", levels[level], level, fewest)
		}
	}
	return t, nil
}

// fewest rows of each level are needed.
const fewest = 10

// Heads are the heads of the text model to train on the corpus.
func (t *Trainer) Heads(seed uint64) []linear.Head {
	word := linear.Head{Name: WordingHead, Classes: wording, Kind: linear.Amounts, Config: t.s.Wording}
	levels := linear.Head{Name: LevelsHead, Classes: levels, Kind: linear.AnyOf, Config: t.s.Levels}
	kinds := linear.Head{Name: KindsHead, Classes: Kinds, Kind: linear.AnyOf, Config: t.s.Others}
	mood := linear.Head{Name: SentimentHead, Classes: sentiments, Kind: linear.OneOf, Config: t.s.Others}
	intent := linear.Head{Name: IntentHead, Classes: Intents, Kind: linear.OneOf, Config: t.s.Others}
	for row, e := range t.ex {
		w := t.weight(e)
		if w == 0 {
			continue
		}
		l := e.labels()
		word.Samples = append(word.Samples, linear.Sample{Row: row, Values: []float64{t.level(e)}, Weight: w})
		levels.Samples = append(levels.Samples, linear.Sample{Row: row, Values: atLeast(l.Risk), Weight: w})
		kinds.Samples = append(kinds.Samples, linear.Sample{Row: row, Values: signed(l.Kinds), Weight: w})
		mood.Samples = append(mood.Samples, linear.Sample{Row: row, Class: l.Sentiment + 1, Weight: w})
		if i := slices.Index(Intents, l.Intent); i >= 0 {
			intent.Samples = append(intent.Samples, linear.Sample{Row: row, Class: i, Weight: w})
		}
	}
	heads := []linear.Head{word, levels, kinds, mood, intent}
	extras := t.extras()
	for i := range heads {
		heads[i].Config.Seed = seed
		if i > 1 { // the weights of facts on risk have signs, and are learned apart
			heads[i].Extras, heads[i].ExtraNames = extras, names(t.m.facts)
		}
	}
	return heads
}

// labels are those of an example, or what chat is taken for.
func (e Example) labels() Labels {
	if e.Labels != nil {
		return *e.Labels
	}
	return Labels{Sentiment: e.Mood, Intent: intentOther}
}

// atLeast is 1 for each of levels that a risk reaches and -1 for the others.
func atLeast(r opinion.Risk) []float64 {
	out := make([]float64, len(levels))
	for i := range out {
		out[i] = -1
		if int(r) > i {
			out[i] = 1
		}
	}
	return out
}

// signed is 1 for each kind that is there and -1 for the others.
func signed(kinds []string) []float64 {
	out := make([]float64, len(Kinds))
	for i, k := range Kinds {
		out[i] = -1
		if slices.Contains(kinds, k) {
			out[i] = 1
		}
	}
	return out
}

func (t *Trainer) extras() [][]float32 {
	out := make([][]float32, len(t.ex))
	for i, e := range t.ex {
		if e.Facts == nil {
			continue
		}
		out[i] = make([]float32, len(e.Facts))
		for j, x := range e.Facts {
			out[i][j] = float32(x)
		}
	}
	return out
}

// Finish learns the weights and chooses the cuts. margins are of the samples of each head, by
// models that had not learned from their fold (linear.Corpus.CrossValidate).
func (t *Trainer) Finish(heads []linear.Head, margins [][][]float64) (Weights, Report) {
	words := make([][]float64, len(t.ex))
	for i, s := range heads[0].Samples {
		words[s.Row] = said(margins[0][i][0], margins[1][i])
	}
	points := t.learn(t.level, t.weight, t.design(words, func(fact) bool { return true }, func(fact) float64 { return 0 }))
	grave := t.learn(t.urgent, t.graveWeight, t.design(nil, isGrave, graveFloor))
	cut1, cut2 := t.cuts(points.held)
	scale := (Cut2 - Cut1) / (cut2 - cut1)
	w := Weights{Wording: points.wording(scale), Grave: grave.head(1), Kinds: map[string]float64{}}
	w.Grave.Bias, w.Grave.Cut = digits(grave.bias), t.graveCut(grave.held)
	// The score is an affine image of what was learned, with the cuts at 25 and 50; what the
	// wording says on average belongs to the base.
	w.Points = points.head(scale)
	w.Wording.Mean = digits(t.mean(words, w.Wording))
	w.Points.Bias = digits((points.bias-cut1)*scale + Cut1 + w.Wording.Mean)
	var r Report
	for i, e := range t.ex {
		switch level := t.judged(i, points.held, grave.held, cut1, cut2, w.Grave.Cut); {
		case e.Labels != nil:
			r.Confusion[e.Labels.Risk][level]++
		case t.weight(e) > 0:
			r.Chat[level]++
		}
	}
	r.KindF1 = map[string]float64{}
	for k, code := range Kinds {
		w.Kinds[code], r.KindF1[code] = t.kindCut(heads[2], margins[2], k, code)
	}
	return w, r
}

// mean is what the wording gives a labelled example on average.
func (t *Trainer) mean(words [][]float64, w Wording) float64 {
	sum, n := 0.0, 0.0
	for i, e := range t.ex {
		if e.Labels != nil && words[i] != nil {
			sum, n = sum+w.sum(words[i]), n+1
		}
	}
	return sum / n
}

// judged is the level of an example when facts and wording say so much.
func (t *Trainer) judged(i int, said, grave []float64, cut1, cut2, graveCut float64) opinion.Risk {
	lift := cut1 + (cut2-cut1)*(liftFrom-Cut1)/(Cut2-Cut1)
	switch {
	case said[i] >= lift && grave[i] >= graveCut && t.m.incidentIn(t.ex[i].Facts):
		return opinion.RiskUrgent
	case said[i] >= cut2:
		return opinion.RiskHigh
	case said[i] >= cut1:
		return opinion.RiskMinor
	}
	return opinion.RiskCalm
}

// incidentIn tells whether facts hold a stated incident.
func (m *Model) incidentIn(facts []float64) bool {
	if facts == nil {
		return false
	}
	return slices.ContainsFunc(facts[len(m.kinds):][:len(incidents)], func(x float64) bool { return x > 0 })
}

// isGrave is true for the facts that decide on level 3.
func isGrave(f fact) bool {
	return f.name == "present" || f.name == "question" || f.name == "solved" ||
		slices.ContainsFunc(incidents, func(s incident) bool { return s.name == f.name })
}

// presentFloor is the least that the presence of an incident adds to it for level 3.
const presentFloor = 0.15

func graveFloor(f fact) float64 {
	if f.name == "present" {
		return presentFloor
	}
	for _, s := range incidents {
		if s.name == f.name {
			return s.floor
		}
	}
	return 0
}

func (t *Trainer) level(e Example) float64 { return min(float64(e.labels().Risk), t.s.Urgent) }

func (t *Trainer) urgent(e Example) float64 {
	return flag(e.labels().Risk == opinion.RiskUrgent)
}

func (t *Trainer) weight(e Example) float64 {
	switch {
	case e.Facts == nil:
		return 0
	case e.Labels != nil:
		return 1
	case e.Chat && !t.m.incidentIn(e.Facts): // what states an incident may well be grave
		return t.s.ChatWeight
	}
	return 0
}

func (t *Trainer) graveWeight(e Example) float64 {
	switch {
	case e.Facts == nil || e.Labels == nil: // nobody read what happened
		return 0
	case e.Labels.Risk == opinion.RiskUrgent:
		return t.s.GraveWeight
	}
	return 1
}

// design is what a sum is learned from: columns, and their values of each example, nil of one
// that is not learned from.
type design struct {
	columns []column
	rows    [][]float64
	words   int // the last columns are of the wording
}

// design takes the facts that with takes, each with its floor, and the wording if there is one.
func (t *Trainer) design(words [][]float64, with func(fact) bool, floor func(fact) float64) design {
	d := design{rows: make([][]float64, len(t.ex))}
	var pick []int
	for i, f := range t.m.facts {
		if f.sign != 0 && with(f) {
			c := columnOf(f)
			c.low += floor(f)
			d.columns, pick = append(d.columns, c), append(pick, i)
		}
	}
	if words != nil {
		d.words = 1 + len(levels)
		for range d.words {
			d.columns = append(d.columns, column{"wording", 0, math.Inf(1)})
		}
	}
	for i, e := range t.ex {
		if e.Facts == nil || words != nil && words[i] == nil {
			continue
		}
		for _, p := range pick {
			d.rows[i] = append(d.rows[i], e.Facts[p])
		}
		if words != nil {
			d.rows[i] = append(d.rows[i], words[i]...)
		}
	}
	return d
}

// columnOf is the column of a fact with the bounds of its sign.
func columnOf(f fact) column {
	if f.sign < 0 {
		return column{f.id(), math.Inf(-1), 0}
	}
	return column{f.id(), 0, math.Inf(1)}
}

// fitted is a sum that was learned, and what sums say of each example that were learned
// without its fold.
type fitted struct {
	design
	bias float64
	w    []float64
	held []float64
}

// noFold is the fold of no example.
const noFold = -2

func (t *Trainer) learn(y, weight func(Example) float64, d design) fitted {
	f := fitted{design: d, held: make([]float64, len(t.ex))}
	folds := 0
	for _, e := range t.ex {
		folds = max(folds, e.Fold+1)
	}
	for fold := range folds {
		bias, w := t.fit(y, weight, d, fold)
		for i, e := range t.ex {
			if e.Fold == fold && d.rows[i] != nil {
				f.held[i] = bias
				for j, x := range d.rows[i] {
					f.held[i] += float64(w[j] * x)
				}
			}
		}
	}
	f.bias, f.w = t.fit(y, weight, d, noFold)
	return f
}

// fit learns from the examples that are not of a fold.
func (t *Trainer) fit(y, weight func(Example) float64, d design, without int) (bias float64, w []float64) {
	var x [][]float64
	var ys, ws []float64
	for i, e := range t.ex {
		if wt := weight(e); e.Fold != without && wt > 0 && d.rows[i] != nil {
			x, ys, ws = append(x, d.rows[i]), append(ys, y(e)), append(ws, wt)
		}
	}
	return regress(x, ys, ws, d.columns, t.s.Lambda)
}

// head are the weights of facts, scaled.
func (f fitted) head(scale float64) Head {
	h := Head{Facts: map[string]float64{}}
	for j, c := range f.columns[:len(f.columns)-f.words] {
		if v := digits(f.w[j] * scale); v != 0 {
			h.Facts[c.name] = v
		}
	}
	return h
}

// wording are the weights of the wording, scaled.
func (f fitted) wording(scale float64) (out Wording) {
	w := f.w[len(f.w)-f.words:]
	out.Level = digits(w[0] * scale)
	for _, x := range w[1:] {
		out.AtLeast = append(out.AtLeast, digits(x*scale))
	}
	return out
}

// digits keeps four decimals: weights are to be read by people.
func digits(x float64) float64 { return math.Round(x*1e4) / 1e4 }
