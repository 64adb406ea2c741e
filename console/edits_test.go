package console_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

// edited is what the tests read of an event's corrections.
type edited struct {
	ID          string
	MergedCases []struct{ Number string } `json:"merged_cases"`
	Edits       []struct{ ID, Op, From, Into, By, Reason, State string }
}

// editWorld has two events, of three posts and of one, and collects what is published.
func editWorld(t *testing.T) (w *world, published *[]opinion.Edit, fail *error) {
	published, fail = &[]opinion.Edit{}, new(error)
	w = newWorld(t, func(c *console.Config) {
		c.Edit = func(_ context.Context, e opinion.Edit) error {
			if *fail == nil {
				*published = append(*published, e)
			}
			return *fail
		}
	})
	var links []opinion.Link
	for n := range 4 {
		id := w.putPost(n, "违建", fmt.Sprint("第", n, "条"))
		if n == 0 || n == 3 {
			w.putEvent(id)
			continue
		}
		links = append(links, opinion.Link{PostID: id, EventID: "ev-" + postID(0)})
	}
	if err := w.index.Link(t.Context(), links); err != nil {
		t.Fatal(err)
	}
	return w, published, fail
}

func postID(n int) string { return opinion.PostID("renmin", fmt.Sprint(n)) }

func (w *world) edits(session, event string) (v edited) {
	w.t.Helper()
	w.as(session, "GET", "/api/v1/events/"+event, nil).want(200).into(&v)
	return v
}

