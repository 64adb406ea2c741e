package backendtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// storeRights asks for everything as everybody. The table is the answer of the port:
// "" means allowed.
func storeRights(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	c := openCase(t, s, newCase("ev-1"), morning)
	topic := mustGet[opinion.UnitTopic](t)(s.AddUnitTopic(t.Context(), staff, newTopic(unitA.Unit), morning))
	const ok, missing, forbidden = opinion.Code(""), opinion.CodeNotFound, opinion.CodeForbidden
	actors := []opinion.Actor{opinion.System, staff, leader, unitA, unitB, unitC, admin, nobody, {Name: "x", Role: opinion.RoleUnit}}
	ctx := t.Context()
	seeing := []opinion.Code{ok, ok, ok, ok, ok, missing, forbidden, forbidden, forbidden}
	administering := []opinion.Code{ok, forbidden, forbidden, forbidden, forbidden, forbidden, ok, forbidden, forbidden}
	n := 0
	for _, row := range []struct {
		name string
		call func(a opinion.Actor) error
		want []opinion.Code
	}{
		{"Case", func(a opinion.Actor) error { _, err := s.Case(ctx, a, c.ID); return err }, seeing},
		{"CaseOfEvent", func(a opinion.Actor) error { _, err := s.CaseOfEvent(ctx, a, "ev-1"); return err }, seeing},
		{"Deliveries", func(a opinion.Actor) error { _, err := s.Deliveries(ctx, a, c.ID); return err }, seeing},
		{"Case that is not there", func(a opinion.Actor) error { _, err := s.Case(ctx, a, "case-none"); return err },
			[]opinion.Code{missing, missing, missing, missing, missing, missing, forbidden, forbidden, forbidden}},
		{"Cases", func(a opinion.Actor) error { _, err := s.Cases(ctx, a, opinion.CaseQuery{}); return err },
			[]opinion.Code{ok, ok, ok, ok, ok, ok, forbidden, forbidden, forbidden}},
		{"Cases of unit A", func(a opinion.Actor) error {
			_, err := s.Cases(ctx, a, opinion.CaseQuery{Unit: unitA.Unit})
			return err
		},
			[]opinion.Code{ok, ok, ok, ok, forbidden, forbidden, forbidden, forbidden, forbidden}},
		{"CaseCounts", func(a opinion.Actor) error { _, err := s.CaseCounts(ctx, a, morning); return err },
			[]opinion.Code{ok, ok, ok, ok, ok, ok, forbidden, forbidden, forbidden}},
		{"Act", func(a opinion.Actor) error {
			// The wrong revision lets the right actor get no further than CodeConflict.
			_, err := s.Act(ctx, a, opinion.CaseAct{CaseID: c.ID, Action: opinion.ActionSign, Revision: 99, At: morning})
			return err
		}, []opinion.Code{forbidden, forbidden, forbidden, opinion.CodeConflict, forbidden, missing, forbidden, opinion.CodeInvalid, forbidden}},
		{"UnitTopics of unit A", func(a opinion.Actor) error { _, err := s.UnitTopics(ctx, a, unitA.Unit); return err },
			[]opinion.Code{ok, ok, ok, ok, forbidden, forbidden, forbidden, forbidden, forbidden}},
		{"UnitTopics of all", func(a opinion.Actor) error { _, err := s.UnitTopics(ctx, a, ""); return err },
			[]opinion.Code{ok, ok, ok, forbidden, forbidden, forbidden, forbidden, forbidden, forbidden}},
		{"UnitTopic", func(a opinion.Actor) error { _, err := s.UnitTopic(ctx, a, topic.ID); return err },
			[]opinion.Code{ok, ok, ok, ok, missing, missing, forbidden, forbidden, forbidden}},
		{"AddUnitTopic", func(a opinion.Actor) error {
			_, err := s.AddUnitTopic(ctx, a, newTopic(unitA.Unit), morning)
			return err
		},
			[]opinion.Code{ok, ok, forbidden, ok, forbidden, forbidden, forbidden, forbidden, forbidden}},
		{"ChangeUnitTopic", func(a opinion.Actor) error {
			wrong := topic // the wrong revision lets the right actor get no further than CodeConflict
			wrong.Revision = 99
			_, err := s.ChangeUnitTopic(ctx, a, wrong, morning)
			return err
		}, []opinion.Code{opinion.CodeConflict, opinion.CodeConflict, forbidden, opinion.CodeConflict, missing, missing, forbidden, forbidden, forbidden}},
		{"AddUser", func(a opinion.Actor) error {
			n++
			return s.AddUser(ctx, a, opinion.User{Name: fmt.Sprint("u", n), Role: opinion.RoleStaff, PasswordHash: "h", CreatedAt: morning})
		}, administering},
		{"Users", func(a opinion.Actor) error { _, err := s.Users(ctx, a); return err }, administering},
		{"DisableUser", func(a opinion.Actor) error { return s.DisableUser(ctx, a, "u1", morning) }, administering},
		{"AddKey", func(a opinion.Actor) error {
			n++
			return s.AddKey(ctx, a, opinion.Key{ID: fmt.Sprint("k", n), Source: "renmin", SecretHash: hashOf(fmt.Sprint(n)), CreatedAt: morning})
		}, administering},
		{"Keys", func(a opinion.Actor) error { _, err := s.Keys(ctx, a); return err }, administering},
		{"RevokeKey", func(a opinion.Actor) error {
			err := s.RevokeKey(ctx, a, "none", morning)
			if opinion.CodeOf(err) == missing {
				return nil
			}
			return err
		}, administering},
		{"Ledger", func(a opinion.Actor) error { _, err := s.Ledger(ctx, a, "", 0, 10); return err },
			[]opinion.Code{ok, ok, ok, forbidden, forbidden, forbidden, ok, forbidden, forbidden}},
		{"Ledger of a case", func(a opinion.Actor) error { _, err := s.Ledger(ctx, a, "case:"+c.ID, 0, 10); return err },
			[]opinion.Code{ok, ok, ok, forbidden, forbidden, forbidden, forbidden, forbidden, forbidden}},
		{"Ledger of a user", func(a opinion.Actor) error { _, err := s.Ledger(ctx, a, "user:u1", 0, 10); return err },
			[]opinion.Code{ok, forbidden, ok, forbidden, forbidden, forbidden, ok, forbidden, forbidden}},
		{"Ledger of an event", func(a opinion.Actor) error { _, err := s.Ledger(ctx, a, "event:ev-1", 0, 10); return err },
			[]opinion.Code{ok, ok, ok, forbidden, forbidden, forbidden, ok, forbidden, forbidden}},
		{"NoteEdit", func(a opinion.Actor) error { return s.NoteEdit(ctx, a, mergeBy(a, "ev-1", "ev-2")) },
			[]opinion.Code{forbidden, ok, forbidden, forbidden, forbidden, forbidden, forbidden, forbidden, forbidden}},
		{"NoteEditFailed", func(a opinion.Actor) error { return s.NoteEditFailed(ctx, a, mergeBy(a, "ev-1", "ev-2"), morning) },
			[]opinion.Code{forbidden, ok, forbidden, forbidden, forbidden, forbidden, forbidden, forbidden, forbidden}},
	} {
		for i, a := range actors {
			wantErrorCode(t, fmt.Sprintf("%s as %s of %q", row.name, a.Role, a.Unit), row.call(a), row.want[i])
		}
	}
	if again := mustGet[opinion.Case](t)(s.Case(ctx, staff, c.ID)); again.Revision != 1 {
		t.Errorf("who may not act changed the case: revision %d", again.Revision)
	}
	storeRightsOfContents(t, s, c)
}

