package console_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

type searchView struct {
	Total int
	Hits  []struct {
		ID, Title, Text, URL string
		EventID              string `json:"event_id"`
		Highlights           []opinion.Span
	}
	Facets      map[string][]opinion.Count
	Histogram   []opinion.Bucket
	Next        string
	EmptyReason string `json:"empty_reason"`
}

func (w *world) search(session, query string) searchView {
	w.t.Helper()
	var v searchView
	w.as(session, "GET", "/api/v1/posts?"+query, nil).want(200).into(&v)
	return v
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	for i := range 5 {
		w.putPost(i, "停车", fmt.Sprint("小区停车收费", i))
	}
	w.putPost(9, "", "学校门口堵车", func(d *opinion.Doc) { d.Post.URL = "javascript:alert(1)" })

	v := w.search(staff, "q="+url.QueryEscape("停车 收费")+"&limit=2&facets=topic,risk&histogram=day&sort=time")
	if v.Total != 5 || len(v.Hits) != 2 || v.Next == "" || v.Facets["topic"][0].Count != 5 || len(v.Histogram) == 0 {
		t.Fatalf("found %+v", v)
	}
	body := []rune(v.Hits[0].Title + "\n" + v.Hits[0].Text)
	for _, h := range v.Hits[0].Highlights {
		if word := string(body[h.Start:h.End]); word != "停车" && word != "收费" && word != "停车收费" {
			t.Errorf("highlight %v is %q", h, word)
		}
	}
	seen := []string{v.Hits[0].ID, v.Hits[1].ID}
	for v.Next != "" {
		v = w.search(staff, "q="+url.QueryEscape("停车 收费")+"&limit=2&sort=time&after="+v.Next)
		for _, h := range v.Hits {
			seen = append(seen, h.ID)
		}
	}
	if slices.Sort(seen); len(seen) != 5 || len(slices.Compact(seen)) != 5 {
		t.Errorf("pages hold %v", seen)
	}
	if v := w.search(staff, "q="+url.QueryEscape("学校")); v.Hits[0].URL != "" {
		t.Errorf("a hit carries the address %q, which a browser would run", v.Hits[0].URL)
	}
}

func TestSyntaxErrorNamesTheCharacter(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	path := "/api/v1/posts?q=" + url.QueryEscape("停车 (收费")
	p := w.as(staff, "GET", path, nil).wantProblem(400, "query_syntax")
	if p.Code != "invalid" || p.Params["position"] == "" || !strings.Contains(p.Detail, "第 "+p.Params["position"]+" 个字符") {
		t.Errorf("problem is %+v", p)
	}
	p = w.as(staff, "GET", path, nil, header("Accept-Language", "en-GB, zh;q=0.5")).wantProblem(400, "query_syntax")
	if !strings.Contains(p.Detail, "character "+p.Params["position"]) {
		t.Errorf("in English: %+v", p)
	}
}

func TestSearchRefusesWhatItCannotAnswer(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	w.putPost(1, "a", "b")
	w.putPost(2, "a", "b")
	next := w.search(staff, "limit=1").Next
	for _, tt := range []struct {
		query  string
		status int
		reason string
	}{
		{"after=rubbish", 400, "page_mark"},
		{"after=" + next + "&q=other", 400, "page_mark"},
		{"after=" + next[:len(next)-2], 400, "page_mark"},
		{"after=" + strings.Repeat("A", 1025), 422, "invalid_fields"},
		{"limit=0", 422, "invalid_fields"}, {"limit=101", 422, "invalid_fields"}, {"limit=-1", 422, "invalid_fields"},
		{"limit=99999999999999999999", 422, "invalid_fields"}, {"limit=ten", 422, "invalid_fields"},
		{"sort=author", 422, "invalid_fields"}, {"facets=topic,author", 422, "invalid_fields"}, {"histogram=year", 422, "invalid_fields"},
		{"facets=topic,topic,topic,topic,topic,topic,topic,topic,topic,topic", 422, "invalid_fields"},
		{"author=someone", 422, "invalid_fields"}, {"user=x", 422, "invalid_fields"}, // there is no search by author
		{"q=" + url.QueryEscape("author:someone"), 400, "query_syntax"},
		{"q=%ff%fe", 400, "query_syntax"},
		{"q=a%00b", 400, "query_syntax"},
		{"q=" + strings.Repeat("a", 2001), 422, "invalid_fields"},
	} {
		r := "/api/v1/posts?" + tt.query
		a := w.as(staff, "GET", r, nil)
		if a.status != tt.status || !strings.Contains(string(a.body), `"reason":"`+tt.reason+`"`) {
			t.Errorf("%.60s answers %d %s, want %d %s", tt.query, a.status, a.body, tt.status, tt.reason)
		}
	}
}

func TestEmptyAnswersSayWhy(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	w.status.Nothing = console.NothingNoSource
	if v := w.search(staff, "q=x"); v.EmptyReason != "no_source" {
		t.Errorf("an empty product says %q", v.EmptyReason)
	}
	w.statErr = errors.New("broker down")
	if v := w.search(staff, ""); v.EmptyReason != "unavailable" {
		t.Errorf("a product without an answer says %q", v.EmptyReason)
	}
	w.putPost(1, "停车", "收费")
	if v := w.search(staff, "q=x"); v.EmptyReason != "no_match" {
		t.Errorf("a search without matches says %q", v.EmptyReason)
	}
	if v := w.search(staff, ""); v.EmptyReason != "" {
		t.Errorf("a search with matches says %q", v.EmptyReason)
	}
}

