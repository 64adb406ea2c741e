package analyze

import (
	"github.com/prometheus/client_golang/prometheus"
)

type scoreMetrics struct {
	assessed *prometheus.CounterVec   // topic
	dead     *prometheus.CounterVec   // cause: "undecodable", "panic", "too_large"
	seconds  prometheus.Histogram     // one assessment
	toIndex  *prometheus.HistogramVec // lane: "fresh" or "history"
}

func newScoreMetrics(reg prometheus.Registerer) scoreMetrics {
	m := scoreMetrics{
		assessed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_posts_assessed_total", Help: "Posts assessed, indexed and passed on, by topic."}, []string{"topic"}),
		dead: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_score_dead_letters_total", Help: "Messages that can never be assessed, by cause."}, []string{"cause"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "huiying_assess_seconds", Help: "Time to assess one post.",
			Buckets: []float64{25e-6, 50e-6, 100e-6, 200e-6, 400e-6, 800e-6, 0.0016, 0.0032, 0.01, 0.1}}),
		toIndex: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "huiying_published_to_indexed_seconds", Help: "Time from a post's publication to its being indexed.",
			Buckets: []float64{0.25, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 86400, 604800}}, []string{"lane"}),
	}
	reg.MustRegister(m.assessed, m.dead, m.seconds, m.toIndex)
	return m
}

type clusterMetrics struct {
	open    prometheus.Gauge
	signals *prometheus.CounterVec // reason
	dead    prometheus.Counter
	rebuilt prometheus.Counter
	merges  prometheus.Counter
	edits   *prometheus.CounterVec // op, result: "applied" or "refused"
}

func newClusterMetrics(reg prometheus.Registerer) clusterMetrics {
	m := clusterMetrics{
		open: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "huiying_events_open", Help: "Events that this instance compares new posts with."}),
		signals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_signals_total", Help: "Signals published, by reason."}, []string{"reason"}),
		dead: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "huiying_cluster_dead_letters_total", Help: "Assessed messages that can never be decoded."}),
		rebuilt: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "huiying_cluster_rebuilt_total", Help: "How often the open events were read from the index."}),
		merges: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "huiying_events_merged_total", Help: "Events that the matcher took for another's."}),
		edits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_event_edits_total", Help: "Corrections of events by hand, by operation and result."}, []string{"op", "result"}),
	}
	reg.MustRegister(m.open, m.signals, m.dead, m.rebuilt, m.merges, m.edits)
	return m
}
