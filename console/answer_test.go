package console_test

import (
	"strings"
	"testing"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

// plainReader calls answers of "收悉" empty, and equal ones copies.
func plainReader(title, text, answer string, earlier []string) (console.AnswerReading, []console.Repeated) {
	r := console.AnswerReading{Relevance: 2, Completeness: 1, Explained: 1, Action: 1, Empty: answer == "收悉", Reasons: []console.AnswerReason{}, Demands: []console.AnswerDemand{}}
	var same []console.Repeated
	for i, e := range earlier {
		if e == answer {
			same = append(same, console.Repeated{Earlier: i, Likeness: 1})
		}
	}
	return r, same
}

type reading struct {
	Empty    bool
	Warnings []string
	Copies   []struct {
		CaseID string `json:"case_id"`
	}
}

// TestAnswersAreReadBeforeTheyAreSentAndAccepted walks through two cases of a unit and one of
// another, with answers that are alike.
func TestAnswersAreReadBeforeTheyAreSentAndAccepted(t *testing.T) {
	w := newWorld(t, func(c *console.Config) { c.Answer = plainReader })
	one, two := w.openCase("ev-1", "p1"), w.openCase("ev-2", "p2")
	unit, staff := w.signIn("unit-a"), w.signIn("staff")
	check := func(who, id, text string) (v reading) {
		t.Helper()
		w.as(who, "POST", "/api/v1/cases/"+id+"/answer-check", map[string]string{"text": text}).want(200).into(&v)
		return v
	}
	act := func(who string, c opinion.Case, revision int, action, text string) {
		t.Helper()
		w.as(who, "POST", "/api/v1/cases/"+c.ID+"/acts", map[string]any{"action": action, "text": text, "revision": revision}).want(200)
	}
	if v := check(unit, one.ID, " 收悉 "); !v.Empty || strings.Join(v.Warnings, " ") != "empty" {
		t.Errorf("an empty answer reads %+v", v)
	}
	var before struct{ Answer *struct{ Seq int } }
	w.as(staff, "GET", "/api/v1/cases/"+one.ID, nil).want(200).into(&before)
	if before.Answer != nil {
		t.Errorf("a check was kept: %+v", before.Answer)
	}
	act(unit, one, 1, "sign", "")
	act(unit, one, 2, "answer", "已拆除。")
	act(unit, two, 1, "sign", "")
	if v := check(unit, two.ID, "已拆除。"); len(v.Copies) != 1 || v.Copies[0].CaseID != one.ID || strings.Join(v.Warnings, " ") != "copy" {
		t.Errorf("a copy of another case's answer reads %+v", v)
	}
	var shown struct {
		Answer *struct {
			Seq     int
			Text    string
			Reading reading
		}
	}
	w.as(staff, "GET", "/api/v1/cases/"+one.ID, nil).want(200).into(&shown)
	if a := shown.Answer; a == nil || a.Seq != 3 || a.Text != "已拆除。" || len(a.Reading.Copies) != 0 {
		t.Fatalf("the answer is shown as %+v: it must not be a copy of itself", a)
	}
	act(staff, one, 3, "return", "请补充。")
	act(unit, one, 4, "answer", "已拆除。")
	w.as(staff, "GET", "/api/v1/cases/"+one.ID, nil).want(200).into(&shown)
	if a := shown.Answer; a.Seq != 5 || len(a.Reading.Copies) != 1 || a.Reading.Copies[0].CaseID != one.ID {
		t.Errorf("the same answer again is shown as %+v", a)
	}
	// A helping unit may see the case, and no case that it has no part in.
	w.as(w.signIn("unit-c"), "GET", "/api/v1/cases/"+one.ID, nil).want(200)
	w.as(w.signIn("unit-b"), "POST", "/api/v1/cases/"+one.ID+"/answer-check", map[string]string{"text": "x"}).wantProblem(404, "not_found")
	w.as(w.signIn("leader"), "POST", "/api/v1/cases/"+one.ID+"/answer-check", map[string]string{"text": "x"}).wantProblem(403, "forbidden")
}
