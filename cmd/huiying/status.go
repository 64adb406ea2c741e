package main

import (
	"context"
	"errors"
	"time"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

// flow lists the stages with the topic that each reads.
var flow = []struct{ name, topic, group string }{
	{stageScore, opinion.TopicPosts, opinion.GroupScore},
	{"cluster", opinion.TopicAssessed, opinion.GroupCluster},
	{"alert", opinion.TopicSignals, opinion.GroupAlert},
}

// status asks every part how it is. What does not answer is named, and the rest told.
func (p *parts) status(ctx context.Context) (console.Status, error) {
	s := console.Status{Version: version, PolicyVersion: p.policy.Version}
	s.Parts = []console.PartStatus{
		p.partStatus(ctx, "log", pick(len(p.cfg.Kafka.Brokers) > 0, "kafka", "embedded broker"), p.log.Ping),
		p.partStatus(ctx, "index", pick(len(p.cfg.Elastic.URLs) > 0, "elasticsearch", "sqlite"), p.index.Ping),
		p.partStatus(ctx, "store", pick(p.cfg.Postgres.URL != "", "postgresql", "sqlite"), p.store.Ping),
	}
	for _, f := range flow {
		one := console.StageStatus{Name: f.name, Topic: f.topic}
		one.Lag, _ = p.behind(ctx, f.topic, f.group)
		one.DeadLetters, _ = p.behind(ctx, opinion.DeadTopic(f.topic), noGroup)
		s.Stages = append(s.Stages, one)
	}
	s.LastReceivedAt = p.newest(ctx, opinion.TopicPosts)
	s.LastIndexedAt = p.newest(ctx, opinion.TopicAssessed)
	if found, err := p.index.Search(ctx, opinion.Search{Limit: 1}); err == nil {
		s.Posts = found.Total
	}
	s.Nothing = p.nothing(ctx, s)
	return s, nil
}

func pick(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func (p *parts) partStatus(ctx context.Context, name, kind string, ping func(context.Context) error) console.PartStatus {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	s := console.PartStatus{Name: name, Kind: kind, OK: true}
	if err := ping(ctx); err != nil {
		s.OK, s.Detail = false, err.Error()
	}
	return s
}

// noGroup never commits, so that behind counts all that a topic keeps.
const noGroup = "huiying.none"

// behind is how many messages of topic group has still to process.
func (p *parts) behind(ctx context.Context, topic, group string) (int64, error) {
	ends, err := p.log.Ends(ctx, topic)
	if err != nil {
		return 0, err
	}
	return p.until(ctx, topic, group, ends)
}

// until is how many messages before the given ends group has still to process.
func (p *parts) until(ctx context.Context, topic, group string, ends map[int]int64) (int64, error) {
	done, err := p.log.Committed(ctx, topic, group)
	if err != nil {
		return 0, err
	}
	var n int64
	for partition, end := range ends {
		n += max(0, end-done[partition])
	}
	return n, nil
}

// newest is when the youngest message of topic was written, nil when there is none.
func (p *parts) newest(ctx context.Context, topic string) *time.Time {
	messages, err := p.log.Read(ctx, topic, 64)
	if err != nil || len(messages) == 0 {
		return nil
	}
	at := messages[0].Time
	for _, m := range messages {
		if m.Time.After(at) {
			at = m.Time
		}
	}
	return &at
}

// nothing finds why there is nothing to see, if there is nothing.
func (p *parts) nothing(ctx context.Context, s console.Status) console.Nothing {
	for _, part := range s.Parts {
		if !part.OK {
			return console.NothingUnavailable
		}
	}
	if s.Posts > 0 {
		return ""
	}
	if s.Stages[0].Lag > 0 {
		return console.NothingInFlight
	}
	if s.Stages[0].DeadLetters > 0 {
		return console.NothingDeadLettered
	}
	keys, err := p.store.Keys(ctx, opinion.System)
	if err != nil && !errors.Is(err, context.Canceled) {
		return console.NothingUnavailable
	}
	for _, k := range keys {
		if k.RevokedAt == nil {
			return console.NothingReceived
		}
	}
	return console.NothingNoSource
}
