package analyze

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/huiying/huiying/opinion"
)

// count reads a counter.
func count(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

func newTestScorer(log opinion.Log, index opinion.Index) *Scorer {
	return NewScorer(log, index, testAnalyzer(), ScoreConfig{Workers: 3}, fixedNow, prometheus.NewRegistry())
}

func TestScorerIndexesThenPassesOn(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	posts := []opinion.Post{
		post(1, "小区天然气泄漏", "刚才三号楼天然气泄漏，已有两人昏迷被抢救，楼里几百户居民还没有人来疏散！"),
		post(2, "", "请问公租房怎么申请？"),
		post(3, "今天天气真好", ""),
	}
	s := newTestScorer(log, index)
	if err := s.Handle(t.Context(), encoded(posts...)); err != nil {
		t.Fatal(err)
	}
	if got := len(index.docs); got != 3 {
		t.Fatalf("%d documents, want 3", got)
	}
	seen := map[string]bool{}
	for _, part := range log.topics[opinion.TopicAssessed] {
		for _, m := range part {
			a, err := opinion.Decode[opinion.Assessed](m.Value)
			if err != nil {
				t.Fatal(err)
			}
			if string(m.Key) != opinion.MatterKey {
				t.Errorf("key %q, want %q: posts of one matter must meet", m.Key, opinion.MatterKey)
			}
			seen[a.Post.ID] = true
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d posts passed on, want 3", len(seen))
	}
	if got := index.docs[posts[0].ID].Assessment; got.Risk != opinion.RiskUrgent {
		t.Errorf("a gas leak with people hurt has risk %d (score %.1f), want 3: %+v", got.Risk, got.Score, got.Factors)
	}
	if got := index.docs[posts[1].ID].Assessment.Risk; got != opinion.RiskCalm {
		t.Errorf("a question has risk %d, want 0", got)
	}
	if got := index.docs[posts[2].ID].Assessment.Topic; got != opinion.NoTopic {
		t.Errorf("small talk has topic %s", got)
	}
}

func TestScorerSetsPoisonAside(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	s := newTestScorer(log, index)
	good := encoded(post(1, "", "路灯不亮"), post(2, "", "这一条让模型出错"), post(3, "", "井盖丢失"))
	analyze := s.analyze
	s.analyze = func(p opinion.Post) (opinion.Assessment, opinion.Doc) {
		if strings.Contains(p.Text, "出错") {
			panic("index out of range")
		}
		return analyze(p)
	}
	future := opinion.Message{Topic: opinion.TopicPosts, Value: []byte(`{"v":99,"kind":"post","data":{}}`)}
	ancient := post(4, "", "路灯不亮")
	ancient.PublishedAt = time.Date(1066, 10, 14, 0, 0, 0, 0, time.UTC)
	batch := []opinion.Message{{Topic: opinion.TopicPosts, Value: []byte("no json")}, good[0], future, good[1], good[2], encoded(ancient)[0]}
	if err := s.Handle(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	reasons := log.dead[opinion.TopicPosts]
	if len(reasons) != 4 || !slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(r, "index out of range") }) ||
		!slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(r, "from the future") }) ||
		!slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(r, "year 1066") }) {
		t.Errorf("dead letters %q, want the garbage, the future version, the panic and what no index takes", reasons)
	}
	if len(index.docs) != 2 {
		t.Errorf("%d documents, want the two good posts", len(index.docs))
	}
	if got := count(t, s.metrics.dead.WithLabelValues("panic")); got != 1 {
		t.Errorf("%v panics counted, want 1", got)
	}
}

// TestScorerEndsTheSameAfterAnyFailure fails each step once, before or after its effect.
func TestScorerEndsTheSameAfterAnyFailure(t *testing.T) {
	batch := append(encoded(post(1, "", "路灯不亮"), post(2, "", "小区停水三天")), opinion.Message{Topic: opinion.TopicPosts, Value: []byte("x")})
	for _, op := range []string{"put", "publish", "dead"} {
		for _, persisted := range []bool{false, true} {
			log, index := newMemLog(), newMemIndex()
			for _, f := range []*faults{&log.faults, &index.faults} {
				if persisted {
					f.after[op] = 1
				} else {
					f.before[op] = 1
				}
			}
			s := newTestScorer(log, index)
			if err := s.Handle(t.Context(), batch); err == nil {
				t.Errorf("%s failed (persisted: %v) and the batch was committed", op, persisted)
			}
			if err := s.Handle(t.Context(), batch); err != nil {
				t.Fatalf("%s: the second attempt failed too: %v", op, err)
			}
			if len(index.docs) != 2 || len(log.dead[opinion.TopicPosts]) == 0 {
				t.Errorf("%s: %d documents and %d dead letters", op, len(index.docs), len(log.dead[opinion.TopicPosts]))
			}
			passed := map[string]bool{}
			for _, part := range log.topics[opinion.TopicAssessed] {
				for _, m := range part {
					a, _ := opinion.Decode[opinion.Assessed](m.Value)
					passed[a.Post.ID] = true
				}
			}
			if len(passed) != 2 {
				t.Errorf("%s: %d posts passed on, want 2", op, len(passed))
			}
		}
	}
}

func TestScorerRunsUntilTheContextEnds(t *testing.T) {
	log, index := newMemLog(), newMemIndex()
	if err := log.Publish(t.Context(), opinion.TopicPosts, encoded(post(1, "", "路灯不亮"))...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := newTestScorer(log, index).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := index.ids(); len(got) != 1 {
		t.Errorf("documents %v, want one", got)
	}
}

func TestDocVersionGrowsWithReceiptBeforeModels(t *testing.T) {
	early := post(1, "", "路灯")
	late := early
	late.ReceivedAt = early.ReceivedAt.Add(1e6)
	if DocVersion(late) <= DocVersion(early)|0xFF {
		t.Error("a later receipt does not beat every model release")
	}
	if DocVersion(early)&0xFF != ModelRevision {
		t.Error("the release is not the lowest byte")
	}
}
