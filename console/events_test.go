package console_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// eventRow is what the tests read of a list of events.
type eventRow struct {
	ID, Name, Level string
	Heat            float64
	Case            *struct{ ID, Number, State string }
}

type eventList struct {
	Total       int
	Events      []eventRow
	Next        string
	EmptyReason string `json:"empty_reason"`
}

// putEvents makes n events of one post each, the later the colder, three of a level.
func (w *world) putEvents(n int) []opinion.Event {
	w.t.Helper()
	levels := []opinion.Level{opinion.LevelNone, opinion.LevelIV, opinion.LevelII}
	var events []opinion.Event
	for i := range n {
		at := w.clock.now().Add(-time.Duration(i) * time.Hour)
		events = append(events, opinion.Event{
			ID: fmt.Sprintf("ev-%02d", i), Topic: []string{"urban.illegal", "edu.school"}[i%2], Name: fmt.Sprintf("第%d件事", i), FirstAt: at, LastAt: at, Posts: 1,
			Sources: []string{"renmin"}, Risk: 1, Score: float64(i), Level: levels[i%3], KeyPost: "none", Version: 1,
			Heat: opinion.Heat{}.Add(at, 8, 24*time.Hour),
		})
	}
	if err := w.index.PutEvents(w.t.Context(), events); err != nil {
		w.t.Fatal(err)
	}
	return events
}

func TestEventLists(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	list := func(query string) eventList {
		t.Helper()
		var v eventList
		w.as(staff, "GET", "/api/v1/events?"+query, nil).want(200).into(&v)
		return v
	}
	w.status.Nothing = "no_post"
	if v := list(""); v.Total != 0 || v.EmptyReason != "no_post" {
		t.Errorf("an empty product lists %+v", v)
	}
	events := w.putEvents(12)
	w.openCase(events[3].ID, "p3")
	closed := w.openCase(events[5].ID, "p5")
	for _, act := range []struct{ who, action, text string }{{"unit-a", "sign", ""}, {"unit-a", "answer", "已拆除。"}, {"staff", "approve", ""}} {
		closed.Revision++
		w.as(w.signIn(act.who), "POST", "/api/v1/cases/"+closed.ID+"/acts", map[string]any{"action": act.action, "text": act.text, "revision": closed.Revision - 1}).want(200)
	}
	for query, want := range map[string][]string{
		"limit=2":                     {"ev-00", "ev-01"},
		"limit=2&sort=level":          {"ev-11", "ev-08"},
		"limit=1&sort=last":           {"ev-00"},
		"topic=edu.school&limit=1":    {"ev-01"},
		"level=IV&limit=3":            {"ev-01", "ev-04", "ev-07"},
		"case=any":                    {"ev-03", "ev-05"},
		"case=open":                   {"ev-03"},
		"case=open&level=II":          nil,
		"q=" + url.QueryEscape("11件"): {"ev-11"},
	} {
		v := list(query)
		var got []string
		for _, e := range v.Events {
			got = append(got, e.ID)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) || (len(want) == 0) != (v.EmptyReason == "no_match") {
			t.Errorf("%s lists %v (%q), want %v", query, got, v.EmptyReason, want)
		}
	}
	seen := 0
	for query := "limit=5"; query != ""; {
		v := list(query)
		seen += len(v.Events)
		if query = ""; v.Next != "" {
			query = "limit=5&after=" + v.Next
		}
	}
	if seen != 12 {
		t.Errorf("the pages hold %d events, want 12", seen)
	}
	v := list("case=any")
	if c := v.Events[0].Case; c == nil || c.State != "to_sign" || v.Events[1].Case == nil || v.Events[1].Case.State != "closed" {
		t.Errorf("the cases of the list are %+v, %+v", c, v.Events[1].Case)
	}
	if hot := list("limit=1").Events[0].Heat; hot != 8 {
		t.Errorf("heat %v, want 8", hot)
	}
	w.clock.forward(48 * time.Hour)
	staff = w.signIn("staff")
	if cool := list("limit=1").Events[0].Heat; cool != 2 {
		t.Errorf("two half-lives later the heat is %v, want 2", cool)
	}
	w.as(staff, "GET", "/api/v1/events?sort=author", nil).wantProblem(422, "invalid_fields")
	w.as(staff, "GET", "/api/v1/events?after=abc", nil).wantProblem(400, "page_mark")
}

