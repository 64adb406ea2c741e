package analyze

import (
	"fmt"
	"slices"
	"testing"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
)

// bridge is a post by which the matcher of these tests takes the leak and the lamps for one.
const bridge = "水管漏水泡坏了线路，阳光花园的路灯也不亮了，两件事是一个原因，请一起处理。"

type bridging struct{ *event.Matcher }

func (m bridging) Find(q event.Query) event.Found {
	if q.Signature != event.Sign(bridge) {
		return m.Matcher.Find(q)
	}
	near := func(text string) string { return m.Matcher.Find(event.Query{Signature: event.Sign(text)}).Event }
	if near(leak) == "" {
		return event.Found{}
	}
	return event.Found{Event: near(leak), Same: near(lamp)}
}

func newBridgingClusterer(log opinion.Log, index opinion.Index) *Clusterer {
	c := newTestClusterer(log, index, ClusterConfig{})
	c.match = func(capacity int) matcher { return bridging{event.NewMatcher(capacity)} }
	c.forget()
	return c
}

func TestTheMatcherMergesWhatWasNotSignalled(t *testing.T) {
	for name, c := range map[string]struct {
		posts []opinion.Assessed
		left  string // event of the bridge: that of the leak or of the lamp
		one   bool
	}{
		"both quiet, the leak earlier":    {posts: []opinion.Assessed{assessed(1, leak, 1, true), assessed(2, lamp, 2, true)}, left: leak, one: true},
		"both quiet, the lamp earlier":    {posts: []opinion.Assessed{assessed(2, leak, 0, false), assessed(1, lamp, 2, true)}, left: lamp, one: true},
		"the earlier was signalled":       {posts: []opinion.Assessed{assessed(1, leak, 1, false), assessed(2, lamp, 2, true)}, left: leak, one: true},
		"the later was signalled":         {posts: []opinion.Assessed{assessed(1, leak, 1, true), assessed(2, lamp, 2, false)}, left: lamp, one: true},
		"both were signalled":             {posts: []opinion.Assessed{assessed(1, leak, 1, false), assessed(2, lamp, 2, false)}, left: leak},
		"the quiet one has too many":      {posts: append(many(maxMoved+1, lamp), assessed(maxMoved+2, leak, 1, false)), left: leak},
		"the quiet one has just not many": {posts: append(many(maxMoved, lamp), assessed(maxMoved+2, leak, 1, false)), left: leak, one: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stream{index: newMemIndex()}
			s.posts(c.posts...)
			n := len(c.posts) + 10
			s.posts(assessed(n, bridge, 1, false), assessed(n+1, lamp, 0, true), assessed(n+2, leak, 0, true))
			log := newMemLog()
			run(t, newBridgingClusterer(log, s.index), slices.Collect(slices.Chunk(s.messages, 400)))
			events := map[string]bool{}
			for _, ev := range s.index.links {
				events[ev] = true
			}
			if (len(events) == 1) != c.one {
				t.Errorf("%d events are left: %v", len(events), events)
			}
			for _, a := range c.posts {
				if a.Post.Text == c.left && s.index.links[a.Post.ID] != s.index.links[assessed(n, "", 0, false).Post.ID] {
					t.Errorf("the bridge is in the other event")
				}
			}
			wellFormed(t, s.index, s.index.ids())
			seen := map[string]int{}
			for _, sig := range log.signals() {
				if seen[sig.Event.ID+sig.Reason]++; sig.Reason == "new_event" && seen[sig.Event.ID+sig.Reason] > 1 {
					t.Errorf("%s is new twice", sig.Event.ID)
				}
			}
		})
	}
}

func many(n int, text string) (list []opinion.Assessed) {
	for i := range n {
		list = append(list, assessed(i+1, text, 1, true))
	}
	return list
}

func TestWhatWasSplitIsNotRejoined(t *testing.T) {
	s := &stream{index: newMemIndex()}
	list := []opinion.Assessed{assessed(1, leak, 1, true), assessed(2, leak, 1, true), assessed(3, lamp, 1, true)}
	s.posts(list...)
	id := ids(list)
	s.edit(merge("e1", "ev-"+id[2], "ev-"+id[0]))
	s.edit(split("e2", "ev-"+id[0], id[2]))
	s.posts(assessed(4, lamp, 1, true), assessed(5, bridge, 1, true), assessed(6, lamp, 1, true))
	run(t, newBridgingClusterer(newMemLog(), s.index), [][]opinion.Message{s.messages})
	for n, want := range map[int]string{3: "ev-e2", 1: "ev-" + id[0], 5: "ev-" + id[0]} {
		if got := s.index.links[assessed(n, "", 0, false).Post.ID]; got != want {
			t.Errorf("post %d is in %s, want %s", n, got, want)
		}
	}
	s.edit(merge("e3", "ev-e2", "ev-"+id[0])) // by hand they can be
	run(t, newBridgingClusterer(newMemLog(), s.index), [][]opinion.Message{s.messages[len(s.messages)-1:]})
	if got := s.index.links[id[2]]; got != "ev-"+id[0] || len(s.index.events["ev-"+id[0]].Apart) != 0 {
		t.Errorf("after a merge by hand: in %s, %+v", got, s.index.events["ev-"+id[0]])
	}
	wellFormed(t, s.index, s.index.ids())
}

// TestMergesEndTheSameAfterAnyFailure is TestClustererEndsTheSameAfterAnyFailure for events
// that the matcher joins.
func TestMergesEndTheSameAfterAnyFailure(t *testing.T) {
	build := func() *stream {
		s := &stream{index: newMemIndex()}
		s.posts(assessed(1, leak, 1, true), assessed(2, lamp, 2, true), assessed(3, lamp, 0, true), assessed(4, leak2, 1, true),
			assessed(5, bridge, 1, false), assessed(6, lamp, 1, false), assessed(7, leak, 3, false), assessed(8, bridge, 1, true))
		return s
	}
	want, wantLog := build(), newMemLog()
	for _, size := range []int{1, 4} {
		batches := slices.Collect(slices.Chunk(want.messages, size))
		want.index.events, want.index.links = map[string]opinion.Event{}, map[string]string{}
		wantLog = newMemLog()
		run(t, newBridgingClusterer(wantLog, want.index), batches)
		for _, op := range []string{"publish", "link", "linked", "events", "refresh", "list", "event", "members", "search", "get"} {
			for nth := range batches {
				for late := range 3 {
					for _, persisted := range []bool{false, true} {
						for _, crash := range []bool{false, true} {
							got, log := build(), newMemLog()
							disturbed(t, newBridgingClusterer, got.index, log, batches, op, nth, late, persisted, crash)
							compare(t, fmt.Sprintf("batches of %d, %s fails in batch %d, call %d, persisted %v, crash %v", size, op, nth, late, persisted, crash),
								want.index, got.index, wantLog, log)
							if t.Failed() {
								return
							}
						}
					}
				}
			}
		}
	}
}
