package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/huiying/huiying/opinion"
)

// eventOrder is the SQL of an order: the column of its first key, if it has one, all of its
// keys, and the index that is walked in it. The index is named because SQLite would rather
// read every event that is not merged, with its document, and sort them.
var eventOrder = map[opinion.EventSort]struct{ key, by, index string }{
	opinion.EventsByHeat:  {"heat", "heat DESC, last DESC, id", "events_heat"},
	opinion.EventsByLevel: {"gravity", "gravity DESC, last DESC, id", "events_gravity"},
	opinion.EventsByLast:  {"", "last DESC, id", "events_last"},
}

// everyEvent is the condition of a list without a filter.
const everyEvent = "merged = 0"

// fewEvents is up to how many matches are read by their IDs and sorted; of more, enough are
// met soon on a walk in their order.
const fewEvents = 2000

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
	from, by := "events INDEXED BY "+order.index, order.by
	if where != everyEvent && p.Total <= fewEvents {
		from, by, where = "events", "+"+order.by, "+"+where // a plus keeps from the indexes of merged and of the order
	}
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
	if p.Events, err = scanEvents(tx.QueryContext(ctx, "SELECT doc FROM "+from+" WHERE "+where+" ORDER BY "+by+" LIMIT ?", append(args, s.Limit+1)...)); err != nil {
		return p, fmt.Errorf("search events: %w", err)
	}
	if len(p.Events) > s.Limit {
		p.Events = p.Events[:s.Limit]
		p.Next = s.PageMark(p.Events[s.Limit-1])
	}
	return p, nil
}

// eventFilter is the SQL for the events that match. What it asks of them is read from an
// index of its own: the rows themselves lie far apart, behind their documents.
func eventFilter(s opinion.EventSearch) (where string, args []any) {
	inner := ""
	add := func(cond string, arg any) { inner, args = inner+" AND "+cond, append(args, arg) }
	if s.Topic != "" {
		add("topic = ?", s.Topic)
	}
	if s.Level != opinion.LevelNone {
		add("level = ?", string(s.Level))
	}
	if s.Name != "" {
		add("instr(name, ?) > 0", s.Name)
	}
	where = everyEvent
	if inner != "" {
		where += " AND id IN (SELECT id FROM events INDEXED BY events_filter WHERE merged = 0" + inner + ")"
	}
	if s.IDs != nil {
		where, args = where+" AND id IN (SELECT value FROM json_each(?))", append(args, jsonList(s.IDs))
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
