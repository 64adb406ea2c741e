package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// whoMay is the permission table, written a second time and by hand: who may call which
// operation. The key "nobody" is a request without a session. An operation that is not
// here fails TestEveryOperationWithEveryRole, and so does a row without its operation.
var whoMay = map[string][]string{
	"sign-in":               {"nobody", "staff", "leader", "admin", "unit-a"},
	"sign-out":              {"nobody", "staff", "leader", "admin", "unit-a"},
	"get-session":           {"staff", "leader", "admin", "unit-a"},
	"search-posts":          {"staff", "leader"},
	"get-post":              {"staff", "leader"},
	"list-events":           {"staff", "leader"},
	"get-event":             {"staff", "leader"},
	"merge-event":           {"staff"},
	"split-event":           {"staff"},
	"list-cases":            {"staff", "leader", "unit-a"},
	"get-case":              {"staff", "leader", "unit-a"},
	"check-answer":          {"staff", "unit-a"},
	"act-on-case":           {"staff", "unit-a"},
	"get-case-ledger":       {"staff", "leader"},
	"list-unit-topics":      {"staff", "leader", "unit-a"},
	"add-unit-topic":        {"staff", "unit-a"},
	"get-unit-topic":        {"staff", "leader", "unit-a"},
	"change-unit-topic":     {"staff", "unit-a"},
	"preview-unit-topic":    {"staff", "unit-a"},
	"list-unit-topic-posts": {"staff", "leader", "unit-a"},
	"get-stats":             {"staff", "leader", "unit-a"},
	"get-status":            {"staff", "leader", "admin"},
	"get-vocabulary":        {"staff", "leader", "admin", "unit-a"},
	"list-users":            {"admin"},
	"add-user":              {"admin"},
	"disable-user":          {"admin"},
	"list-keys":             {"admin"},
	"add-key":               {"admin"},
	"revoke-key":            {"admin"},
	"push-posts":            {}, // the ingest role's, with a key instead of a session
}

// bodies make requests that would succeed, or fail only for want of the thing named.
var bodies = map[string]any{
	"sign-in":            map[string]string{"name": "nobody", "password": "wrong"},
	"merge-event":        map[string]string{"into": "ev-2", "reason": "同一件事"},
	"split-event":        map[string]any{"posts": []string{"p"}, "reason": "两件事"},
	"act-on-case":        map[string]any{"action": "sign", "revision": 1},
	"add-user":           map[string]string{"name": "staff", "role": "staff", "password": "a long password"},
	"add-key":            map[string]string{"source": "renmin"},
	"push-posts":         map[string]string{"text": "x"},
	"add-unit-topic":     map[string]any{"unit": unitA, "name": "电梯", "keywords": []string{"电梯"}, "exclusions": []string{}, "examples": []any{}, "threshold": 0.5},
	"change-unit-topic":  map[string]any{"name": "电梯", "keywords": []string{"电梯"}, "exclusions": []string{}, "examples": []any{}, "threshold": 0.5, "active": true, "revision": 1},
	"preview-unit-topic": map[string]any{"keywords": []string{"电梯"}, "exclusions": []string{}, "examples": []any{}, "threshold": 0.5},
}

func TestEveryOperationWithEveryRole(t *testing.T) {
	w := newWorld(t)
	seen := map[string]bool{}
	for path, item := range document().Paths {
		for _, op := range operations(item) {
			may, ok := whoMay[op.OperationID]
			if !ok {
				t.Errorf("operation %s has no row in the table of who may call it", op.OperationID)
				continue
			}
			seen[op.OperationID] = true
			path := strings.NewReplacer("{id}", "no-such-thing", "{name}", "no-such-user").Replace(path)
			for _, who := range []string{"nobody", "staff", "leader", "admin", "unit-a"} {
				session := ""
				if who != "nobody" {
					session = w.signIn(who)
				}
				a := w.as(session, op.Method, path, bodies[op.OperationID])
				if err := judge(op.OperationID, who, may, a); err != nil {
					t.Errorf("%s %s as %s: %v: %s", op.Method, path, who, err, a.body)
				}
			}
		}
	}
	for id := range whoMay {
		if !seen[id] {
			t.Errorf("the document has no operation %s", id)
		}
	}
}

func judge(id, who string, may []string, a answer) error {
	want := 0
	switch {
	case id == "push-posts":
		want = 405 // GET has the path
	case id == "sign-in":
		want = 401 // everybody may try; the password is wrong
	case slices.Contains(may, who):
		if a.status == 401 || a.status == 403 || a.status >= 500 {
			return fmt.Errorf("answered %d, may call it", a.status)
		}
		return nil
	case who == "nobody":
		want = 401
	default:
		want = 403
	}
	if a.status != want {
		return fmt.Errorf("answered %d, want %d", a.status, want)
	}
	return nil
}