// storeRightsOfContents: what is shown holds nothing of others.
func storeRightsOfContents(t *testing.T, s opinion.Store, c opinion.Case) {
	_, hidden := s.Case(t.Context(), unitC, c.ID)
	_, none := s.Case(t.Context(), unitC, "case-none")
	if hidden.Error() != none.Error() {
		t.Errorf("unit C can tell a hidden case (%v) from none (%v)", hidden, none)
	}
	if page := mustGet[opinion.CasePage](t)(s.Cases(t.Context(), unitC, opinion.CaseQuery{})); page.Total != 0 || len(page.Cases) != 0 {
		t.Errorf("unit C lists %d cases", page.Total)
	}
	for _, d := range mustGet[[]opinion.Delivery](t)(s.Deliveries(t.Context(), unitB, c.ID)) {
		if d.Target != "" {
			t.Errorf("unit B sees the address %s of %s", d.Target, d.Unit)
		}
	}
	for _, d := range mustGet[[]opinion.Delivery](t)(s.Deliveries(t.Context(), unitA, c.ID)) {
		if d.Channel == "webhook" && d.Target == "" {
			t.Error("unit A does not see its own address")
		}
	}
	for _, e := range mustGet[[]opinion.Entry](t)(s.Ledger(t.Context(), admin, "", 0, 0)) {
		if strings.HasPrefix(e.Object, "case:") {
			t.Errorf("the administrator reads %s of %s", e.Action, e.Object)
		}
	}
	for _, e := range mustGet[[]opinion.Entry](t)(s.Ledger(t.Context(), staff, "", 0, 0)) {
		if !strings.HasPrefix(e.Object, "case:") && !strings.HasPrefix(e.Object, "event:") {
			t.Errorf("staff reads %s of %s", e.Action, e.Object)
		}
	}
}

