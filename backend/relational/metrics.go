package relational

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the Store tells Prometheus. All labels are bounded: channels are
// checked when a case is opened, outcomes are the constants below.
type metrics struct {
	attempts *prometheus.CounterVec
	wait     *prometheus.HistogramVec
}

// scrapeTimeout bounds the query behind a gauge.
const scrapeTimeout = 2 * time.Second

// pending is a gauge of the database as it stands, the same at every instance. It is NaN
// while the database does not answer.
func (s *Store) pending() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "huiying_deliveries_pending",
		Help: "Notifications that wait for their next attempt or are being tried, over all instances.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
		defer cancel()
		var n float64
		if err := s.db.Read.QueryRowContext(ctx, "SELECT count(*) FROM deliveries WHERE state = 'pending'").Scan(&n); err != nil {
			return math.NaN()
		}
		return n
	})
}

// The outcomes of an attempt to deliver.
const (
	outcomeDelivered = "delivered"
	outcomeRetry     = "retry"    // failed, will be tried again
	outcomeRejected  = "rejected" // can never be delivered
	outcomeGaveUp    = "gave_up"  // failed at the last attempt
	outcomeReturned  = "returned" // the instance stopped meanwhile
)

func (s *Store) newMetrics(r prometheus.Registerer) (metrics, error) {
	m := metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiying_delivery_attempts_total",
			Help: "Attempts to deliver a notification to a unit, by channel and outcome.",
		}, []string{"channel", "outcome"}),
		wait: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "huiying_delivery_wait_seconds",
			Help:    "Time from the opening of a case to the delivery of its notification, by channel.",
			Buckets: []float64{.01, .05, .1, .5, 1, 2, 5, 15, 60, 300, 900, 3600, 14400, 43200},
		}, []string{"channel"}),
	}
	if r == nil {
		return m, nil
	}
	return m, errors.Join(r.Register(m.attempts), r.Register(m.wait), r.Register(s.pending()))
}

func (m metrics) delivered(channel string, waited time.Duration) {
	m.wait.WithLabelValues(channel).Observe(max(0, waited.Seconds()))
}
