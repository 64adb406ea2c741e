package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const (
	probeTimeout = 3 * time.Second
	probeEvery   = 50 * time.Millisecond
)

// probe answers whether the instance lives and whether it can do its work.
type probe struct {
	checks   []part
	stopping atomic.Bool
}

// part is one part that the work needs.
type part struct {
	name string
	ping func(context.Context) error
}

func newProbe(p *parts) *probe {
	return &probe{checks: []part{{"log", p.log.Ping}, {"index", p.index.Ping}, {"store", p.store.Ping}}}
}

// stop makes the instance unready, so that a balancer sends no more requests.
func (p *probe) stop() { p.stopping.Store(true) }

// check returns what is missing, nil when nothing is.
func (p *probe) check(ctx context.Context) error {
	if p.stopping.Load() {
		return errors.New("stopping")
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var missing []error
	for _, c := range p.checks {
		if err := c.ping(ctx); err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(missing...)
}

// await returns true when everything answers, false when ctx ends first.
func (p *probe) await(ctx context.Context) bool {
	for {
		if p.check(ctx) == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(probeEvery):
		}
	}
}

// health tells that the process lives.
func (p *probe) health(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "ok")
}

// ready tells whether posts are accepted and searches answered. It names the part that
// is missing and leaves the details to the log and to doctor.
func (p *probe) ready(w http.ResponseWriter, r *http.Request) {
	if err := p.check(r.Context()); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "not ready")
		return
	}
	fmt.Fprintln(w, "ready")
}

func runningNow(address string, brokers []string) running {
	return running{PID: os.Getpid(), Address: address, Brokers: brokers}
}