func storeLedger(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	c := openCase(t, s, newCase("ev-1"), morning)
	openCase(t, s, newCase("ev-2"), morning)
	signed := actOn(t, s, unitA, c, opinion.ActionSign, "")
	all := ledgerOf(t, s, "")
	if len(all) != 7 {
		t.Fatalf("%d entries, want 7", len(all))
	}
	last := all[6]
	if last.Actor != unitA.Name || last.Role != unitA.Role || last.Action != "case.sign" || last.Object != "case:"+c.ID ||
		!last.At.Equal(signed.UpdatedAt) || !strings.Contains(last.Detail, c.Number) {
		t.Errorf("the entry of signing is %+v", last)
	}
	var paged []opinion.Entry
	for after := int64(0); ; {
		page := mustGet[[]opinion.Entry](t)(s.Ledger(t.Context(), leader, "", after, 2))
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		after = page[len(page)-1].Seq
	}
	wantEqual(t, "ledger in pages of two", paged, all)
	for _, limit := range []int{-1, 1001} {
		_, err := s.Ledger(t.Context(), leader, "", 0, limit)
		wantField(t, err, "limit")
	}
	_, err := s.Ledger(t.Context(), leader, "case:\x00", 0, 1)
	wantField(t, err, "object")
}

// storeAppendOnly: the database itself refuses to change what happened.
func storeAppendOnly(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	c := actOn(t, s, unitA, openCase(t, s, newCase("ev-1"), morning), opinion.ActionSign, "")
	before := ledgerOf(t, s, "")
	for _, statement := range []string{
		"UPDATE ledger SET actor = 'nobody' WHERE seq = 1", "DELETE FROM ledger WHERE seq = 1", "DELETE FROM ledger",
		"UPDATE steps SET text = 'x'", "DELETE FROM steps WHERE seq = 2",
		"INSERT INTO ledger (seq, at, actor, role, action, kind, object, detail) VALUES (1, 0, '', '', '', '', '', '')",
		"INSERT INTO ledger (seq, at, actor, role, action, kind, object, detail) VALUES (1, 0, '', '', '', '', '', '') ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
		"INSERT OR REPLACE INTO ledger (seq, at, actor, role, action, kind, object, detail) VALUES (1, 0, '', '', '', '', '', '')",
		"TRUNCATE ledger", "TRUNCATE steps",
	} {
		if err := db.Exec(t, statement); err == nil {
			t.Errorf("the database took: %s", statement)
		}
	}
	wantEqual(t, "ledger", ledgerOf(t, s, ""), before)
	wantEqual(t, "case", mustGet[opinion.Case](t)(s.Case(t.Context(), staff, c.ID)), c)
	actOn(t, s, unitA, c, opinion.ActionAnswer, "已办。") // and it still grows
}

func storeRestart(t *testing.T, db StoreDatabase) {
	first := db.Open(t, nil)
	c := actOn(t, first, unitA, openCase(t, first, newCase("ev-1"), morning), opinion.ActionSign, "")
	secret := mustGet[[]byte](t)(first.Secret(t.Context(), "pseudonym"))
	ledger := ledgerOf(t, first, "")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, db, nil)
	wantEqual(t, "case", mustGet[opinion.Case](t)(s.Case(t.Context(), staff, c.ID)), c)
	wantEqual(t, "secret", mustGet[[]byte](t)(s.Secret(t.Context(), "pseudonym")), secret)
	wantEqual(t, "ledger", ledgerOf(t, s, ""), ledger)
	if next := openCase(t, s, quietCase("ev-2"), morning); next.Number != "舆〔2026〕0002号" {
		t.Errorf("the number after a restart is %s", next.Number)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
}

// storeClosed: a closed Store refuses, it does not hang or panic.
func storeClosed(t *testing.T, db StoreDatabase) {
	s := db.Open(t, func() time.Time { return morning })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a closed Store answers a ping")
	}
	if _, _, err := s.OpenCase(t.Context(), newCase("ev-1"), morning); err == nil {
		t.Error("a closed Store opened a case")
	}
}
