package sqlite

import (
	"database/sql"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the driver "sqlite", in plain Go with FTS5
)

// readers is how many questions one process answers at a time from one file.
const readers = 4

// openDB opens a SQLite file with write-ahead logging, so that readers and the one
// writer do not wait for each other, also across processes. With write it gives a single
// connection whose transactions take the write lock at their start, because a
// transaction that reads first and writes later can be refused; it makes the file when it
// is not there. Without write it gives a pool of connections that cannot change anything.
// Whoever finds the file locked waits for up to ten seconds.
func openDB(path string, write bool) (*sql.DB, error) {
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)", "foreign_keys(1)", "temp_store(memory)", "wal_autocheckpoint(8192)", "journal_size_limit(67108864)"}}
	conns := 1
	if write {
		q.Set("_txlock", "immediate")
		q.Add("_pragma", "cache_size(-16384)")
	} else {
		q.Add("_pragma", "cache_size(-8192)")
		q.Add("_pragma", "query_only(1)")
		q.Set("mode", "rw")
		conns = readers
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.Ping(); err != nil {
		db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}
