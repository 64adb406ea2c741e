package eval

import (
	"cmp"
	"math"
	"slices"
)

// Pair is one judged row: what people said and what the model said.
type Pair struct {
	Gold, Predicted string
}

// ClassScore is how one class fared (精确率, 召回率, F1).
type ClassScore struct {
	Class string
	// TruePositive, FalsePositive and FalseNegative are counts of rows.
	TruePositive, FalsePositive, FalseNegative int
}

// Support is the number of rows whose gold label is the class.
func (c ClassScore) Support() int { return c.TruePositive + c.FalseNegative }

// Precision is TP / (TP + FP). A class that was never predicted has precision 0 when rows
// of it exist, as scikit-learn's zero_division=0, and no value otherwise.
func (c ClassScore) Precision() float64 {
	if c.TruePositive+c.FalsePositive == 0 && c.FalseNegative > 0 {
		return 0
	}
	return ratio(c.TruePositive, c.TruePositive+c.FalsePositive)
}

// Recall is TP / (TP + FN), NaN without a row of the class.
func (c ClassScore) Recall() float64 { return ratio(c.TruePositive, c.Support()) }

// F1 is 2·TP / (2·TP + FP + FN), the harmonic mean of precision and recall (van
// Rijsbergen 1979, Information Retrieval, ch. 7). It is NaN for a class that neither
// people nor the model named.
func (c ClassScore) F1() float64 {
	return ratio(2*c.TruePositive, 2*c.TruePositive+c.FalsePositive+c.FalseNegative)
}

// ratio is a/b, NaN when b is 0.
func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// Confusion counts rows by gold and predicted class (混淆矩阵).
type Confusion struct {
	// Classes are the classes of both, sorted, or in the order that NewConfusion was given.
	Classes []string
	// Count[g][p] is the number of rows of gold class g that were predicted as p.
	Count [][]int
}

// NewConfusion counts pairs. Classes named in order stand first, in that order, whether
// or not a row has them.
func NewConfusion(pairs []Pair, order ...string) Confusion {
	c := Confusion{Classes: slices.Clone(order)}
	var rest []string
	for _, p := range pairs {
		rest = append(rest, p.Gold, p.Predicted)
	}
	slices.Sort(rest)
	for _, class := range slices.Compact(rest) {
		if !slices.Contains(order, class) {
			c.Classes = append(c.Classes, class)
		}
	}
	at := map[string]int{}
	for i, class := range c.Classes {
		at[class] = i
		c.Count = append(c.Count, make([]int, len(c.Classes)))
	}
	for _, p := range pairs {
		c.Count[at[p.Gold]][at[p.Predicted]]++
	}
	return c
}

// Total is the number of rows.
func (c Confusion) Total() int {
	n := 0
	for _, row := range c.Count {
		for _, count := range row {
			n += count
		}
	}
	return n
}

// Accuracy is the share of rows whose predicted class is the gold one (准确率), NaN without
// rows.
func (c Confusion) Accuracy() float64 {
	right := 0
	for i := range c.Classes {
		right += c.Count[i][i]
	}
	return ratio(right, c.Total())
}

// Scores are the counts of every class, in the order of Classes.
func (c Confusion) Scores() []ClassScore {
	out := make([]ClassScore, len(c.Classes))
	for g, class := range c.Classes {
		out[g].Class = class
		for p, n := range c.Count[g] {
			if g == p {
				out[g].TruePositive += n
				continue
			}
			out[g].FalseNegative += n
			out[p].FalsePositive += n
		}
	}
	return out
}

// MacroF1 is the mean of F1 over the classes that have a gold row, each weighing the same
// (Sokolova, Lapalme 2009, table 3, in its form of averaged F1). NaN without one.
func MacroF1(scores []ClassScore) float64 {
	sum, n := 0.0, 0
	for _, s := range scores {
		if s.Support() > 0 {
			sum, n = sum+s.F1(), n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}

// FixedMacroF1 is the mean of F1 over all the scores that are given, 0 for one that
// neither people nor the model named: scikit-learn's f1_score of a multi-label problem
// with average="macro" and zero_division=0. NaN without scores.
func FixedMacroF1(scores []ClassScore) float64 {
	sum := 0.0
	for _, s := range scores {
		if f := s.F1(); !math.IsNaN(f) {
			sum += f
		}
	}
	if len(scores) == 0 {
		return math.NaN()
	}
	return sum / float64(len(scores))
}

// SetScores counts, for each class by itself, rows with any number of classes.
func SetScores(classes []string, gold, predicted [][]string) []ClassScore {
	out := make([]ClassScore, len(classes))
	for i, class := range classes {
		out[i].Class = class
		for row := range gold {
			out[i].count(slices.Contains(gold[row], class), slices.Contains(predicted[row], class))
		}
	}
	return out
}

func (c *ClassScore) count(gold, predicted bool) {
	switch {
	case gold && predicted:
		c.TruePositive++
	case predicted:
		c.FalsePositive++
	case gold:
		c.FalseNegative++
	}
}

// AtLeast scores the classes from the t-th on as one: how well the grave ones are found.
func (c Confusion) AtLeast(t int) ClassScore {
	var s ClassScore
	for i, row := range c.Count {
		for j, n := range row {
			switch {
			case i >= t && j >= t:
				s.TruePositive += n
			case j >= t:
				s.FalsePositive += n
			case i >= t:
				s.FalseNegative += n
			}
		}
	}
	return s
}

// Mistakes lists the confusions between classes by number of rows, most first.
func (c Confusion) Mistakes() []Mistake {
	var out []Mistake
	for g := range c.Classes {
		for p, n := range c.Count[g] {
			if g != p && n > 0 {
				out = append(out, Mistake{Pair{c.Classes[g], c.Classes[p]}, n})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Mistake) int { return cmp.Compare(b.Rows, a.Rows) })
	return out
}

// Mistake is one cell of a confusion matrix off the diagonal.
type Mistake struct {
	Pair
	Rows int
}
