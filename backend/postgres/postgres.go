// Package postgres opens the Store on PostgreSQL 12 or later.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/opinion"
)

// Config says which database to use.
type Config struct {
	// URL is postgres://user:password@host:port/database?…, with the parameters of libpq:
	// sslmode=verify-full and sslrootcert for TLS, search_path for a schema of its own. A
	// pooler between must keep sessions (no transaction pooling), because migrating takes
	// a lock that belongs to the session.
	URL string
	// MaxConns is how many connections an instance uses at most, 2 … 200; 0 means 8.
	MaxConns int
}

// connLifetime is after how long a connection is made anew, so that instances find back
// to a primary that has moved.
const connLifetime = 30 * time.Minute

// migrationLock is the advisory lock that migrating instances take turns with.
const migrationLock = 0x68756979696e67 // "huiying"

// Open opens the Store on a database, which must exist, and migrates its schema. Any
// number of instances may have it open and start at the same time.
func Open(ctx context.Context, cfg Config, o relational.Options) (*relational.Store, error) {
	conn, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, &opinion.Error{Code: opinion.CodeInvalid, Field: "postgres.url", Err: err,
			Message: "the PostgreSQL address cannot be read, write it as postgres://user:password@host:port/database"}
	}
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 8
	}
	if cfg.MaxConns < 2 || cfg.MaxConns > 200 {
		e := opinion.Errorf(opinion.CodeInvalid, "postgres.max_conns is %d: give 2 to 200, or 0 for 8", cfg.MaxConns)
		e.Field = "postgres.max_conns"
		return nil, e
	}
	if conn.ConnectTimeout == 0 {
		conn.ConnectTimeout = 10 * time.Second
	}
	if conn.RuntimeParams["application_name"] == "" {
		conn.RuntimeParams["application_name"] = "huiying"
	}
	db := stdlib.OpenDB(*conn)
	db.SetMaxOpenConns(cfg.MaxConns)
	db.SetMaxIdleConns(cfg.MaxConns)
	db.SetConnMaxLifetime(connLifetime)
	return relational.Open(ctx, relational.Database{
		Write: db, Read: db, Dialect: relational.Postgres, Classify: classify,
		Lock: func(ctx context.Context) (func() error, error) { return advisoryLock(ctx, db) },
	}, o)
}

// advisoryLock waits for the lock on a connection of its own and keeps it until unlock.
// It goes with the connection when the instance dies.
func advisoryLock(ctx context.Context, db *sql.DB) (func() error, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		_, err := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrationLock)
		if err != nil {
			err = fmt.Errorf("unlock migrations: %w", err)
		}
		return errors.Join(err, conn.Close())
	}, nil
}

// classify tells what an error of the driver means to a caller.
func classify(err error) relational.Fault {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case e.Code == "40001" || e.Code == "40P01": // serialization_failure, deadlock_detected
			return relational.FaultRetry
		case e.Code == "55P03" || e.Code == "57014": // lock_not_available, query_canceled
			return relational.FaultBusy
		case e.Code[:2] == "08" || e.Code[:2] == "53" || e.Code[:3] == "57P": // connection, resources, shutdown
			return relational.FaultUnavailable
		default:
			return relational.FaultOther
		}
	}
	_, isNet := errors.AsType[net.Error](err)
	_, isConnect := errors.AsType[*pgconn.ConnectError](err)
	if isNet || isConnect || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return relational.FaultUnavailable
	}
	// A server that was killed ends the stream in the middle of an answer; after that the driver
	// refuses the connection before it has sent anything.
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || pgconn.SafeToRetry(err) {
		return relational.FaultUnavailable
	}
	return relational.FaultOther
}
