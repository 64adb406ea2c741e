package eval

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

// near compares figures that were worked out by hand; NaN is near NaN.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-9 {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// pairsOf reads "gold>predicted gold>predicted".
func pairsOf(s string) []Pair {
	var out []Pair
	for _, f := range strings.Fields(s) {
		gold, predicted, _ := strings.Cut(f, ">")
		out = append(out, Pair{gold, predicted})
	}
	return out
}

func TestClassScoresByHand(t *testing.T) {
	// gold a a a b b c; predicted a a b b d a
	c := NewConfusion(pairsOf("a>a a>a a>b b>b b>d c>a"))
	near(t, "accuracy", c.Accuracy(), 3.0/6)
	want := []ClassScore{{"a", 2, 1, 1}, {"b", 1, 1, 1}, {"c", 0, 0, 1}, {"d", 0, 1, 0}}
	if d := cmp.Diff(want, c.Scores()); d != "" {
		t.Error(d)
	}
	s := c.Scores()
	near(t, "precision of a", s[0].Precision(), 2.0/3)
	near(t, "recall of b", s[1].Recall(), 0.5)
	near(t, "precision of c, never predicted", s[2].Precision(), 0)
	near(t, "F1 of c", s[2].F1(), 0)
	near(t, "recall of d, never gold", s[3].Recall(), math.NaN())
	near(t, "precision of d", s[3].Precision(), 0)
	// d is not gold and does not count: (2/3 + 1/2 + 0) / 3
	near(t, "macro-F1", MacroF1(s), (2.0/3+0.5)/3)
	near(t, "macro-F1 over all that are given", FixedMacroF1(s), (2.0/3+0.5)/4)
}

func TestNoRowsHaveNoFigures(t *testing.T) {
	c := NewConfusion(nil)
	for name, f := range map[string]float64{
		"accuracy": c.Accuracy(), "kappa": c.Kappa(), "quadratic kappa": c.QuadraticKappa(), "macro-F1": MacroF1(c.Scores()),
		"fixed macro-F1": FixedMacroF1(nil), "precision": ClassScore{}.Precision(), "recall": ClassScore{}.Recall(), "F1": ClassScore{}.F1(),
	} {
		near(t, name, f, math.NaN())
	}
	if Calibrate(nil, nil) != nil {
		t.Error("a calibration of nothing")
	}
}

// The example is Cohen's of 1960 as the textbooks give it: 50 proposals, 20 twice yes, 15
// twice no, 5 and 10 split; observed 0.7, expected 0.5, kappa 0.4.
func TestKappaOfTheTextbook(t *testing.T) {
	c := Confusion{Classes: []string{"yes", "no"}, Count: [][]int{{20, 5}, {10, 15}}}
	near(t, "kappa", c.Kappa(), 0.4)
	near(t, "quadratic kappa of two grades is plain kappa", c.QuadraticKappa(), 0.4)
}

func TestQuadraticKappaByHand(t *testing.T) {
	// gold 0 1 2 3, predicted 0 1 3 3: observed Σw = 1; expected Σw·g·p/n with g = 1,1,1,1
	// and p = 1,1,0,2: columns 0: 0+1+4+9 = 14, 1: 1+0+1+4 = 6, 3: (9+4+1+0)·2 = 28; 48/4 = 12.
	c := NewConfusion(pairsOf("0>0 1>1 2>3 3>3"), riskScale...)
	near(t, "quadratic kappa", c.QuadraticKappa(), 1-1.0/12)
	// gold 0 1 3 3, predicted 0 1 1 3; nobody says 2, and 3 is two steps from 1 all the same:
	// observed 4; g = 1,1,0,2 and p = 1,2,0,1: 1+2·9 = 19, (1+2·4)·2 = 18, 9+4 = 13; 50/4.
	c = NewConfusion(pairsOf("0>0 1>1 3>1 3>3"), riskScale...)
	near(t, "with a grade that nobody gives", c.QuadraticKappa(), 1-4/12.5)
}

func TestKappaWithoutMeaning(t *testing.T) {
	near(t, "both always say one class", NewConfusion(pairsOf("1>1 1>1"), riskScale...).QuadraticKappa(), math.NaN())
	near(t, "never right about two", NewConfusion(pairsOf("a>b b>a")).Kappa(), -1)
}

func TestKappaProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		grade := rapid.SampledFrom(riskScale)
		n := rapid.IntRange(1, 40).Draw(t, "rows")
		var pairs, swapped, perfect []Pair
		for range n {
			p := Pair{grade.Draw(t, "gold"), grade.Draw(t, "predicted")}
			pairs, swapped, perfect = append(pairs, p), append(swapped, Pair{p.Predicted, p.Gold}), append(perfect, Pair{p.Gold, p.Gold})
		}
		c := NewConfusion(pairs, riskScale...)
		for name, f := range map[string]func(Confusion) float64{"kappa": Confusion.Kappa, "quadratic": Confusion.QuadraticKappa} {
			k, back := f(c), f(NewConfusion(swapped, riskScale...))
			if math.IsNaN(k) != math.IsNaN(back) || math.Abs(k-back) > 1e-9 {
				t.Fatalf("%s is not symmetric: %v and %v", name, k, back)
			}
			if k > 1+1e-9 || k < -1-1e-9 {
				t.Fatalf("%s = %v is out of range", name, k)
			}
			if one := f(NewConfusion(perfect, riskScale...)); !math.IsNaN(one) && math.Abs(one-1) > 1e-9 {
				t.Fatalf("%s of a perfect answer is %v", name, one)
			}
		}
		if a := c.Accuracy(); a < 0 || a > 1 {
			t.Fatalf("accuracy %v", a)
		}
		if total := c.Total(); total != n {
			t.Fatalf("%d rows counted of %d", total, n)
		}
	})
}

func TestAtLeastByHand(t *testing.T) {
	c := NewConfusion([]Pair{{"0", "2"}, {"1", "1"}, {"2", "2"}, {"2", "1"}, {"3", "3"}, {"3", "2"}}, "0", "1", "2", "3")
	ge2 := c.AtLeast(2)
	near(t, "precision at 2", ge2.Precision(), 3.0/4)
	near(t, "recall at 2", ge2.Recall(), 3.0/4)
	near(t, "recall of 3", c.AtLeast(3).Recall(), 1.0/2)
}

func TestSetScoresByHand(t *testing.T) {
	gold := [][]string{{"K1", "K2"}, {}, {"K2"}, {"K4"}}
	predicted := [][]string{{"K2"}, {"K1"}, {"K2", "K4"}, {"K4"}}
	got := SetScores(kindCodes, gold, predicted)
	want := []ClassScore{{"K1", 0, 1, 1}, {"K2", 2, 0, 0}, {"K3", 0, 0, 0}, {"K4", 1, 1, 0}, {"K5", 0, 0, 0}, {"K6", 0, 0, 0}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	near(t, "macro-F1 over the six", FixedMacroF1(got), (0+1+0+2.0/3+0+0)/6)
	near(t, "rows with exactly the kinds", setAgreement(gold, predicted).Accuracy, 1.0/4)
}

func TestCalibrationByHand(t *testing.T) {
	c := Calibrate([]float64{0.95, 0.95, 1, 0.25, 0, 0.3}, []bool{true, false, true, true, false, false})
	// 0.0: one row, 0 and 0; 0.2: one row, 0.25 and 1; 0.3: one row, 0.3 and 0; 0.9: three, 2.9/3 and 2/3.
	near(t, "ECE", c.ECE, (0+0.75+0.3+3*(2.9/3-2.0/3))/6)
	if c.Bins[9].Rows != 3 || c.Bins[2].Rows != 1 || c.Bins[3].Rows != 1 || c.Bins[0].Rows != 1 {
		t.Errorf("bins: %+v", c.Bins)
	}
	near(t, "an empty bin", c.Bins[5].Accuracy, math.NaN())
}

func gold(complete bool, ids ...Text) GoldEvent {
	return GoldEvent{Line: 1, IDs: ids, Complete: &complete}
}

func TestBCubedByHand(t *testing.T) {
	predicted := map[Text]string{
		"1": "x", "2": "x", "3": "y", // gold A = 1 2 3; x also holds 9, which no gold event lists
		"9": "x", "4": "z", "5": "z", // gold B = 4 5, open; z also holds 8
		"8": "z", "7": "w", "6": "v", "0": "v",
	}
	pairs := []Lookalike{{A: "1", B: "9"}, {A: "1", B: "4"}, {A: "8", B: "5"}, {A: "7", B: "3"}}
	c, err := BCubed(predicted, []GoldEvent{gold(true, "1", "2", "3"), gold(false, "4", "5")}, pairs)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "precision", c.Precision, (2.0/3+2.0/3+1)/3)
	near(t, "recall", c.Recall, (2.0/3+2.0/3+1.0/3+1+1)/5)
	near(t, "F1", c.F1, 2*c.Precision*c.Recall/(c.Precision+c.Recall))
	near(t, "look-alikes joined", c.Joined, 0.5)
	if c.Events != 5 || c.Several != 3 || c.Largest != 3 || c.Judged != 5 {
		t.Errorf("%+v", c)
	}
	if c.Worst[0].Posts != 3 || c.Worst[0].Pieces != 2 {
		t.Errorf("worst first: %+v", c.Worst)
	}
}

func TestBCubedRefusesForeignPosts(t *testing.T) {
	of := map[Text]string{"1": "x"}
	for _, check := range []struct {
		gold  []GoldEvent
		pairs []Lookalike
	}{{gold: []GoldEvent{gold(true, "1", "2")}}, {pairs: []Lookalike{{A: "1", B: "2"}}}, {pairs: []Lookalike{{A: "2", B: "1"}}}} {
		if _, err := BCubed(of, check.gold, check.pairs); opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), "post 2 is not in the data") {
			t.Errorf("%v", err)
		}
	}
}

