package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/huiying/huiying/opinion"
)

// Put writes the documents in one transaction.
func (x *Index) Put(ctx context.Context, docs []opinion.Doc) error {
	rows, err := encodeDocs(docs)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return nil
	}
	tx, err := x.begin(ctx)
	if err != nil {
		return fmt.Errorf("put posts: %w", err)
	}
	defer tx.Rollback()
	if err := putRows(ctx, tx, rows); err != nil {
		return fmt.Errorf("put posts: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("put posts: %w", err)
	}
	return nil
}

// docRow is a document in the shape of the tables.
type docRow struct {
	id          string
	version     int64
	published   int64
	score       float64
	set         facetSet
	history     bool
	event       string
	title, text string
	doc         []byte
}

// docBlob is what a hit is read back from.
type docBlob struct {
	Post       opinion.Post       `json:"post"`
	Assessment opinion.Assessment `json:"assessment"`
}

// encodeDocs does what needs no lock. Of several documents with one ID it keeps the
// first with the largest version.
func encodeDocs(docs []opinion.Doc) ([]docRow, error) {
	rows := make([]docRow, 0, len(docs))
	at := make(map[string]int, len(docs))
	for _, d := range docs {
		if err := opinion.CheckDoc(d); err != nil {
			return nil, err
		}
		blob, err := json.Marshal(docBlob{d.Post, d.Assessment})
		if err != nil {
			return nil, fmt.Errorf("encode post %s: %w", d.Post.ID, err)
		}
		row := docRow{
			id: d.Post.ID, version: d.Version, published: d.Post.PublishedAt.UnixMilli(), score: d.Assessment.Score,
			set: facetSetOf(d), history: d.Post.History, event: d.EventID, doc: blob,
			title: opinion.IndexText(d.TitleTokens),
			text:  opinion.IndexText(d.TextTokens),
		}
		switch i, seen := at[row.id]; {
		case !seen:
			at[row.id] = len(rows)
			rows = append(rows, row)
		case row.version > rows[i].version:
			if row.event == "" {
				row.event = rows[i].event
			}
			rows[i] = row
		}
	}
	return rows, nil
}

// known is what the index holds of a post.
type known struct {
	n       int64
	version int64
	event   string
}

func putRows(ctx context.Context, tx *sql.Tx, rows []docRow) error {
	old, err := knownPosts(ctx, tx, rows)
	if err != nil {
		return err
	}
	rows, stale := newer(rows, old)
	if len(rows) == 0 {
		return nil
	}
	if err := dropRows(ctx, tx, stale); err != nil {
		return err
	}
	// Row numbers only grow: FTS5 gathers ascending rows in memory and would write out a
	// part of its index at every step back.
	var n int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(n), 0) FROM posts").Scan(&n); err != nil {
		return fmt.Errorf("number rows: %w", err)
	}
	return insertRows(ctx, tx, rows, n+1)
}

func knownPosts(ctx context.Context, tx *sql.Tx, rows []docRow) (map[string]known, error) {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	found, err := tx.QueryContext(ctx, "SELECT id, n, version, event FROM posts WHERE id IN (SELECT value FROM json_each(?))", jsonList(ids))
	if err != nil {
		return nil, fmt.Errorf("look up posts: %w", err)
	}
	defer found.Close()
	old := map[string]known{}
	for found.Next() {
		var id string
		var k known
		if err := found.Scan(&id, &k.n, &k.version, &k.event); err != nil {
			return nil, fmt.Errorf("look up posts: %w", err)
		}
		old[id] = k
	}
	return old, found.Err()
}

func jsonList(list []string) string {
	b, err := json.Marshal(list)
	if err != nil { // strings always marshal
		panic(err)
	}
	return string(b)
}

// newer keeps the rows that the index does not hold in the same or a later version,
// with the events of those that they replace, and lists the row numbers replaced.
func newer(rows []docRow, old map[string]known) ([]docRow, []int64) {
	var stale []int64
	kept := rows[:0]
	for _, r := range rows {
		k, ok := old[r.id]
		if ok && k.version >= r.version {
			continue
		}
		if ok {
			stale = append(stale, k.n)
			if k.event != "" {
				r.event = k.event
			}
		}
		kept = append(kept, r)
	}
	return kept, stale
}

