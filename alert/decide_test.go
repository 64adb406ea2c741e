package alert_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/alert"
	"github.com/huiying/huiying/opinion"
)

func TestDecideLevels(t *testing.T) {
	p := shipped(t)
	for _, tt := range []struct {
		name    string
		risk    opinion.Risk
		posts   int
		sources int
		kinds   []string
		event   opinion.Level
		want    opinion.Level
		rule    string
	}{
		{name: "one post, one place", risk: 2, posts: 1, sources: 1, want: opinion.LevelIV, rule: "IV.case"},
		{name: "urgent", risk: 3, posts: 1, sources: 1, want: opinion.LevelIII, rule: "III.urgent"},
		{name: "across platforms", risk: 2, posts: 2, sources: 2, want: opinion.LevelIII, rule: "III.sources"},
		{name: "many posts", risk: 2, posts: 20, sources: 1, want: opinion.LevelIII, rule: "III.posts"},
		{name: "several media", risk: 3, posts: 3, sources: 3, kinds: []string{"K3"}, want: opinion.LevelII, rule: "II.media"},
		{name: "several sources without media", risk: 3, posts: 3, sources: 3, kinds: []string{"K2"}, want: opinion.LevelIII, rule: "III.urgent"},
		{name: "nationwide", risk: 3, posts: 50, sources: 5, kinds: []string{"K2", "K3"}, want: opinion.LevelI, rule: "I.spread"},
		{name: "the event's level is graver", risk: 2, posts: 1, sources: 1, event: opinion.LevelII, want: opinion.LevelII},
		{name: "the event's level is milder", risk: 3, posts: 1, sources: 1, event: opinion.LevelIV, want: opinion.LevelIII},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := signal("ev", tt.risk)
			s.Event.Posts, s.Event.Sources, s.Event.Level = tt.posts, make([]string, tt.sources), tt.event
			s.Assessment.Kinds = tt.kinds
			d := alert.Decide(s, p)
			if !d.Open || d.Level != tt.want || len(d.Reasons) != 2 || !strings.Contains(d.Reasons[1].Basis, tt.rule) {
				t.Errorf("got %+v, want level %s by %s", d, tt.want, tt.rule)
			}
		})
	}
}

func TestDecideIsMonotone(t *testing.T) {
	p := shipped(t)
	rank := map[opinion.Level]int{opinion.LevelNone: 0, opinion.LevelIV: 1, opinion.LevelIII: 2, opinion.LevelII: 3, opinion.LevelI: 4}
	rapid.Check(t, func(t *rapid.T) {
		s := signal("ev", opinion.Risk(rapid.IntRange(0, 3).Draw(t, "risk")))
		s.Event.Posts = rapid.IntRange(1, 100).Draw(t, "posts")
		s.Event.Sources = make([]string, rapid.IntRange(1, 8).Draw(t, "sources"))
		s.Assessment.Kinds = rapid.SliceOf(rapid.SampledFrom([]string{"K1", "K2", "K3"})).Draw(t, "kinds")
		before := alert.Decide(s, p)
		if before.Open != (s.Event.Risk >= p.Alert.Open.MinRisk) || len(before.Reasons) == 0 {
			t.Fatalf("risk %d: %+v", s.Event.Risk, before)
		}
		s.Event.Posts += rapid.IntRange(0, 50).Draw(t, "more")
		s.Event.Sources = append(s.Event.Sources, make([]string, rapid.IntRange(0, 4).Draw(t, "wider"))...)
		s.Event.Risk = min(3, s.Event.Risk+opinion.Risk(rapid.IntRange(0, 2).Draw(t, "graver")))
		after := alert.Decide(s, p)
		if rank[after.Level] < rank[before.Level] || before.Open && !after.Open {
			t.Fatalf("graver event, milder decision: %+v, then %+v", before, after)
		}
	})
}

// A burst opens a case from a lower risk on, and is named among its reasons.
func TestDecideOfABurst(t *testing.T) {
	p := shipped(t)
	for _, tt := range []struct {
		risk    opinion.Risk
		history bool
		open    bool
		level   opinion.Level
		reasons string
	}{
		{risk: 0, reasons: "risk_below"},
		{risk: 1, open: true, level: opinion.LevelIII, reasons: "burst level_rule"},
		{risk: 2, open: true, level: opinion.LevelIII, reasons: "risk_at_least burst level_rule"},
		{risk: 3, open: true, level: opinion.LevelIII, reasons: "risk_at_least burst level_rule"},
		{risk: 1, history: true, reasons: "history"},
	} {
		s := signal("ev", tt.risk)
		s.Post.History, s.Event.Level = tt.history, opinion.LevelNone
		s.Event.Burst = &opinion.Burst{Window: 80, Seen: 90, Further: 420, Reach: 500}
		d := alert.Decide(s, p)
		var names []string
		for _, r := range d.Reasons {
			names = append(names, r.Name)
			if r.Name == "burst" && !strings.Contains(r.Detail, "80条") {
				t.Errorf("the burst says %q", r.Detail)
			}
		}
		if d.Open != tt.open || d.Level != tt.level || strings.Join(names, " ") != tt.reasons {
			t.Errorf("risk %d, history %v: %+v", tt.risk, tt.history, d)
		}
	}
}
