package ingest_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/huiying/huiying/opinion"
)

// fakeLog keeps what was published. It has no partitions, groups or consumers, and
// does not survive.
type fakeLog struct {
	opinion.Log
	mu       sync.Mutex
	messages []opinion.Message
	fail     error
	// lost makes a failing Publish keep the messages all the same.
	lost bool
	// hold, when set, is received from before a Publish returns.
	hold chan struct{}
	// entered is sent to when a Publish begins, if set.
	entered chan struct{}
}

func (l *fakeLog) Publish(ctx context.Context, topic string, messages ...opinion.Message) error {
	if topic != opinion.TopicPosts {
		return errors.New("published to " + topic)
	}
	if l.entered != nil {
		l.entered <- struct{}{}
	}
	if l.hold != nil {
		select {
		case <-l.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail == nil || l.lost {
		l.messages = append(l.messages, messages...)
	}
	return l.fail
}

func (l *fakeLog) posts(t testing.TB) []opinion.Post {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []opinion.Post
	for _, m := range l.messages {
		p, err := opinion.Decode[opinion.Post](m.Value)
		if err != nil {
			t.Fatal(err)
		}
		if string(m.Key) != p.ID {
			t.Fatalf("message keyed by %q holds post %q", m.Key, p.ID)
		}
		out = append(out, p)
	}
	return out
}

// fakeIndex answers Existing and Get only.
type fakeIndex struct {
	opinion.Index
	ids   map[string]int64
	posts map[string]opinion.Post
	fail  error
}

func (x *fakeIndex) Get(_ context.Context, id string) (opinion.Hit, error) {
	p, ok := x.posts[id]
	if !ok {
		return opinion.Hit{}, opinion.Errorf(opinion.CodeNotFound, "no such post")
	}
	return opinion.Hit{Post: p}, nil
}

func (x *fakeIndex) Existing(_ context.Context, ids []string) (map[string]int64, error) {
	held := map[string]int64{}
	for _, id := range ids {
		if v, ok := x.ids[id]; ok {
			held[id] = v
		}
	}
	return held, x.fail
}

// fakeStore gives one secret and keeps no cases, users or keys.
type fakeStore struct {
	opinion.Store
	secret []byte
	asked  int
}

func (s *fakeStore) Secret(_ context.Context, name string) ([]byte, error) {
	s.asked++
	if name != "pseudonym" {
		return nil, errors.New("asked for " + name)
	}
	return s.secret, nil
}
