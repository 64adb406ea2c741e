package backendtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

func storeOpen(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	n := newCase("ev-1")
	n.Case.CoUnits = []string{unitB.Unit, unitA.Unit, unitB.Unit} // named twice, and the lead: count once
	n.Deliveries = append(n.Deliveries, n.Deliveries[0])
	c := openCase(t, s, n, morning)

	want := n.Case
	want.ID, want.Number, want.State, want.Revision = c.ID, "舆〔2026〕0001号", opinion.StateToSign, 1
	want.CoUnits = []string{unitB.Unit}
	want.OpenedAt, want.UpdatedAt = morning, morning
	want.Steps = []opinion.Step{{Seq: 1, Action: opinion.ActionOpen, To: opinion.StateToSign, Actor: "system", Role: opinion.RoleSystem, At: morning}}
	wantEqual(t, "opened case", c, want)
	if c.ID == "" {
		t.Error("the case has no ID")
	}
	wantEqual(t, "read case", mustGet[opinion.Case](t)(s.Case(t.Context(), staff, c.ID)), c)
	wantEqual(t, "case of event", mustGet[opinion.Case](t)(s.CaseOfEvent(t.Context(), staff, "ev-1")), c)

	list := deliveriesOf(t, s, c)
	if len(list) != 3 {
		t.Fatalf("%d deliveries, want 3", len(list))
	}
	for i, d := range list {
		want := opinion.Delivery{ID: d.ID, CaseID: c.ID, Unit: n.Deliveries[i].Unit, Channel: n.Deliveries[i].Channel,
			Target: n.Deliveries[i].Target, State: "pending", CreatedAt: morning}
		if d.Channel == "inbox" {
			want.State, want.Attempts, want.DoneAt = "delivered", 1, &morning
		}
		wantEqual(t, "delivery", d, want)
	}
	wantEqual(t, "ledger", actionsOf(t, s, "case:"+c.ID), []string{"case.open", "delivery.delivered", "delivery.delivered"})
}

// storeOpenOnce: fifty at once, through two handles, for one event and each for its own.
func storeOpenOnce(t *testing.T, db StoreDatabase) {
	stores := []opinion.Store{openStore(t, db, nil), openStore(t, db, nil)}
	const callers = 50
	var cases [callers]opinion.Case
	var opened, own [callers]bool
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			s := stores[i%2]
			var err error
			if cases[i], opened[i], err = s.OpenCase(t.Context(), newCase("ev-same"), morning); err != nil {
				t.Errorf("open the same: %v", err)
			}
			if _, own[i], err = s.OpenCase(t.Context(), quietCase(fmt.Sprint("ev-own-", i)), morning); err != nil {
				t.Errorf("open its own: %v", err)
			}
		})
	}
	wg.Wait()
	if n := countTrue(opened[:]); n != 1 {
		t.Errorf("the event's case was opened %d times", n)
	}
	if n := countTrue(own[:]); n != callers {
		t.Errorf("%d of %d own cases were opened", n, callers)
	}
	for _, c := range cases {
		wantEqual(t, "case of the one event", c, cases[0])
	}
	wantNumbers(t, stores[0], 2026, callers+1)
	if n := len(deliveriesOf(t, stores[0], cases[0])); n != 3 {
		t.Errorf("%d deliveries, want 3", n)
	}
	for i, e := range ledgerOf(t, stores[0], "") {
		if e.Seq != int64(i+1) {
			t.Fatalf("entry %d of the ledger has the number %d", i+1, e.Seq)
		}
	}
}

func countTrue(list []bool) (n int) {
	for _, b := range list {
		if b {
			n++
		}
	}
	return n
}

// wantNumbers checks that the numbers of a year are 1 … n without a gap.
func wantNumbers(t *testing.T, s opinion.Store, year, n int) {
	t.Helper()
	var got, want []string
	for _, c := range allCasesOf(t, s, staff, opinion.CaseQuery{Limit: 500}) {
		if strings.Contains(c.Number, fmt.Sprint(year)) {
			got = append(got, c.Number)
		}
	}
	for i := range n {
		want = append(want, fmt.Sprintf("舆〔%d〕%04d号", year, i+1))
	}
	slices.Sort(got)
	wantEqual(t, "numbers", got, want)
}

// storeNumbers: the year is the one of China, and every year counts for itself.
func storeNumbers(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	midnight := time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		at   time.Time
		want string
	}{
		{midnight.Add(-time.Nanosecond), "舆〔2026〕0001号"},
		{midnight, "舆〔2027〕0001号"},
		{midnight.Add(-time.Second), "舆〔2026〕0002号"},
		{midnight.In(time.FixedZone("", -11*3600)), "舆〔2027〕0002号"},
	} {
		if c := openCase(t, s, quietCase(fmt.Sprint("ev-", i)), step.at); c.Number != step.want {
			t.Errorf("opened at %v: number %s, want %s", step.at, c.Number, step.want)
		}
	}
	if err := db.Exec(t, "UPDATE counters SET value = 9999 WHERE name = 'case/2026'"); err != nil {
		t.Fatal(err)
	}
	if c := openCase(t, s, quietCase("ev-many"), morning); c.Number != "舆〔2026〕10000号" {
		t.Errorf("the case after 9999 has the number %s", c.Number)
	}
}

