package eval

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// guesses runs a task whose answer is one label.
func guesses(name string, model func(Models) func(Row) Guess) func(context.Context, Models, Input) (*Result, error) {
	return func(ctx context.Context, m Models, in Input) (*Result, error) {
		f := model(m)
		all := make([]Guess, len(in.Rows))
		predictions := make([]any, len(in.Rows))
		for i := range in.Rows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			all[i] = f(in.Rows[i].blind())
			predictions[i] = labelOut{all[i].Label, finite(all[i].Probability)}
		}
		items := collect(in.Rows, textLabel(func(l *Labels) *string { return l.Label }), func(i int) (string, float64) {
			return all[i].Label, all[i].Probability
		})
		r := single(name, in.Rows, predictions, newPart(question{name: name, probability: true}, items))
		r.Metrics = []Metric{{"accuracy", r.Parts[0].Accuracy}, {"macro_f1", r.Parts[0].MacroF1}}
		return r, nil
	}
}

type labelOut struct {
	Label       string   `json:"label"`
	Probability *float64 `json:"probability,omitempty"`
}

func finite(f float64) *float64 {
	if math.IsNaN(f) {
		return nil
	}
	return &f
}

type topicOut struct {
	Topic string   `json:"topic"`
	Top3  []string `json:"top3"`
}

func runTopic31(ctx context.Context, m Models, in Input) (*Result, error) {
	all, err := assessments(ctx, m, in.Rows)
	if err != nil {
		return nil, err
	}
	predictions := make([]any, len(all))
	for i, a := range all {
		predictions[i] = topicOut{a.Topic, top3(a)}
	}
	inTop := 0
	gold := textLabel(func(l *Labels) *string { return l.Topic })
	items := collect(in.Rows, gold, func(i int) (string, float64) {
		if g, _ := gold(&in.Rows[i].Labels); slices.Contains(top3(all[i]), g) {
			inTop++
		}
		return all[i].Topic, probability(all[i])
	})
	r := single("topic31", in.Rows, predictions, newPart(question{name: "topic31", probability: true}, items))
	r.Metrics = []Metric{{"accuracy", r.Parts[0].Accuracy}, {"top3", ratio(inTop, r.Labelled)}}
	return r, nil
}

// top3 are the first three topics, the chosen one first; fewer when the model names fewer.
func top3(a opinion.Assessment) []string {
	out := []string{a.Topic}
	for _, t := range a.Topics {
		if len(out) < 3 && !slices.Contains(out, t.Topic) {
			out = append(out, t.Topic)
		}
	}
	return out
}

// probability is that of the chosen topic.
func probability(a opinion.Assessment) float64 {
	for _, t := range a.Topics {
		if t.Topic == a.Topic {
			return t.Probability
		}
	}
	return math.NaN()
}

type riskOut struct {
	Risk    opinion.Risk     `json:"risk"`
	Score   float64          `json:"score"`
	Factors []opinion.Factor `json:"factors"`
}

// riskScale and gradeScale are the whole scales, so that kappa knows the distances.
var (
	riskScale  = []string{"0", "1", "2", "3"}
	gradeScale = []string{"0", "1", "2"}
)

func runRisk(ctx context.Context, m Models, in Input) (*Result, error) {
	all, err := assessments(ctx, m, in.Rows)
	if err != nil {
		return nil, err
	}
	predictions := make([]any, len(all))
	for i, a := range all {
		predictions[i] = riskOut{a.Risk, a.Score, append([]opinion.Factor{}, a.Factors...)}
	}
	items := collect(in.Rows, number(func(l *Labels) *int { return l.Risk }), func(i int) (string, float64) {
		return fmt.Sprint(int(all[i].Risk)), all[i].Score
	})
	r := single("risk", in.Rows, predictions, newPart(question{name: "risk", order: riskScale, quadratic: true}, items))
	ge2, ge3 := r.Parts[0].Confusion.AtLeast(2), r.Parts[0].Confusion.AtLeast(3)
	r.Metrics = []Metric{
		{"accuracy", r.Parts[0].Accuracy}, {"kappa_quadratic", r.Parts[0].Kappa},
		{"precision_ge2", ge2.Precision()}, {"recall_ge2", ge2.Recall()}, {"recall_3", ge3.Recall()},
	}
	r.Explained = drawExplained(in.Rows, all)
	return r, nil
}

