package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
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

// missing names the parts that do not answer, and tells when the instance stops.
func (p *probe) missing(ctx context.Context) (names []string) {
	if p.stopping.Load() {
		return []string{"this instance stops"}
	}
	for _, c := range p.checks {
		if p.silent(ctx, c) {
			names = append(names, "the "+c.name+" does not answer")
		}
	}
	return names
}

// silent tells that a part does not answer. Each has its own time, so that one that hangs
// does not blame the next.
func (p *probe) silent(ctx context.Context, c part) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	return c.ping(ctx) != nil
}

// await returns true when everything answers, false when ctx ends first.
func (p *probe) await(ctx context.Context) bool {
	for {
		if len(p.missing(ctx)) == 0 {
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
	if missing := p.missing(r.Context()); len(missing) > 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, "not ready:", strings.Join(missing, ", "))
		return
	}
	fmt.Fprintln(w, "ready")
}

func runningNow(address string, brokers []string) running {
	return running{PID: os.Getpid(), Address: address, Brokers: brokers}
}
