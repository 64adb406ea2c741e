package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/opinion"
)

// Options are the settings of a Store. The zero value is fit for production.
type Options struct {
	// Now is the clock of what has no time in its call: delivery attempts, the making of
	// secrets. time.Now when nil. Instances that share a database must agree on the time
	// to within Lease/2.
	Now func() time.Time
	// Log gets one line for each event that an operator would act on; slog.Default() when nil.
	Log *slog.Logger
	// Metrics is where the Store registers its metrics; none when nil.
	Metrics prometheus.Registerer

	// Workers is how many deliveries one WorkDeliveries runs at a time, 1 … 100; 0 means 8.
	Workers int
	// Poll is how often WorkDeliveries looks for deliveries that another process asked
	// for; those of its own process wake it at once. 0 means 1 s.
	Poll time.Duration
	// AttemptTimeout bounds one attempt. 0 means 1 min.
	AttemptTimeout time.Duration
	// Lease is for how long a delivery belongs to the instance that tries it. It is
	// renewed while the instance lives; after its death another one takes over. 0 means 2 min.
	Lease time.Duration
	// Backoff gives the pause after a failed attempt, counted from 1. DefaultBackoff when nil.
	Backoff func(attempt int) time.Duration
}

func (o Options) withDefaults() (Options, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Backoff == nil {
		o.Backoff = DefaultBackoff
	}
	for _, d := range []struct {
		name  string
		value *time.Duration
		zero  time.Duration
	}{{"Poll", &o.Poll, time.Second}, {"AttemptTimeout", &o.AttemptTimeout, time.Minute}, {"Lease", &o.Lease, 2 * time.Minute}} {
		if *d.value < 0 {
			return o, opinion.Errorf(opinion.CodeInvalid, "store option %s is %v: give a positive duration, or 0 for %v", d.name, *d.value, d.zero)
		}
		if *d.value == 0 {
			*d.value = d.zero
		}
	}
	if o.Workers < 0 || o.Workers > 100 {
		return o, opinion.Errorf(opinion.CodeInvalid, "store option Workers is %d: give 1 to 100, or 0 for 8", o.Workers)
	}
	if o.Workers == 0 {
		o.Workers = 8
	}
	return o, nil
}

// Store is opinion.Store over a relational database. It is safe for concurrent use.
type Store struct {
	db      Database
	o       Options
	metrics metrics
	wake    chan struct{} // holds a token when this process asked for a delivery
}

var _ opinion.Store = (*Store)(nil)

// Open migrates the database and returns the Store on it. The Store owns the database
// from then on, and closes it also when Open fails.
func Open(ctx context.Context, db Database, o Options) (*Store, error) {
	s := &Store{db: db, wake: make(chan struct{}, 1)}
	var err error
	if s.o, err = o.withDefaults(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if err = migrate(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", db.Dialect.Name, s.fault(ctx, err)), s.Close())
	}
	if s.metrics, err = s.newMetrics(s.o.Metrics); err != nil {
		return nil, errors.Join(fmt.Errorf("register store metrics: %w", err), s.Close())
	}
	return s, nil
}

// Ping asks the database whether it answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.db.Read.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ping %s store: %w", s.db.Dialect.Name, s.fault(ctx, err))
	}
	return nil
}

// Close closes the database. End WorkDeliveries first.
func (s *Store) Close() error {
	if s.db.Read == s.db.Write {
		return s.db.Write.Close()
	}
	return errors.Join(s.db.Read.Close(), s.db.Write.Close())
}

// querier is what *sql.DB and *sql.Tx have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// tx is a transaction that collects its ledger entries.
type tx struct {
	*sql.Tx
	ledger []opinion.Entry
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := t.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// maxTries is how often a transaction runs that the database gives up.
const maxTries = 5

// change runs f in one transaction with the ledger entries that f notes. When the
// database gives a transaction up (a deadlock, a failed serialisation), f runs again.
func (s *Store) change(ctx context.Context, what string, f func(t *tx) error) error {
	for try := 1; ; try++ {
		err := s.once(ctx, f)
		if err == nil {
			return nil
		}
		if try < maxTries && ctx.Err() == nil && s.db.Classify(err) == FaultRetry {
			continue
		}
		return fmt.Errorf("%s: %w", what, s.fault(ctx, err))
	}
}

func (s *Store) once(ctx context.Context, f func(t *tx) error) error {
	raw, err := s.db.Write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	t := &tx{Tx: raw}
	if err := f(t); err != nil {
		return errors.Join(err, ignoreDone(raw.Rollback()))
	}
	if err := t.appendLedger(ctx); err != nil {
		return errors.Join(err, ignoreDone(raw.Rollback()))
	}
	return raw.Commit()
}

// ignoreDone drops the error of rolling back what the context has rolled back already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// next adds one to a counter, keeps its row until the transaction ends, and returns it.
func (t *tx) next(ctx context.Context, counter string, by int) (int64, error) {
	var n int64
	err := t.QueryRowContext(ctx,
		`INSERT INTO counters (name, value) VALUES ($1, $2)
		 ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value
		 RETURNING value`, counter, by).Scan(&n)
	return n, err
}

// fault gives an error of the database the code that a caller can act on.
func (s *Store) fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil {
		return cause
	}
	if opinion.CodeOf(err) != "" {
		return err
	}
	switch s.db.Classify(err) {
	case FaultBusy, FaultRetry:
		return &opinion.Error{Code: opinion.CodeBusy, Message: "the database is busy with other changes, try again", Err: err}
	case FaultUnavailable:
		return &opinion.Error{Code: opinion.CodeUnavailable, Message: "the database does not answer", Err: err}
	default:
		return err
	}
}
