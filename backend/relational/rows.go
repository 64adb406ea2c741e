package relational

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// stamp is the stored form of an instant: nanoseconds since 1970 UTC.
func stamp(t time.Time) int64 { return t.UnixNano() }

func instant(ns int64) time.Time { return time.Unix(0, ns).UTC() }

// stampOrNull is the stored form of an instant that may be missing.
func stampOrNull(t *time.Time) sql.NullInt64 {
	if t == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: stamp(*t), Valid: true}
}

func instantOrNil(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	t := instant(n.Int64)
	return &t
}

// queryAll runs a query and scans all its rows.
func queryAll[T any](ctx context.Context, q querier, scan func(func(...any) error) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// batch collects rows for one INSERT.
type batch struct {
	rows []string
	args []any
}

func (b *batch) add(cells ...any) {
	b.rows = append(b.rows, places(len(b.args)+1, len(cells)))
	b.args = append(b.args, cells...)
}

func (b *batch) values() string { return strings.Join(b.rows, ", ") }

// places is "($from,$from+1,…)" with n parameters.
func places(from, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte("(,"[min(i, 1)])
		fmt.Fprintf(&b, "$%d", from+i)
	}
	return b.String() + ")"
}
