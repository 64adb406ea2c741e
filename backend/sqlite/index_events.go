package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/huiying/huiying/opinion"
)

// eventOrder is the SQL of an order: the column of its first key, if it has one, and all.
var eventOrder = map[opinion.EventSort]struct{ key, by string }{
	opinion.EventsByHeat:  {"heat", "heat DESC, last DESC, id"},
	opinion.EventsByLevel: {"gravity", "gravity DESC, last DESC, id"},
	opinion.EventsByLast:  {"", "last DESC, id"},
}

// SearchEvents counts and reads in one snapshot of the file.
func (x *Index) SearchEvents(ctx context.Context, s opinion.EventSearch) (p opinion.EventPage, err error) {
	s, after, err := opinion.CheckEventSearch(s)
	if err != nil {
		return p, err
	}
	tx, err := x.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return p, fmt.Errorf("search events: %w", err)
	}
	defer tx.Rollback()
	where, args := eventFilter(s)
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM events WHERE "+where, args...).Scan(&p.Total); err != nil {
		return p, fmt.Errorf("search events: count: %w", err)
	}
	order := eventOrder[s.Sort]
	if after != nil {
		behind, more := "(last < ? OR last = ? AND id > ?)", []any{after.At, after.At, after.ID}
		if order.key != "" {
			behind = fmt.Sprintf("%[1]s <= ? AND (%[1]s < ? OR %[2]s)", order.key, behind)
			more = append([]any{after.Key, after.Key}, more...)
		} else {
			behind, more = "last <= ? AND "+behind, append([]any{after.At}, more...)
		}
		where, args = where+" AND "+behind, append(args, more...)
	}
	if p.Events, err = scanEvents(tx.QueryContext(ctx, "SELECT doc FROM events WHERE "+where+" ORDER BY "+order.by+" LIMIT ?", append(args, s.Limit+1)...)); err != nil {
		return p, fmt.Errorf("search events: %w", err)
	}
	if len(p.Events) > s.Limit {
		p.Events = p.Events[:s.Limit]
		p.Next = s.PageMark(p.Events[s.Limit-1])
	}
	return p, nil
}

func eventFilter(s opinion.EventSearch) (where string, args []any) {
	where = "merged = 0"
	add := func(cond string, arg any) { where, args = where+" AND "+cond, append(args, arg) }
	if s.Topic != "" {
		add("topic = ?", s.Topic)
	}
	if s.Level != opinion.LevelNone {
		add("level = ?", string(s.Level))
	}
	if s.Name != "" {
		// Names are read from an index: the rows themselves lie apart, behind their documents.
		add("id IN (SELECT id FROM events INDEXED BY events_filter WHERE merged = 0 AND instr(name, ?) > 0)", s.Name)
	}
	if s.IDs != nil {
		add("id IN (SELECT value FROM json_each(?))", jsonList(s.IDs))
	}
	return where, args
}

func scanEvents(rows *sql.Rows, err error) ([]opinion.Event, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []opinion.Event
	for rows.Next() {
		var raw sql.RawBytes
		var e opinion.Event
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("decode event: %w", err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}
