package console_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

type caseView struct {
	ID, Number, Title, State, Permalink, URL, Text string
	Revision                                       int
	Deadlines                                      []struct {
		Kind          string
		Trace         []string
		Overdue, Late bool
		MetAt         *time.Time `json:"met_at"`
	}
	Steps []struct {
		Action, Actor, Text string
		Seq                 int
	}
	Allowed []struct {
		Action    string
		NeedsText bool `json:"needs_text"`
	}
}

func (v caseView) actions() string {
	var all []string
	for _, a := range v.Allowed {
		all = append(all, a.Action)
	}
	return strings.Join(all, " ")
}

func (w *world) aCase() opinion.Case {
	w.t.Helper()
	post := w.putPost(1, "违建", "胡同里违建很多")
	return w.openCase(w.putEvent(post), post)
}

func TestLifeOfACase(t *testing.T) {
	w := newWorld(t, func(c *console.Config) { c.PublicURL = "https://hy.example.com/" })
	unit, staff, leader := w.signIn("unit-a"), w.signIn("staff"), w.signIn("leader")
	path := "/api/v1/cases/" + w.aCase().ID
	act := func(session, action, text string, revision int) caseView {
		t.Helper()
		var v caseView
		w.as(session, "POST", path+"/acts", map[string]any{"action": action, "text": text, "revision": revision}).want(200).into(&v)
		return v
	}
	read := func(session string) (v caseView) {
		t.Helper()
		w.as(session, "GET", path, nil).want(200).into(&v)
		return v
	}

	v := read(unit)
	if v.State != "to_sign" || v.actions() != "sign" || v.Permalink != "https://hy.example.com/cases/"+v.ID || len(v.Deadlines[0].Trace) != 2 {
		t.Errorf("new case is %+v", v)
	}
	if v.URL != "" || len([]rune(v.Title)) > 60 || !strings.HasSuffix(v.Title, "…") {
		t.Errorf("address %q, title %q", v.URL, v.Title)
	}
	if a := read(staff).actions() + read(leader).actions(); a != "" {
		t.Errorf("staff and leaders may %s a case that is to be signed", a)
	}
	v = act(unit, "sign", "", 1)
	if v.State != "handling" || v.Revision != 2 || v.Deadlines[0].MetAt == nil || v.Deadlines[0].Late || v.actions() != "answer" || !v.Allowed[0].NeedsText {
		t.Errorf("signed case is %+v", v)
	}
	w.clock.forward(25 * time.Hour)
	unit = w.signIn("unit-a") // a day is longer than a session
	staff, leader = w.signIn("staff"), w.signIn("leader")
	if v := read(unit); !v.Deadlines[1].Overdue || v.Deadlines[0].Overdue {
		t.Errorf("a day later: %+v", v.Deadlines)
	}
	v = act(unit, "answer", "  已拆除。\n\n谢谢。 ", 2)
	if v.State != "review" || v.Steps[2].Text != "已拆除。\n\n谢谢。" || !v.Deadlines[1].Late || v.Deadlines[1].Overdue || v.actions() != "" {
		t.Errorf("answered case is %+v", v)
	}
	if v := read(staff); v.actions() != "approve return" {
		t.Errorf("staff may %s an answered case", v.actions())
	}
	w.as(leader, "POST", path+"/acts", map[string]any{"action": "approve", "revision": 3}).wantProblem(403, "forbidden")
	v = act(staff, "return", "请说明时间", 3)
	v = act(unit, "answer", "三月一日拆除", v.Revision)
	v = act(staff, "approve", "", v.Revision)
	if v.State != "closed" || v.actions() != "" || len(v.Steps) != 6 {
		t.Errorf("closed case is %+v", v)
	}
	var l struct {
		Entries []struct {
			Seq            int64
			Action, Object string
			Detail         map[string]any
		}
		Next int64
	}
	w.as(leader, "GET", path+"/ledger?limit=3", nil).want(200).into(&l)
	if len(l.Entries) != 3 || l.Entries[0].Action != "case.open" || l.Next == 0 {
		t.Fatalf("ledger is %+v", l)
	}
	w.as(leader, "GET", path+fmt.Sprintf("/ledger?after=%d", l.Next), nil).want(200).into(&l)
	last := l.Entries[len(l.Entries)-1]
	if last.Action != "case.approve" || last.Object != "case:"+v.ID || last.Detail == nil {
		t.Errorf("ledger ends with %+v", last)
	}
}

func TestActsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	unit := w.signIn("unit-a")
	path := "/api/v1/cases/" + w.aCase().ID + "/acts"
	for _, tt := range []struct {
		name, body string
		status     int
		reason     string
	}{
		{"stale", `{"action":"sign","revision":7}`, 409, "stale_revision"},
		{"wrong state", `{"action":"answer","text":"x","revision":1}`, 409, "wrong_state"},
		{"no text", `{"action":"answer","text":" \n ","revision":1}`, 400, "text_required"},
		{"staff's action", `{"action":"approve","revision":1}`, 403, "forbidden"},
		{"the system's action", `{"action":"open","revision":1}`, 422, "invalid_fields"},
		{"no revision", `{"action":"sign"}`, 422, "invalid_fields"},
		{"revision 0", `{"action":"sign","revision":0}`, 422, "invalid_fields"},
		{"unknown field", `{"action":"sign","revision":1,"unit":"x"}`, 422, "invalid_fields"},
		{"long text", `{"action":"sign","revision":1,"text":"` + strings.Repeat("长", 20001) + `"}`, 422, "invalid_fields"},
		{"huge body", `{"action":"sign","revision":1,"text":"` + strings.Repeat("x", 400<<10) + `"}`, 413, "too_large"},
		{"NUL", `{"action":"sign","revision":1,"text":"a\u0000b"}`, 400, "invalid_field"},
		{"no JSON", `action=sign`, 400, "invalid_fields"},
		{"two documents", `{"action":"sign","revision":1}{"action":"sign","revision":1}`, 400, "invalid_fields"},
		{"an array", `[]`, 422, "invalid_fields"},
		{"nothing", ``, 400, "invalid"},
		{"deep", strings.Repeat(`[`, 20000), 400, "invalid_fields"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := w.as(unit, "POST", path, tt.body)
			if a.status != tt.status || !strings.Contains(string(a.body), `"reason":"`+tt.reason+`"`) {
				t.Errorf("answered %d %.300s, want %d %s", a.status, a.body, tt.status, tt.reason)
			}
		})
	}
	longest := `{"action":"sign","revision":1,"text":"` + strings.Repeat(`\ud83d\ude00`, 20000) + `"}`
	w.as(unit, "POST", path, longest).want(200)
	w.as(unit, "POST", path, "a=b", header("Content-Type", "application/x-www-form-urlencoded")).wantProblem(415, "media_type")
}

func TestListOfCases(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	for i := range 5 {
		post := w.putPost(i, "违建", "x")
		w.openCase(w.putEvent(post), post)
		w.clock.forward(time.Minute)
	}
	var v struct {
		Total int
		Cases []caseView
		Next  string
	}
	seen := map[string]bool{}
	for after := ""; ; {
		v.Next = ""
		w.as(staff, "GET", "/api/v1/cases?limit=2&after="+after, nil).want(200).into(&v)
		for _, c := range v.Cases {
			if seen[c.ID] {
				t.Errorf("case %s comes twice", c.ID)
			}
			seen[c.ID] = true
			if len(c.Deadlines[0].Trace) != 0 || c.Text != "" {
				t.Errorf("a list carries whole cases: %+v", c)
			}
		}
		if after = v.Next; after == "" {
			break
		}
	}
	if len(seen) != 5 || v.Total != 5 {
		t.Errorf("pages hold %d of %d cases", len(seen), v.Total)
	}
	now := w.clock.now()
	for query, want := range map[string]int{
		"state=to_sign": 5, "state=closed": 0, "unit=" + unitA: 5, "unit=" + unitB: 0, "topic=urban.illegal": 5, "topic=x": 0,
		"level=III": 5, "level=I": 0,
		"due_before=" + now.Add(time.Hour).Format(time.RFC3339): 5, "due_before=" + now.Format(time.RFC3339): 0,
	} {
		if n := w.caseCount(staff, "/api/v1/cases?"+query); n != want {
			t.Errorf("%s finds %d cases, want %d", query, n, want)
		}
	}
	for query, status := range map[string]int{
		"after=rubbish": 400, "after=%0d%0aX:1": 400, "state=open": 422, "level=V": 422, "due_before=yesterday": 422, "limit=201": 422, "actor=staff": 422,
	} {
		w.as(staff, "GET", "/api/v1/cases?"+query, nil).want(status)
	}
}

// Of two people who act on the same revision at the same time, exactly one succeeds.
func TestActsAtTheSameTime(t *testing.T) {
	w := newWorld(t)
	unit := w.signIn("unit-a")
	path := "/api/v1/cases/" + w.aCase().ID + "/acts"
	answers := make(chan int)
	for range 8 {
		go func() {
			answers <- w.as(unit, "POST", path, `{"action":"sign","revision":1}`).status
		}()
	}
	counts := map[int]int{}
	for range 8 {
		counts[<-answers]++
	}
	if counts[200] != 1 || counts[409] != 7 {
		t.Errorf("answers are %v", counts)
	}
}
