package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

type topicView struct {
	ID, Unit, Name       string
	Keywords, Exclusions []string
	Examples             []struct{ Text string }
	Words                []wordView
	Threshold            float64
	Active               bool
	Revision             int
	MayChange            bool `json:"may_change"`
}

type wordView struct {
	Word   string
	Weight float64
}

type catchView struct {
	Matched, Excluded, Examined int
	Capped                      bool
	OwnCases                    bool `json:"own_cases"`
	Days                        []struct{ Count int }
	Matches                     []matchView
	Left                        []matchView `json:"left_out"`
	Words                       []wordView
}

type matchView struct {
	Post struct {
		ID, Title, Text string
	}
	CaseID                      string `json:"case_id"`
	Keywords, Words, Exclusions []struct {
		Start, End int
		Word       string
	}
}

func draft(keywords, exclusions []string, examples ...map[string]string) map[string]any {
	if examples == nil {
		examples = []map[string]string{}
	}
	return map[string]any{"keywords": keywords, "exclusions": exclusions, "examples": examples, "threshold": 0.5}
}

func with(base map[string]any, more map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range base {
		out[k] = v
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestPreviewShowsWhatATopicWouldHaveCaught(t *testing.T) {
	w := newWorld(t)
	w.putPost(1, "电梯困人", "小区电梯又困人了")
	w.putPost(2, "电梯故障", "电梯停运一周")
	w.putPost(3, "招聘启事", "电梯公司招聘电梯工，电梯困人会处理的优先")
	w.putPost(4, "路灯不亮", "路灯坏了")
	staff := w.signIn("staff")
	var v catchView
	w.as(staff, "POST", "/api/v1/unit-topic-preview", draft([]string{"电梯  困人", "电梯 停运"}, []string{"招聘"})).want(200).into(&v)
	if v.Matched != 2 || v.Excluded != 1 || v.Examined != 3 || v.Capped || v.OwnCases || len(v.Left) != 1 || len(v.Days) != 1 || v.Days[0].Count != 2 {
		t.Fatalf("preview %+v", v)
	}
	for _, m := range slices.Concat(v.Matches, v.Left) {
		body := []rune(m.Post.Title + "\n" + m.Post.Text)
		for _, e := range slices.Concat(m.Keywords, m.Words, m.Exclusions) {
			if string(body[e.Start:e.End]) != e.Word {
				t.Errorf("%q is not at %d", e.Word, e.Start)
			}
		}
	}
	var topics struct{ Topics []topicView }
	if w.as(staff, "GET", "/api/v1/unit-topics", nil).want(200).into(&topics); len(topics.Topics) != 0 {
		t.Error("a preview was saved")
	}
	// only the last day
	w.clock.forward(48 * time.Hour)
	staff = w.signIn("staff")
	w.as(staff, "POST", "/api/v1/unit-topic-preview", with(draft([]string{"电梯"}, none()), map[string]any{"days": 1})).want(200).into(&v)
	if v.Matched != 0 {
		t.Errorf("%d posts of two days ago in the last day", v.Matched)
	}
}

func none() []string { return []string{} }

// TestExamplesAreLearned: by a post and by a text that somebody typed, which is masked.
func TestExamplesAreLearned(t *testing.T) {
	w := newWorld(t)
	for n := range 30 {
		w.putPost(100+n, "", fmt.Sprintf("路灯 不亮 第%d处 请 处理", n))
	}
	p := w.putPost(1, "", "电梯 困人 维保 请 处理")
	w.putPost(2, "", "困人 维保 推诿")
	staff := w.signIn("staff")
	body := with(draft(none(), none(), map[string]string{"post_id": p}, map[string]string{"text": "电梯 困人 电话 13800000000"}), map[string]any{"unit": unitA, "name": "电梯"})
	var topic topicView
	w.as(staff, "POST", "/api/v1/unit-topics", body).want(201).into(&topic)
	if topic.Revision != 1 || !topic.Active || len(topic.Words) == 0 || len(topic.Examples) != 2 || strings.Contains(topic.Examples[1].Text, "138") || topic.Examples[0].Text != "电梯 困人 维保 请 处理" {
		t.Fatalf("kept %+v", topic)
	}
	for _, x := range topic.Words {
		if x.Word == "请" || x.Word == "处理" {
			t.Errorf("learned %s, which every post holds", x.Word)
		}
	}
	var v catchView
	w.as(staff, "GET", "/api/v1/unit-topics/"+topic.ID+"/posts", nil).want(200).into(&v)
	if v.Matched != 2 || v.Matches[0].Post.ID != p || len(v.Matches[1].Words) != 2 {
		t.Errorf("caught %+v", v)
	}
	w.as(staff, "POST", "/api/v1/unit-topic-preview", draft(none(), none(), map[string]string{"post_id": "no-such-post"})).wantProblem(404, "not_found")
	w.as(staff, "POST", "/api/v1/unit-topics", with(body, map[string]any{"examples": []any{}})).wantProblem(400, "invalid_field")
	w.as(staff, "POST", "/api/v1/unit-topics", with(body, map[string]any{"unit": "no-unit"})).wantProblem(400, "unknown_unit")
	w.as(staff, "POST", "/api/v1/unit-topics", with(body, map[string]any{"threshold": 0})).wantProblem(422, "invalid_fields")
}

func TestAChangeSeesWhatItChanges(t *testing.T) {
	w := newWorld(t)
	unit := w.signIn("unit-a")
	body := with(draft([]string{"电梯"}, none()), map[string]any{"unit": unitA, "name": "电梯"})
	var topic topicView
	w.as(unit, "POST", "/api/v1/unit-topics", body).want(201).into(&topic)
	change := with(draft([]string{"电梯", "扶梯"}, []string{"招聘"}), map[string]any{"name": "电梯安全", "active": true, "revision": 1})
	path := "/api/v1/unit-topics/" + topic.ID
	w.as(unit, "POST", path, change).want(200).into(&topic)
	if topic.Revision != 2 || topic.Name != "电梯安全" || len(topic.Keywords) != 2 || !topic.MayChange {
		t.Errorf("changed to %+v", topic)
	}
	w.as(unit, "POST", path, change).wantProblem(409, "conflict")
	w.as(unit, "POST", path, with(change, map[string]any{"active": false, "revision": 2})).want(200).into(&topic)
	if topic.Active {
		t.Error("it is still active")
	}
}

// TestUnitsKeepToTheirOwn: their topics, and the posts of their cases.
func TestUnitsKeepToTheirOwn(t *testing.T) {
	w := newWorld(t)
	own := w.putPost(1, "违建", "胡同里违建很多")
	c := w.openCase(w.putEvent(own), own)
	other := w.putPost(2, "违建", "另一条胡同违建也多")
	for n := range 30 {
		w.putPost(100+n, "", "路灯不亮")
	}
	unit, stranger, leader := w.signIn("unit-a"), w.signIn("unit-b"), w.signIn("leader")
	body := with(draft([]string{"违建"}, none()), map[string]any{"unit": unitA, "name": "违建"})
	var topic topicView
	w.as(unit, "POST", "/api/v1/unit-topics", body).want(201).into(&topic)
	path := "/api/v1/unit-topics/" + topic.ID

	var v catchView
	w.as(unit, "GET", path+"/posts", nil).want(200).into(&v)
	if !v.OwnCases || v.Matched != 1 || v.Matches[0].Post.ID != own || v.Matches[0].CaseID != c.ID {
		t.Errorf("the unit sees %+v", v)
	}
	w.as(unit, "POST", "/api/v1/unit-topic-preview", draft([]string{"违建"}, none())).want(200).into(&v)
	if v.Matched != 1 {
		t.Errorf("the unit's preview sees %d posts", v.Matched)
	}
	w.as(leader, "GET", path+"/posts", nil).want(200).into(&v)
	if v.OwnCases || v.Matched != 2 {
		t.Errorf("a leader sees %+v", v)
	}
	w.as(unit, "POST", "/api/v1/unit-topic-preview", draft(none(), none(), map[string]string{"post_id": own})).want(200)
	w.as(unit, "POST", "/api/v1/unit-topic-preview", draft(none(), none(), map[string]string{"post_id": other})).wantProblem(404, "not_found")

	// An example that staff chose is kept with the topic, though its post is not the unit's.
	chosen := draft([]string{"违建"}, none(), map[string]string{"post_id": other})
	w.as(w.signIn("staff"), "POST", path, with(chosen, map[string]any{"name": "违建", "active": true, "revision": 1})).want(200).into(&topic)
	w.as(unit, "POST", "/api/v1/unit-topic-preview", chosen).wantProblem(404, "not_found")
	var kept catchView
	w.as(unit, "POST", "/api/v1/unit-topic-preview", with(chosen, map[string]any{"topic": topic.ID, "exclusions": []string{"地铁"}})).want(200).into(&kept)
	if kept.Matched != 1 || len(topic.Words) == 0 || !slices.Equal(kept.Words, topic.Words) {
		t.Errorf("the preview of a change catches %d with the words %v; kept are %v", kept.Matched, kept.Words, topic.Words)
	}
	w.as(stranger, "POST", "/api/v1/unit-topic-preview", with(chosen, map[string]any{"topic": topic.ID})).wantProblem(404, "not_found")

	w.as(stranger, "GET", path, nil).wantProblem(404, "not_found")
	w.as(stranger, "GET", path+"/posts", nil).wantProblem(404, "not_found")
	w.as(stranger, "POST", path, with(draft([]string{"x"}, none()), map[string]any{"name": "x", "active": true, "revision": 1})).wantProblem(404, "not_found")
	w.as(stranger, "POST", "/api/v1/unit-topics", body).wantProblem(403, "forbidden")
	w.as(stranger, "GET", "/api/v1/unit-topics?unit="+unitA, nil).wantProblem(403, "forbidden")
	var list struct{ Topics []topicView }
	if w.as(stranger, "GET", "/api/v1/unit-topics", nil).want(200).into(&list); len(list.Topics) != 0 {
		t.Errorf("a stranger sees %v", list)
	}
	w.as(stranger, "POST", "/api/v1/unit-topic-preview", draft([]string{"违建"}, none())).want(200).into(&v)
	if v.Matched != 0 {
		t.Errorf("a unit without cases sees %d posts", v.Matched)
	}
	w.as(w.signIn("admin"), "GET", "/api/v1/unit-topics", nil).wantProblem(403, "forbidden")
}
