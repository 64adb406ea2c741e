package relational

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
)

// Dialect is all that the SQL of the two databases differs in.
type Dialect struct {
	Name  string // "sqlite" or "postgres", for messages and metrics
	goose goose.Dialect
	// skipLocked lets several instances claim deliveries without waiting for each other.
	skipLocked string
	// appendOnly gives the statements that make the database itself refuse to change or
	// remove the rows of a table with that primary key.
	appendOnly func(table string, key ...string) []string
}

// SQLite is the dialect of SQLite 3.35 and later. It has one writer at a time, so that
// claiming needs no lock of its own.
var SQLite = Dialect{Name: "sqlite", goose: goose.DialectSQLite3, appendOnly: sqliteAppendOnly}

// Postgres is the dialect of PostgreSQL 12 and later.
var Postgres = Dialect{
	Name: "postgres", goose: goose.DialectPostgres,
	skipLocked: "FOR UPDATE SKIP LOCKED", appendOnly: postgresAppendOnly,
}

// sqliteAppendOnly also refuses an insertion over an existing key, because INSERT OR
// REPLACE removes the old row without firing the trigger on DELETE.
func sqliteAppendOnly(table string, key ...string) []string {
	same := make([]string, len(key))
	for i, k := range key {
		same[i] = k + " = NEW." + k
	}
	refuse := fmt.Sprintf("BEGIN SELECT RAISE(ABORT, 'table %s can only be appended to'); END", table)
	return []string{
		fmt.Sprintf("CREATE TRIGGER %s_no_update BEFORE UPDATE ON %s %s", table, table, refuse),
		fmt.Sprintf("CREATE TRIGGER %s_no_delete BEFORE DELETE ON %s %s", table, table, refuse),
		fmt.Sprintf("CREATE TRIGGER %s_no_replace BEFORE INSERT ON %s WHEN EXISTS (SELECT 1 FROM %s WHERE %s) %s",
			table, table, table, strings.Join(same, " AND "), refuse),
	}
}

// postgresAppendOnly needs no key: every way to change a row fires one of the triggers.
func postgresAppendOnly(table string, _ ...string) []string {
	return []string{
		`CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
		 $$ BEGIN RAISE EXCEPTION 'table % can only be appended to', TG_TABLE_NAME; END $$`,
		fmt.Sprintf("CREATE TRIGGER %s_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s EXECUTE FUNCTION refuse_change()", table, table),
	}
}

// Fault is what a database's error means to a caller.
type Fault int

// The faults.
const (
	FaultOther       Fault = iota // an error that nobody can mend by waiting
	FaultRetry                    // the database gave up this transaction; running it again helps
	FaultBusy                     // others held it for too long
	FaultUnavailable              // it does not answer
)

// Database is an opened database, ready for Open.
type Database struct {
	// Write runs the changes. Its transactions must exclude lost updates: on SQLite it
	// begins them as IMMEDIATE.
	Write *sql.DB
	// Read runs the queries; it may be the same as Write.
	Read    *sql.DB
	Dialect Dialect
	// Classify tells what an error of the driver means.
	Classify func(error) Fault
	// Lock keeps other instances from migrating at the same time, until unlock. It holds
	// no connection of Write that migrating would wait for.
	Lock func(ctx context.Context) (unlock func() error, err error)
}
