package backendtest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/huiying/huiying/opinion"
)

// storeEvents asks for the cases of events, as the list of events does.
func storeEvents(t *testing.T, db StoreDatabase) {
	s := db.Open(t, nil)
	all := fillCases(t, s, 24)
	var events, open, own []string
	for _, c := range all {
		events = append(events, c.EventID)
		if c.State != opinion.StateClosed {
			open = append(open, c.EventID)
		}
		if c.LeadUnit == unitC.Unit || slices.Contains(c.CoUnits, unitC.Unit) {
			own = append(own, c.EventID)
		}
	}
	slices.Reverse(events)
	slices.Reverse(open)

	order := func(ids []string) []string { // cases of one instant come in the order of their random IDs
		return slices.Sorted(slices.Values(ids))
	}
	if got := mustGet[[]string](t)(s.CaseEvents(t.Context(), staff, false, 100)); !slices.Equal(order(got), order(events)) {
		t.Errorf("events with a case: %v, want %v", got, events)
	}
	if got := mustGet[[]string](t)(s.CaseEvents(t.Context(), leader, true, 100)); !slices.Equal(order(got), order(open)) {
		t.Errorf("events with an open case: %v, want %v", got, open)
	}
	if got := mustGet[[]string](t)(s.CaseEvents(t.Context(), staff, false, 3)); !slices.Equal(order(got), order(events[:3])) {
		t.Errorf("the three newest: %v, want %v", got, events[:3])
	}
	for _, a := range []opinion.Actor{unitA, admin, nobody} {
		_, err := s.CaseEvents(t.Context(), a, false, 10)
		wantErrorCode(t, "list events as "+string(a.Role), err, opinion.CodeForbidden)
	}
	for _, limit := range []int{0, -1, opinion.MaxEventIDs + 1} {
		_, err := s.CaseEvents(t.Context(), staff, false, limit)
		wantErrorCode(t, "list events with a wrong limit", err, opinion.CodeInvalid)
	}

	cases := func(a opinion.Actor, ids ...string) []string {
		t.Helper()
		var got []string
		for _, c := range mustGet[[]opinion.Case](t)(s.CasesOfEvents(t.Context(), a, ids)) {
			got = append(got, c.EventID)
		}
		return order(got)
	}
	if got := cases(staff, append([]string{"ev-none", "", "a\x00b"}, events[:5]...)...); !slices.Equal(got, order(events[:5])) {
		t.Errorf("cases of five events: %v, want %v", got, events[:5])
	}
	if got := cases(unitC, events...); !slices.Equal(got, order(own)) {
		t.Errorf("a unit sees the cases of %v, want %v", got, own)
	}
	if got := cases(staff); got != nil {
		t.Errorf("cases of no event: %v", got)
	}
	_, err := s.CasesOfEvents(t.Context(), admin, events)
	wantErrorCode(t, "cases of events as administrator", err, opinion.CodeForbidden)
	_, err = s.CasesOfEvents(t.Context(), staff, make([]string, 501))
	wantErrorCode(t, "cases of 501 events", err, opinion.CodeInvalid)
}

func mergeBy(a opinion.Actor, from, into string) opinion.Edit {
	return opinion.Edit{ID: "edit-1", Op: opinion.EditMerge, From: from, Into: into, By: a.Name, Reason: "同一件事", At: morning}
}

// storeEdits notes corrections of events in the ledger of both events.
func storeEdits(t *testing.T, db StoreDatabase) {
	s := db.Open(t, nil)
	split := opinion.Edit{ID: "edit-2", Op: opinion.EditSplit, From: "ev-1", Posts: []string{"p1", "p2"}, By: staff.Name, Reason: "两\x00回事", At: morning}
	for _, e := range []opinion.Edit{mergeBy(staff, "ev-1", "ev-2"), split} {
		if err := s.NoteEdit(t.Context(), staff, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.NoteEditFailed(t.Context(), staff, split, morning); err != nil {
		t.Fatal(err)
	}
	for object, want := range map[string]string{
		"event:ev-1": "event.merge event.split event.edit_failed", "event:ev-2": "event.merge", "event:ev-edit-2": "event.split",
	} {
		var actions []string
		for _, e := range mustGet[[]opinion.Entry](t)(s.Ledger(t.Context(), staff, object, 0, 10)) {
			actions = append(actions, e.Action)
			var d opinion.EditDetail
			if err := json.Unmarshal([]byte(e.Detail), &d); err != nil || d.From != "ev-1" || d.Into == "" || e.Actor != staff.Name || !e.At.Equal(morning) {
				t.Errorf("%s: %+v, %v", object, e, err)
			}
			if e.Action == "event.split" && (!slices.Equal(d.Posts, split.Posts) || d.Reason != "两\ufffd回事" || d.ID != split.ID) {
				t.Errorf("the split is noted as %+v", d)
			}
		}
		if got := strings.Join(actions, " "); got != want {
			t.Errorf("%s: %s, want %s", object, got, want)
		}
	}
	other := mergeBy(leader, "ev-1", "ev-2")
	wantErrorCode(t, "an edit in another's name", s.NoteEdit(t.Context(), staff, other), opinion.CodeInvalid)
	wantErrorCode(t, "an edit without a reason", s.NoteEdit(t.Context(), staff, opinion.Edit{ID: "x", Op: opinion.EditMerge, From: "a", Into: "b", By: staff.Name, At: morning}), opinion.CodeInvalid)
}
