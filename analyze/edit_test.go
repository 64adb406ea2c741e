package analyze

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/opinion"
)

// stream builds the messages of a log from posts and edits, in their order.
type stream struct {
	index    *memIndex
	messages []opinion.Message
}

func (s *stream) posts(list ...opinion.Assessed) {
	for _, m := range messages(s.index, list...) {
		m.Offset = int64(len(s.messages))
		s.messages = append(s.messages, m)
	}
}

func (s *stream) edit(e opinion.Edit) {
	e.By, e.Reason, e.At = "wang", "核对过", day
	value, err := opinion.Encode(e)
	if err != nil {
		panic(err)
	}
	s.messages = append(s.messages, opinion.Message{Topic: opinion.TopicAssessed, Offset: int64(len(s.messages)), Key: []byte(opinion.MatterKey), Value: value})
}

func merge(id, from, into string) opinion.Edit {
	return opinion.Edit{ID: id, Op: opinion.EditMerge, From: from, Into: into}
}

func split(id, from string, posts ...string) opinion.Edit {
	return opinion.Edit{ID: id, Op: opinion.EditSplit, From: from, Posts: posts}
}

func ids(list []opinion.Assessed) (out []string) {
	for _, a := range list {
		out = append(out, a.Post.ID)
	}
	return out
}

// corrected is a story with edits: the lamps are merged into the leak, more posts come to both,
// and two posts of the leak are split off, after which one more of the same text comes.
func corrected() *stream {
	s := &stream{index: newMemIndex()}
	list := story()
	id := ids(list)
	s.posts(list...)
	s.edit(merge("e1", "ev-"+id[1], "ev-"+id[0]))
	s.posts(assessed(8, lamp, 1, false), assessed(9, leak, 1, false))
	s.edit(split("e2", "ev-"+id[1], id[0], id[3])) // named by its alias; one is the founder
	s.posts(assessed(10, leak2, 3, false), assessed(11, lamp, 0, true))
	return s
}

func TestEditsAreApplied(t *testing.T) {
	s := corrected()
	log, index := newMemLog(), s.index
	run(t, newTestClusterer(log, index, ClusterConfig{}), [][]opinion.Message{s.messages})
	id := ids(story())
	into, alias, cut := index.events["ev-"+id[0]], index.events["ev-"+id[1]], index.events["ev-e2"]
	if alias.MergedInto != into.ID || alias.Posts != 0 {
		t.Errorf("the alias is %+v", alias)
	}
	if total := into.Posts + cut.Posts; total != 10 || cut.Posts < 2 || into.MergedInto != "" {
		t.Errorf("%d and %d posts, want 10 together", into.Posts, cut.Posts)
	}
	if !slices.Contains(into.Apart, cut.ID) || !slices.Contains(cut.Apart, into.ID) {
		t.Errorf("apart: %v and %v", into.Apart, cut.Apart)
	}
	if index.links[id[0]] != cut.ID || index.links[id[3]] != cut.ID || index.links[assessed(8, "", 0, false).Post.ID] != into.ID {
		t.Errorf("links %v", index.links)
	}
	counts := map[string]int{}
	for _, ev := range index.links {
		counts[ev]++
	}
	for ev, n := range counts {
		if index.events[ev].Posts != n {
			t.Errorf("%s counts %d posts and has %d", ev, index.events[ev].Posts, n)
		}
	}
	var said []string
	for _, sig := range log.signals() {
		said = append(said, sig.Reason+" "+sig.Event.ID)
	}
	if !slices.Contains(said, "new_event ev-e2") || len(said) < 5 || len(log.dead[opinion.TopicAssessed]) != 0 {
		t.Errorf("signals %v, dead letters %v", said, log.dead)
	}
}

