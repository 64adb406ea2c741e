package push

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	seconds    *prometheus.HistogramVec
	inFlight   prometheus.Gauge
	unreadable prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) metrics {
	m := metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "huiying_push_request_seconds",
			Help:    "Seconds from a push request to its answer, by status.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30},
		}, []string{"status"}),
		inFlight:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "huiying_push_in_flight_bytes", Help: "Bytes of pushed bodies that are being worked on."}),
		unreadable: prometheus.NewCounter(prometheus.CounterOpts{Name: "huiying_push_unreadable_posts_total", Help: "Pushed posts that were no valid post in JSON."}),
	}
	if reg != nil {
		reg.MustRegister(m.seconds, m.inFlight, m.unreadable)
	}
	return m
}
