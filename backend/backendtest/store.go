package backendtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/huiying/huiying/opinion"
)

// StoreDatabase is one empty database for the contract suite of opinion.Store.
type StoreDatabase struct {
	// Open opens a Store on it; each call opens another one on the same database, as
	// another process or a restart does. now is its clock, time.Now when nil. The suite
	// closes what it opens. By that clock, deliveries that another process asked for must be
	// found within a minute, and given up within a day.
	Open func(t *testing.T, now func() time.Time) opinion.Store
	// Exec runs one SQL statement behind the Store's back.
	Exec func(t *testing.T, statement string) error
}

// Store holds an implementation of opinion.Store to every promise of the port. fresh
// makes an empty database and removes it after the test.
func Store(t *testing.T, fresh func(t *testing.T) StoreDatabase) {
	for _, part := range []struct {
		name string
		run  func(t *testing.T, db StoreDatabase)
	}{
		{"open", storeOpen}, {"open once", storeOpenOnce}, {"open numbers", storeNumbers},
		{"open text", storeText}, {"open bounds", storeBounds},
		{"life", storeLife}, {"life model", storeModel}, {"act once", storeActOnce}, {"act texts", storeActTexts},
		{"list", storeList}, {"list paging", storePaging}, {"list events", storeEvents}, {"edits of events", storeEdits}, {"counts", storeCounts},
		{"rights", storeRights}, {"ledger", storeLedger}, {"append only", storeAppendOnly},
		{"users", storeUsers}, {"sessions", storeSessions}, {"keys", storeKeys}, {"secret", storeSecret}, {"progress", storeProgress},
		{"unit topics", storeUnitTopics}, {"unit topics once", storeUnitTopicsOnce}, {"unit topic bounds", storeUnitTopicBounds},
		{"restart", storeRestart}, {"cancelled", storeCancelled}, {"closed", storeClosed},
		{"deliver", storeDeliver}, {"deliver retry", storeDeliverRetry}, {"deliver never", storeDeliverNever},
		{"deliver gives up", storeDeliverGivesUp}, {"deliver once", storeDeliverOnce}, {"deliver long", storeDeliverLong},
		{"deliver restart", storeDeliverRestart}, {"deliver death", storeDeliverDeath}, {"deliver late", storeDeliverLate}, {"deliver panic", storeDeliverPanic},
		{"deliver other process", storeDeliverOther},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, fresh(t)) })
	}
}

// The actors of the suite. Unit A leads the case of newCase, unit B helps, unit C has
// nothing to do with it.
var (
	staff  = opinion.Actor{Name: "wang", Role: opinion.RoleStaff}
	unitA  = opinion.Actor{Name: "li", Role: opinion.RoleUnit, Unit: "unit-a"}
	unitB  = opinion.Actor{Name: "zhao", Role: opinion.RoleUnit, Unit: "unit-b"}
	unitC  = opinion.Actor{Name: "qian", Role: opinion.RoleUnit, Unit: "unit-c"}
	leader = opinion.Actor{Name: "sun", Role: opinion.RoleLeader}
	admin  = opinion.Actor{Name: "zhou", Role: opinion.RoleAdmin}
	nobody = opinion.Actor{}
)

// morning is a Wednesday, 09:00 in China.
var morning = time.Date(2026, 3, 4, 1, 0, 0, 123456789, time.UTC)

