package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/huiying/huiying/alert"
	"github.com/huiying/huiying/alert/route"
	"github.com/huiying/huiying/analyze/eval"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// outcome is what the signals of an event came to.
type outcome struct {
	decision alert.Decision
	unit     string
}

// verdicts decides about every signal as the alerter does, and says of each post what became
// of its event: the first signal that opens a case names the unit, the gravest the level.
func (r rehearsal) verdicts(posts []opinion.Post, pol *policy.Policy) []eval.Verdict {
	outcomes := map[string]outcome{}
	for _, s := range r.signals {
		was, now := outcomes[s.Event.ID], alert.Decide(s, pol)
		switch {
		case was.decision.Open && (!now.Open || !graverLevel(now.Level, was.decision.Level)):
			continue
		case was.decision.Open:
			was.decision = now
		default:
			was = outcome{decision: now}
			if now.Open {
				was.unit, _, _ = route.Units(s.Assessment, s.Post.Body(), pol)
			}
		}
		outcomes[s.Event.ID] = was
	}
	out := make([]eval.Verdict, len(posts))
	for i, p := range posts {
		a := r.assessments[i]
		o, signalled := outcomes[r.events[i]]
		if !signalled {
			o.decision.Reasons = []opinion.Reason{{Name: "no_signal", Detail: noSignal(p, a)}}
		}
		out[i] = eval.Verdict{
			PostID: p.ID, Alerted: o.decision.Open, EventID: r.events[i], Level: o.decision.Level, Unit: o.unit,
			Reasons: o.decision.Reasons, Topic: a.Topic, Risk: a.Risk, Score: a.Score, Factors: a.Factors,
		}
	}
	return out
}

func noSignal(p opinion.Post, a opinion.Assessment) string {
	if p.History {
		return "事件中只有历史信息，不立案"
	}
	if a.Elsewhere != nil {
		return "说的是外地（" + a.Elsewhere.Name + "），不预警"
	}
	return fmt.Sprintf("风险 %d：事件中没有风险不低于 1 的信息", a.Risk)
}

// graverLevel tells whether a is graver than b, I before IV before none.
func graverLevel(a, b opinion.Level) bool {
	order := []opinion.Level{opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV, opinion.LevelNone}
	at := func(l opinion.Level) int {
		for i, o := range order {
			if o == l {
				return i
			}
		}
		return len(order)
	}
	return at(a) < at(b)
}

func printComparison(w io.Writer, c eval.Comparison, rows int) {
	fmt.Fprintf(w, "%d posts; cases %d before, %d after; alerted posts %d before, %d after\n",
		c.Posts, c.CasesBefore, c.CasesAfter, c.AlertedBefore, c.AlertedAfter)
	fmt.Fprintf(w, "%d would be alerted and were not, %d were and would not be, %d get another level or unit\n",
		len(c.Gained), len(c.Lost), len(c.Moved))
	printChanges(w, "would be alerted and were not", c.Gained, rows)
	printChanges(w, "were alerted and would not be", c.Lost, rows)
	printChanges(w, "another level or unit", c.Moved, rows)
}

func printChanges(w io.Writer, title string, list []eval.Change, rows int) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, c := range list[:min(len(list), rows)] {
		fmt.Fprintf(w, "%s  %s  %s\n", c.PublishedAt.In(opinion.ChinaTime).Format("2006-01-02"), c.PostID, c.Title)
		fmt.Fprintf(w, "    before: %s\n    after:  %s\n", standing(c.Before), standing(c.After))
	}
	if n := len(list) - rows; n > 0 {
		fmt.Fprintf(w, "… and %d more; --rows or --json show them\n", n)
	}
}

// standing is a verdict in one line: the decision, the risk, and the words that gave most.
func standing(v eval.Verdict) string {
	s := "no case"
	if v.Alerted {
		s = fmt.Sprintf("case, level %s, %s", v.Level, v.Unit)
	}
	s += fmt.Sprintf("; risk %d (%.0f), %s", v.Risk, v.Score, v.Topic)
	var why []string
	for _, r := range v.Reasons {
		why = append(why, r.Detail)
	}
	for _, f := range v.Factors[:min(len(v.Factors), 4)] {
		words := ""
		for _, e := range f.Evidence[:min(len(f.Evidence), 2)] {
			words += " " + e.Word
		}
		why = append(why, fmt.Sprintf("%s %+.1f%s", f.Name, f.Points, words))
	}
	return s + "; " + strings.Join(why, "; ")
}
