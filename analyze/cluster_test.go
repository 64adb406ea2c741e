package analyze

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/event"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

func newTestClusterer(log opinion.Log, index opinion.Index, cfg ClusterConfig) *Clusterer {
	if cfg.MaxEvents == 0 {
		cfg.MaxEvents = 1000
	}
	cfg.Alert.Heat = policy.Heat{HalfLifeHours: 1, Attention: 1}
	return NewClusterer(log, index, cfg, fixedNow, prometheus.NewRegistry())
}

// assessed is the n-th post as the scorer would pass it on, with a given risk.
func assessed(n int, text string, risk opinion.Risk, history bool) opinion.Assessed {
	p := post(n, "", text)
	p.History = history
	p.Source = fmt.Sprintf("source-%d", n%3)
	return opinion.Assessed{Post: p, AssessedAt: day, Assessment: opinion.Assessment{
		Topic: "urban.utility", Risk: risk, Score: float64(risk) * 30, Fingerprint: event.Sign(text).Slice(), Profile: event.Describe(testAnalyzer().seg.Read(text).Words, 0, p.PublishedAt).String(), Kinds: []string{"K2"},
	}}
}

// messages puts assessed posts on one partition and into the index, where the scorer put
// them before it passed them on.
func messages(index *memIndex, list ...opinion.Assessed) []opinion.Message {
	var out []opinion.Message
	for i, a := range list {
		value, err := opinion.Encode(a)
		if err != nil {
			panic(err)
		}
		index.docs[a.Post.ID] = opinion.Doc{Post: a.Post, Assessment: a.Assessment, Version: 1}
		out = append(out, opinion.Message{Topic: opinion.TopicAssessed, Offset: int64(i), Key: []byte(a.Assessment.Topic), Value: value})
	}
	return out
}

const (
	leak  = "阳光花园小区三号楼旁边的自来水管破裂，已经漏水三天，路面都结冰了，老人出门很危险，请尽快派人来修理。"
	leak2 = "阳光花园小区三号楼旁边的自来水管破裂，已经漏水三天了，路面都结冰了，老人出门很危险，请尽快派人来修理！"
	lamp  = "幸福路从东到西的路灯坏了一个多月，晚上一片漆黑，希望有关部门早日修好，方便大家出行。"
)

func story() []opinion.Assessed {
	return []opinion.Assessed{
		assessed(1, leak, 1, false),  // new_event
		assessed(2, lamp, 1, true),   // history: no signal
		assessed(3, leak, 1, false),  // joins
		assessed(4, leak2, 2, false), // joins, risk_rose
		assessed(5, lamp, 1, false),  // first fresh post of an old event: new_event
		assessed(6, "今天的晚霞很美，护城河边有很多人在散步拍照。", 0, false), // risk 0: no signal
		assessed(7, lamp, 1, true), // joins
	}
}

func TestClustererJoinsAndSignals(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{})
	list := story()
	if err := c.Handle(t.Context(), messages(index, list...)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range log.signals() {
		got = append(got, s.Reason+" "+s.Event.ID+" "+s.Post.ID)
	}
	id := func(n int) string { return list[n-1].Post.ID }
	want := []string{"new_event ev-" + id(1) + " " + id(1), "risk_rose ev-" + id(1) + " " + id(4), "new_event ev-" + id(2) + " " + id(5)}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signals (-want +got):\n%s", diff)
	}
	water := index.events["ev-"+id(1)]
	if water.Posts != 3 || water.Risk != 2 || water.KeyPost != id(4) || !water.LastAt.Equal(list[3].Post.PublishedAt) || len(water.Sources) != 2 {
		t.Errorf("the leak's event is %+v", water)
	}
	if lamps := index.events["ev-"+id(2)]; lamps.Posts != 3 || lamps.KeyPost != id(2) {
		t.Errorf("the lamps' event is %+v", lamps)
	}
	if len(index.events) != 3 || len(index.links) != 7 {
		t.Errorf("%d events and %d links, want 3 and 7", len(index.events), len(index.links))
	}
}

