package eval

import (
	"cmp"
	"slices"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Verdict is what became of a post under one policy and release.
type Verdict struct {
	PostID string `json:"post_id"`
	// Alerted tells that the post's event opened a case.
	Alerted bool   `json:"alerted"`
	EventID string `json:"event_id"`
	// Level, Unit and Reasons are those of the case; without a case Level and Unit are empty
	// and Reasons tell why there is none.
	Level   opinion.Level    `json:"level"`
	Unit    string           `json:"unit,omitempty"`
	Reasons []opinion.Reason `json:"reasons"`
	// Topic, Risk, Score and Factors are of the post itself.
	Topic   string           `json:"topic"`
	Risk    opinion.Risk     `json:"risk"`
	Score   float64          `json:"score"`
	Factors []opinion.Factor `json:"factors"`
}

// Change is one post that fares otherwise.
type Change struct {
	PostID      string    `json:"post_id"`
	Title       string    `json:"title"`
	PublishedAt time.Time `json:"published_at"`
	Before      Verdict   `json:"before"`
	After       Verdict   `json:"after"`
}

// Comparison is how posts fare under two policies or releases (回放对比).
type Comparison struct {
	Posts int `json:"posts"`
	// CasesBefore and CasesAfter count events that opened a case.
	CasesBefore int `json:"cases_before"`
	CasesAfter  int `json:"cases_after"`
	// AlertedBefore and AlertedAfter count posts of such events.
	AlertedBefore int `json:"alerted_before"`
	AlertedAfter  int `json:"alerted_after"`
	// Gained would be alerted and were not, Lost were and would not be, and Moved are alerted
	// both times and at another level or by another unit. Each is ordered by the larger of
	// the two scores, the gravest first.
	Gained []Change `json:"gained"`
	Lost   []Change `json:"lost"`
	Moved  []Change `json:"moved"`
}

// Compare sets verdicts of the same posts beside each other. before and after are in the
// order of posts.
func Compare(posts []opinion.Post, before, after []Verdict) Comparison {
	c := Comparison{
		Posts: len(posts), CasesBefore: cases(before), CasesAfter: cases(after),
		Gained: []Change{}, Lost: []Change{}, Moved: []Change{},
	}
	for i, p := range posts {
		change := Change{PostID: p.ID, Title: nameOf(p), PublishedAt: p.PublishedAt, Before: before[i], After: after[i]}
		b, a := before[i], after[i]
		c.AlertedBefore += int(b2f(b.Alerted))
		c.AlertedAfter += int(b2f(a.Alerted))
		switch {
		case a.Alerted && !b.Alerted:
			c.Gained = append(c.Gained, change)
		case b.Alerted && !a.Alerted:
			c.Lost = append(c.Lost, change)
		case a.Alerted && (a.Level != b.Level || a.Unit != b.Unit):
			c.Moved = append(c.Moved, change)
		}
	}
	for _, list := range [][]Change{c.Gained, c.Lost, c.Moved} {
		slices.SortStableFunc(list, func(x, y Change) int {
			return cmp.Or(cmp.Compare(y.gravity(), x.gravity()), cmp.Compare(x.PostID, y.PostID))
		})
	}
	return c
}

func (c Change) gravity() float64 { return max(c.Before.Score, c.After.Score) }

func cases(verdicts []Verdict) int {
	events := map[string]bool{}
	for _, v := range verdicts {
		if v.Alerted {
			events[v.EventID] = true
		}
	}
	return len(events)
}

// nameOf is the post's title, or how its text begins.
func nameOf(p opinion.Post) string {
	if p.Title != "" {
		return p.Title
	}
	if runes := []rune(p.Text); len(runes) > maxQuote {
		return string(runes[:maxQuote]) + "…"
	}
	return p.Text
}
