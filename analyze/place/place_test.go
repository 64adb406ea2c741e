package place

import (
	"slices"
	"strings"
	"testing"

	"github.com/huiying/huiying/analyze/lexicon"
	"github.com/huiying/huiying/opinion/policy"
)

func TestFind(t *testing.T) {
	var b lexicon.Builder
	g := New([]policy.Place{
		{Name: "东花市街道", Aliases: []string{"花市街道"}, Street: "s-huashi"},
		{Name: "幸福家园", Street: "s-huashi"},
		{Name: "幸福大街", Street: "s-huashi"},
		{Name: "幸福大街", Street: "s-longtan"},
		{Name: "龙潭路", Street: "s-longtan"},
		{Name: "龙潭路桥", Not: true},
	}, &b, 0)
	lex := b.Build()
	for body, want := range map[string]string{
		"幸福家园的电梯":       "s-huashi: 幸福家园",
		"花市街道":          "s-huashi: 花市街道",
		"东花市街道和龙潭路":     "s-huashi,s-longtan: 东花市街道 龙潭路",
		"幸福大街上":         "s-huashi,s-longtan: 幸福大街",
		"龙潭路口到幸福大街":     "s-longtan: 龙潭路 幸福大街",
		"没有地名":          ": ",
		"龙潭路桥上堵车":       ": ",
		"幸福家园、幸福家园和龙潭路": "s-huashi,s-longtan: 幸福家园 幸福家园 龙潭路",
	} {
		streets, places := g.Find(body, lex.Scan(body, nil, &lexicon.Scratch{}), 0)
		var words []string
		for _, p := range places {
			words = append(words, p.Word)
		}
		if got := strings.Join(streets, ",") + ": " + strings.Join(words, " "); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
		if !slices.IsSorted(streets) {
			t.Errorf("%s: %v are not sorted", body, streets)
		}
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	var b lexicon.Builder
	g := New([]policy.Place{{Name: "龙潭路", Street: "s-longtan"}}, &b, 0)
	body := strings.Repeat("龙潭路，", 100)
	if _, places := g.Find(body, b.Build().Scan(body, nil, &lexicon.Scratch{}), 0); len(places) != maxEvidence {
		t.Errorf("%d places are shown", len(places))
	}
}