func TestEditsOfWhatIsNotThereAreSetAside(t *testing.T) {
	id := ids(story())
	for name, c := range map[string]struct {
		edit opinion.Edit
		says string
	}{
		"merge of nothing":          {merge("e", "ev-none", "ev-"+id[0]), "no event ev-none"},
		"merge into nothing":        {merge("e", "ev-"+id[0], "ev-none"), "no event ev-none"},
		"split of nothing":          {split("e", "ev-none", id[0]), "no event ev-none"},
		"a post of another event":   {split("e", "ev-"+id[0], id[0], id[1]), id[1]},
		"a post that is nowhere":    {split("e", "ev-"+id[0], "nobody"), "nobody"},
		"a split that takes all":    {split("e", "ev-"+id[1], id[1], id[4], id[6]), "at least one"},
		"a split of a single event": {split("e", "ev-"+id[5], id[5]), "at least one"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stream{index: newMemIndex()}
			s.posts(story()...)
			plain := newTestClusterer(newMemLog(), s.index, ClusterConfig{})
			run(t, plain, [][]opinion.Message{s.messages})
			events, links := maps.Clone(s.index.events), maps.Clone(s.index.links)
			s.edit(c.edit)
			log := newMemLog()
			cl := newTestClusterer(log, s.index, ClusterConfig{})
			log.before["publish"] = 0
			run(t, cl, [][]opinion.Message{s.messages[len(s.messages)-1:]})
			if dead := log.dead[opinion.TopicAssessed]; len(dead) != 1 || !strings.Contains(dead[0], c.says) || !strings.Contains(dead[0], "wang") {
				t.Errorf("dead letters %q, want %q", dead, c.says)
			}
			if c.edit.Op == opinion.EditSplit { // which leaves an alias, so that it is refused for good
				if alias, there := s.index.events[c.edit.EventID()]; there && (alias.MergedInto != c.edit.From || alias.Posts != 0) {
					t.Errorf("the refused split left %+v", alias)
				}
				delete(s.index.events, c.edit.EventID())
			}
			if !maps.EqualFunc(events, s.index.events, func(a, b opinion.Event) bool { return a.Version == b.Version }) || !maps.Equal(links, s.index.links) {
				t.Error("the edit changed something")
			}
		})
	}
}

// TestEditsEndTheSameAfterAnyFailure is TestClustererEndsTheSameAfterAnyFailure with edits.
func TestEditsEndTheSameAfterAnyFailure(t *testing.T) {
	want := corrected()
	wantLog := newMemLog()
	batches := slices.Collect(slices.Chunk(want.messages, 3))
	run(t, newTestClusterer(wantLog, want.index, ClusterConfig{}), batches)
	for _, op := range []string{"publish", "link", "linked", "events", "refresh", "list", "event", "members", "search", "get"} {
		for nth := range len(batches) {
			for late := range 3 { // which call of the operation fails
				for _, persisted := range []bool{false, true} {
					for _, crash := range []bool{false, true} {
						name := fmt.Sprintf("%s fails in batch %d, call %d, persisted %v, crash %v", op, nth, late, persisted, crash)
						got := corrected()
						log := newMemLog()
						disturbed(t, plainClusterer, got.index, log, batches, op, nth, late, persisted, crash)
						compare(t, name, want.index, got.index, wantLog, log)
						if t.Failed() {
							return
						}
					}
				}
			}
		}
	}
}

func plainClusterer(log opinion.Log, index opinion.Index) *Clusterer {
	return newTestClusterer(log, index, ClusterConfig{})
}

// disturbed runs batches of which one fails at an operation.
func disturbed(t *testing.T, start func(opinion.Log, opinion.Index) *Clusterer, index *memIndex, log *memLog, batches [][]opinion.Message, op string, nth, late int, persisted, crash bool) {
	t.Helper()
	c := start(log, index)
	for i, batch := range batches {
		if i == nth {
			for _, f := range []*faults{&log.faults, &index.faults} {
				f.skip[op] = late
				f.before[op], f.after[op] = 1, 0
				if persisted {
					f.before[op], f.after[op] = 0, 1
				}
			}
			if op == "event" || op == "members" || op == "search" || op == "get" {
				c = start(log, index) // reads of cold events
			}
		}
		for range 3 {
			err := c.Handle(t.Context(), batch)
			if err == nil {
				break
			}
			if crash {
				c = start(log, index)
			}
		}
		for _, f := range []*faults{&log.faults, &index.faults} {
			f.before[op], f.after[op], f.skip[op] = 0, 0, 0
		}
	}
}

