package ingest

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/opinion"
)

type metrics struct {
	posts *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) metrics {
	m := metrics{posts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "huiying_ingest_posts_total",
		Help: "Rows taken in, by kind of source (file, push, demo) and by what became of them (accepted, duplicate, rejected).",
	}, []string{"source_kind", "status"})}
	if reg != nil {
		reg.MustRegister(m.posts)
	}
	return m
}

func (m metrics) count(kind string, outcomes []Outcome) {
	counts := map[opinion.OutcomeStatus]int{}
	for _, o := range outcomes {
		counts[o.Status]++
	}
	for status, n := range counts {
		m.posts.WithLabelValues(kind, string(status)).Add(float64(n))
	}
}
