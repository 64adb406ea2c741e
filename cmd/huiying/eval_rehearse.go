package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// rehearsal is what the stages of analyze made of posts that were fed to them apart from
// the flow.
type rehearsal struct {
	// events and assessments are of the posts, in their order; events as they stand at last.
	events      []string
	assessments []opinion.Assessment
	// signals are all that were sent, in order.
	signals []opinion.Signal
}

// rehearseBatch is how many posts the clusterer gets at a time, as from the log.
const rehearseBatch = 500

// rehearseTime stands for the time of processing, so that a rehearsal can be repeated.
var rehearseTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// rehearse runs posts, in the order given and in this process alone, through the analyser
// and the very clusterer of the flow, on an index of its own within scratch.
func rehearse(ctx context.Context, scratch string, a *analyze.Analyzer, tok opinion.Tokenizer, grades policy.Alert, posts []opinion.Post) (r rehearsal, err error) {
	dir, err := os.MkdirTemp(scratch, "rehearsal-")
	if err != nil {
		return r, fmt.Errorf("make scratch directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	index, err := sqlite.OpenIndex(filepath.Join(dir, "index.db"), tok)
	if err != nil {
		return r, fmt.Errorf("open index: %w", err)
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	log := &rehearsalLog{}
	clusterer := analyze.NewClusterer(log, index, analyze.ClusterConfig{Alert: grades}, func() time.Time { return rehearseTime }, prometheus.NewRegistry())
	if err := clusterer.Assign(ctx, []int{0}); err != nil {
		return r, err
	}
	for at := 0; at < len(posts); at += rehearseBatch {
		batch := posts[at:min(at+rehearseBatch, len(posts))]
		messages, err := r.assess(ctx, a, index, batch, int64(at))
		if err != nil {
			return r, err
		}
		if err := clusterer.Handle(ctx, messages); err != nil {
			return r, fmt.Errorf("join posts to events: %w", err)
		}
	}
	if err := index.Refresh(ctx); err != nil {
		return r, fmt.Errorf("refresh index: %w", err)
	}
	for _, p := range posts {
		hit, err := index.Get(ctx, p.ID)
		if err != nil {
			return r, fmt.Errorf("read the event of post %s: %w", p.SourceID, err)
		}
		r.events = append(r.events, hit.EventID)
	}
	r.signals = log.signals
	return r, nil
}

// assess judges a batch, indexes it and makes the messages for the clusterer, as the scorer
// of the flow does.
func (r *rehearsal) assess(ctx context.Context, a *analyze.Analyzer, index opinion.Index, posts []opinion.Post, offset int64) ([]opinion.Message, error) {
	docs := make([]opinion.Doc, len(posts))
	messages := make([]opinion.Message, len(posts))
	for i, p := range posts {
		as, doc := a.Assess(p)
		docs[i] = doc
		r.assessments = append(r.assessments, as)
		value, err := opinion.Encode(opinion.Assessed{Post: p, Assessment: as, AssessedAt: rehearseTime})
		if err != nil {
			return nil, fmt.Errorf("encode post %s: %w", p.SourceID, err)
		}
		messages[i] = opinion.Message{Topic: opinion.TopicAssessed, Key: []byte(opinion.MatterKey), Value: value, Offset: offset + int64(i)}
	}
	if err := index.Put(ctx, docs); err != nil {
		return nil, fmt.Errorf("index posts: %w", err)
	}
	return messages, nil
}

// rehearsalLog keeps the signals that a clusterer publishes. It has no other part of the
// port, which Handle does not use.
type rehearsalLog struct {
	opinion.Log
	signals []opinion.Signal
}

func (l *rehearsalLog) Publish(_ context.Context, _ string, messages ...opinion.Message) error {
	for _, m := range messages {
		s, err := opinion.Decode[opinion.Signal](m.Value)
		if err != nil {
			return err
		}
		l.signals = append(l.signals, s)
	}
	return nil
}

func (l *rehearsalLog) DeadLetter(_ context.Context, _ opinion.Message, reason string) error {
	return opinion.Errorf(opinion.CodeInvalid, "a post could not be handed to the clusterer: %s", reason)
}
