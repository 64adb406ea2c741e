package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/analyze"
	"github.com/huiying/huiying/analyze/segment"
	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// BenchmarkRestart is how long an instance takes that comes in for another, until the first
// post has its event: it reads 100,000 open events.
func BenchmarkRestart(b *testing.B) {
	pol, err := policy.Load(seeds.Policy)
	if err != nil {
		b.Fatal(err)
	}
	seg, err := segment.Open(b.TempDir(), analyze.DomainWords(pol))
	if err != nil {
		b.Fatal(err)
	}
	a := analyze.NewAnalyzer(seg, pol)
	index, err := sqlite.OpenIndex(filepath.Join(b.TempDir(), "index.db"), seg)
	if err != nil {
		b.Fatal(err)
	}
	defer index.Close()
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	assessed := func(n int) opinion.Assessed {
		p := opinion.Post{ID: fmt.Sprint("p", n), Source: "s", Title: fmt.Sprintf("反映第%d号院%c%c花园的问题", n, 0x4E00+n%9973, 0x4E00+n%7919),
			Text: evalLamp, PublishedAt: at.Add(time.Duration(n) * time.Second), ReceivedAt: at.Add(time.Duration(n) * time.Second)}
		as, _ := a.Assess(p)
		return opinion.Assessed{Post: p, Assessment: as}
	}
	const open, page = 100_000, 1000
	for n := 0; n < open; n += page {
		events := make([]opinion.Event, page)
		for i := range events {
			p := assessed(n + i)
			events[i] = opinion.Event{ID: "ev-" + p.Post.ID, Topic: p.Assessment.Topic, Name: p.Post.Title, FirstAt: p.Post.PublishedAt, LastAt: p.Post.PublishedAt,
				Posts: 1, Sources: []string{"s"}, KeyPost: p.Post.ID, FirstPost: p.Post.ID, Fingerprint: p.Assessment.Fingerprint, Profile: p.Assessment.Profile,
				Heat: opinion.Heat{}.Add(at, 1, time.Hour), Version: 1}
		}
		if err := index.PutEvents(b.Context(), events); err != nil {
			b.Fatal(err)
		}
	}
	value, err := opinion.Encode(opinion.Assessed{Post: opinion.Post{ID: "new", Source: "s", Text: "新的", PublishedAt: at, ReceivedAt: at}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c := analyze.NewClusterer(&rehearsalLog{}, index, analyze.ClusterConfig{}, func() time.Time { return at }, prometheus.NewRegistry())
		if err := c.Handle(b.Context(), []opinion.Message{{Topic: opinion.TopicAssessed, Value: value}}); err != nil {
			b.Fatal(err)
		}
	}
}