func runSentiment(ctx context.Context, m Models, in Input) (*Result, error) {
	all, err := assessments(ctx, m, in.Rows)
	if err != nil {
		return nil, err
	}
	predictions := make([]any, len(all))
	for i, a := range all {
		predictions[i] = map[string]int{"sentiment": a.Sentiment}
	}
	items := collect(in.Rows, number(func(l *Labels) *int { return l.Sentiment }), func(i int) (string, float64) {
		return fmt.Sprint(all[i].Sentiment), math.NaN()
	})
	q := question{name: "sentiment", order: []string{"-1", "0", "1"}}
	r := single("sentiment", in.Rows, predictions, newPart(q, items))
	r.Metrics = []Metric{{"macro_f1", r.Parts[0].MacroF1}}
	return r, nil
}

func runIntent(ctx context.Context, m Models, in Input) (*Result, error) {
	all, err := assessments(ctx, m, in.Rows)
	if err != nil {
		return nil, err
	}
	predictions := make([]any, len(all))
	for i, a := range all {
		predictions[i] = map[string]string{"intent": a.Intent}
	}
	items := collect(in.Rows, textLabel(func(l *Labels) *string { return l.Intent }), func(i int) (string, float64) {
		return all[i].Intent, math.NaN()
	})
	r := single("intent", in.Rows, predictions, newPart(question{name: "intent"}, items))
	r.Metrics = []Metric{{"macro_f1", r.Parts[0].MacroF1}}
	return r, nil
}

type kindsOut struct {
	Kinds []string `json:"kinds"`
}

func runKinds(ctx context.Context, m Models, in Input) (*Result, error) {
	all, err := assessments(ctx, m, in.Rows)
	if err != nil {
		return nil, err
	}
	r := &Result{Task: "kinds", Rows: len(in.Rows), Predictions: make([]any, len(all))}
	var gold, predicted, a, b [][]string
	var misses []Miss
	for i := range all {
		row, kinds := &in.Rows[i], append([]string{}, all[i].Kinds...)
		r.Predictions[i] = kindsOut{kinds}
		if row.Kinds == nil {
			continue
		}
		gold, predicted = append(gold, *row.Kinds), append(predicted, kinds)
		if row.A != nil && row.B != nil && row.A.Kinds != nil && row.B.Kinds != nil {
			a, b = append(a, *row.A.Kinds), append(b, *row.B.Kinds)
		}
		if n := differences(*row.Kinds, kinds); n > 0 {
			misses = append(misses, Miss{Line: row.Line, Gold: join(*row.Kinds), Predicted: join(kinds), Score: float64(n), sure: float64(n), Quote: quote(row)})
		}
	}
	own := setAgreement(gold, predicted)
	part := Part{
		Name: "kinds", Scores: SetScores(kindCodes, gold, predicted), Kappa: own.Kappa, Accuracy: own.Accuracy,
		MacroF1: own.MacroF1, Worst: firstMisses(misses),
	}
	if len(a) > 0 {
		readers := setAgreement(a, b)
		part.Readers = &readers
	}
	r.Labelled, r.Parts = len(gold), []Part{part}
	r.Metrics = []Metric{{"macro_f1", own.MacroF1}}
	return r, nil
}

func join(kinds []string) string {
	if len(kinds) == 0 {
		return "none"
	}
	return strings.Join(slices.Sorted(slices.Values(kinds)), "+")
}

func differences(a, b []string) int {
	n := 0
	for _, k := range kindCodes {
		if slices.Contains(a, k) != slices.Contains(b, k) {
			n++
		}
	}
	return n
}

// setAgreement is the macro-F1 and the mean Cohen's kappa over the six kinds; accuracy is
// the share of rows with exactly the same kinds.
func setAgreement(gold, predicted [][]string) Agreement {
	scores := SetScores(kindCodes, gold, predicted)
	equal, sum, n := 0, 0.0, 0
	for i := range gold {
		if differences(gold[i], predicted[i]) == 0 {
			equal++
		}
	}
	for _, s := range scores {
		c := Confusion{Classes: []string{"no", "yes"}, Count: [][]int{
			{len(gold) - s.Support() - s.FalsePositive, s.FalsePositive}, {s.FalseNegative, s.TruePositive},
		}}
		if k := c.Kappa(); !math.IsNaN(k) {
			sum, n = sum+k, n+1
		}
	}
	a := Agreement{Rows: len(gold), Accuracy: ratio(equal, len(gold)), Kappa: mean(sum, n), MacroF1: FixedMacroF1(scores)}
	if len(gold) == 0 {
		a.MacroF1 = math.NaN()
	}
	return a
}
