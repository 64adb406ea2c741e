package main

import (
	"net/http"
	"net/url"
	"testing"
)

func TestCorrectionsByHandEmbedded(t *testing.T) { correctionsByHand(t, embedded(t)) }
func TestCorrectionsByHandServers(t *testing.T)  { correctionsByHand(t, onServers(t)) }

const (
	fallenWall = "古城街的老城墙昨夜塌了一段，砖头砸坏了停在路边的三辆汽车，请马上派人围起来。"
	brokenLift = "望京花园二号楼的电梯困住了两位老人，物业半个小时才来，电梯从去年起就没有检验过。"
)

// correctionsByHand merges two events and splits the result, by the API, with a crash between.
func correctionsByHand(t *testing.T, i *installation) {
	s := i.serve()
	key := i.key("weibo")
	push := func(id, text string) {
		t.Helper()
		if code := s.push(key, `{"id":"`+id+`","text":"`+text+`"}`); code != http.StatusAccepted {
			t.Fatalf("push: %d", code)
		}
	}
	push("wall", fallenWall)
	push("lift", brokenLift)
	push("lift2", brokenLift+"快来。")
	staff := s.signIn("jiance", "staff", "")
	// events are those of the posts that hold a word, by post.
	events := func(word string) map[string]string {
		var hits struct {
			Hits []struct {
				ID    string
				Event string `json:"event_id"`
			}
		}
		staff.call("GET", "/api/v1/posts?q="+url.QueryEscape(word), nil, &hits)
		out := map[string]string{}
		for _, h := range hits.Hits {
			out[h.ID] = h.Event
		}
		return out
	}
	one := func(m map[string]string, n int) string {
		id := ""
		for _, ev := range m {
			if ev == "" || id != "" && ev != id || len(m) != n {
				return ""
			}
			id = ev
		}
		return id
	}
	var wall, lift string
	i.eventually("two events", func() bool {
		wall, lift = one(events("城墙"), 1), one(events("电梯"), 2)
		return wall != "" && lift != "" && wall != lift
	})
	i.eventually("the merge is taken", func() bool {
		return staff.call("POST", "/api/v1/events/"+lift+"/merge", map[string]any{"into": wall, "reason": "同一栋楼"}, nil) == http.StatusAccepted
	})
	i.eventually("the posts have moved", func() bool { return one(events("电梯"), 2) == wall })

	s.kill()
	s = i.serve()
	staff.instance = s
	push("lift3", brokenLift)
	i.eventually("a later post of the alias", func() bool { return one(events("电梯"), 3) == wall })

	var posts []string
	for id := range events("城墙") {
		posts = append(posts, id)
	}
	i.eventually("the split is taken", func() bool {
		return staff.call("POST", "/api/v1/events/"+wall+"/split", map[string]any{"posts": posts, "reason": "两回事"}, nil) == http.StatusAccepted
	})
	var cut string
	i.eventually("the wall is an event of its own", func() bool { cut = one(events("城墙"), 1); return cut != "" && cut != wall })
	push("wall2", fallenWall)
	i.eventually("a later post joins the nearer one", func() bool { return one(events("城墙"), 2) == cut })
	if got := one(events("电梯"), 3); got != wall {
		t.Errorf("the lift's posts are in %q, want %q", got, wall)
	}
}
