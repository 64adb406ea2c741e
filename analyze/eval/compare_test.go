package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huiying/huiying/opinion"
)

func TestCompare(t *testing.T) {
	alerted := func(event string, level opinion.Level, unit string, score float64) Verdict {
		return Verdict{Alerted: true, EventID: event, Level: level, Unit: unit, Score: score}
	}
	silent := func(score float64) Verdict { return Verdict{EventID: "s", Score: score} }
	posts := []opinion.Post{{ID: "same"}, {ID: "gained"}, {ID: "lost"}, {ID: "level"}, {ID: "unit"}, {ID: "silent"}, {ID: "graver"}, {ID: "also same", Title: "t"}}
	before := []Verdict{alerted("1", "II", "u", 50), silent(10), alerted("2", "II", "u", 50), alerted("3", "II", "u", 50), alerted("4", "II", "u", 60), silent(0), silent(90), alerted("1", "II", "u", 1)}
	after := []Verdict{alerted("1", "II", "u", 70), alerted("9", "IV", "u", 40), silent(0), alerted("3", "I", "u", 50), alerted("4", "II", "v", 50), silent(20), alerted("9", "IV", "u", 0), alerted("1", "II", "u", 1)}
	c := Compare(posts, before, after)
	ids := func(list []Change) (out []string) {
		for _, c := range list {
			out = append(out, c.PostID)
		}
		return out
	}
	got := [][]string{ids(c.Gained), ids(c.Lost), ids(c.Moved)}
	if d := cmp.Diff([][]string{{"graver", "gained"}, {"lost"}, {"unit", "level"}}, got); d != "" {
		t.Error(d)
	}
	if c.Posts != 8 || c.CasesBefore != 4 || c.CasesAfter != 4 || c.AlertedBefore != 5 || c.AlertedAfter != 6 {
		t.Errorf("%+v", c)
	}
}

func TestComparingAPolicyWithItselfFindsNothing(t *testing.T) {
	v := []Verdict{{Alerted: true, EventID: "1", Level: "I"}, {EventID: "2"}}
	c := Compare([]opinion.Post{{ID: "a"}, {ID: "b"}}, v, v)
	if len(c.Gained)+len(c.Lost)+len(c.Moved) != 0 || c.Gained == nil || c.AlertedBefore != 1 {
		t.Errorf("%+v", c)
	}
}
