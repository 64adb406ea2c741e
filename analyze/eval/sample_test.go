package eval

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/huiying/huiying/opinion"
)

func TestExplanationsAreDrawnByLotAndAgainTheSame(t *testing.T) {
	var list []Row
	var all []opinion.Assessment
	for i := range 100 {
		list = append(list, Row{Line: i + 1, Text: fmt.Sprint(i)})
		all = append(all, opinion.Assessment{Risk: opinion.Risk(i % 4), Score: float64(i)})
	}
	drawn := drawExplained(list, all)
	if d := cmp.Diff(drawn, drawExplained(list, all)); d != "" {
		t.Errorf("another draw: %s", d)
	}
	lines := map[opinion.Risk][]int{}
	for _, e := range drawn {
		if all[e.Line-1].Risk != e.Risk || all[e.Line-1].Score != e.Score {
			t.Errorf("line %d is said to be another: %+v", e.Line, e)
		}
		lines[e.Risk] = append(lines[e.Risk], e.Line)
	}
	if len(drawn) != 2*sampleSize || len(lines[opinion.RiskCalm]) != sampleSize || len(lines[opinion.RiskMinor]) > 0 {
		t.Errorf("drew %v", lines)
	}
	if first := []int{1, 5, 9, 13, 17, 21, 25, 29, 33, 37}; slices.Equal(lines[opinion.RiskCalm], first) {
		t.Error("the first rows were taken, not any")
	}
	if short := drawExplained(list[:4], all[:4]); len(short) != 3 {
		t.Errorf("of four rows it drew %+v", short)
	}
}

func TestExplanationsNameFactors(t *testing.T) {
	w := &writer{}
	e := Explained{Line: 7, Risk: 3, Score: 80, Quote: "甲|乙", Factors: []opinion.Factor{
		{Name: "term", Kind: "E1", Points: 30, Evidence: []opinion.Evidence{{Word: "爆炸"}, {Word: "起火"}}}, {Name: "drill", Points: -4.25},
	}}
	w.explained([]Explained{e, {Line: 8}}, false)
	for _, want := range []string{"| 7 | 3 | 80 | term +30.0 (E1); drill -4.2 |\n", "| 8 | 0 | 0.000 | nothing was found |\n"} {
		if !strings.Contains(w.String(), want) {
			t.Errorf("%q is missing in\n%s", want, w)
		}
	}
	w.Reset()
	w.explained([]Explained{e}, true)
	if want := `| 7 | 3 | 80 | term +30.0 (E1): 爆炸、起火; drill -4.2 | 甲\|乙 |`; !strings.Contains(w.String(), want) {
		t.Errorf("%q is missing in\n%s", want, w)
	}
}