func TestEventsAreMergedByHand(t *testing.T) {
	w, published, _ := editWorld(t)
	staff := w.signIn("staff")
	from, into := "ev-"+postID(3), "ev-"+postID(0)
	c := w.openCase(from, postID(3))
	w.as(staff, "POST", "/api/v1/events/"+from+"/merge", map[string]string{"into": into, "reason": " 同一件事 "}).want(202)
	if len(*published) != 1 {
		t.Fatalf("%d edits were published", len(*published))
	}
	e := (*published)[0]
	if e.Op != opinion.EditMerge || e.From != from || e.Into != into || e.By != "staff" || e.Reason != "同一件事" || e.Check() != nil {
		t.Errorf("published %+v: %v", e, e.Check())
	}
	for _, event := range []string{from, into} {
		if v := w.edits(w.signIn("leader"), event); v.ID != event || len(v.Edits) != 1 || v.Edits[0].State != "pending" || v.Edits[0].Reason != "同一件事" {
			t.Errorf("on its way, %s shows %+v", event, v)
		}
	}
	merged, err := w.index.Event(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	merged.MergedInto, merged.Version = into, 2
	if err := w.index.PutEvents(t.Context(), []opinion.Event{merged}); err != nil {
		t.Fatal(err)
	}
	v := w.edits(staff, from) // the address of before
	if v.ID != into || v.Edits[0].State != "done" || len(v.MergedCases) != 1 || v.MergedCases[0].Number != c.Number {
		t.Errorf("when it is done, its address shows %+v", v)
	}
	w.as(staff, "POST", "/api/v1/events/"+from+"/merge", map[string]string{"into": into, "reason": "又来"}).wantProblem(409, "event_merged")
	w.as(staff, "POST", "/api/v1/events/"+into+"/merge", map[string]string{"into": from, "reason": "反过来"}).wantProblem(409, "event_merged")
	var ledger []opinion.Entry
	if ledger, err = w.store.Ledger(t.Context(), opinion.Actor{Role: opinion.RoleLeader}, "event:"+from, 0, 10); err != nil || len(ledger) != 1 || ledger[0].Action != "event.merge" || ledger[0].Actor != "staff" {
		t.Errorf("the ledger says %+v, %v", ledger, err)
	}
}

func TestPostsAreSplitOffByHand(t *testing.T) {
	w, published, _ := editWorld(t)
	staff := w.signIn("staff")
	event := "ev-" + postID(0)
	path := "/api/v1/events/" + event + "/split"
	ask := func(reason string, posts ...string) answer {
		return w.as(staff, "POST", path, map[string]any{"posts": posts, "reason": reason})
	}
	ask("两件事", postID(0), postID(1), postID(2)).wantProblem(400, "split_all")
	ask("两件事", postID(1), postID(3)).wantProblem(409, "not_of_event")
	ask("两件事", "nothing").wantProblem(409, "not_of_event")
	ask("  ", postID(1)).wantProblem(400, "reason_required")
	ask(strings.Repeat("长", 501), postID(1)).wantProblem(422, "invalid_fields")
	ask("两件事").wantProblem(422, "invalid_fields")
	if len(*published) != 0 {
		t.Fatalf("refused edits were published: %+v", *published)
	}
	ask("两件事", postID(2), postID(1), postID(2)).want(202)
	e := (*published)[0]
	if e.Op != opinion.EditSplit || e.From != event || len(e.Posts) != 2 || e.Check() != nil {
		t.Fatalf("published %+v: %v", e, e.Check())
	}
	if v := w.edits(staff, event); len(v.Edits) != 1 || v.Edits[0].State != "pending" || v.Edits[0].Into != e.EventID() {
		t.Errorf("on its way: %+v", v)
	}
	made := opinion.Event{ID: e.EventID(), KeyPost: postID(1), LastAt: w.clock.now(), Version: 1}
	if err := w.index.PutEvents(t.Context(), []opinion.Event{made}); err != nil {
		t.Fatal(err)
	}
	if v := w.edits(staff, event); v.Edits[0].State != "done" {
		t.Errorf("when it is done: %+v", v)
	}
	if v := w.edits(staff, made.ID); len(v.Edits) != 1 || v.Edits[0].From != event {
		t.Errorf("the new event shows %+v", v)
	}
	made.MergedInto, made.Version = event, 2
	if err := w.index.PutEvents(t.Context(), []opinion.Event{made}); err != nil {
		t.Fatal(err)
	}
	if v := w.edits(staff, event); v.Edits[0].State != "done" {
		t.Errorf("once its event was merged again: %+v", v)
	}
}

// TestARefusedSplitIsNotShownAsDone: the analyser leaves an alias in the place of the event
// that it did not make.
func TestARefusedSplitIsNotShownAsDone(t *testing.T) {
	w, published, _ := editWorld(t)
	staff := w.signIn("staff")
	event := "ev-" + postID(0)
	w.as(staff, "POST", "/api/v1/events/"+event+"/split", map[string]any{"posts": []string{postID(1)}, "reason": "两件事"}).want(202)
	e := (*published)[0]
	alias := opinion.Event{ID: e.EventID(), MergedInto: event, FirstAt: e.At, LastAt: e.At, Version: 1}
	if err := w.index.PutEvents(t.Context(), []opinion.Event{alias}); err != nil {
		t.Fatal(err)
	}
	if v := w.edits(staff, event); len(v.Edits) != 1 || v.Edits[0].State != "refused" {
		t.Errorf("it shows %+v", v)
	}
	if v := w.edits(staff, alias.ID); v.ID != event {
		t.Errorf("the address of the event that was not made leads to %s", v.ID)
	}
}

func TestAnEventTooLargeToMoveIsRefusedAtOnce(t *testing.T) {
	w, published, _ := editWorld(t)
	staff := w.signIn("staff")
	small, large := "ev-"+postID(3), "ev-"+postID(0)
	e, err := w.index.Event(t.Context(), large)
	if err != nil {
		t.Fatal(err)
	}
	e.Posts, e.Version = opinion.MaxMergePosts+1, e.Version+1
	if err := w.index.PutEvents(t.Context(), []opinion.Event{e}); err != nil {
		t.Fatal(err)
	}
	w.as(staff, "POST", "/api/v1/events/"+large+"/merge", map[string]string{"into": small, "reason": "同一件事"}).wantProblem(400, "merge_large")
	w.as(staff, "POST", "/api/v1/events/"+small+"/merge", map[string]string{"into": large, "reason": "同一件事"}).want(202)
	if len(*published) != 1 {
		t.Errorf("published %+v", *published)
	}
}

func TestAnEditThatCannotBePublishedIsSaid(t *testing.T) {
	w, _, fail := editWorld(t)
	staff := w.signIn("staff")
	*fail = errors.New("broker down")
	path := "/api/v1/events/ev-" + postID(3) + "/merge"
	body := map[string]string{"into": "ev-" + postID(0), "reason": "同一件事"}
	w.as(staff, "POST", path, body).wantProblem(503, "unavailable")
	if v := w.edits(staff, "ev-"+postID(3)); len(v.Edits) != 1 || v.Edits[0].State != "failed" {
		t.Errorf("it shows %+v", v)
	}
	*fail = nil
	w.as(staff, "POST", path, body).want(202)
	w.as(staff, "POST", path, map[string]string{"into": "ev-" + postID(3), "reason": "自己"}).wantProblem(400, "merge_self")
	w.as(staff, "POST", path, map[string]string{"into": "ev-none", "reason": "没有"}).wantProblem(404, "not_found")
}

func TestOnlyStaffCorrectEvents(t *testing.T) {
	w, published, _ := editWorld(t)
	path := "/api/v1/events/ev-" + postID(3) + "/merge"
	for _, who := range []string{"unit-a", "leader", "admin"} {
		w.as(w.signIn(who), "POST", path, map[string]string{"into": "ev-" + postID(0), "reason": "x"}).wantProblem(403, "forbidden")
		w.as(w.signIn(who), "POST", "/api/v1/events/ev-"+postID(0)+"/split", map[string]any{"posts": []string{postID(1)}, "reason": "x"}).wantProblem(403, "forbidden")
	}
	if len(*published) != 0 {
		t.Errorf("published %+v", *published)
	}
}

// TestTwoMergesInOppositeDirections: only the first is taken in, but the events are one.
func TestTwoMergesInOppositeDirections(t *testing.T) {
	w, _, _ := editWorld(t)
	staff := w.signIn("staff")
	a, b := "ev-"+postID(3), "ev-"+postID(0)
	merge := func(from, into string) {
		w.as(staff, "POST", "/api/v1/events/"+from+"/merge", map[string]string{"into": into, "reason": "同一件事"}).want(202)
	}
	merge(a, b)
	merge(b, a)
	w.alias(a, b)
	v := w.edits(staff, a)
	if v.ID != b || len(v.Edits) != 2 || v.Edits[0].State != "done" || v.Edits[1].State != "done" || len(v.MergedCases) != 0 {
		t.Errorf("it shows %+v", v)
	}
}

// TestARefusedSplitIsSaid: the analyser leaves an alias that never had a post.
func TestARefusedSplitIsSaid(t *testing.T) {
	w, published, _ := editWorld(t)
	staff := w.signIn("staff")
	event := "ev-" + postID(0)
	w.as(staff, "POST", "/api/v1/events/"+event+"/split", map[string]any{"reason": "两件事", "posts": []string{postID(1)}}).want(202)
	id := (*published)[0].EventID()
	w.alias(id, event)
	if v := w.edits(staff, event); len(v.Edits) != 1 || v.Edits[0].State != "refused" {
		t.Errorf("a refused split shows %+v", v.Edits)
	}
	e := opinion.Event{ID: id, MergedInto: event, KeyPost: postID(1), LastAt: w.clock.now(), Version: 9}
	if err := w.index.PutEvents(t.Context(), []opinion.Event{e}); err != nil {
		t.Fatal(err)
	}
	if v := w.edits(staff, event); v.Edits[0].State != "done" {
		t.Errorf("a split that was undone by a merge shows %+v", v.Edits)
	}
}

// TestACaseIsNotLostInAChainOfMerges: an event that became part of one that became part of a third.
func TestACaseIsNotLostInAChainOfMerges(t *testing.T) {
	w, _, _ := editWorld(t)
	staff := w.signIn("staff")
	a, b, c := "ev-"+postID(3), "ev-"+postID(0), "ev-"+postID(9)
	w.putEvent(w.putPost(9, "违建", "又一处"))
	number := w.openCase(a, postID(3)).Number
	for _, m := range [][2]string{{a, b}, {b, c}} {
		w.as(staff, "POST", "/api/v1/events/"+m[0]+"/merge", map[string]string{"into": m[1], "reason": "同一件事"}).want(202)
		w.alias(m[0], m[1])
	}
	if v := w.edits(staff, c); v.ID != c || len(v.MergedCases) != 1 || v.MergedCases[0].Number != number {
		t.Errorf("it shows %+v", v)
	}
}

// alias makes an event part of another, as the analyser does.
func (w *world) alias(id, into string) {
	w.t.Helper()
	e, err := w.index.Event(w.t.Context(), id)
	if err != nil && opinion.CodeOf(err) != opinion.CodeNotFound {
		w.t.Fatal(err)
	}
	e.ID, e.MergedInto, e.Posts, e.Version = id, into, 0, e.Version+1
	if e.LastAt.IsZero() {
		e.LastAt = w.clock.now()
	}
	if err := w.index.PutEvents(w.t.Context(), []opinion.Event{e}); err != nil {
		w.t.Fatal(err)
	}
}
