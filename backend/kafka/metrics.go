package kafka

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the log's figures. Their labels are the fixed names of topics and
// groups, without the prefix.
type metrics struct {
	published     *prometheus.CounterVec
	publishErrors *prometheus.CounterVec
	consumed      *prometheus.CounterVec
	lag           *prometheus.GaugeVec
	deadLetters   *prometheus.CounterVec
	retries       *prometheus.CounterVec
	handle        *prometheus.HistogramVec
	rebalances    *prometheus.CounterVec
}

func newMetrics(reg prometheus.Registerer) (*metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		published:     counter("huiying_log_published_total", "Messages that the log acknowledged.", "topic"),
		publishErrors: counter("huiying_log_publish_errors_total", "Produce requests that failed and were tried again or given up.", "topic"),
		consumed:      counter("huiying_log_consumed_total", "Messages that were handled.", "topic", "group"),
		lag: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "huiying_log_lag", Help: "Messages not yet handled, of the partitions that this instance owns.",
		}, []string{"topic", "group"}),
		deadLetters: counter("huiying_log_dead_letters_total", "Messages that were put on the dead-letter topic.", "topic"),
		retries:     counter("huiying_log_handle_retries_total", "Batches that failed and were handed over again.", "topic", "group"),
		handle: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "huiying_log_handle_seconds", Help: "Time to handle one batch.",
			Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30},
		}, []string{"topic", "group"}),
		rebalances: counter("huiying_log_rebalances_total", "Assignments of partitions to this instance.", "topic", "group"),
	}
	if reg == nil {
		return m, nil
	}
	return m, errors.Join(
		register(reg, &m.published), register(reg, &m.publishErrors), register(reg, &m.consumed), register(reg, &m.lag),
		register(reg, &m.deadLetters), register(reg, &m.retries), register(reg, &m.handle), register(reg, &m.rebalances))
}

// register adds a collector, or takes the one that another Log of this process has
// registered under its name.
func register[T prometheus.Collector](reg prometheus.Registerer, c *T) error {
	err := reg.Register(*c)
	if again, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if existing, ok := again.ExistingCollector.(T); ok {
			*c = existing
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("register log metrics: %w", err)
	}
	return nil
}
