package analyze

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/huiying/huiying/opinion"
)

// errInjected is what a fake answers when a test tells it to fail.
var errInjected = errors.New("injected failure")

// faults makes named operations fail once each, before or after their effect.
type faults struct {
	mu     sync.Mutex
	before map[string]int // how often an operation still fails without effect
	after  map[string]int // how often it still fails although its effect is there
	skip   map[string]int // how often it still works before that
}

func newFaults() faults {
	return faults{before: map[string]int{}, after: map[string]int{}, skip: map[string]int{}}
}

func (f *faults) around(op string, effect func()) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.skip[op] > 0 {
		f.skip[op]--
		effect()
		return nil
	}
	if f.before[op] > 0 {
		f.before[op]--
		return errInjected
	}
	effect()
	if f.after[op] > 0 {
		f.after[op]--
		return errInjected
	}
	return nil
}

// memLog is a log in memory with two partitions a topic. It leaves out groups, waiting for
// new messages and rebalancing: Consume hands over what is there, in batches of three, and
// returns.
type memLog struct {
	faults
	opinion.Log
	topics map[string][][]opinion.Message
	dead   map[string][]string // reasons by topic
}

const memPartitions = 2

func newMemLog() *memLog {
	return &memLog{topics: map[string][][]opinion.Message{}, dead: map[string][]string{},
		faults: newFaults()}
}

func (l *memLog) Publish(_ context.Context, topic string, messages ...opinion.Message) error {
	return l.around("publish", func() {
		parts := l.topics[topic]
		if parts == nil {
			parts = make([][]opinion.Message, memPartitions)
			l.topics[topic] = parts
		}
		for _, m := range messages {
			h := fnv.New32a()
			h.Write(m.Key)
			p := int(h.Sum32() % memPartitions)
			m.Topic, m.Partition, m.Offset = topic, p, int64(len(parts[p]))
			parts[p] = append(parts[p], m)
		}
	})
}

func (l *memLog) DeadLetter(_ context.Context, m opinion.Message, reason string) error {
	return l.around("dead", func() { l.dead[m.Topic] = append(l.dead[m.Topic], reason) })
}

// Consume retries a failed batch, as a log must, unless the handler is gone (crash).
func (l *memLog) Consume(ctx context.Context, topic, _ string, h opinion.Handler) error {
	if err := h.Assign(ctx, []int{0, 1}); err != nil {
		return err
	}
	for _, part := range l.topics[topic] {
		for batch := range slices.Chunk(part, 3) {
			for h.Handle(ctx, batch) != nil {
				if ctx.Err() != nil {
					return nil
				}
			}
		}
	}
	return nil
}

func (l *memLog) signals() []opinion.Signal {
	var out []opinion.Signal
	for _, part := range l.topics[opinion.TopicSignals] {
		for _, m := range part {
			s, err := opinion.Decode[opinion.Signal](m.Value)
			if err != nil {
				panic(err)
			}
			out = append(out, s)
		}
	}
	return out
}

// memIndex is an index in memory. Of Search it has the posts of an event, all of them or
// those that are no history, on one page; and it shows every write at once.
type memIndex struct {
	faults
	opinion.Index
	docs   map[string]opinion.Doc
	events map[string]opinion.Event
	links  map[string]string
}

func newMemIndex() *memIndex {
	return &memIndex{docs: map[string]opinion.Doc{}, events: map[string]opinion.Event{}, links: map[string]string{},
		faults: newFaults()}
}

func (x *memIndex) Put(_ context.Context, docs []opinion.Doc) error {
	return x.around("put", func() {
		for _, d := range docs {
			if old, ok := x.docs[d.Post.ID]; !ok || d.Version > old.Version {
				x.docs[d.Post.ID] = d
			}
		}
	})
}

func (x *memIndex) Link(_ context.Context, links []opinion.Link) error {
	return x.around("link", func() {
		for _, l := range links {
			if _, ok := x.docs[l.PostID]; ok {
				x.links[l.PostID] = l.EventID
			}
		}
	})
}