// The rights come before the input: who may not call learns nothing from its errors.
func TestRightsComeBeforeInput(t *testing.T) {
	w := newWorld(t)
	unit := w.signIn("unit-a")
	w.as(unit, "GET", "/api/v1/posts?limit=banana", nil).wantProblem(403, "forbidden")
	w.as(unit, "POST", "/api/v1/users", `{"not json`).wantProblem(403, "forbidden")
	w.call("POST", "/api/v1/keys", `{"not json`).wantProblem(401, "unauthorized")
}

func TestPermissionsOfASessionAgreeWithTheTable(t *testing.T) {
	w := newWorld(t)
	behind := map[string]string{
		"posts.search": "search-posts", "events.edit": "merge-event", "cases.read": "get-case", "cases.act": "act-on-case", "ledger.read": "get-case-ledger",
		"topics.read": "get-unit-topic", "topics.keep": "change-unit-topic",
		"stats.read": "get-stats", "status.read": "get-status", "users.manage": "add-user", "keys.manage": "add-key",
	}
	for _, who := range []string{"staff", "leader", "admin", "unit-a"} {
		var v struct{ Permissions []string }
		w.as(w.signIn(who), "GET", "/api/v1/session", nil).want(200).into(&v)
		for name, id := range behind {
			if got, want := slices.Contains(v.Permissions, name), slices.Contains(whoMay[id], who); got != want {
				t.Errorf("%s of %s: %v, but the operation %s says %v", name, who, got, id, want)
			}
		}
		if len(v.Permissions) > len(behind) {
			t.Errorf("%s has permissions that no operation stands behind: %v", who, v.Permissions)
		}
	}
}

func TestUnitsDoNotCross(t *testing.T) {
	w := newWorld(t)
	post := w.putPost(1, "违建", "胡同里违建很多")
	c := w.openCase(w.putEvent(post), post)
	path := "/api/v1/cases/" + c.ID
	sign := map[string]any{"action": "sign", "revision": 1}
	answer := map[string]any{"action": "answer", "revision": 1}

	stranger := w.signIn("unit-b")
	w.as(stranger, "GET", path, nil).wantProblem(404, "not_found")
	w.as(stranger, "POST", path+"/acts", sign).wantProblem(404, "not_found")
	w.as(stranger, "POST", path+"/acts", answer).wantProblem(404, "not_found")
	w.as(stranger, "GET", path+"/ledger", nil).wantProblem(403, "forbidden")
	w.as(stranger, "GET", "/api/v1/cases?unit="+unitA, nil).wantProblem(403, "forbidden")
	if n := w.caseCount(stranger, "/api/v1/cases"); n != 0 {
		t.Errorf("a stranger sees %d cases", n)
	}
	if b := w.as(stranger, "GET", "/api/v1/stats", nil).want(200).body; strings.Contains(string(b), unitA) {
		t.Errorf("a stranger sees the counts of another unit: %s", b)
	}
	missing := w.as(stranger, "GET", "/api/v1/cases/no-such-case", nil).want(404)
	if hidden := w.as(stranger, "GET", path, nil); string(missing.body) != string(hidden.body) {
		t.Errorf("a hidden case differs from a missing one: %s and %s", hidden.body, missing.body)
	}

	helper := w.signIn("unit-c")
	w.as(helper, "GET", path, nil).want(200)
	w.as(helper, "POST", path+"/acts", sign).wantProblem(403, "forbidden")
	if n := w.caseCount(helper, "/api/v1/cases"); n != 1 {
		t.Errorf("a helping unit sees %d cases", n)
	}
}

func (w *world) caseCount(session, path string) int {
	w.t.Helper()
	var v struct{ Total int }
	w.as(session, "GET", path, nil).want(200).into(&v)
	return v.Total
}

func TestDeliveriesShowNoAddressesToUnits(t *testing.T) {
	w := newWorld(t)
	post := w.putPost(1, "违建", "胡同里违建很多")
	c := w.openCase(w.putEvent(post), post)
	type view struct {
		Deliveries []struct{ Unit, Channel, Target string }
	}
	for _, tt := range []struct {
		who   string
		units []string
	}{{"unit-a", []string{unitA, unitA}}, {"unit-c", []string{unitC}}} {
		var v view
		a := w.as(w.signIn(tt.who), "GET", "/api/v1/cases/"+c.ID, nil).want(200)
		a.into(&v)
		var units []string
		for _, d := range v.Deliveries {
			units = append(units, d.Unit)
		}
		if !slices.Equal(units, tt.units) || strings.Contains(string(a.body), "example.com") {
			t.Errorf("%s sees the deliveries %s", tt.who, a.body)
		}
	}
	a := w.as(w.signIn("staff"), "GET", "/api/v1/cases/"+c.ID, nil).want(200)
	var v view
	a.into(&v)
	if len(v.Deliveries) != 3 || !strings.Contains(string(a.body), "duty@example.com") || strings.Contains(string(a.body), "SECRET") {
		t.Errorf("staff see the deliveries %s", a.body)
	}
}
