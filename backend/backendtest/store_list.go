package backendtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// allCasesOf turns all pages of a list over.
func allCasesOf(t *testing.T, s opinion.Store, a opinion.Actor, q opinion.CaseQuery) []opinion.Case {
	t.Helper()
	var list []opinion.Case
	for {
		page := mustGet[opinion.CasePage](t)(s.Cases(t.Context(), a, q))
		list = append(list, page.Cases...)
		if q.After = page.Next; q.After == "" {
			return list
		}
	}
}

// fillCases opens cases that differ in everything that a list filters by, many of them at the
// same instant.
func fillCases(t *testing.T, s opinion.Store, n int) []opinion.Case {
	t.Helper()
	units := []string{unitA.Unit, unitB.Unit, unitC.Unit}
	levels := []opinion.Level{opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV, opinion.LevelNone}
	var list []opinion.Case
	for i := range n {
		k := quietCase(fmt.Sprint("ev-fill-", i))
		k.Case.LeadUnit, k.Case.CoUnits = units[i%3], nil
		if i%2 == 0 {
			k.Case.CoUnits = []string{units[(i+1)%3]}
		}
		k.Case.Topic = fmt.Sprint("topic.", i%4)
		k.Case.Level = levels[i%5]
		if i%7 == 0 {
			k.Case.Deadlines = nil
		}
		c := openCase(t, s, k, morning.Add(time.Duration(i/3)*time.Hour))
		lead := opinion.Actor{Name: "unit", Role: opinion.RoleUnit, Unit: c.LeadUnit}
		if i%4 >= 1 {
			c = actOn(t, s, lead, c, opinion.ActionSign, "")
		}
		if i%4 >= 2 {
			c = actOn(t, s, lead, c, opinion.ActionAnswer, "已办。")
		}
		if i%4 >= 3 {
			c = actOn(t, s, staff, c, opinion.ActionApprove, "")
		}
		list = append(list, c)
	}
	return list
}

// caseMatches is what a query means, in plain words of the port.
func caseMatches(c opinion.Case, q opinion.CaseQuery) bool {
	return (q.State == "" || c.State == q.State) && (q.Topic == "" || c.Topic == q.Topic) && (q.Level == "" || c.Level == q.Level) &&
		(q.Unit == "" || c.LeadUnit == q.Unit || slices.Contains(c.CoUnits, q.Unit)) && (q.Due.IsZero() || caseOverdue(c, q.Due))
}

func caseOverdue(c opinion.Case, now time.Time) bool {
	return slices.ContainsFunc(c.Deadlines, func(d opinion.Deadline) bool { return d.MetAt == nil && d.Due.Before(now) })
}

