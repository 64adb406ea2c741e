package analyze

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

func shippedAlert(t testing.TB) policy.Alert {
	t.Helper()
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p.Alert
}

// crowd is n posts about the leak, one each so many seconds.
func crowd(n, seconds int, risk opinion.Risk, history bool) []opinion.Assessed {
	var list []opinion.Assessed
	for i := range n {
		a := assessed(i, leak, risk, history)
		a.Post.PublishedAt = day.Add(time.Duration(i*seconds) * time.Second)
		a.Post.ReceivedAt = a.Post.PublishedAt.Add(time.Minute)
		list = append(list, a)
	}
	return list
}

func reasons(log *memLog) (out []string) {
	for _, s := range log.signals() {
		out = append(out, s.Reason)
	}
	return out
}

// TestABurstIsCalledOnce delivers a crowd in batches of any size, with restarts and
// redelivery between: one signal tells of the burst, with its evidence.
func TestABurstIsCalledOnce(t *testing.T) {
	alert := shippedAlert(t)
	rapid.Check(t, func(rt *rapid.T) {
		log, index := newMemLog(), newMemIndex()
		batch := messages(index, crowd(150, 10, 1, false)...)
		c := newTestClusterer(log, index, ClusterConfig{Alert: alert})
		for len(batch) > 0 {
			n := rapid.IntRange(1, len(batch)).Draw(rt, "batch")
			if rapid.Bool().Draw(rt, "restart") {
				_ = c.Assign(context.Background(), []int{0})
			}
			for range rapid.IntRange(1, 2).Draw(rt, "times") {
				if err := c.Handle(context.Background(), batch[:n]); err != nil {
					rt.Fatal(err)
				}
			}
			batch = batch[n:]
		}
		if got := reasons(log); !slices.Equal(got, []string{"new_event", "burst"}) {
			rt.Fatalf("signals %v", got)
		}
		e := log.signals()[1].Event
		if e.Burst == nil || e.Burst.Window != e.Burst.Seen || e.Level != opinion.LevelIII || e.Why[len(e.Why)-1].Name != "burst" || e.Burst.Seen > 120 {
			rt.Errorf("the event of the signal is %+v, burst %+v", e, e.Burst)
		}
		for _, last := range index.events {
			if diff := cmp.Diff(e.Burst, last.Burst); diff != "" || last.Pulse.Seen != 150 {
				rt.Errorf("seen %v; the call changed:\n%s", last.Pulse.Seen, diff)
			}
		}
	})
}

// TestABurstOutlivesAnyFailure fails each step of the batch in which the burst is called.
func TestABurstOutlivesAnyFailure(t *testing.T) {
	alert := shippedAlert(t)
	for _, op := range []string{"publish", "link", "events"} {
		for _, persisted := range []bool{false, true} {
			for _, crash := range []bool{false, true} {
				log, index := newMemLog(), newMemIndex()
				c := newTestClusterer(log, index, ClusterConfig{Alert: alert})
				for i, batch := range slices.Collect(slices.Chunk(messages(index, crowd(150, 10, 1, false)...), 50)) {
					if i > 0 {
						fault := map[bool]map[string]int{false: log.before, true: log.after}[persisted]
						if op != "publish" {
							fault = map[bool]map[string]int{false: index.before, true: index.after}[persisted]
						}
						fault[op] = 1
					}
					if err := c.Handle(t.Context(), batch); err != nil {
						if crash {
							c = newTestClusterer(log, index, ClusterConfig{Alert: alert})
						}
						if err := c.Handle(t.Context(), batch); err != nil {
							t.Fatal(err)
						}
					}
				}
				said := map[string]bool{}
				for _, r := range reasons(log) {
					said[r] = true
				}
				for _, e := range index.events {
					if e.Burst == nil || e.Pulse.Seen != 150 || math.Abs(e.Pulse.Sums[0]-30) > 1 || !said["burst"] || e.Posts != 150 {
						t.Errorf("%s fails, persisted %v, crash %v: %d posts, burst %+v, pulse %+v, signals %v", op, persisted, crash, e.Posts, e.Burst, e.Pulse, said)
					}
				}
			}
		}
	}
}

func TestWhatRaisesNoBurst(t *testing.T) {
	alert := shippedAlert(t)
	mixed := append(crowd(150, 10, 1, true), assessed(200, leak, 1, false), assessed(201, leak, 1, false))
	for name, list := range map[string][]opinion.Assessed{
		"history": crowd(300, 1, 1, true), "history with a fresh post": mixed, "a trickle": crowd(150, 7200, 1, false),
	} {
		log, index := newMemLog(), newMemIndex()
		run(t, newTestClusterer(log, index, ClusterConfig{Alert: alert}), [][]opinion.Message{messages(index, list...)})
		for _, e := range index.events {
			if e.Burst != nil || slices.Contains(reasons(log), "burst") {
				t.Errorf("%s: %+v, signals %v", name, e.Burst, reasons(log))
			}
		}
	}
}

// A calm crowd is shown as a burst, and nobody is called for it.
func TestABurstOfACalmEventIsNoSignal(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	run(t, newTestClusterer(log, index, ClusterConfig{Alert: shippedAlert(t)}), [][]opinion.Message{messages(index, crowd(150, 10, 0, false)...)})
	for _, e := range index.events {
		if e.Burst == nil || len(log.signals()) != 0 {
			t.Errorf("burst %+v, signals %v", e.Burst, reasons(log))
		}
	}
}

// Edits of one post bring its reposts: they come faster than the policy allows, too.
func TestRepostsOfAnEventsOnlyPostAreFollowed(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{Alert: shippedAlert(t)})
	a := crowd(1, 1, 1, false)[0]
	for i, reposts := range []int{0, 40, 80, 160, 160} {
		a.Post.Reposts, a.Post.ReceivedAt = reposts, a.Post.PublishedAt.Add(time.Duration(i+1)*5*time.Minute)
		run(t, c, [][]opinion.Message{messages(index, a), messages(index, a)})
		_ = c.Assign(t.Context(), []int{0})
	}
	if got := reasons(log); !slices.Equal(got, []string{"new_event", "burst"}) {
		t.Fatalf("signals %v", got)
	}
	for _, e := range index.events {
		if e.Posts != 1 || e.Pulse.Seen != 161 {
			t.Errorf("%d posts, %v seen", e.Posts, e.Pulse.Seen)
		}
	}
}
