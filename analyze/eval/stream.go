package eval

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/huiying/huiying/opinion"
)

type eventOut struct {
	ID    Text   `json:"id"`
	Event string `json:"event"`
}

// runEvents feeds the rows in order of publication; of rows with one time the first in the
// file comes first, and rows without a time come last.
func runEvents(ctx context.Context, m Models, in Input) (*Result, error) {
	seen := map[Text]int{}
	for _, r := range in.Rows {
		if other, ok := seen[r.ID]; ok {
			return nil, badLine(r.Line, fmt.Errorf("id %s is that of line %d already", r.ID, other))
		}
		seen[r.ID] = r.Line
	}
	rows := slices.Clone(in.Rows)
	slices.SortStableFunc(rows, func(a, b Row) int {
		if a.PublishedAt.IsZero() != b.PublishedAt.IsZero() {
			return int(b2f(a.PublishedAt.IsZero()) - b2f(b.PublishedAt.IsZero()))
		}
		return a.PublishedAt.Compare(b.PublishedAt)
	})
	events, err := m.Events(ctx, rows)
	if err != nil {
		return nil, err
	}
	if len(events) != len(rows) {
		return nil, fmt.Errorf("the event model named %d events for %d posts", len(events), len(rows))
	}
	of := make(map[Text]string, len(rows))
	for i, r := range rows {
		if events[i] == "" {
			return nil, badLine(r.Line, fmt.Errorf("post %s got no event", r.ID))
		}
		of[r.ID] = events[i]
	}
	c, err := BCubed(of, in.Gold, in.Lookalikes)
	if err != nil {
		return nil, err
	}
	r := &Result{Task: "events", Rows: len(in.Rows), Labelled: c.Judged, Events: &c}
	for _, row := range in.Rows {
		r.Predictions = append(r.Predictions, eventOut{row.ID, of[row.ID]})
	}
	r.Metrics = []Metric{
		{"b3_precision", c.Precision}, {"b3_recall", c.Recall}, {"b3_f1", c.F1}, {"lookalikes_joined", c.Joined},
		{"events", float64(c.Events)}, {"largest", float64(c.Largest)},
	}
	return r, nil
}

type burstOut struct {
	ID       Text     `json:"id,omitempty"`
	CalledAt *float64 `json:"called_at_s"`
}

func runBurst(ctx context.Context, m Models, in Input) (*Result, error) {
	r := &Result{Task: "burst", Rows: len(in.Rows), Labelled: len(in.Rows)}
	var cascades []Cascade
	for i := range in.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		row := &in.Rows[i]
		called := m.Burst(*row)
		r.Predictions = append(r.Predictions, burstOut{row.ID, called})
		cascades = append(cascades, Cascade{row.PublishedAt, row.Reposts, row.RepostDelays, called})
	}
	w := Warn(cascades)
	r.Warning = &w
	r.Metrics = []Metric{{"called", w.Called}, {"lead_s_median", w.LeadMedian}, {"false_per_day", w.FalsePerDay}}
	return r, nil
}

type maskOut struct {
	ID    Text   `json:"id,omitempty"`
	Title string `json:"title,omitempty"`
	Text  string `json:"text"`
}

// runMask masks title and text, each by itself as ingest does. A secret that stands in
// either survives.
func runMask(ctx context.Context, m Models, in Input) (*Result, error) {
	r := &Result{Task: "mask", Rows: len(in.Rows)}
	var secrets [][]string
	var masked []Masked
	for _, row := range in.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		title, text := m.Mask(row.Title), m.Mask(row.Text)
		r.Predictions = append(r.Predictions, maskOut{row.ID, title.Text, text.Text})
		secrets = append(secrets, row.Secrets)
		masked = append(masked, both(title, text))
		r.Labelled += int(b2f(len(row.Secrets) > 0))
	}
	k := Mask(secrets, masked)
	r.Masking = &k
	r.Metrics = []Metric{{"recall", k.Recall}, {"false_per_1000", k.FalsePer1000}}
	return r, nil
}

// both joins title and text with a sign that no secret holds.
func both(title, text Masked) Masked {
	m := Masked{Text: title.Text + "\x00" + text.Text, Replaced: map[string]int{}}
	for _, part := range []Masked{title, text} {
		for kind, n := range part.Replaced {
			m.Replaced[kind] += n
		}
	}
	return m
}

