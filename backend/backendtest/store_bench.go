package backendtest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// StoreBenchmark measures what people and the alerter wait for: opening a case of 371
// characters (the mean of the public messages) with two inboxes and a webhook, acting on
// a case, and reading.
func StoreBenchmark(b *testing.B, fresh func(b *testing.B) opinion.Store) {
	text := strings.Repeat("路", 371)
	number := 0
	open := func(b *testing.B, s opinion.Store) opinion.Case {
		number++
		n := newCase(fmt.Sprint("ev-bench-", number))
		n.Case.Text = text
		c, _, err := s.OpenCase(b.Context(), n, morning.Add(time.Duration(number)*time.Second))
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	b.Run("OpenCase", func(b *testing.B) {
		s := fresh(b)
		for b.Loop() {
			open(b, s)
		}
	})
	b.Run("OpenCase parallel", func(b *testing.B) {
		s := fresh(b)
		b.SetParallelism(4)
		var n atomic.Int64
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				k := newCase(fmt.Sprint("ev-parallel-", n.Add(1)))
				k.Case.Text = text
				if _, _, err := s.OpenCase(b.Context(), k, morning); err != nil {
					b.Error(err)
				}
			}
		})
	})
	b.Run("OpenCase again", func(b *testing.B) {
		s := fresh(b)
		n := newCase("ev-again")
		for b.Loop() {
			if _, _, err := s.OpenCase(b.Context(), n, morning); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Act", func(b *testing.B) {
		s := fresh(b)
		c := open(b, s)
		step := func(a opinion.Actor, action opinion.Action) {
			next, err := s.Act(b.Context(), a, opinion.CaseAct{CaseID: c.ID, Action: action, Text: "已办。", Revision: c.Revision, At: c.UpdatedAt})
			if err != nil {
				b.Fatal(err)
			}
			c = next
		}
		for b.Loop() {
			switch c.State {
			case opinion.StateToSign:
				step(unitA, opinion.ActionSign)
			case opinion.StateHandling:
				step(unitA, opinion.ActionAnswer)
			case opinion.StateReview:
				step(staff, opinion.ActionApprove)
			default:
				c = open(b, s) // every fourth turn opens the next case
			}
		}
	})
	b.Run("Case", func(b *testing.B) {
		s := fresh(b)
		c := open(b, s)
		for b.Loop() {
			if _, err := s.Case(b.Context(), unitA, c.ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}
