package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// Clustering is how well predicted events match the gold ones.
type Clustering struct {
	// Precision, Recall and F1 are B-cubed (Bagga, Baldwin 1998; Amigó et al. 2009).
	Precision, Recall, F1 float64
	// Judged is the number of posts that the gold events list.
	Judged int
	// Joined is the share of look-alike pairs of which both posts are in one event, NaN
	// without pairs.
	Joined float64
	// Events is the number of predicted events, those of one post too; Several counts those
	// of two or more; Largest is the number of posts of the largest.
	Events, Several, Largest int
	// Worst lists the gold events that were found least well, and Wrong the look-alikes
	// that were joined.
	Worst []FoundEvent
	Wrong []Lookalike
}

// FoundEvent is one gold event with the means of its members.
type FoundEvent struct {
	Line, Posts int
	Complete    bool
	// Precision is NaN for an event that is not complete.
	Precision, Recall float64
	// Pieces is over how many predicted events its members are spread.
	Pieces int
}

// f1 is that of the event; of recall alone where precision has no value.
func (f FoundEvent) f1() float64 {
	if math.IsNaN(f.Precision) {
		return f.Recall
	}
	return harmonic(f.Precision, f.Recall)
}

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// BCubed compares events (predicted: post ID to event name, for every post of the data)
// with gold events.
//
// For a post i of gold event G and predicted event P, precision is |P∩G|/|P| over all
// members of P, also those that no gold event lists, and recall is |P∩G|/|G|. Recall is
// the mean over the posts of all gold events, precision over those of complete ones, F1
// the harmonic mean of the two means. A gold post or look-alike that the data does not
// hold is an error.
func BCubed(predicted map[Text]string, gold []GoldEvent, pairs []Lookalike) (Clustering, error) {
	size := map[string]int{}
	for _, event := range predicted {
		size[event]++
	}
	c := Clustering{Events: len(size)}
	for _, n := range size {
		c.Largest = max(c.Largest, n)
		if n > 1 {
			c.Several++
		}
	}
	sumP, nP, sumR, nR := 0.0, 0, 0.0, 0
	for _, g := range gold {
		f, err := foundEvent(predicted, size, g)
		if err != nil {
			return c, err
		}
		n := len(g.IDs)
		sumR, nR = sumR+f.Recall*float64(n), nR+n
		if f.Complete {
			sumP, nP = sumP+f.Precision*float64(n), nP+n
		}
		c.Worst = append(c.Worst, f)
	}
	slices.SortStableFunc(c.Worst, func(a, b FoundEvent) int { return cmp.Compare(a.f1(), b.f1()) })
	c.Judged = nR
	c.Precision, c.Recall = mean(sumP, nP), mean(sumR, nR)
	c.F1 = harmonic(c.Precision, c.Recall)
	return c, c.join(predicted, pairs)
}

func mean(sum float64, n int) float64 {
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}

func foundEvent(predicted map[Text]string, size map[string]int, g GoldEvent) (FoundEvent, error) {
	f := FoundEvent{Line: g.Line, Posts: len(g.IDs), Complete: g.complete(), Precision: math.NaN()}
	common := map[string]int{}
	for _, id := range g.IDs {
		event, ok := predicted[id]
		if !ok {
			return f, missing("gold events", g.Line, id)
		}
		common[event]++
	}
	f.Pieces = len(common)
	precision := 0.0
	for event, n := range common { // n posts, each with n/size and n/|G|
		precision += float64(n*n) / float64(size[event])
		f.Recall += float64(n*n) / float64(f.Posts)
	}
	f.Recall /= float64(f.Posts)
	if f.Complete {
		f.Precision = precision / float64(f.Posts)
	}
	return f, nil
}

func (c *Clustering) join(predicted map[Text]string, pairs []Lookalike) error {
	for _, p := range pairs {
		a, okA := predicted[p.A]
		b, okB := predicted[p.B]
		switch {
		case !okA:
			return missing("look-alikes", p.Line, p.A)
		case !okB:
			return missing("look-alikes", p.Line, p.B)
		case a == b:
			c.Wrong = append(c.Wrong, p)
		}
	}
	c.Joined = ratio(len(c.Wrong), len(pairs))
	return nil
}

func missing(file string, line int, id Text) error {
	return &opinion.Error{
		Code: opinion.CodeInvalid, Message: fmt.Sprintf("%s, line %d", file, line),
		Err: fmt.Errorf("post %s is not in the data: are the files of one set?", id),
	}
}
