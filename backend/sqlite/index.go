// Package sqlite keeps the index and the store of the product in SQLite files.
//
// The index is a full-text table (FTS5) without content beside narrow rows for
// filters and order. Values that many posts share (topic, risk, source, …) stand once as
// a facet set that posts point to, so that filters and counts read few bytes a post.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/huiying/huiying/opinion"
)

// indexVersion is the version of the index's tables, kept in the file.
var indexVersion = 1 + len(indexChanges)

// indexChanges bring a file of an earlier release up to date: the first one takes version 1
// to 2, and so on. A new file is made at version 1 and takes them all.
var indexChanges = []string{
	// Columns by which events are listed. Events of before are cold until their next post.
	fmt.Sprintf(`ALTER TABLE events ADD COLUMN heat REAL NOT NULL DEFAULT %[1]v;
ALTER TABLE events ADD COLUMN gravity REAL NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN level TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN name TEXT NOT NULL DEFAULT ''; -- folded
UPDATE events SET level = json_extract(CAST(doc AS TEXT), '$.level'), name = lower(trim(json_extract(CAST(doc AS TEXT), '$.name'))),
	gravity = json_extract(CAST(doc AS TEXT), '$.score') + 1000 *
		CASE json_extract(CAST(doc AS TEXT), '$.level') WHEN 'I' THEN 4 WHEN 'II' THEN 3 WHEN 'III' THEN 2 WHEN 'IV' THEN 1 ELSE 0 END;
CREATE INDEX events_heat ON events(heat DESC, last DESC, id);
CREATE INDEX events_gravity ON events(gravity DESC, last DESC, id);
CREATE INDEX events_filter ON events(topic, level, name);`, opinion.Cold),
	// Whether a post is about another place. Posts of before count as ours until they are
	// assessed again.
	"ALTER TABLE facet_sets ADD COLUMN area TEXT NOT NULL DEFAULT 'ours'",
	// Events that were merged into another are in no list.
	`ALTER TABLE events ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;
DROP INDEX events_heat;
DROP INDEX events_gravity;
DROP INDEX events_filter;
CREATE INDEX events_heat ON events(heat DESC, last DESC, id) WHERE merged = 0;
CREATE INDEX events_gravity ON events(gravity DESC, last DESC, id) WHERE merged = 0;
CREATE INDEX events_filter ON events(merged, topic, level, name);`,
}

const indexSchema = `
CREATE TABLE posts(
	n INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	version INTEGER NOT NULL,
	published INTEGER NOT NULL, -- Unix milliseconds
	score REAL NOT NULL,
	facets INTEGER NOT NULL,
	history INTEGER NOT NULL,
	event TEXT NOT NULL
);
CREATE INDEX posts_published ON posts(published DESC, id);
CREATE INDEX posts_event ON posts(event) WHERE event <> '';
CREATE TABLE docs(n INTEGER PRIMARY KEY, doc BLOB NOT NULL);
CREATE TABLE facet_sets(
	id INTEGER PRIMARY KEY, -- see facetSet.id
	topic TEXT NOT NULL,
	risk INTEGER NOT NULL,
	source TEXT NOT NULL,
	channel TEXT NOT NULL,
	kinds TEXT NOT NULL,   -- each behind a line break, one more at the end
	intent TEXT NOT NULL,
	sentiment INTEGER NOT NULL,
	streets TEXT NOT NULL -- as kinds
);
CREATE TABLE events(
	id TEXT PRIMARY KEY,
	topic TEXT NOT NULL,
	last INTEGER NOT NULL, -- Unix milliseconds
	version INTEGER NOT NULL,
	doc BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX events_last ON events(last);
` +
	// The ascii tokenizer takes every code point above 127 for part of a token; with all
	// printable ASCII added, only white space separates (see opinion.IndexTokens).
	"CREATE VIRTUAL TABLE words USING fts5(title, text, content='', contentless_delete=1, " +
	"tokenize=\"ascii tokenchars '!\"\"#$%&''''()*+,-./:;<=>?@[\\]^_`{|}~'\");\n" +
	// A batch of posts fits into 8 MiB of memory and becomes one piece of the full-text index.
	"INSERT INTO words(words, rank) VALUES ('hashsize', 8388608);\n"

// Index is the search index in one SQLite file (see opinion.Index). Several processes may
// have the file open at once.
type Index struct {
	path  string
	write *sql.DB // nil when opened for reading
	read  *sql.DB
	tok   opinion.Tokenizer

	sets facetSets
}

var _ opinion.Index = (*Index)(nil)