func storeList(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	all := fillCases(t, s, 60)
	for _, state := range []opinion.CaseState{"", opinion.StateToSign, opinion.StateClosed} {
		for _, unit := range []string{"", unitB.Unit, "unit-none"} {
			for _, topic := range []string{"", "topic.1"} {
				for _, level := range []opinion.Level{"", opinion.LevelI} {
					for _, due := range []time.Time{{}, morning.Add(time.Hour), morning.Add(time.Hour + 1), morning.Add(1000 * time.Hour)} {
						q := opinion.CaseQuery{State: state, Unit: unit, Topic: topic, Level: level, Due: due, Limit: 7}
						wantCaseList(t, s, staff, q, all)
						wantCaseList(t, s, unitB, q, all)
					}
				}
			}
		}
	}
	for field, q := range map[string]opinion.CaseQuery{
		"state": {State: "lost"}, "level": {Level: "X"}, "limit": {Limit: 501}, "unit": {Unit: "a\x00"}, "topic": {Topic: "\xff"},
		"after": {After: "MTIz"}, "due": {Due: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		_, err := s.Cases(t.Context(), staff, q)
		wantField(t, err, field)
	}
	for _, after := range []string{"%", "////", "MS94AA", "LTEv"} {
		_, err := s.Cases(t.Context(), staff, opinion.CaseQuery{After: after})
		wantField(t, err, "after")
	}
	_, err := s.Cases(t.Context(), staff, opinion.CaseQuery{Limit: -1})
	wantField(t, err, "limit")
	if page := mustGet[opinion.CasePage](t)(s.Cases(t.Context(), staff, opinion.CaseQuery{})); len(page.Cases) != 50 || page.Total != 60 {
		t.Errorf("a page without a limit has %d of %d cases, want 50 of 60", len(page.Cases), page.Total)
	}
}

// wantCaseList compares a list, all its pages and its total, with a filter over all cases.
func wantCaseList(t *testing.T, s opinion.Store, a opinion.Actor, q opinion.CaseQuery, all []opinion.Case) {
	t.Helper()
	page, err := s.Cases(t.Context(), a, q)
	if a.Role == opinion.RoleUnit && q.Unit != "" && q.Unit != a.Unit {
		wantErrorCode(t, "list of another unit", err, opinion.CodeForbidden)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	var want []opinion.Case
	for _, c := range all {
		if caseMatches(c, q) && a.MaySee(c) {
			want = append(want, c)
		}
	}
	slices.SortFunc(want, newestCaseFirst)
	got := allCasesOf(t, s, a, q)
	if !slices.IsSortedFunc(got, newestCaseFirst) {
		t.Errorf("%+v as %s: not newest first", q, a.Role)
	}
	wantEqual(t, fmt.Sprintf("%+v as %s", q, a.Role), got, want)
	if page.Total != len(want) {
		t.Errorf("%+v as %s: total %d, want %d", q, a.Role, page.Total, len(want))
	}
}

func newestCaseFirst(a, b opinion.Case) int {
	if c := b.OpenedAt.Compare(a.OpenedAt); c != 0 {
		return c
	}
	if a.ID > b.ID {
		return -1
	}
	return 1
}

// storePaging: who turns pages while cases are opened sees each case that was there at
// the beginning exactly once.
func storePaging(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	before := map[string]bool{}
	for i := range 40 {
		before[openCase(t, s, quietCase(fmt.Sprint("ev-", i)), morning.Add(time.Duration(i/8)*time.Second)).ID] = true
	}
	seen := map[string]int{}
	q := opinion.CaseQuery{Limit: 3}
	for i := 0; ; i++ {
		page := mustGet[opinion.CasePage](t)(s.Cases(t.Context(), staff, q))
		if len(page.Cases) == 3 && page.Total < 40+i {
			t.Errorf("page %d: total %d", i, page.Total)
		}
		for _, c := range page.Cases {
			seen[c.ID]++
		}
		if q.After = page.Next; q.After == "" {
			break
		}
		openCase(t, s, quietCase(fmt.Sprint("ev-later-", i)), morning.Add(time.Duration(i)*time.Second))
	}
	for id, n := range seen {
		if n > 1 {
			t.Errorf("case %s was listed %d times", id, n)
		}
	}
	for id := range before {
		if seen[id] == 0 {
			t.Errorf("case %s was not listed", id)
		}
	}
}

func storeCounts(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	if list := mustGet[[]opinion.CaseCount](t)(s.CaseCounts(t.Context(), leader, morning)); len(list) != 0 {
		t.Errorf("counts of nothing: %v", list)
	}
	fillCases(t, s, 48)
	wantTallies(t, s)
	own := mustGet[[]opinion.CaseCount](t)(s.CaseCounts(t.Context(), unitB, morning.Add(1000*time.Hour)))
	if len(own) == 0 {
		t.Error("a unit gets no counts of its own cases")
	}
	for _, c := range own {
		if c.Unit != unitB.Unit {
			t.Errorf("unit B gets the counts of %s", c.Unit)
		}
	}
	_, err := s.CaseCounts(t.Context(), staff, time.Time{})
	wantField(t, err, "now")
}

// wantTallies compares the counts at several hours with a count over all cases.
func wantTallies(t *testing.T, s opinion.Store) {
	t.Helper()
	all := allCasesOf(t, s, staff, opinion.CaseQuery{Limit: 500})
	for _, now := range []time.Time{morning, morning.Add(time.Hour + 1), morning.Add(1000 * time.Hour)} {
		type key struct {
			unit, topic string
			state       opinion.CaseState
		}
		want := map[key]opinion.CaseCount{}
		for _, c := range all {
			k := key{c.LeadUnit, c.Topic, c.State}
			n := want[k]
			n.Unit, n.Topic, n.State = c.LeadUnit, c.Topic, c.State
			n.Count++
			if caseOverdue(c, now) {
				n.Overdue++
			}
			want[k] = n
		}
		got := map[key]opinion.CaseCount{}
		for _, n := range mustGet[[]opinion.CaseCount](t)(s.CaseCounts(t.Context(), staff, now)) {
			got[key{n.Unit, n.Topic, n.State}] = n
		}
		wantEqual(t, fmt.Sprint("counts at ", now), got, want)
	}
}
