package console

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the console tells Prometheus. The label route is the pattern of the
// API's mux, never a path, so that its values are bounded.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
	edits    *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_console_requests_total",
			Help: "Requests answered by the console, by route and class of the status (2xx, 4xx, …).",
		}, []string{"route", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "huiying_console_request_seconds",
			Help:    "Time from a request's header to the end of its answer, by route.",
			Buckets: []float64{.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_console_sign_ins_total",
			Help: "Attempts to sign in, by outcome: ok, refused, too_many.",
		}, []string{"outcome"}),
		edits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_console_event_edits_total",
			Help: "Corrections of events by hand that were published, by op: merge, split.",
		}, []string{"op"}),
	}
	if r == nil {
		return m, nil
	}
	if err := errors.Join(r.Register(m.requests), r.Register(m.seconds), r.Register(m.signIns), r.Register(m.edits)); err != nil {
		return nil, fmt.Errorf("register console metrics: %w", err)
	}
	return m, nil
}