// TestClustererEndsTheSameAfterAnyFailure fails every step at every message, before and
// after its effect, and then goes on with the same instance or with a new one that gets the
// batch again from its start. Events, links and the reasons that reached the alerter must
// be those of an undisturbed run.
func TestClustererEndsTheSameAfterAnyFailure(t *testing.T) {
	reference, refLog := newMemIndex(), newMemLog()
	batches := slices.Collect(slices.Chunk(messages(reference, story()...), 2))
	run(t, newTestClusterer(refLog, reference, ClusterConfig{}), batches)
	for _, op := range []string{"publish", "link", "linked", "events", "refresh", "list", "event", "members", "search", "get"} {
		for nth := range 4 {
			for _, persisted := range []bool{false, true} {
				for _, crash := range []bool{false, true} {
					log, index := newMemLog(), newMemIndex()
					messages(index, story()...)
					c := newTestClusterer(log, index, ClusterConfig{})
					for i, batch := range batches {
						if i == nth {
							for _, f := range []*faults{&log.faults, &index.faults} {
								f.before[op], f.after[op] = 1, 0
								if persisted {
									f.before[op], f.after[op] = 0, 1
								}
							}
							if op == "event" || op == "members" || op == "search" || op == "get" {
								c = newTestClusterer(log, index, ClusterConfig{}) // reads of cold events
							}
						}
						if err := c.Handle(t.Context(), batch); err != nil {
							if crash {
								c = newTestClusterer(log, index, ClusterConfig{})
							}
							if err := c.Handle(t.Context(), batch); err != nil {
								t.Fatal(err)
							}
						}
					}
					name := fmt.Sprintf("%s fails in batch %d, persisted %v, crash %v", op, nth, persisted, crash)
					compare(t, name, reference, index, refLog, log)
				}
			}
		}
	}
}

func run(t *testing.T, c *Clusterer, batches [][]opinion.Message) {
	t.Helper()
	for _, b := range batches {
		if err := c.Handle(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
}

func compare(t rapid.TB, name string, want, got *memIndex, wantLog, gotLog *memLog) {
	t.Helper()
	if diff := cmp.Diff(want.links, got.links); diff != "" {
		t.Errorf("%s: links (-want +got):\n%s", name, diff)
	}
	// A process that ends after it has sent a signal may not have marked it; sums and means in
	// another order differ by rounding.
	strip := func(events map[string]opinion.Event) map[string]opinion.Event {
		out := maps.Clone(events)
		for id, e := range out {
			e.Version, e.Marks, e.Profile, e.Heat.Value = 0, nil, "", math.Round(e.Heat.Value*1e9)/1e9
			out[id] = e
		}
		return out
	}
	if diff := cmp.Diff(strip(want.events), strip(got.events)); diff != "" {
		t.Errorf("%s: events (-want +got):\n%s", name, diff)
	}
	said := func(l *memLog) map[string]bool {
		out := map[string]bool{}
		for _, s := range l.signals() {
			out[s.Reason+" "+s.Event.ID+" "+s.Post.ID] = true
		}
		return out
	}
	if diff := cmp.Diff(said(wantLog), said(gotLog)); diff != "" {
		t.Errorf("%s: signals (-want +got):\n%s", name, diff)
	}
}

func TestRedeliveryChangesNothing(t *testing.T) {
	for _, restart := range []bool{false, true} {
		log, index := newMemLog(), newMemIndex()
		batch := messages(index, story()...)
		c := newTestClusterer(log, index, ClusterConfig{})
		run(t, c, [][]opinion.Message{batch})
		events, signals := maps.Clone(index.events), len(log.signals())
		if restart {
			if err := c.Assign(t.Context(), []int{0}); err != nil {
				t.Fatal(err)
			}
		}
		run(t, c, [][]opinion.Message{batch[2:5], batch})
		if diff := cmp.Diff(events, index.events); diff != "" {
			t.Errorf("restart %v: events changed:\n%s", restart, diff)
		}
		if len(log.signals()) != signals {
			t.Errorf("restart %v: %d signals, want %d", restart, len(log.signals()), signals)
		}
	}
}

func TestStateIsRebuiltFromTheIndex(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	batch := messages(index, story()...)
	run(t, newTestClusterer(log, index, ClusterConfig{}), [][]opinion.Message{batch[:3]})
	run(t, newTestClusterer(log, index, ClusterConfig{}), [][]opinion.Message{batch[3:]})
	if len(index.events) != 3 {
		t.Errorf("%d events after a restart, want 3", len(index.events))
	}
	if got := index.events["ev-"+story()[0].Post.ID]; got.Posts != 3 || got.Version < 2 {
		t.Errorf("the event that lived through the restart is %+v", got)
	}
}

func TestPoisonOnAssessedIsSetAside(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{})
	batch := append([]opinion.Message{{Topic: opinion.TopicAssessed, Value: []byte("{")}}, messages(index, story()[0])...)
	if err := c.Handle(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if len(log.dead[opinion.TopicAssessed]) != 1 || len(index.events) != 1 {
		t.Errorf("dead letters %q, %d events", log.dead[opinion.TopicAssessed], len(index.events))
	}
}

// TestOrderDecidesNothingButTheFounder feeds copies of two texts in any order, in batches of
// any size, with restarts between.
func TestOrderDecidesNothingButTheFounder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		list := story()
		list = append(list[:5:5], list[6])
		list = rapid.Permutation(list).Draw(rt, "order")
		log, index := newMemLog(), newMemIndex()
		batch := messages(index, list...)
		c := newTestClusterer(log, index, ClusterConfig{})
		for len(batch) > 0 {
			n := rapid.IntRange(1, len(batch)).Draw(rt, "batch")
			if rapid.Bool().Draw(rt, "restart") {
				_ = c.Assign(context.Background(), []int{0})
			}
			if err := c.Handle(context.Background(), batch[:n]); err != nil {
				rt.Fatal(err)
			}
			batch = batch[n:]
		}
		if len(index.events) != 2 {
			rt.Fatalf("%d events, want 2", len(index.events))
		}
		for _, e := range index.events {
			if e.Posts != 3 {
				rt.Errorf("event of %d posts, want 3", e.Posts)
			}
			want := heatOf(list, strings.HasPrefix(e.Name, "阳光"))
			if math.Abs(e.Heat.Value-want.Value) > 1e-9 || !e.Heat.At.Equal(want.At) {
				rt.Errorf("heat %+v, want %+v", e.Heat, want)
			}
			if strings.HasPrefix(e.Name, "阳光") && (e.Risk != 2 || e.KeyPost != story()[3].Post.ID) {
				rt.Errorf("the leak's risk is %d, key post %s", e.Risk, e.KeyPost)
			}
		}
	})
}

