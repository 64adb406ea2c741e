package relational

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/huiying/huiying/opinion"
)

// backoff are the pauses after the attempts 1 to 11: with the twelfth attempt the Store
// has tried for eight hours and a half, which spans a night's outage of a mail server.
var backoff = [opinion.MaxAttempts - 1]time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	20 * time.Minute, 40 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// DefaultBackoff is the pause after a failed attempt, counted from 1: 10 s at first, 4 h
// before the last one.
func DefaultBackoff(attempt int) time.Duration {
	return backoff[min(max(attempt, 1), len(backoff))-1]
}

// wakeUp tells a WorkDeliveries of this process that there is something to do.
func (s *Store) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// WorkDeliveries implements opinion.Store. It returns nil when ctx has ended and all its
// attempts have returned; a delivery that was under way then is given back, and the
// attempt does not count if it failed because of that. While the database does not answer,
// it tries again at every Poll.
func (s *Store) WorkDeliveries(ctx context.Context, deliver opinion.DeliverFunc) error {
	w := worker{Store: s, deliver: deliver, free: make(chan struct{}, s.o.Workers)}
	for range s.o.Workers {
		w.free <- struct{}{}
	}
	defer w.running.Wait()
	for down := false; ctx.Err() == nil; {
		wait, err := w.round(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && !down:
			s.o.Log.Warn("deliveries wait for the database", "err", err, "retry_seconds", s.o.Poll.Seconds())
		case err == nil && down:
			s.o.Log.Info("deliveries go on, the database answers again")
		}
		down = err != nil
		w.sleep(ctx, wait)
	}
	return nil
}

// worker is one run of WorkDeliveries. free holds a token for each attempt that may start.
type worker struct {
	*Store
	deliver opinion.DeliverFunc
	free    chan struct{}
	running sync.WaitGroup
}

// round starts what may start now and returns how long to wait for more.
func (w *worker) round(ctx context.Context) (time.Duration, error) {
	next, err := w.nextAt(ctx)
	if err != nil || next == nil {
		return w.o.Poll, err
	}
	if wait := next.Sub(w.o.Now()); wait > 0 {
		return min(wait, w.o.Poll), nil
	}
	slots := w.take(ctx)
	list, err := w.claim(ctx, slots)
	for range slots - len(list) {
		w.free <- struct{}{}
	}
	for _, d := range list {
		w.running.Go(func() {
			defer func() { w.free <- struct{}{} }()
			w.attempt(ctx, d)
		})
	}
	if err != nil || len(list) == 0 {
		return w.o.Poll, err // others were faster, or the database is away
	}
	return 0, nil
}

// take waits for one free slot and takes all that are free.
func (w *worker) take(ctx context.Context) int {
	select {
	case <-w.free:
	case <-ctx.Done():
		return 0
	}
	for n := 1; ; n++ {
		select {
		case <-w.free:
		default:
			return n
		}
	}
}

func (w *worker) sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.wake:
	case <-ctx.Done():
	}
}

// settleTimeout bounds the writing of a result after ctx has ended.
const settleTimeout = 10 * time.Second

// attempt tries one delivery and writes how it fared, also when ctx ends meanwhile: the
// receiver has got it then, and the Store must know.
func (w *worker) attempt(ctx context.Context, d claimed) {
	err := w.try(ctx, d)
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	outcome, writeErr := w.settle(settle, d, err, ctx.Err() != nil)
	w.metrics.attempts.WithLabelValues(d.Channel, outcome).Inc()
	log := w.o.Log.With("delivery_id", d.ID, "case_id", d.CaseID, "unit", d.Unit, "channel", d.Channel, "attempt", d.Attempts, "outcome", outcome)
	switch {
	case writeErr != nil:
		log.Error("the result of a delivery was not written, it will be tried again", "err", writeErr)
	case outcome == outcomeDelivered:
		w.metrics.delivered(d.Channel, w.o.Now().Sub(d.CreatedAt))
		log.Info("delivered")
	case outcome != outcomeReturned:
		log.Warn("delivery failed", "err", err)
	}
}

func (w *worker) settle(ctx context.Context, d claimed, err error, stopping bool) (outcome string, writeErr error) {
	switch {
	case err == nil:
		return outcomeDelivered, w.finish(ctx, d, stateDelivered, "delivery.delivered", "", nil)
	case opinion.CodeOf(err) == opinion.CodeInvalid:
		return outcomeRejected, w.finish(ctx, d, stateFailed, "delivery.failed", outcomeRejected, err)
	case stopping:
		return outcomeReturned, w.release(ctx, d)
	case d.Attempts >= opinion.MaxAttempts:
		return outcomeGaveUp, w.finish(ctx, d, stateFailed, "delivery.failed", outcomeGaveUp, err)
	default:
		return outcomeRetry, w.postpone(ctx, d, err)
	}
}

// errDied is the error of a delivery whose last attempt nobody reported.
var errDied = errors.New("the instance that made the last attempt ended before it could report")

// try runs deliver with its timeout while it keeps the lease.
func (w *worker) try(ctx context.Context, d claimed) (err error) {
	if d.Attempts > opinion.MaxAttempts {
		return errDied
	}
	c, err := w.caseBy(ctx, w.db.Read, "id", d.CaseID)
	if err != nil {
		return fmt.Errorf("read case: %w", w.fault(ctx, err))
	}
	keeping, release := context.WithCancel(context.WithoutCancel(ctx)) // until deliver returns, even when it does not listen
	ctx, cancel := context.WithTimeout(ctx, w.o.AttemptTimeout)
	defer cancel()
	kept := make(chan struct{})
	go func() { defer close(kept); w.keep(keeping, cancel, d) }()
	defer func() { release(); <-kept }()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("deliver: panic: %v", p)
			w.o.Log.Error("delivering panicked", "delivery_id", d.ID, "channel", d.Channel, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	return w.deliver(ctx, d.Delivery, c)
}

// keep renews the lease at every quarter of it until ctx ends. When the lease is lost, it
// cuts the attempt off.
func (w *worker) keep(ctx context.Context, cutOff context.CancelFunc, d claimed) {
	tick := time.NewTicker(w.o.Lease / 4)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		kept, err := w.renew(ctx, d)
		if err != nil && ctx.Err() == nil {
			w.o.Log.Warn("the lease of a delivery was not renewed", "delivery_id", d.ID, "err", err)
		} else if !kept && err == nil {
			cutOff()
			return
		}
	}
}
