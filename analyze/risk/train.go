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
	// Recall is what levels 2 and 3 together must reach in cross-validation.
	Recall float64
	// Levels and Others are how the heads of the text model are trained.
	Levels, Others linear.Config
}

// DefaultSettings are those of the shipped weights.
func DefaultSettings() Settings {
	return Settings{
		Lambda: 60, ChatWeight: 0.03, Urgent: 2.3, Recall: 0.89,
		Levels: linear.Config{Cost: 0.3, Ratio: 0.3, Features: 16_000},
		Others: linear.Config{Cost: 0.5, Features: 12_000, Extra: 0.3},
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
		levels.Samples = append(levels.Samples, linear.Sample{Row: row, Values: atLeast(l.Risk), Weight: w})
		kinds.Samples = append(kinds.Samples, linear.Sample{Row: row, Values: signed(l.Kinds), Weight: w})
		mood.Samples = append(mood.Samples, linear.Sample{Row: row, Class: l.Sentiment + 1, Weight: w})
		if i := slices.Index(Intents, l.Intent); i >= 0 {
			intent.Samples = append(intent.Samples, linear.Sample{Row: row, Class: i, Weight: w})
		}
	}
	heads := []linear.Head{levels, kinds, mood, intent}
	extras := t.extras()
	for i := range heads {
		heads[i].Config.Seed = seed
		if i > 0 { // the weights of facts on risk have signs, and are learned apart
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
		for _, margin := range margins[0][i] {
			words[s.Row] = append(words[s.Row], squashed(margin))
		}
	}
	w := Weights{Mean: t.mean(words), Kinds: map[string]float64{}}
	for _, said := range words {
		for i := range said {
			said[i] -= w.Mean[i]
		}
	}
	points := t.learn(t.design(words))
	cut1, cut2 := t.cuts(points.held)
	// The score is an affine image of what was learned, with the cuts at 25 and 50.
	scale := (Cut2 - Cut1) / (cut2 - cut1)
	w.Points = points.head(scale)
	w.Points.Bias = digits((points.bias-cut1)*scale + Cut1)
	var r Report
	for i, e := range t.ex {
		if e.message() {
			r.Confusion[e.Labels.Risk][t.judged(i, points.held[i], words[i], cut1, cut2)]++
		}
	}
	r.KindF1 = map[string]float64{}
	for k, code := range Kinds {
		w.Kinds[code], r.KindF1[code] = t.kindCut(heads[1], margins[1], k, code)
	}
	return w, r
}

// mean is what the text model says of each level of a labelled example on average.
func (t *Trainer) mean(words [][]float64) []float64 {
	sum, n := make([]float64, len(levels)), 0.0
	for i, e := range t.ex {
		if e.Labels != nil && words[i] != nil {
			n++
			for j, x := range words[i] {
				sum[j] += x
			}
		}
	}
	for j := range sum {
		sum[j] = digits(sum[j] / n)
	}
	return sum
}

// judged is the level of an example with so many points and such a wording.
func (t *Trainer) judged(i int, points float64, said []float64, cut1, cut2 float64) opinion.Risk {
	lift := cut1 + (cut2-cut1)*(liftFrom-Cut1)/(Cut2-Cut1)
	facts := t.ex[i].Facts
	if points >= lift && t.m.incidentIn(facts) && t.m.isGrave(facts, said) {
		return opinion.RiskUrgent
	}
	return atMostHigh(points, cut1, cut2)
}

// atMostHigh is the level of so many points without an incident.
func atMostHigh(points, cut1, cut2 float64) opinion.Risk {
	switch {
	case points >= cut2:
		return opinion.RiskHigh
	case points >= cut1:
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

func (t *Trainer) level(e Example) float64 { return min(float64(e.labels().Risk), t.s.Urgent) }

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

// design is what a sum is learned from: columns, and their values of each example, nil of one
// that is not learned from.
type design struct {
	columns []column
	rows    [][]float64
}

// design takes the facts that have a sign, and behind them the wording.
func (t *Trainer) design(words [][]float64) design {
	d := design{rows: make([][]float64, len(t.ex))}
	var pick []int
	for i, f := range t.m.facts {
		if f.sign != 0 {
			d.columns, pick = append(d.columns, columnOf(f)), append(pick, i)
		}
	}
	for range levels {
		d.columns = append(d.columns, column{"wording", 0, math.Inf(1)})
	}
	for i, e := range t.ex {
		if e.Facts == nil || words[i] == nil {
			continue
		}
		for _, p := range pick {
			d.rows[i] = append(d.rows[i], e.Facts[p])
		}
		d.rows[i] = append(d.rows[i], words[i]...)
	}
	return d
}

// columnOf is the column of a fact with the bounds of its sign: what the rules list counts,
// however well the wording says it too.
func columnOf(f fact) column {
	if f.sign < 0 {
		return column{f.id(), math.Inf(-1), -listed[f.name]}
	}
	return column{f.id(), listed[f.name], math.Inf(1)}
}

// listed is the least that a fact which the rules list counts, in levels.
var listed = map[string]float64{
	"death": 0.08, "injury": 0.08, "collapse": 0.08, "clash": 0.08, "crowd": 0.08, "danger_now": 0.08, "outbreak": 0.08, "self_harm": 0.08, "threat_life": 0.08,
	"health": 0.03, "basic_service": 0.03, "big_loss": 0.05, "group_harmed": 0.03, "weak_harmed": 0.03, "named_charge": 0.03, "ignored_anger": 0.03,
	"petition": 0.03, "solved": 0.15, "term": 0.05,
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

func (t *Trainer) learn(d design) fitted {
	f := fitted{design: d, held: make([]float64, len(t.ex))}
	folds := 0
	for _, e := range t.ex {
		folds = max(folds, e.Fold+1)
	}
	for fold := range folds {
		bias, w := t.fit(d, fold)
		for i, e := range t.ex {
			if e.Fold == fold && d.rows[i] != nil {
				f.held[i] = bias
				for j, x := range d.rows[i] {
					f.held[i] += float64(w[j] * x)
				}
			}
		}
	}
	f.bias, f.w = t.fit(d, noFold)
	return f
}

// fit learns from the examples that are not of a fold.
func (t *Trainer) fit(d design, without int) (bias float64, w []float64) {
	var x [][]float64
	var ys, ws []float64
	for i, e := range t.ex {
		if wt := t.weight(e); e.Fold != without && wt > 0 && d.rows[i] != nil {
			x, ys, ws = append(x, d.rows[i]), append(ys, t.level(e)), append(ws, wt)
		}
	}
	return regress(x, ys, ws, d.columns, t.s.Lambda)
}

// head are the weights, scaled.
func (f fitted) head(scale float64) Head {
	h := Head{Facts: map[string]float64{}}
	facts := len(f.columns) - len(levels)
	for j, c := range f.columns[:facts] {
		if v := digits(f.w[j] * scale); v != 0 {
			h.Facts[c.name] = v
		}
	}
	for _, x := range f.w[facts:] {
		h.Wording = append(h.Wording, digits(x*scale))
	}
	return h
}

// digits keeps four decimals: weights are to be read by people.
func digits(x float64) float64 { return math.Round(x*1e4) / 1e4 }
