package burst_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestSpreadIsManyPosts compares reposts that came between two instants with as many posts,
// one after the other.
func TestSpreadIsManyPosts(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		from, span, n := rapid.IntRange(0, 100_000).Draw(t, "from"), rapid.IntRange(0, 100_000).Draw(t, "span"), 400
		one, many := m.Start(nil), m.Start(nil)
		for _, s := range delays(t) {
			one.Observe(after(s))
			many.Observe(after(s))
		}
		one.Spread(float64(n), after(from), after(from+span))
		for i := range n {
			many.Observe(after(from).Add(time.Duration(float64(span) * (float64(i) + 0.5) / float64(n) * float64(time.Second))))
		}
		now := after(300_000 + from + span)
		if a, b := one.Further(now), many.Further(now); math.Abs(a-b) > 0.02*(a+b)+1e-9 || !close(one.Seen(), many.Seen()) {
			t.Fatalf("%d between %d and %d: %v of %v, one by one %v of %v", n, from, from+span, a, one.Seen(), b, many.Seen())
		}
	})
}

// TestWhatWasReceivedTwiceCountsOnce delivers posts and edits with more reposts, each some
// times and in any order of repeats.
func TestWhatWasReceivedTwiceCountsOnce(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		d := m.Start(nil)
		reposts, known := map[string]int{}, map[string]bool{}
		want := 0.0
		for i := range rapid.IntRange(1, 60).Draw(t, "messages") {
			id := fmt.Sprint("p", rapid.IntRange(0, 6).Draw(t, "post")) // no more than are watched
			reposts[id] += rapid.IntRange(0, 30).Draw(t, "more")
			if !known[id] {
				want++
			}
			for range rapid.IntRange(1, 3).Draw(t, "times") {
				d.Post(id, !known[id], after(0), after(60*i), reposts[id])
				known[id] = true
			}
			if rapid.Bool().Draw(t, "restart") {
				again, err := m.Resume(d.State(), d.Called())
				if err != nil {
					t.Fatal(err)
				}
				d = again
			}
		}
		for _, n := range reposts {
			want += float64(n)
		}
		if !close(d.Seen(), want) {
			t.Fatalf("%v were seen, want %v", d.Seen(), want)
		}
	})
}

// TestManyPostsAreNeverCountedTwice has more posts than are watched: then some reposts may be
// missed, but none is counted twice, and the state stays small.
func TestManyPostsAreNeverCountedTwice(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		d := m.Start(nil)
		most, known := map[string]int{}, map[string]bool{}
		for i := range rapid.IntRange(1, 200).Draw(t, "messages") {
			id, n := fmt.Sprint("p", rapid.IntRange(0, 40).Draw(t, "post")), rapid.IntRange(0, 50).Draw(t, "reposts")
			d.Post(id, !known[id], after(0), after(i), n)
			known[id], most[id] = true, max(most[id], n)
			before := d.State()
			d.Post(id, false, after(0), after(i), n)
			if diff := cmp.Diff(before, d.State()); diff != "" {
				t.Fatalf("the same again changed:\n%s", diff)
			}
		}
		bound := float64(len(known))
		for _, n := range most {
			bound += float64(n)
		}
		if s := d.State(); s.Seen > bound*(1+1e-9) || len(s.Watched) > 8 || len(s.Slices) > 12 {
			t.Fatalf("%v were seen of at most %v; %d watched, %d slices", s.Seen, bound, len(s.Watched), len(s.Slices))
		}
	})
}

func TestTheCallTellsTheWindowAndThePaceBefore(t *testing.T) {
	d := assumed(t).Start(nil)
	for i := range 11 { // one in two hours
		d.Observe(after(i * 7200))
	}
	crowd := 10*7200 + 3600
	for i := range 200 {
		if d.Observe(after(crowd + 5*i)) {
			break
		}
	}
	call := d.Called()
	if call == nil {
		t.Fatal("a crowd within minutes was not called")
	}
	if call.Window != call.Seen-11 || call.At.Sub(call.From) > time.Hour || call.Usual < 0.3 || call.Usual > 0.8 {
		t.Errorf("called with %+v: %s", *call, call.Detail())
	}
}

func TestRepostsOfOnePostAreCalled(t *testing.T) {
	d := assumed(t).Start(nil)
	if d.Post("p", true, after(0), after(60), 3) {
		t.Error("three reposts were called")
	}
	if !d.Post("p", false, after(0), after(660), 120) || d.Called().Window < 110 {
		t.Errorf("117 reposts within ten minutes were not called: %+v", d.State())
	}
	slow := assumed(t).Start(nil)
	if slow.Post("p", true, after(0), after(30*24*3600), 400) {
		t.Error("400 reposts spread over a month were called")
	}
}
