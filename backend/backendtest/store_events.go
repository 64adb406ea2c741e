package backendtest

import (
	"slices"
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
