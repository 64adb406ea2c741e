package relational

import (
	"context"
	"database/sql"
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
