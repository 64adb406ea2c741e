package backendtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

func storeError(err error) (*opinion.Error, bool) { return errors.AsType[*opinion.Error](err) }

// storeLife walks one case through all its transitions.
func storeLife(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	c0 := openCase(t, s, quietCase("ev-1"), morning)
	c1 := actOn(t, s, unitA, c0, opinion.ActionSign, "")
	c2 := actOn(t, s, unitA, c1, opinion.ActionAnswer, "已派人更换。")
	c3 := actOn(t, s, staff, c2, opinion.ActionReturn, "请写明时间。")
	c4 := actOn(t, s, unitA, c3, opinion.ActionAnswer, "今日 17 时前更换。")
	c5 := actOn(t, s, staff, c4, opinion.ActionApprove, "")

	at := func(minutes int) *time.Time { m := morning.Add(time.Duration(minutes) * time.Minute); return &m }
	want := c0
	want.State, want.Revision, want.UpdatedAt = opinion.StateClosed, 6, *at(5)
	want.Deadlines[0].MetAt, want.Deadlines[1].MetAt, want.Deadlines[2].MetAt = at(1), at(2), at(5) // the first answer counts
	step := func(seq int, a opinion.Actor, action opinion.Action, from, to opinion.CaseState, text string) opinion.Step {
		return opinion.Step{Seq: seq, Action: action, From: from, To: to, Actor: a.Name, Role: a.Role, Unit: a.Unit, Text: text, At: *at(seq - 1)}
	}
	want.Steps = append(want.Steps,
		step(2, unitA, opinion.ActionSign, opinion.StateToSign, opinion.StateHandling, ""),
		step(3, unitA, opinion.ActionAnswer, opinion.StateHandling, opinion.StateReview, "已派人更换。"),
		step(4, staff, opinion.ActionReturn, opinion.StateReview, opinion.StateHandling, "请写明时间。"),
		step(5, unitA, opinion.ActionAnswer, opinion.StateHandling, opinion.StateReview, "今日 17 时前更换。"),
		step(6, staff, opinion.ActionApprove, opinion.StateReview, opinion.StateClosed, ""))
	wantEqual(t, "closed case", c5, want)
	wantEqual(t, "read case", mustGet[opinion.Case](t)(s.Case(t.Context(), leader, c0.ID)), want)
	wantEqual(t, "ledger", actionsOf(t, s, "case:"+c0.ID),
		[]string{"case.open", "case.sign", "case.answer", "case.return", "case.answer", "case.approve"})
	for _, e := range ledgerOf(t, s, "case:"+c0.ID) {
		if strings.Contains(e.Detail, "更换") || strings.Contains(e.Detail, "井盖") {
			t.Errorf("the ledger repeats what somebody wrote: %s", e.Detail)
		}
	}

	again, opened, err := s.OpenCase(t.Context(), newCase("ev-1"), morning.AddDate(1, 0, 0))
	if opened || err != nil {
		t.Errorf("opening again: opened %v, error %v", opened, err)
	}
	wantEqual(t, "case opened again", again, want)

	early, err := s.Act(t.Context(), unitA, opinion.CaseAct{CaseID: openCase(t, s, quietCase("ev-2"), morning).ID,
		Action: opinion.ActionSign, Revision: 1, At: morning.Add(-time.Second)})
	if err != nil || !early.UpdatedAt.Equal(morning) {
		t.Errorf("a step of a late clock stands at %v (%v), want %v", early.UpdatedAt, err, morning)
	}
}

// storeModel acts at random, as anybody, and compares every answer with a model that is
// no more than the transition table.
func storeModel(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	actors := []opinion.Actor{staff, unitA, unitB, unitC, leader, admin, nobody, opinion.System}
	actions := []opinion.Action{opinion.ActionOpen, opinion.ActionSign, opinion.ActionAnswer, opinion.ActionApprove, opinion.ActionReturn, "burn"}
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		c := openCase(t, s, quietCase(fmt.Sprint("ev-model-", n)), morning)
		for range rapid.IntRange(1, 12).Draw(r, "acts") {
			a := rapid.SampledFrom(actors).Draw(r, "actor")
			try := opinion.CaseAct{
				CaseID: c.ID, Action: rapid.SampledFrom(actions).Draw(r, "action"),
				Text:     rapid.SampledFrom([]string{"", " \n", "已办。"}).Draw(r, "text"),
				Revision: c.Revision + rapid.SampledFrom([]int{0, 0, 0, -1, 1}).Draw(r, "revision"),
				At:       c.UpdatedAt.Add(time.Second),
			}
			got, err := s.Act(t.Context(), a, try)
			if want := expectAct(a, c, try); opinion.CodeOf(err) != want || (want == "") != (err == nil) {
				r.Fatalf("%s %s as %s in %s: %v, want code %q", a.Name, try.Action, a.Role, c.State, err, want)
			}
			if err == nil {
				if got.Revision != c.Revision+1 || len(got.Steps) != got.Revision || got.State != got.Steps[c.Revision].To {
					r.Fatalf("after %s: revision %d, %d steps, state %s", try.Action, got.Revision, len(got.Steps), got.State)
				}
				c = got
			}
		}
		wantEqual(t, "case after the acts", mustGet[opinion.Case](t)(s.Case(t.Context(), opinion.System, c.ID)), c)
	})
	wantTallies(t, s)
}

