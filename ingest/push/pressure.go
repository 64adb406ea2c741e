package push

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// flight counts the bytes that are worked on.
type flight struct {
	max   int64
	bytes atomic.Int64
	gauge prometheus.Gauge
}

// holding is one request's share of the bytes in flight.
type holding struct {
	flight *flight
	bytes  int64
}

func (f *flight) hold() *holding { return &holding{flight: f} }

// grow takes n more bytes, or reports that they are not to be had.
func (h *holding) grow(n int64) bool {
	if h.flight.bytes.Add(n) > h.flight.max {
		h.flight.bytes.Add(-n)
		return false
	}
	h.bytes += n
	h.flight.gauge.Add(float64(n))
	return true
}

func (h *holding) release() {
	h.flight.bytes.Add(-h.bytes)
	h.flight.gauge.Sub(float64(h.bytes))
	h.bytes = 0
}

// maxLimiters bounds the limiters that are kept; above it they start anew.
const maxLimiters = 10_000

// rates limits each key's posts a second.
type rates struct {
	perSecond int
	burst     int
	mu        sync.Mutex
	keys      map[string]*rate.Limiter
}

func newRates(perSecond, burst int) *rates {
	return &rates{perSecond: perSecond, burst: burst, keys: map[string]*rate.Limiter{}}
}

// take takes n posts of a key's allowance, or returns how long to wait for them.
func (r *rates) take(key string, n int, now time.Time) time.Duration {
	r.mu.Lock()
	limiter := r.keys[key]
	if limiter == nil {
		if len(r.keys) >= maxLimiters {
			clear(r.keys)
		}
		limiter = rate.NewLimiter(rate.Limit(r.perSecond), r.burst)
		r.keys[key] = limiter
	}
	r.mu.Unlock()
	reservation := limiter.ReserveN(now, n)
	wait := reservation.DelayFrom(now)
	if wait > 0 {
		reservation.CancelAt(now)
	}
	return wait
}