// TestEventShowsHowItSpread reads an event of two sources with a case that was answered.
func TestEventShowsHowItSpread(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	first := w.putPost(5, "违建", "胡同里违建很多", func(d *opinion.Doc) {
		d.Assessment.Places = []opinion.Evidence{{Word: "东四"}, {Word: "东四"}}
		d.Assessment.Streets = []string{"s-dongsi"}
	})
	liked := w.putPost(1, "违建", "违建又来了", func(d *opinion.Doc) {
		d.Post.Source, d.Post.Likes = "weibo", 9
		d.Assessment.Places = []opinion.Evidence{{Word: "东四"}, {Word: "北新桥"}}
	})
	id := "ev-" + first
	at := w.clock.now()
	e := opinion.Event{
		ID: id, Topic: "urban.illegal", Name: "违建", FirstAt: at.Add(-5 * time.Hour), LastAt: at.Add(-time.Hour), Posts: 2, Sources: []string{"renmin", "weibo"},
		Risk: 2, Score: 61.5, Level: opinion.LevelIII, KeyPost: first, FirstPost: first, LikedPost: liked, Likes: 9, Version: 1,
		Why:   []opinion.Reason{{Name: "level_rule", Detail: "Ⅲ级"}},
		Marks: []opinion.Mark{{Reason: "new_event", At: at.Add(-4 * time.Hour)}, {Reason: "burst", At: at}},
		Burst: &opinion.Burst{At: at.Add(-2 * time.Hour), From: at.Add(-3 * time.Hour), Window: 80.04, Usual: 1.25, Seen: 90, Further: 420, Reach: 500},
	}
	if err := w.index.PutEvents(t.Context(), []opinion.Event{e}); err != nil {
		t.Fatal(err)
	}
	var links []opinion.Link
	for _, p := range []string{first, liked} {
		links = append(links, opinion.Link{PostID: p, EventID: id})
	}
	if err := w.index.Link(t.Context(), links); err != nil {
		t.Fatal(err)
	}
	c := w.openCase(id, first)
	w.clock.forward(time.Minute)
	w.as(w.signIn("unit-a"), "POST", "/api/v1/cases/"+c.ID+"/acts", map[string]any{"action": "sign", "revision": c.Revision}).want(200)
	var v struct {
		Why      []struct{ Name string }
		KeyPosts struct{ Gravest, Earliest, Liked *struct{ ID string } } `json:"key_posts"`
		Timeline struct {
			Unit  string
			Bars  []struct{ Count int }
			Marks []struct{ Kind string }
		}
		SourceCounts []opinion.Count `json:"source_counts"`
		Streets      []opinion.Count
		Places       []opinion.Count
		MemberCount  int `json:"member_count"`
		Case         *struct{ ID string }
	}
	w.as(staff, "GET", "/api/v1/events/"+id, nil).want(200).into(&v)
	k := v.KeyPosts
	if k.Gravest == nil || k.Gravest.ID != first || k.Earliest.ID != first || k.Liked.ID != liked {
		t.Errorf("key posts %+v", k)
	}
	if got := fmt.Sprint(v.Timeline.Bars); got != "[{1} {0} {0} {0} {1} {0} {0} {0} {0} {0} {0} {0}]" || v.Timeline.Unit != "hour" {
		t.Errorf("timeline %+v", v.Timeline)
	}
	if got := fmt.Sprint(v.Timeline.Marks); got != "[{first_post} {new_event} {burst} {open} {sign}]" {
		t.Errorf("marks %s", got)
	}
	if got := fmt.Sprint(v.SourceCounts, v.Streets, v.Places); got != "[{renmin 1} {weibo 1}] [{s-dongsi 1}] [{东四 2} {北新桥 1}]" {
		t.Errorf("spread %s", got)
	}
	if v.Case == nil || v.Case.ID != c.ID || v.MemberCount != 2 || len(v.Why) != 1 {
		t.Errorf("event %+v", v)
	}
	unit := w.signIn("unit-a")
	w.as(unit, "GET", "/api/v1/events/"+id, nil).wantProblem(403, "forbidden")
	var onCase struct {
		Burst *struct{ Window, Usual float64 }
	}
	w.as(unit, "GET", "/api/v1/cases/"+c.ID, nil).want(200).into(&onCase)
	if onCase.Burst == nil || onCase.Burst.Window != 80 || onCase.Burst.Usual != 1.3 {
		t.Errorf("the case shows the burst %+v", onCase.Burst)
	}
}

// The bars of a timeline follow one another without gaps, by the calendar of China.
func TestTimelinesHaveNoGaps(t *testing.T) {
	w := newWorld(t)
	for _, days := range []int{0, 3, 30, 500} {
		n := days * 10
		id := w.putPost(n+1, "违建", "晚", func(d *opinion.Doc) { d.Post.PublishedAt = w.clock.now().Add(-time.Hour) })
		event := w.putEvent(id)
		late := w.putPost(n+2, "违建", "早", func(d *opinion.Doc) { d.Post.PublishedAt = w.clock.now().Add(-2*time.Hour).AddDate(0, 0, -days) })
		e, err := w.index.Event(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		e.FirstAt, e.Version = w.clock.now().Add(-2*time.Hour).AddDate(0, 0, -days), 2+int64(days)
		if err := w.index.PutEvents(t.Context(), []opinion.Event{e}); err != nil {
			t.Fatal(err)
		}
		if err := w.index.Link(t.Context(), []opinion.Link{{PostID: late, EventID: event}}); err != nil {
			t.Fatal(err)
		}
		var v struct {
			Timeline struct {
				Unit string
				Bars []struct {
					Start time.Time
					Count int
				}
			}
		}
		w.as(w.signIn("staff"), "GET", "/api/v1/events/"+event, nil).want(200).into(&v)
		sum := 0
		for i, b := range v.Timeline.Bars {
			sum += b.Count
			if i > 0 && !opinion.HistogramStart(v.Timeline.Unit, b.Start).Equal(b.Start) || i > 0 && !b.Start.After(v.Timeline.Bars[i-1].Start) {
				t.Errorf("%d days: bar %d begins at %v", days, i, b.Start)
			}
		}
		want := map[int]int{0: 12, 3: 3*24 + 2, 30: 31, 500: 18}[days]
		if sum != 2 || len(v.Timeline.Bars) < want-1 || len(v.Timeline.Bars) > want {
			t.Errorf("%d days: %d bars by %s with %d posts, want about %d", days, len(v.Timeline.Bars), v.Timeline.Unit, sum, want)
		}
	}
}