// expectAct says which code an act must get.
func expectAct(a opinion.Actor, c opinion.Case, try opinion.CaseAct) opinion.Code {
	switch {
	case try.Action == opinion.ActionOpen || try.Action == "burn" || a.Name == "":
		return opinion.CodeInvalid
	case a.Role == opinion.RoleAdmin:
		return opinion.CodeForbidden
	case !a.MaySee(c):
		return opinion.CodeNotFound
	}
	ever := false
	for _, row := range opinion.Transitions {
		ever = ever || row.Action == try.Action && a.MayDo(row, c)
	}
	row, err := opinion.FindTransition(c.State, try.Action)
	switch {
	case !ever:
		return opinion.CodeForbidden
	case try.Revision != c.Revision || err != nil:
		return opinion.CodeConflict
	case row.NeedsText && strings.TrimSpace(try.Text) == "":
		return opinion.CodeInvalid
	default:
		return ""
	}
}

// storeActOnce: of many who act on what they all saw, one wins; the others are told.
func storeActOnce(t *testing.T, db StoreDatabase) {
	stores := []opinion.Store{openStore(t, db, nil), openStore(t, db, nil)}
	c := openCase(t, stores[0], quietCase("ev-1"), morning)
	const callers = 20
	var won [callers]bool
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			_, err := stores[i%2].Act(t.Context(), unitA, opinion.CaseAct{CaseID: c.ID, Action: opinion.ActionSign, Revision: 1, At: morning})
			if won[i] = err == nil; !won[i] {
				wantErrorCode(t, "sign again", err, opinion.CodeConflict)
			}
		})
	}
	wg.Wait()
	if n := countTrue(won[:]); n != 1 {
		t.Errorf("%d of %d signed", n, callers)
	}
	if now := mustGet[opinion.Case](t)(stores[1].Case(t.Context(), unitA, c.ID)); now.Revision != 2 || len(now.Steps) != 2 {
		t.Errorf("revision %d with %d steps", now.Revision, len(now.Steps))
	}
	wantTallies(t, stores[0])
}

func storeActTexts(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	c := actOn(t, s, unitA, openCase(t, s, quietCase("ev-1"), morning), opinion.ActionSign, "")
	answer := func(text string) opinion.CaseAct {
		return opinion.CaseAct{CaseID: c.ID, Action: opinion.ActionAnswer, Text: text, Revision: c.Revision, At: morning}
	}
	for _, bad := range []string{"", "　\t", "a\x00b", "a\xffb", strings.Repeat("𠮷", 20_001)} {
		_, err := s.Act(t.Context(), unitA, answer(bad))
		wantField(t, err, "text")
	}
	_, err := s.Act(t.Context(), unitA, opinion.CaseAct{CaseID: c.ID, Action: opinion.ActionAnswer, Text: "x", Revision: c.Revision})
	wantField(t, err, "at")
	good := strings.Repeat("𠮷", 19_990) + "'\"\\$1?👩‍👧\u2028"
	if c = mustGet[opinion.Case](t)(s.Act(t.Context(), unitA, answer(good))); c.Steps[2].Text != good {
		t.Error("a text of 20 000 characters came back changed")
	}
	for _, id := range []string{"", "none", strings.Repeat("x", 500), "\x00", "'"} {
		_, err := s.Case(t.Context(), staff, id)
		wantErrorCode(t, fmt.Sprintf("case %q", id), err, opinion.CodeNotFound)
		_, err = s.CaseOfEvent(t.Context(), staff, id)
		wantErrorCode(t, fmt.Sprintf("case of event %q", id), err, opinion.CodeNotFound)
	}
}
