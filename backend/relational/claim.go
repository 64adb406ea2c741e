package relational

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

// claimed is a delivery that belongs to this instance until its lease ends. token tells
// its claim from every other one: whoever lost the lease cannot write a result any more.
type claimed struct {
	opinion.Delivery
	token string
}

// nextAt returns when the next pending delivery may be tried, or nil if there is none.
func (s *Store) nextAt(ctx context.Context) (*time.Time, error) {
	var at sql.NullInt64
	err := s.db.Read.QueryRowContext(ctx, "SELECT MIN(next_at) FROM deliveries WHERE state = 'pending'").Scan(&at)
	return instantOrNil(at), s.wrap(ctx, "look for deliveries", err)
}

// claim takes at most n deliveries that may be tried now, the longest waiting first. It
// counts the attempt at once, so that a delivery whose attempt kills the process also
// comes to an end.
func (s *Store) claim(ctx context.Context, n int) ([]claimed, error) {
	token := rand.Text()
	now := s.o.Now()
	var list []opinion.Delivery
	err := s.change(ctx, "claim deliveries", func(t *tx) error {
		var err error
		list, err = queryAll(ctx, t, scanDelivery, `
			WITH due AS MATERIALIZED (
				SELECT id FROM deliveries WHERE state = 'pending' AND next_at <= $1
				ORDER BY next_at LIMIT $2 `+s.db.Dialect.skipLocked+`)
			UPDATE deliveries SET attempts = attempts + 1, claim = $3, next_at = $4
			WHERE id IN (SELECT id FROM due) RETURNING `+deliveryColumns,
			stamp(now), n, token, stamp(now.Add(s.o.Lease)))
		return err
	})
	got := make([]claimed, len(list))
	for i, d := range list {
		got[i] = claimed{d, token}
	}
	return got, err
}

// renew prolongs the lease; false means that it was lost.
func (s *Store) renew(ctx context.Context, d claimed) (bool, error) {
	var n int64
	err := s.change(ctx, "renew lease of delivery", func(t *tx) (err error) {
		n, err = t.exec(ctx, "UPDATE deliveries SET next_at = $3 WHERE id = $1 AND claim = $2 AND state = 'pending'",
			d.ID, d.token, stamp(s.o.Now().Add(s.o.Lease)))
		return err
	})
	return n == 1, err
}

// release gives a delivery back untried, because this instance stops.
func (s *Store) release(ctx context.Context, d claimed) error {
	return s.change(ctx, "give delivery back", func(t *tx) error {
		_, err := t.exec(ctx, `UPDATE deliveries SET next_at = $3, claim = '', attempts = attempts - 1
			WHERE id = $1 AND claim = $2 AND state = 'pending'`, d.ID, d.token, stamp(s.o.Now()))
		return err
	})
}

// postpone keeps a failed attempt's error and sets when the next one may run.
func (s *Store) postpone(ctx context.Context, d claimed, cause error) error {
	next := s.o.Now().Add(s.o.Backoff(d.Attempts))
	return s.change(ctx, "postpone delivery", func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE deliveries SET next_at = $3, claim = '', error = $4
			WHERE id = $1 AND claim = $2 AND state = 'pending'`, d.ID, d.token, stamp(next), errorText(cause))
		return lost(n, err)
	})
}

// finish ends a delivery, with its ledger entry. reason is empty for a delivered one.
func (s *Store) finish(ctx context.Context, d claimed, state, action, reason string, cause error) error {
	now := s.o.Now()
	return s.change(ctx, "finish delivery", func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE deliveries SET state = $3, done_at = $4, claim = '', error = $5
			WHERE id = $1 AND claim = $2 AND state = 'pending'`, d.ID, d.token, state, stamp(now), errorText(cause))
		if err := lost(n, err); err != nil {
			return err
		}
		return t.noteDelivery(now, action, d.Delivery, reason)
	})
}

// lost is the error of an instance that comes too late with its result.
func lost(changed int64, err error) error {
	if err == nil && changed == 0 {
		return fmt.Errorf("another instance took the delivery over, its result counts")
	}
	return err
}

// maxErrorText bounds the kept error of an attempt, in code points.
const maxErrorText = 1000

func errorText(err error) string {
	if err == nil {
		return ""
	}
	r := []rune(storable(err.Error()))
	return string(r[:min(len(r), maxErrorText)])
}
