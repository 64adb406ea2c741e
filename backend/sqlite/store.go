package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/gofrs/flock"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/opinion"
)

// storeReaders is how many queries of the Store run at a time in one process.
const storeReaders = 4

// lockPoll is how often a starting process looks whether the one that migrates is done.
const lockPoll = 20 * time.Millisecond

// OpenStore opens the Store on the SQLite file at path and makes it if there is none; its
// directory must exist. Several processes may have it open at once: writers take turns,
// and readers never wait for them (WAL). The Store is the truth, so every commit is on
// disk before it returns (synchronous=FULL). The file must lie on a local file system.
// Beside it lie its -wal and -shm, and a .lock that keeps two processes from migrating at once.
func OpenStore(ctx context.Context, path string, o relational.Options) (*relational.Store, error) {
	s, err := openStoreFile(ctx, path, o)
	if damaged(err) {
		err = &opinion.Error{Code: opinion.CodeInvalid, Err: err,
			Message: "the file is not a SQLite database, or a damaged one: name another one, or restore it from a backup"}
	}
	if err != nil {
		return nil, fmt.Errorf("open store in %s: %w", path, err)
	}
	return s, nil
}

func openStoreFile(ctx context.Context, path string, o relational.Options) (*relational.Store, error) {
	// Made here so that only its owner can read it: it holds secrets and hashes of passwords.
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite", storeDSN(path, "_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1) // SQLite has one writer; waiting in Go is fairer than in its busy loop
	read, err := sql.Open("sqlite", storeDSN(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(storeReaders)
	read.SetMaxIdleConns(storeReaders)
	return relational.Open(ctx, relational.Database{
		Write: write, Read: read, Dialect: relational.SQLite, Classify: classify,
		Lock: func(ctx context.Context) (func() error, error) { return lockFile(ctx, path+".lock") },
	}, o)
}

func storeDSN(path, mode string) string {
	const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)"
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: pragmas + "&" + mode}).String()
}

// lockFile keeps other processes, and other Stores of this one, from migrating.
func lockFile(ctx context.Context, path string) (func() error, error) {
	lock := flock.New(path)
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return lock.Unlock, nil
}

// classify tells what an error of the driver means to a caller.
func classify(err error) relational.Fault {
	e, ok := errors.AsType[*driver.Error](err)
	if !ok {
		return relational.FaultOther
	}
	switch primary(e) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return relational.FaultBusy
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL:
		return relational.FaultUnavailable
	default:
		return relational.FaultOther
	}
}

// primary is the error's code without its extension.
func primary(e *driver.Error) int { return e.Code() & 0xff }

// damaged reports whether SQLite found a file to be none of its own, or broken.
func damaged(err error) bool {
	e, ok := errors.AsType[*driver.Error](err)
	return ok && (primary(e) == sqlite3.SQLITE_NOTADB || primary(e) == sqlite3.SQLITE_CORRUPT)
}