// dropRows removes rows from every table, the full-text one too.
func dropRows(ctx context.Context, tx *sql.Tx, numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	list, err := json.Marshal(numbers)
	if err != nil {
		return fmt.Errorf("drop rows: %w", err)
	}
	for _, del := range []string{
		"DELETE FROM words WHERE rowid IN (SELECT value FROM json_each(?))",
		"DELETE FROM docs WHERE n IN (SELECT value FROM json_each(?))",
		"DELETE FROM posts WHERE n IN (SELECT value FROM json_each(?))",
	} {
		if _, err := tx.ExecContext(ctx, del, string(list)); err != nil {
			return fmt.Errorf("drop rows: %w", err)
		}
	}
	return nil
}

// rowsAStatement is how many rows one INSERT takes: fewer calls into SQLite cost less.
const rowsAStatement = 25

// insertRows fills the full-text table last and row by row: every statement of several
// rows, on whatever table, makes FTS5 write out what it has gathered.
func insertRows(ctx context.Context, tx *sql.Tx, rows []docRow, n int64) error {
	sets := inserter{tx: tx, or: "OR IGNORE ", into: "facet_sets(id, " + setColumns + ")", width: 10}
	posts := inserter{tx: tx, into: "posts(n, id, version, published, score, facets, history, event)", width: 8}
	docs := inserter{tx: tx, into: "docs(n, doc)", width: 2}
	seen := map[int64]bool{}
	for i, r := range rows {
		n, set := n+int64(i), r.set.id()
		if !seen[set] {
			seen[set] = true
			if err := sets.add(ctx, append([]any{set}, r.set.columns()...)...); err != nil {
				return err
			}
		}
		err := errors.Join(
			posts.add(ctx, n, r.id, r.version, r.published, r.score, set, r.history, r.event),
			docs.add(ctx, n, r.doc))
		if err != nil {
			return err
		}
	}
	if err := errors.Join(sets.flush(ctx), posts.flush(ctx), docs.flush(ctx)); err != nil {
		return err
	}
	return insertWords(ctx, tx, rows, n)
}

func insertWords(ctx context.Context, tx *sql.Tx, rows []docRow, n int64) error {
	insert, err := tx.PrepareContext(ctx, "INSERT INTO words(rowid, title, text) VALUES (?,?,?)")
	if err != nil {
		return fmt.Errorf("insert words: %w", err)
	}
	defer insert.Close()
	for i, r := range rows {
		if _, err := insert.ExecContext(ctx, n+int64(i), r.title, r.text); err != nil {
			return fmt.Errorf("insert words: %w", err)
		}
	}
	return nil
}

// inserter gathers rows of one table into INSERT statements of rowsAStatement rows.
type inserter struct {
	tx    *sql.Tx
	or    string
	into  string
	width int
	full  *sql.Stmt
	args  []any
}

func (in *inserter) add(ctx context.Context, row ...any) error {
	in.args = append(in.args, row...)
	if len(in.args) < in.width*rowsAStatement {
		return nil
	}
	if in.full == nil {
		var err error
		if in.full, err = in.tx.PrepareContext(ctx, in.text(rowsAStatement)); err != nil {
			return fmt.Errorf("insert into %s: %w", in.into, err)
		}
	}
	_, err := in.full.ExecContext(ctx, in.args...)
	in.args = in.args[:0]
	if err != nil {
		return fmt.Errorf("insert into %s: %w", in.into, err)
	}
	return nil
}

func (in *inserter) flush(ctx context.Context) error {
	if in.full != nil {
		defer in.full.Close()
	}
	if len(in.args) == 0 {
		return nil
	}
	if _, err := in.tx.ExecContext(ctx, in.text(len(in.args)/in.width), in.args...); err != nil {
		return fmt.Errorf("insert into %s: %w", in.into, err)
	}
	in.args = in.args[:0]
	return nil
}

func (in *inserter) text(rows int) string {
	row := "(" + strings.Repeat("?,", in.width-1) + "?)"
	return "INSERT " + in.or + "INTO " + in.into + " VALUES " + strings.Repeat(row+",", rows-1) + row
}