// storeText: what comes back is what was given, but for what no database can hold.
func storeText(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	for i, x := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"quotes", `'; DROP TABLE cases; -- " \ $1 ?`, ""},
		{"emoji", "👩‍👩‍👧‍👦 𠮷 \u202e é", ""},
		{"lines", "一\r\n\t二\u2028三", ""},
		{"long", strings.Repeat("汉", 20_000), ""},
		{"nul", "前\x00后", "前\ufffd后"},
		{"broken", "前\xff\xfe后", "前\ufffd\ufffd后"},
	} {
		n := quietCase(fmt.Sprint("ev-", i))
		n.Case.Title, n.Case.Text = x.text, x.text
		n.Case.Reasons[0].Detail = x.text
		want := x.text
		if x.want != "" {
			want = x.want
		}
		c := mustGet[opinion.Case](t)(s.Case(t.Context(), staff, openCase(t, s, n, morning).ID))
		if c.Text != want || c.Title != want {
			t.Errorf("%s: %.40q came back as %.40q", x.name, x.text, c.Text)
		}
	}
}

// storeBounds: what can never succeed is refused with the field's name, and leaves nothing.
func storeBounds(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	long := strings.Repeat("x", 5000)
	for field, spoil := range map[string]func(n *opinion.NewCase){
		"case.event_id":         func(n *opinion.NewCase) { n.Case.EventID = "" },
		"case.post_id":          func(n *opinion.NewCase) { n.Case.PostID = long },
		"case.source":           func(n *opinion.NewCase) { n.Case.Source = "a\nb" },
		"case.topic":            func(n *opinion.NewCase) { n.Case.Topic = "" },
		"case.lead_unit":        func(n *opinion.NewCase) { n.Case.LeadUnit = "\xff" },
		"case.url":              func(n *opinion.NewCase) { n.Case.URL = long },
		"case.co_units":         func(n *opinion.NewCase) { n.Case.CoUnits = make([]string, 65) },
		"level":                 func(n *opinion.NewCase) { n.Case.Level = "V" },
		"case.risk":             func(n *opinion.NewCase) { n.Case.Risk = 4 },
		"case.score":            func(n *opinion.NewCase) { n.Case.Score = -1 },
		"case.text":             func(n *opinion.NewCase) { n.Case.Text = strings.Repeat("x", 2<<20) },
		"case":                  func(n *opinion.NewCase) { n.Case.Reasons[0].Detail = strings.Repeat("x", 2<<20) },
		"case.received_at":      func(n *opinion.NewCase) { n.Case.ReceivedAt = time.Time{} },
		"case.deadlines":        func(n *opinion.NewCase) { n.Case.Deadlines[1].Kind = opinion.DeadlineSign },
		"case.deadlines.due":    func(n *opinion.NewCase) { n.Case.Deadlines[1].Due = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) },
		"deliveries.channel":    func(n *opinion.NewCase) { n.Deliveries[0].Channel = "pigeon" },
		"deliveries.target":     func(n *opinion.NewCase) { n.Deliveries[2].Target = "" },
		"deliveries.unit":       func(n *opinion.NewCase) { n.Deliveries[2].Unit = "" },
		"deliveries":            func(n *opinion.NewCase) { n.Deliveries = make([]opinion.NewDelivery, 65) },
		"case.policy_version":   func(n *opinion.NewCase) { n.Case.PolicyVersion = long },
		"case.calendar_version": func(n *opinion.NewCase) { n.Case.CalendarVersion = long },
		"case.deadlines.kind":   func(n *opinion.NewCase) { n.Case.Deadlines[0].Kind = "" },
	} {
		n := newCase("ev-bad")
		spoil(&n)
		_, _, err := s.OpenCase(t.Context(), n, morning)
		wantField(t, err, field)
	}
	_, _, err := s.OpenCase(t.Context(), newCase("ev-bad"), time.Time{})
	wantField(t, err, "at")
	if page := mustGet[opinion.CasePage](t)(s.Cases(t.Context(), staff, opinion.CaseQuery{})); page.Total != 0 {
		t.Errorf("%d cases were opened from bad input", page.Total)
	}
	if c := openCase(t, s, quietCase("ev-good"), morning); c.Number != "舆〔2026〕0001号" {
		t.Errorf("bad input used up numbers: %s", c.Number)
	}
}

func wantField(t *testing.T, err error, field string) {
	t.Helper()
	wantErrorCode(t, field, err, opinion.CodeInvalid)
	if e, ok := storeError(err); ok && e.Field != field {
		t.Errorf("the error %q names the field %q, want %q", err, e.Field, field)
	}
}