func (x *memIndex) Linked(_ context.Context, ids []string) (out map[string]string, err error) {
	out = map[string]string{}
	err = x.around("linked", func() {
		for _, id := range ids {
			if ev := x.links[id]; ev != "" {
				out[id] = ev
			}
		}
	})
	return out, err
}

func (x *memIndex) PutEvents(_ context.Context, events []opinion.Event) error {
	return x.around("events", func() {
		for _, e := range events {
			if old, ok := x.events[e.ID]; !ok || e.Version > old.Version {
				x.events[e.ID] = e
			}
		}
	})
}

func (x *memIndex) Refresh(context.Context) error { return x.around("refresh", func() {}) }

func (x *memIndex) Event(_ context.Context, id string) (e opinion.Event, err error) {
	fault := x.around("event", func() {
		var ok bool
		if e, ok = x.events[id]; !ok {
			err = opinion.Errorf(opinion.CodeNotFound, "no event %s", id)
		}
	})
	return e, first(fault, err)
}

func (x *memIndex) Events(_ context.Context, since time.Time, yield func(opinion.Event) bool) error {
	return x.around("list", func() {
		newest := slices.SortedFunc(maps.Values(x.events), func(a, b opinion.Event) int { return cmp.Or(b.LastAt.Compare(a.LastAt), cmp.Compare(b.ID, a.ID)) })
		for _, e := range newest {
			if !e.LastAt.Before(since) && !yield(e) {
				return
			}
		}
	})
}

func (x *memIndex) Members(_ context.Context, id string, limit int) (ids []opinion.Link, err error) {
	err = x.around("members", func() {
		for post, ev := range x.links {
			if ev == id && len(ids) < limit {
				ids = append(ids, opinion.Link{PostID: post, EventID: id, PublishedAt: x.docs[post].Post.PublishedAt})
			}
		}
	})
	return ids, err
}

func (x *memIndex) Search(_ context.Context, s opinion.Search) (r opinion.Result, err error) {
	err = x.around("search", func() {
		for post, ev := range x.links {
			if d := x.docs[post]; ev == s.EventID && (s.Query.Root == nil || !d.Post.History && d.Assessment.Elsewhere == nil) {
				r.Total++
				r.Hits = append(r.Hits, opinion.Hit{Post: d.Post, Assessment: d.Assessment, EventID: ev})
			}
		}
	})
	return r, err
}

func (x *memIndex) Get(_ context.Context, id string) (h opinion.Hit, err error) {
	fault := x.around("get", func() {
		d, ok := x.docs[id]
		if !ok {
			err = opinion.Errorf(opinion.CodeNotFound, "no post %s", id)
			return
		}
		h = opinion.Hit{Post: d.Post, Assessment: d.Assessment, EventID: x.links[id]}
	})
	return h, first(fault, err)
}

// ids lists the documents.
func (x *memIndex) ids() []string { return slices.Sorted(maps.Keys(x.docs)) }

var day = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

func fixedNow() time.Time { return day }

// post makes the n-th invented post.
func post(n int, title, text string) opinion.Post {
	id := strconv.Itoa(n)
	return opinion.Post{
		ID: opinion.PostID("invented", id), Source: "invented", SourceID: id, Channel: opinion.ChannelWebMessage,
		Title: title, Text: text, PublishedAt: day.Add(time.Duration(n) * time.Minute), ReceivedAt: day.Add(time.Duration(n+2) * time.Minute), PublishedKnown: true,
	}
}

func encoded(posts ...opinion.Post) []opinion.Message {
	var out []opinion.Message
	for i, p := range posts {
		value, err := opinion.Encode(p)
		if err != nil {
			panic(err)
		}
		out = append(out, opinion.Message{Topic: opinion.TopicPosts, Offset: int64(i), Key: []byte(p.ID), Value: value})
	}
	return out
}

// first is the first error that is one.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