// TestEditsInAnyHistory draws posts and edits and runs them undisturbed, and with restarts,
// other batches, failures and messages that come twice. What must hold always: every post is
// in one event, which is no alias and counts it.
func TestEditsInAnyHistory(t *testing.T) {
	texts := []string{leak, leak2, lamp, "长安街路口的红绿灯坏了，车辆堵成一片，请交警来指挥。", "今天的晚霞很美，护城河边有很多人在散步拍照。"}
	rapid.Check(t, func(rt *rapid.T) {
		s := &stream{index: newMemIndex()}
		var posts, events []string
		for n := range rapid.IntRange(1, 25).Draw(rt, "n") {
			switch kind := rapid.IntRange(0, 9).Draw(rt, "kind"); {
			case kind < 7 || len(posts) < 2:
				a := assessed(n, rapid.SampledFrom(texts).Draw(rt, "text"), opinion.Risk(rapid.IntRange(0, 2).Draw(rt, "risk")), rapid.Bool().Draw(rt, "history"))
				s.posts(a)
				posts, events = append(posts, a.Post.ID), append(events, "ev-"+a.Post.ID)
			case kind < 9:
				e := merge(fmt.Sprint("m", n), rapid.SampledFrom(events).Draw(rt, "from"), rapid.SampledFrom(events).Draw(rt, "into"))
				if e.From != e.Into {
					s.edit(e)
				}
			default:
				e := split(fmt.Sprint("s", n), rapid.SampledFrom(events).Draw(rt, "from"),
					rapid.SliceOfNDistinct(rapid.SampledFrom(posts), 1, 2, rapid.ID).Draw(rt, "posts")...)
				s.edit(e)
				events = append(events, e.EventID())
			}
		}
		docs := maps.Clone(s.index.docs)
		wantLog := newMemLog()
		if err := newTestClusterer(wantLog, s.index, ClusterConfig{}).Handle(context.Background(), s.messages); err != nil {
			rt.Fatal(err)
		}
		wellFormed(rt, s.index, posts)
		log, index := newMemLog(), newMemIndex()
		index.docs = docs
		c := newTestClusterer(log, index, ClusterConfig{})
		for at := 0; at < len(s.messages); {
			n := rapid.IntRange(1, len(s.messages)-at).Draw(rt, "batch")
			from := at - rapid.IntRange(0, min(at, 1)).Draw(rt, "again")
			if rapid.Bool().Draw(rt, "restart") {
				_ = c.Assign(context.Background(), nil)
			}
			op := rapid.SampledFrom([]string{"publish", "link", "events", "search", "none"}).Draw(rt, "fault")
			log.after[op], index.after[op] = 1, 1
			for c.Handle(context.Background(), s.messages[from:at+n]) != nil {
				if rapid.Bool().Draw(rt, "crash") {
					_ = c.Assign(context.Background(), nil)
				}
			}
			log.after[op], index.after[op] = 0, 0
			at += n
		}
		wellFormed(rt, index, posts)
		compare(rt, "disturbed", s.index, index, wantLog, log)
	})
}

func wellFormed(t rapid.TB, index *memIndex, posts []string) {
	counts := map[string]int{}
	for _, p := range posts {
		ev, there := index.events[index.links[p]]
		if !there || ev.MergedInto != "" {
			t.Fatalf("post %s is in %q: %+v", p, index.links[p], ev)
		}
		counts[ev.ID]++
	}
	for id, e := range index.events {
		if e.Posts != counts[id] || e.MergedInto == "" && e.Posts == 0 {
			t.Fatalf("%s counts %d posts and has %d", id, e.Posts, counts[id])
		}
		if e.Posts > 0 && index.links[e.KeyPost] != id {
			t.Fatalf("the key post of %s is in %s", id, index.links[e.KeyPost])
		}
	}
}