// plainBCubed is the definition, pair of posts by pair of posts.
func plainBCubed(predicted map[Text]string, events []GoldEvent) (precision, recall float64) {
	np, nr := 0, 0
	for _, g := range events {
		for _, i := range g.IDs {
			same, both := 0, 0
			for j, event := range predicted {
				if event == predicted[i] {
					same++
					if slices.Contains(g.IDs, j) {
						both++
					}
				}
			}
			recall += float64(both) / float64(len(g.IDs))
			nr++
			if g.complete() {
				precision += float64(both) / float64(same)
				np++
			}
		}
	}
	return mean(precision, np), mean(recall, nr)
}

func TestBCubedIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		predicted := map[Text]string{}
		events := map[int]*GoldEvent{}
		for i := range rapid.IntRange(1, 30).Draw(t, "posts") {
			id := Text(rune('a' + i))
			predicted[id] = rapid.SampledFrom([]string{"p", "q", "r", "s"}).Draw(t, "event")
			if g := rapid.IntRange(0, 4).Draw(t, "gold"); g > 0 {
				if events[g] == nil {
					complete := rapid.Bool().Draw(t, "complete")
					events[g] = &GoldEvent{Complete: &complete}
				}
				events[g].IDs = append(events[g].IDs, id)
			}
		}
		var list []GoldEvent
		for _, g := range events {
			list = append(list, *g)
		}
		c, err := BCubed(predicted, list, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, r := plainBCubed(predicted, list)
		for _, f := range [][2]float64{{c.Precision, p}, {c.Recall, r}} {
			if math.IsNaN(f[0]) != math.IsNaN(f[1]) || math.Abs(f[0]-f[1]) > 1e-9 {
				t.Fatalf("%v by groups, %v by the definition", f[0], f[1])
			}
		}
	})
}

func ramp(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i + 1)
	}
	return out
}

func at(s float64) *float64 { return &s }

func TestWarningByHand(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2013, 5, n, 0, 0, 0, 0, time.UTC) }
	w := Warn([]Cascade{
		{day(1), 1000, ramp(1000), at(100)},  // half is 500: lead 400
		{day(2), 1001, ramp(1001), at(401)},  // half is 501: lead 100
		{day(2), 1000, ramp(1000), at(500)},  // at the 500th, just in time, when half have come: lead 0
		{day(3), 800, ramp(800), at(501)},    // passed 500 at 501: too late
		{day(4), 800, ramp(800), nil},        // missed
		{day(5), 500, ramp(500), at(3)},      // never passed 500: false
		{day(6), 2000, ramp(400), at(3)},     // passed, nobody knows when: neither
		{day(11), 100, ramp(100), nil},       // rightly silent
		{time.Time{}, 100, ramp(100), at(1)}, // no time: false, and no day
	})
	near(t, "called", w.Called, 3.0/5)
	near(t, "lead", w.LeadMedian, 100)
	near(t, "false calls a day", w.FalsePerDay, 2.0/10)
	if w.Big != 5 || w.InTime != 3 || w.Late != 1 || w.FalseCalls != 2 {
		t.Errorf("%+v", w)
	}
}

func TestMedianOfTwoIsTheirMean(t *testing.T) {
	near(t, "median", median([]float64{5, 1}), 3)
	near(t, "median", median([]float64{9, 1, 2}), 2)
}

func TestWarningWithoutBigOnes(t *testing.T) {
	w := Warn([]Cascade{{time.Unix(0, 0), 3, ramp(3), at(1)}})
	near(t, "called", w.Called, math.NaN())
	near(t, "lead", w.LeadMedian, math.NaN())
	near(t, "false calls of one day at least", w.FalsePerDay, 1)
	near(t, "nothing", Warn(nil).FalsePerDay, math.NaN())
}

func TestMaskingByHand(t *testing.T) {
	m := Mask([][]string{{"13800000000", "王小明"}, {"138 1111-2222"}, nil, {}, {"--"}}, []Masked{
		{"我叫〔姓名〕，电话〔电话〕", map[string]int{"name": 1, "phone": 1}},
		{"电话13811112222", nil},                  // written otherwise, and still there
		{"第〔电话〕号文", map[string]int{"phone": 1}}, // nothing to mask
		{"好", nil},
		{"无", nil},
	})
	near(t, "recall", m.Recall, 3.0/4)
	near(t, "false for 1,000", m.FalsePer1000, 500)
	if m.Kept != 1 || m.Clean != 2 || m.False != 1 || m.FalseByKind["phone"] != 1 {
		t.Errorf("%+v", m)
	}
	near(t, "no secrets, no recall", Mask([][]string{nil}, []Masked{{}}).Recall, math.NaN())
}