type replyOut struct {
	ID           Text `json:"id,omitempty"`
	Relevance    int  `json:"relevance"`
	Completeness int  `json:"completeness"`
	Explained    int  `json:"explained"`
	Action       int  `json:"action"`
	Empty        int  `json:"empty"`
	Evasive      int  `json:"evasive"`
}

// grades are the six questions to a reply; the first four are on a scale.
var grades = []struct {
	name  string
	gold  func(*Labels) *Grade
	of    func(replyOut) int
	scale []string
}{
	{"relevance", func(l *Labels) *Grade { return l.Relevance }, func(q replyOut) int { return q.Relevance }, gradeScale},
	{"completeness", func(l *Labels) *Grade { return l.Completeness }, func(q replyOut) int { return q.Completeness }, gradeScale},
	{"explained", func(l *Labels) *Grade { return l.Explained }, func(q replyOut) int { return q.Explained }, gradeScale},
	{"action", func(l *Labels) *Grade { return l.Action }, func(q replyOut) int { return q.Action }, gradeScale},
	{"empty", func(l *Labels) *Grade { return l.Empty }, func(q replyOut) int { return q.Empty }, gradeScale[:2]},
	{"evasive", func(l *Labels) *Grade { return l.Evasive }, func(q replyOut) int { return q.Evasive }, gradeScale[:2]},
}

func runReply(ctx context.Context, m Models, in Input) (*Result, error) {
	r := &Result{Task: "reply", Rows: len(in.Rows)}
	all := make([]replyOut, len(in.Rows))
	for i, row := range in.Rows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q := m.Reply(row)
		all[i] = replyOut{row.ID, q.Relevance, q.Completeness, q.Explained, q.Action, int(b2f(q.Empty)), int(b2f(q.Evasive))}
		r.Predictions = append(r.Predictions, all[i])
	}
	for _, g := range grades {
		items := collect(in.Rows, number(g.gold), func(i int) (string, float64) {
			return fmt.Sprint(g.of(all[i])), math.NaN()
		})
		part := newPart(question{name: g.name, order: g.scale, quadratic: true}, items)
		r.Parts = append(r.Parts, part)
		r.Labelled = max(r.Labelled, len(items))
		if len(g.scale) == 3 {
			r.Metrics = append(r.Metrics, Metric{"kappa_" + g.name, part.Kappa})
		} else {
			r.Metrics = append(r.Metrics, Metric{"f1_" + g.name, part.Scores[1].F1()})
		}
	}
	var err error
	r.Human, err = besideHumans(all, in.Human)
	return r, err
}

// HumanAgreement compares a yes or no of another team with a grade of ours.
type HumanAgreement struct {
	Name string
	// AtLeast is the grade from which ours counts as yes.
	AtLeast int
	Rows    int
	// Accuracy and Kappa are ours; Majority is the accuracy of always giving their commoner
	// answer, which is what chance can reach.
	Accuracy, Kappa, Majority float64
}

func besideHumans(all []replyOut, human []HumanReply) ([]HumanAgreement, error) {
	if len(human) == 0 {
		return nil, nil
	}
	by := map[Text]replyOut{}
	for _, q := range all {
		by[q.ID] = q
	}
	for _, h := range human {
		if _, ok := by[h.ID]; !ok {
			return nil, &opinion.Error{Code: opinion.CodeInvalid, Message: fmt.Sprintf("gold, line %d", h.Line), Err: fmt.Errorf("reply %s is not in the data", h.ID)}
		}
	}
	var out []HumanAgreement
	for _, at := range []int{1, 2} {
		out = append(out,
			agreeWithHumans("complete", at, human, func(h HumanReply) (Grade, int) { return *h.Complete, by[h.ID].Completeness }),
			agreeWithHumans("explained", at, human, func(h HumanReply) (Grade, int) { return *h.Explained, by[h.ID].Explained }))
	}
	return out, nil
}

func agreeWithHumans(name string, at int, human []HumanReply, of func(HumanReply) (theirs Grade, ours int)) HumanAgreement {
	var pairs []Pair
	yes := 0
	for _, h := range human {
		theirs, ours := of(h)
		yes += int(theirs)
		pairs = append(pairs, Pair{fmt.Sprint(int(theirs)), fmt.Sprint(int(b2f(ours >= at)))})
	}
	c := NewConfusion(pairs, "0", "1")
	return HumanAgreement{
		Name: name, AtLeast: at, Rows: len(human), Accuracy: c.Accuracy(), Kappa: c.Kappa(),
		Majority: ratio(max(yes, len(human)-yes), len(human)),
	}
}