// heatOf is the heat of the posts about the leak, or of the others, in their order here.
func heatOf(list []opinion.Assessed, leak bool) (h opinion.Heat) {
	for _, a := range list {
		if strings.HasPrefix(a.Post.Text, "阳光") == leak {
			h = h.Add(moment(a.Post), 1, time.Hour)
		}
	}
	return h
}

// TestLevelRisesWithTheCrowd uses the shipped policy: an event's level follows from its
// posts, and is signalled when it rises.
func TestLevelRisesWithTheCrowd(t *testing.T) {
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{Alert: pol.Alert})
	var list []opinion.Assessed
	for n := range 200 {
		list = append(list, assessed(n, leak, 2, false))
	}
	if err := c.Handle(t.Context(), messages(index, list...)); err != nil {
		t.Fatal(err)
	}
	signals := log.signals()
	if len(signals) < 2 || signals[1].Reason != "level_rose" {
		t.Fatalf("200 posts of risk 2 gave %d signals", len(signals))
	}
	for i, s := range signals[1:] {
		if rank(s.Event.Level) <= rank(signals[i].Event.Level) {
			t.Errorf("signal %d: level %q after %q", i+1, s.Event.Level, signals[i].Event.Level)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{MaxEvents: 50, MaxPosts: 40})
	for n := range 300 {
		a := assessed(n, strings.Repeat(fmt.Sprintf("第%d号事项，", n*n*7919), 6), 1, false)
		if err := c.Handle(t.Context(), messages(index, a)); err != nil {
			t.Fatal(err)
		}
	}
	if c.matcher.Len() > 50 || len(c.posts.values) > 40 || len(c.posts.order) > 40 || len(c.pending.events)+len(c.pending.links) != 0 {
		t.Errorf("%d events, %d posts, %d batches are kept", c.matcher.Len(), len(c.posts.values), len(c.pending.events))
	}
}

func TestMemoryForgetsTheOldest(t *testing.T) {
	m := newMemory[int](2)
	for i, k := range []string{"a", "b", "a", "c"} {
		m.put(k, i)
	}
	if _, ok := m.get("a"); ok {
		t.Error("a was put first and is still there")
	}
	if v, ok := m.get("c"); !ok || v != 3 {
		t.Error("c is lost")
	}
}

// TestPartitionsRunBesideEachOther handles the batches of several partitions at once, as
// the log does.
func TestPartitionsRunBesideEachOther(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	c := newTestClusterer(log, index, ClusterConfig{})
	var batches [4][]opinion.Message
	for p := range batches {
		var list []opinion.Assessed
		for n := range 30 {
			a := assessed(1000*p+n, []string{leak, lamp, leak2}[n%3], 1, false)
			a.Assessment.Topic = fmt.Sprint("topic-", p)
			list = append(list, a)
		}
		batches[p] = messages(index, list...)
		for i := range batches[p] {
			batches[p][i].Partition = p
		}
	}
	var wg sync.WaitGroup
	for _, b := range batches {
		wg.Go(func() {
			for part := range slices.Chunk(b, 4) {
				if err := c.Handle(t.Context(), part); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if len(index.events) != 2 || len(index.links) != 120 {
		t.Errorf("%d events and %d links, want 2 and 120", len(index.events), len(index.links))
	}
	for _, e := range index.events {
		if want := 40 + 40*strings.Count(e.Name, "阳光"); e.Posts != want {
			t.Errorf("%s has %d posts, want %d", e.Name, e.Posts, want)
		}
	}
}
