package console

import (
	"cmp"
	"maps"
	"slices"

	"github.com/huiying/huiying/opinion"
)

// sumCases adds up counts over units.
func sumCases(counts []opinion.CaseCount) CaseStats {
	var sum CaseStats
	topics := map[string]*TopicStat{}
	for _, c := range counts {
		sum.Total += c.Count
		sum.Overdue += c.Overdue
		*stateCount(c.State, &sum.ToSign, &sum.Handling, &sum.Review, &sum.Closed) += c.Count
		t := topics[c.Topic]
		if t == nil {
			t = &TopicStat{Topic: c.Topic}
			topics[c.Topic] = t
		}
		t.Count += c.Count
		t.Overdue += c.Overdue
	}
	sum.Topics = views(slices.SortedFunc(maps.Values(topics), func(a, b *TopicStat) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Topic, b.Topic))
	}), func(t *TopicStat) TopicStat { return *t })
	return sum
}

// sumUnits adds up counts by unit.
func sumUnits(counts []opinion.CaseCount) []UnitStats {
	units := map[string]*UnitStats{}
	for _, c := range counts {
		u := units[c.Unit]
		if u == nil {
			u = &UnitStats{Unit: c.Unit}
			units[c.Unit] = u
		}
		u.Total += c.Count
		u.Overdue += c.Overdue
		*stateCount(c.State, &u.ToSign, &u.Handling, &u.Review, &u.Closed) += c.Count
	}
	return views(slices.SortedFunc(maps.Values(units), func(a, b *UnitStats) int {
		return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Total, a.Total), cmp.Compare(a.Unit, b.Unit))
	}), func(u *UnitStats) UnitStats { return *u })
}

// stateCount picks the counter of a state.
func stateCount(state opinion.CaseState, toSign, handling, review, closed *int) *int {
	switch state {
	case opinion.StateToSign:
		return toSign
	case opinion.StateHandling:
		return handling
	case opinion.StateReview:
		return review
	default:
		return closed
	}
}