func TestPostWithItsEventAndCase(t *testing.T) {
	w := newWorld(t)
	leader := w.signIn("leader")
	id := w.putPost(1, "违建", "胡同里违建很多")
	type view struct {
		ID         string
		Assessment struct {
			Topics []struct{ Evidence []opinion.Evidence }
			Places []any
		}
		Event *struct{ ID, Level string }
		Case  *struct{ ID, Number, State string }
	}
	read := func() view {
		t.Helper()
		var v view
		w.as(leader, "GET", "/api/v1/posts/"+id, nil).want(200).into(&v)
		return v
	}
	if v := read(); v.ID != id || v.Event != nil || v.Case != nil || v.Assessment.Topics[0].Evidence[0].Word != "违建" || v.Assessment.Places == nil {
		t.Errorf("post is %+v", v)
	}
	event := w.putEvent(id)
	if v := read(); v.Event == nil || v.Event.ID != event || v.Case != nil {
		t.Errorf("post with an event is %+v", v)
	}
	c := w.openCase(event, id)
	if v := read(); v.Case == nil || v.Case.Number != c.Number || v.Case.State != "to_sign" {
		t.Errorf("post with a case is %+v", v)
	}
	var e struct {
		ID      string
		Members []struct{ ID string }
		Case    *struct{ ID string }
	}
	w.as(leader, "GET", "/api/v1/events/"+event, nil).want(200).into(&e)
	if e.ID != event || len(e.Members) != 1 || e.Members[0].ID != id || e.Case == nil {
		t.Errorf("event is %+v", e)
	}
	w.as(leader, "GET", "/api/v1/posts/nothing", nil).wantProblem(404, "not_found")
	w.as(leader, "GET", "/api/v1/events/nothing", nil).wantProblem(404, "not_found")
	w.as(leader, "GET", "/api/v1/posts/"+strings.Repeat("x", 201), nil).wantProblem(422, "invalid_fields")
}

func TestStats(t *testing.T) {
	w := newWorld(t)
	w.putPost(1, "", "新")
	w.putPost(2, "", "旧", func(d *opinion.Doc) { d.Post.PublishedAt = w.clock.now().AddDate(0, 0, -40) })
	post := w.putPost(3, "违建", "x")
	c := w.openCase(w.putEvent(post), post)
	w.clock.forward(2 * time.Hour) // past the signing deadline
	type view struct {
		Posts *struct {
			Total, Recent int
			Days          []opinion.Bucket
			Topics, Risks []opinion.Count
		}
		Cases struct {
			Total, Overdue int
			ToSign         int `json:"to_sign"`
			Topics         []struct{ Topic string }
		}
		Units []struct {
			Unit           string
			Total, Overdue int
		}
	}
	var v view
	w.as(w.signIn("leader"), "GET", "/api/v1/stats", nil).want(200).into(&v)
	if v.Posts.Total != 3 || v.Posts.Recent != 2 || len(v.Posts.Days) != 30 || v.Posts.Topics[0].Count != 3 {
		t.Errorf("posts are %+v", v.Posts)
	}
	sum := 0
	for _, d := range v.Posts.Days {
		sum += d.Count
	}
	if last := v.Posts.Days[29].Start; sum != 2 || !last.Equal(opinion.HistogramStart("day", w.clock.now())) {
		t.Errorf("days sum to %d and end at %v", sum, last)
	}
	if v.Cases.Total != 1 || v.Cases.Overdue != 1 || v.Cases.ToSign != 1 || v.Cases.Topics[0].Topic != c.Topic || v.Units[0].Unit != unitA || v.Units[0].Overdue != 1 {
		t.Errorf("cases are %+v, units %+v", v.Cases, v.Units)
	}
	var u view
	w.as(w.signIn("unit-a"), "GET", "/api/v1/stats", nil).want(200).into(&u)
	if u.Posts != nil || u.Cases.Total != 1 || len(u.Units) != 1 {
		t.Errorf("a unit sees %+v", u)
	}
}

func TestStatusAndVocabulary(t *testing.T) {
	w := newWorld(t)
	admin := w.signIn("admin")
	at := w.clock.now()
	w.status = console.Status{Version: "v1", PolicyVersion: "p", Posts: 3, LastReceivedAt: &at,
		Stages: []console.StageStatus{{Name: "score", Topic: opinion.TopicPosts, Lag: 2, DeadLetters: 1}}}
	var v console.Status
	w.as(admin, "GET", "/api/v1/status", nil).want(200).into(&v)
	if v.Stages[0].Lag != 2 || v.LastReceivedAt == nil || v.Parts == nil {
		t.Errorf("status is %+v", v)
	}
	w.statErr = errors.New("dial 10.1.2.3:9092: refused")
	a := w.as(admin, "GET", "/api/v1/status", nil)
	a.wantProblem(500, "internal")
	if strings.Contains(string(a.body), "10.1.2.3") || !strings.Contains(w.log.String(), "10.1.2.3") {
		t.Errorf("the cause belongs in the log, not in the answer: %s, log %s", a.body, w.log)
	}
	w.statErr = opinion.Errorf(opinion.CodeUnavailable, "broker down")
	if a := w.as(admin, "GET", "/api/v1/status", nil); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("a server that is down is answered %d %v", a.status, a.header)
	}
	var voc struct {
		Topics []struct{ ID, Class, Name string }
		Units  []struct{ ID, Name string }
		Kinds  []struct{ Code, Name string }
		Levels []string
	}
	w.as(w.signIn("unit-a"), "GET", "/api/v1/vocabulary", nil).want(200).into(&voc)
	if len(voc.Topics) != 31 || len(voc.Units) < 50 || len(voc.Kinds) < 6 || voc.Levels[0] != "I" {
		t.Errorf("vocabulary has %d topics, %d units, %d kinds, levels %v", len(voc.Topics), len(voc.Units), len(voc.Kinds), voc.Levels)
	}
}
