package eval

import (
	"context"
	"fmt"
	"math"

	"github.com/huiying/huiying/opinion"
)

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
		q := m.Reply(row.blind())
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