// OpenIndex opens the index in the file at path, and makes it when there is none. The
// directory must exist. The tokenizer cuts the words of questions and must be the one
// that cut the posts.
func OpenIndex(path string, tok opinion.Tokenizer) (*Index, error) {
	write, err := openIndexFile(path)
	if damaged(err) {
		err = &opinion.Error{Code: opinion.CodeInvalid, Err: err, Message: path + " is damaged: restore it from a backup, or move it with its -wal and -shm away " +
			"and start again, which makes a new index; files that are imported again and posts that are pushed again fill it, and cases are not touched"}
	}
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x, err := OpenIndexReader(path, tok)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	x.write = write
	return x, nil
}

// openIndexFile makes the file and its tables, one process at a time: SQLite refuses
// those that switch a new file to write-ahead logging at the same moment, and does not
// make them wait.
func openIndexFile(path string) (*sql.DB, error) {
	unlock, err := lockFile(context.Background(), path+".lock")
	if err != nil {
		return nil, err
	}
	write, err := openDB(path, true)
	if err == nil {
		if err = migrateIndex(write, path); err != nil {
			err = errors.Join(err, write.Close())
		}
	}
	return write, errors.Join(err, unlock())
}

// OpenIndexReader opens an existing index for searching only, beside a process that
// writes to it or alone. Its methods that write fail with CodeForbidden. A file that is not
// there is CodeNotFound.
func OpenIndexReader(path string, tok opinion.Tokenizer) (*Index, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, opinion.Errorf(opinion.CodeNotFound, "there is no index at %s; start \"huiying serve\" or import posts first", path)
	}
	read, err := openDB(path, false)
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	if err := checkIndexVersion(read, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open index: %w", err), read.Close())
	}
	return &Index{path: path, read: read, tok: tok}, nil
}

func migrateIndex(db *sql.DB, path string) error {
	tx, err := db.Begin()
	if err != nil {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	defer tx.Rollback()
	var v, tables int
	if err := tx.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if v == 0 {
		if err := tx.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if tables > 0 {
			return opinion.Errorf(opinion.CodeInvalid, "%s is a database of something else; give the index a file of its own", path)
		}
		if _, err := tx.Exec(indexSchema); err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
		v = 1
	}
	if v >= indexVersion { // one of a later release is refused when it is opened for reading
		return tx.Commit()
	}
	for _, change := range indexChanges[v-1:] {
		if _, err := tx.Exec(change); err != nil {
			return fmt.Errorf("bring tables up to date: %w", err)
		}
	}
	if _, err := tx.Exec(fmt.Sprintf("PRAGMA user_version = %d", indexVersion)); err != nil {
		return fmt.Errorf("make tables: %w", err)
	}
	return tx.Commit()
}

func checkIndexVersion(db *sql.DB, path string) error {
	var v int
	if err := db.QueryRow("PRAGMA user_version").Scan(&v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if v < indexVersion && v > 0 {
		return opinion.Errorf(opinion.CodeInvalid,
			"the index at %s has version %d, this release reads version %d; start \"huiying serve\" once, which brings it up to date", path, v, indexVersion)
	}
	if v != indexVersion {
		return opinion.Errorf(opinion.CodeInvalid,
			"the index at %s has version %d, this release reads version %d; move the file away and the index is rebuilt from the log", path, v, indexVersion)
	}
	return nil
}

// Refresh does nothing: a committed write is visible at once.
func (x *Index) Refresh(context.Context) error { return nil }

// Ping tells whether the file can be read.
func (x *Index) Ping(ctx context.Context) error {
	if err := x.read.PingContext(ctx); err != nil {
		return unavailable("ping index", err)
	}
	var n int
	if err := x.read.QueryRowContext(ctx, "SELECT 1 FROM facet_sets LIMIT 1").Scan(&n); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return unavailable("ping index", err)
	}
	return nil
}

// Close ends all use of the file and leaves it without a write-ahead log when this was
// the last process.
func (x *Index) Close() error {
	err := x.read.Close()
	if x.write != nil {
		err = errors.Join(err, x.write.Close())
	}
	return err
}

func unavailable(what string, err error) error {
	return &opinion.Error{Code: opinion.CodeUnavailable, Message: what, Err: err}
}

// begin starts a transaction that holds the write lock.
func (x *Index) begin(ctx context.Context) (*sql.Tx, error) {
	if x.write == nil {
		return nil, opinion.Errorf(opinion.CodeForbidden, "the index at %s is open for searching only", x.path)
	}
	return x.write.BeginTx(ctx, nil)
}
