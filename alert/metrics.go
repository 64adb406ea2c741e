package alert

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/opinion"
)

type metrics struct {
	signals    *prometheus.CounterVec
	opened     *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	toCase     prometheus.Histogram
	toNotified prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) metrics {
	m := metrics{
		signals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_signals_read_total",
			Help: "Signals read, by what became of them (opened, known, risk_below, history, dead_letter).",
		}, []string{"outcome"}),
		opened: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_cases_opened_total",
			Help: "Cases opened, by level.",
		}, []string{"level"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_deliveries_total",
			Help: "Attempts to notify a unit, by channel and result (delivered, retried, refused).",
		}, []string{"channel", "result"}),
		toCase: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "huiying_received_to_case_seconds",
			Help:    "Seconds from the receipt of a post to its open case.",
			Buckets: []float64{.1, .25, .5, 1, 2, 5, 10, 30, 60, 300, 3600},
		}),
		toNotified: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "huiying_published_to_notified_seconds",
			Help:    "Seconds from the publication of a post to the inbox of its units.",
			Buckets: []float64{1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400, 604800},
		}),
	}
	for _, level := range []opinion.Level{opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV} {
		m.opened.WithLabelValues(string(level)) // so that a rate is known before the first case
	}
	if reg != nil {
		reg.MustRegister(m.signals, m.opened, m.deliveries, m.toCase, m.toNotified)
	}
	return m
}
