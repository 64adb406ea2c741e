// Package relational is the one implementation of opinion.Store, over database/sql.
// SQLite and PostgreSQL run the same statements and the same migrations; the few words
// that only one of them understands stand in dialect.go. Package sqlite and package
// postgres open it.
//
// # How a change is made
//
// Every change is one transaction: it reads what it needs, checks the actor's right,
// writes, and appends its ledger entries last. The ledger's number comes from a row of
// the table counters, which the transaction holds until it commits; so entries are
// numbered without gaps, in the order of their commits, and a reader that pages by Seq
// misses none. Case numbers are given in the same way, one row for each year. Rows are
// always locked in the order: case number, case, tallies, ledger, so that changes cannot
// wait for each other in a circle.
//
// # Lists of millions
//
// Cases are listed by keyset on (opened_at, id), newest first, from indexes that begin
// with the filtered column. How many there are is never counted: the table tallies keeps
// the numbers by unit, topic, level and state, and every change keeps it right. Only what
// is overdue is counted by its own partial index, because it depends on the hour.
package relational
