package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// querier is a pool or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Search answers from one snapshot of the file.
func (x *Index) Search(ctx context.Context, s opinion.Search) (opinion.Result, error) {
	s, cursor, err := opinion.CheckSearch(s)
	if err != nil {
		return opinion.Result{}, err
	}
	cond, err := compile(s.Query.Root, x.tok)
	if err != nil {
		return opinion.Result{}, err
	}
	where, args := cond.where()
	if s.EventID != "" {
		where, args = "("+where+") AND event = ? AND event <> ''", append(slices.Clone(args), s.EventID)
	}
	tx, err := x.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return opinion.Result{}, fmt.Errorf("search: %w", err)
	}
	defer tx.Rollback()
	var r opinion.Result
	if err := x.count(ctx, tx, s, where, args, &r); err != nil {
		return opinion.Result{}, fmt.Errorf("search: count: %w", err)
	}
	if err := x.page(ctx, tx, s, cursor, where, args, &r); err != nil {
		return opinion.Result{}, fmt.Errorf("search: page: %w", err)
	}
	return r, nil
}

// count fills in the total, the facets and the histogram from one pass over the matches.
func (x *Index) count(ctx context.Context, tx *sql.Tx, s opinion.Search, where string, args []any, r *opinion.Result) error {
	if len(s.Facets) == 0 && s.Histogram == "" {
		return tx.QueryRowContext(ctx, "SELECT count(*) FROM posts WHERE "+where, args...).Scan(&r.Total)
	}
	rows, err := tx.QueryContext(ctx, "SELECT facets, published FROM posts WHERE "+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	t := tally{sets: map[int64]int{}, hours: map[int64]int{}}
	var set, published int64
	for rows.Next() {
		if err := rows.Scan(&set, &published); err != nil {
			return err
		}
		t.add(set, published)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	r.Total = t.total
	if len(s.Facets) > 0 {
		counts, err := x.sets.count(ctx, tx, t.sets)
		if err != nil {
			return err
		}
		r.Facets = byField(counts, s.Facets)
	}
	if s.Histogram != "" {
		r.Histogram = t.histogram(s.Histogram)
	}
	return nil
}

func (t *tally) histogram(unit string) []opinion.Bucket {
	bars := map[time.Time]int{}
	for hour, n := range t.hours {
		bars[opinion.HistogramStart(unit, time.UnixMilli(hour*hourMillis))] += n
	}
	out := make([]opinion.Bucket, 0, len(bars))
	for start, n := range bars {
		out = append(out, opinion.Bucket{Start: start, Count: n})
	}
	slices.SortFunc(out, func(a, b opinion.Bucket) int { return a.Start.Compare(b.Start) })
	return out
}

// relevance is the SQL of opinion's relevance, with its arguments.
func relevance(q opinion.Query, tok opinion.Tokenizer) (string, []any) {
	var parts []string
	var args []any
	for _, t := range q.Terms() {
		for _, column := range []struct {
			name   string
			weight int
		}{{"title", opinion.RelevanceTitle}, {"text", opinion.RelevanceText}} {
			if t.TitleOnly && column.name != "title" {
				continue
			}
			expr := termExpr(tok, opinion.Term{Text: t.Text})
			if expr == "" {
				continue
			}
			parts = append(parts, fmt.Sprintf("%d * (n IN (SELECT rowid FROM words WHERE words MATCH ?))", column.weight))
			args = append(args, "{"+column.name+"} : "+expr)
		}
	}
	if len(parts) == 0 {
		return "0", nil
	}
	return strings.Join(parts, " + "), args
}

// page fills in the hits and the mark of the next page.
func (x *Index) page(ctx context.Context, tx *sql.Tx, s opinion.Search, after *opinion.Cursor, where string, args []any, r *opinion.Result) error {
	key, keyArgs := "0", []any(nil)
	switch s.Sort {
	case opinion.SortRisk:
		key = "score"
	case opinion.SortRelevance:
		key, keyArgs = relevance(s.Query, x.tok)
	}
	order := "k DESC, published DESC, id"
	if s.Sort == opinion.SortTime {
		order = "published DESC, id"
	}
	text := "SELECT n, " + key + " AS k, published, id, event FROM posts WHERE (" + where + ")"
	args = append(slices.Clone(keyArgs), args...)
	if after != nil {
		cond, more := behind(s.Sort, *after)
		text, args = text+" AND "+cond, append(args, more...)
	}
	rows, err := tx.QueryContext(ctx, text+" ORDER BY "+order+" LIMIT ?", append(args, s.Limit+1)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []place
	for rows.Next() {
		var p place
		if err := rows.Scan(&p.n, &p.key, &p.published, &p.id, &p.event); err != nil {
			return err
		}
		found = append(found, p)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(found) > s.Limit {
		found = found[:s.Limit]
		last := found[s.Limit-1]
		r.Next = s.PageMark(last.key, last.published, last.id)
	}
	r.Hits, err = x.hits(ctx, tx, s.Query, found)
	return err
}

// place is where a hit stands in the order.
type place struct {
	n         int64
	key       float64
	published int64
	id, event string
}

// behind is the SQL for the posts that come after a cursor.
func behind(sort opinion.Sort, c opinion.Cursor) (string, []any) {
	later := "published <= ? AND (published < ? OR id > ?)"
	args := []any{c.At, c.At, c.ID}
	if sort == opinion.SortTime {
		return later, args
	}
	return "(k < ? OR k = ? AND " + later + ")", append([]any{c.Key, c.Key}, args...)
}

// hits reads the documents of a page in its order.
func (x *Index) hits(ctx context.Context, q querier, query opinion.Query, found []place) ([]opinion.Hit, error) {
	if len(found) == 0 {
		return nil, nil
	}
	numbers := make([]string, len(found))
	for i, p := range found {
		numbers[i] = strconv.FormatInt(p.n, 10)
	}
	rows, err := q.QueryContext(ctx, "SELECT n, doc FROM docs WHERE n IN ("+strings.Join(numbers, ",")+")")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	docs := map[int64]docBlob{}
	for rows.Next() {
		var n int64
		var raw sql.RawBytes
		if err := rows.Scan(&n, &raw); err != nil {
			return nil, err
		}
		var d docBlob
		if err := json.Unmarshal(raw, &d); err != nil {
			return nil, fmt.Errorf("decode row %d: %w", n, err)
		}
		docs[n] = d
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	hits := make([]opinion.Hit, len(found))
	for i, p := range found {
		d := docs[p.n]
		hits[i] = opinion.Hit{Post: d.Post, Assessment: d.Assessment, EventID: p.event,
			Highlights: opinion.Highlight(d.Post.Body(), query, x.tok)}
	}
	return hits, nil
}

// Get returns one post.
func (x *Index) Get(ctx context.Context, id string) (opinion.Hit, error) {
	var raw []byte
	var h opinion.Hit
	err := x.read.QueryRowContext(ctx, "SELECT event, doc FROM posts JOIN docs USING (n) WHERE id = ?", id).Scan(&h.EventID, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return opinion.Hit{}, opinion.Errorf(opinion.CodeNotFound, "there is no post %q", id)
	}
	if err != nil {
		return opinion.Hit{}, fmt.Errorf("get post: %w", err)
	}
	var d docBlob
	if err := json.Unmarshal(raw, &d); err != nil {
		return opinion.Hit{}, fmt.Errorf("decode post %s: %w", id, err)
	}
	h.Post, h.Assessment = d.Post, d.Assessment
	return h, nil
}

// Existing returns the versions of the posts that are there.
func (x *Index) Existing(ctx context.Context, ids []string) (map[string]int64, error) {
	rows, err := x.read.QueryContext(ctx, "SELECT id, version FROM posts WHERE id IN (SELECT value FROM json_each(?))", jsonList(ids))
	if err != nil {
		return nil, fmt.Errorf("look up posts: %w", err)
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var id string
		var v int64
		if err := rows.Scan(&id, &v); err != nil {
			return nil, fmt.Errorf("look up posts: %w", err)
		}
		out[id] = v
	}
	return out, rows.Err()
}