func newCase(event string) opinion.NewCase {
	due := func(kind opinion.DeadlineKind, h int) opinion.Deadline {
		return opinion.Deadline{
			Kind: kind, Start: morning, Due: morning.Add(time.Duration(h) * time.Hour), Limit: h, Unit: "h",
			Clock: opinion.ClockNaturalHours, Rule: "level.II." + string(kind), Basis: "mandated", Source: "工作要点",
			Trace: []string{"2026-03-04 09:00", fmt.Sprintf("+%d h", h)},
		}
	}
	return opinion.NewCase{
		Case: opinion.Case{
			EventID: event, PostID: "post-" + event, Source: "renmin", Channel: opinion.ChannelWebMessage,
			URL: "https://example.org/?a=1&b='2'", Title: "井盖缺失", Text: "人民路口的井盖缺失多日。",
			Topic: "urban.roads", Risk: opinion.RiskHigh, Score: 61.25, Level: opinion.LevelII,
			LeadUnit: unitA.Unit, CoUnits: []string{unitB.Unit},
			Assessment: opinion.Assessment{
				Topic: "urban.roads", Risk: opinion.RiskHigh, Score: 61.25, Sentiment: -1, Intent: "投诉",
				Topics:      []opinion.TopicScore{{Topic: "urban.roads", Probability: 0.875, Evidence: []opinion.Evidence{{Span: opinion.Span{Start: 5, End: 7}, Word: "井盖"}}}},
				Fingerprint: []uint64{1, 1<<64 - 1}, PolicyVersion: "1+abc", ModelVersion: "m1",
			},
			Reasons:    []opinion.Reason{{Name: "risk_at_least", Detail: "risk 2 ≥ 2", Basis: "alert.risk"}},
			Deadlines:  []opinion.Deadline{due(opinion.DeadlineSign, 1), due(opinion.DeadlineRespond, 24), due(opinion.DeadlineClose, 120)},
			ReceivedAt: morning.Add(-time.Minute), PolicyVersion: "1+abc", CalendarVersion: "2026", ModelVersion: "m1",
		},
		Deliveries: []opinion.NewDelivery{
			{Unit: unitA.Unit, Channel: "inbox"}, {Unit: unitB.Unit, Channel: "inbox"},
			{Unit: unitA.Unit, Channel: "webhook", Target: "https://a.example.org/hook"},
		},
	}
}

// quietCase is newCase without anything to send.
func quietCase(event string) opinion.NewCase {
	n := newCase(event)
	n.Deliveries = nil
	return n
}

func openStore(t *testing.T, db StoreDatabase, now func() time.Time) opinion.Store {
	t.Helper()
	s := db.Open(t, now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func openCase(t *testing.T, s opinion.Store, n opinion.NewCase, at time.Time) opinion.Case {
	t.Helper()
	c, opened, err := s.OpenCase(t.Context(), n, at)
	if err != nil || !opened {
		t.Fatalf("open case of %q: opened %v, error %v", n.Case.EventID, opened, err)
	}
	return c
}

func actOn(t *testing.T, s opinion.Store, a opinion.Actor, c opinion.Case, action opinion.Action, text string) opinion.Case {
	t.Helper()
	next, err := s.Act(t.Context(), a, opinion.CaseAct{CaseID: c.ID, Action: action, Text: text, Revision: c.Revision, At: c.UpdatedAt.Add(time.Minute)})
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return next
}

func wantErrorCode(t *testing.T, what string, err error, want opinion.Code) {
	t.Helper()
	if got := opinion.CodeOf(err); got != want {
		t.Errorf("%s: code %q (%v), want %q", what, got, err, want)
	}
}

func wantEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func mustGet[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// hashOf is a hex SHA-256, as tokens and keys are kept.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func deliveriesOf(t *testing.T, s opinion.Store, c opinion.Case) []opinion.Delivery {
	t.Helper()
	return mustGet[[]opinion.Delivery](t)(s.Deliveries(context.WithoutCancel(t.Context()), opinion.System, c.ID))
}

func ledgerOf(t *testing.T, s opinion.Store, object string) []opinion.Entry {
	t.Helper()
	return mustGet[[]opinion.Entry](t)(s.Ledger(context.WithoutCancel(t.Context()), opinion.System, object, 0, 0))
}

// actionsOf are the actions in the ledger of an object, in order.
func actionsOf(t *testing.T, s opinion.Store, object string) []string {
	t.Helper()
	var list []string
	for _, e := range ledgerOf(t, s, object) {
		list = append(list, e.Action)
	}
	return list
}
