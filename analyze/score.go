package analyze

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/opinion"
)

// ScoreConfig sets the stage that assesses posts.
type ScoreConfig struct {
	// Workers is how many posts of a batch are assessed at the same time. 0 means one for
	// each processor. Batches of different partitions run beside each other, so that one is
	// assessed while another is being written to the index.
	Workers int
}

// Scorer is the stage that assesses posts (研判).
type Scorer struct {
	log     opinion.Log
	index   opinion.Index
	analyze func(opinion.Post) (opinion.Assessment, opinion.Doc)
	workers int
	now     func() time.Time
	metrics scoreMetrics
}

var _ opinion.Handler = (*Scorer)(nil)

// NewScorer makes the stage. Its metrics are registered with reg.
func NewScorer(log opinion.Log, index opinion.Index, a *Analyzer, cfg ScoreConfig, now func() time.Time, reg prometheus.Registerer) *Scorer {
	if cfg.Workers < 1 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	return &Scorer{log: log, index: index, analyze: a.Assess, workers: cfg.Workers, now: now, metrics: newScoreMetrics(reg)}
}

// Run consumes posts until ctx ends, then returns nil after the last batch.
func (s *Scorer) Run(ctx context.Context) error {
	return s.log.Consume(ctx, opinion.TopicPosts, opinion.GroupScore, s)
}

// Assign does nothing: the stage has no state.
func (s *Scorer) Assign(context.Context, []int) error { return nil }

// scored is what became of one message: a post to index and pass on, or a reason why it
// never can be.
type scored struct {
	doc    opinion.Doc
	out    opinion.Message
	cause  string
	reason string
}

// Handle assesses a batch, indexes it and passes it on, in this order: the clusterer links
// posts that it finds in the index.
func (s *Scorer) Handle(ctx context.Context, batch []opinion.Message) error {
	results := s.assess(batch)
	docs := make([]opinion.Doc, 0, len(batch))
	out := make([]opinion.Message, 0, len(batch))
	for i, r := range results {
		if r.reason != "" {
			if err := s.log.DeadLetter(ctx, batch[i], r.reason); err != nil {
				return fmt.Errorf("dead-letter post: %w", err)
			}
			s.metrics.dead.WithLabelValues(r.cause).Inc()
			continue
		}
		docs, out = append(docs, r.doc), append(out, r.out)
	}
	if len(docs) == 0 {
		return nil
	}
	if err := s.index.Put(ctx, docs); err != nil {
		return fmt.Errorf("index posts: %w", err)
	}
	s.observe(docs)
	if err := s.log.Publish(ctx, opinion.TopicAssessed, out...); err != nil {
		return fmt.Errorf("publish assessed posts: %w", err)
	}
	return nil
}

// assess works a batch off on all workers.
func (s *Scorer) assess(batch []opinion.Message) []scored {
	results := make([]scored, len(batch))
	var g errgroup.Group
	workers := min(s.workers, len(batch))
	for w := range workers {
		g.Go(func() error {
			for i := w; i < len(batch); i += workers {
				results[i] = s.one(batch[i])
			}
			return nil
		})
	}
	_ = g.Wait() // one never fails; its failures are results
	return results
}

// one assesses one message. A post that makes a model panic is set aside with what it
// said, so that it cannot stop the stage.
func (s *Scorer) one(m opinion.Message) (r scored) {
	defer func() {
		if p := recover(); p != nil {
			r = scored{cause: "panic", reason: fmt.Sprintf("the analyser panicked: %v", p)}
		}
	}()
	post, err := opinion.Decode[opinion.Post](m.Value)
	if err != nil {
		return scored{cause: "undecodable", reason: err.Error()}
	}
	start := s.now()
	as, doc := s.analyze(post)
	at := s.now()
	s.metrics.seconds.Observe(at.Sub(start).Seconds())
	if err := opinion.CheckDoc(doc); err != nil { // no index would ever take it, and its batch would be tried for ever
		return scored{cause: "unindexable", reason: err.Error()}
	}
	value, err := opinion.Encode(opinion.Assessed{Post: post, Assessment: as, AssessedAt: at.UTC()})
	if err != nil {
		return scored{cause: "too_large", reason: err.Error()}
	}
	return scored{doc: doc, out: opinion.Message{Key: []byte(opinion.MatterKey), Value: value}}
}

func (s *Scorer) observe(docs []opinion.Doc) {
	at := s.now()
	for _, d := range docs {
		s.metrics.assessed.WithLabelValues(d.Assessment.Topic).Inc()
		lane := "fresh"
		if d.Post.History {
			lane = "history"
		}
		s.metrics.toIndex.WithLabelValues(lane).Observe(max(at.Sub(d.Post.PublishedAt).Seconds(), 0))
	}
}
