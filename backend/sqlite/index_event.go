package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Link sets the events of posts in one transaction.
func (x *Index) Link(ctx context.Context, links []opinion.Link) error {
	if len(links) == 0 {
		return nil
	}
	tx, err := x.begin(ctx)
	if err != nil {
		return fmt.Errorf("link posts: %w", err)
	}
	defer tx.Rollback()
	set, err := tx.PrepareContext(ctx, "UPDATE posts SET event = ?1 WHERE id = ?2 AND event <> ?1")
	if err != nil {
		return fmt.Errorf("link posts: %w", err)
	}
	defer set.Close()
	for _, l := range links {
		if _, err := set.ExecContext(ctx, l.EventID, l.PostID); err != nil {
			return fmt.Errorf("link post %s: %w", l.PostID, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("link posts: %w", err)
	}
	return nil
}

// PutEvents writes events in one transaction.
func (x *Index) PutEvents(ctx context.Context, events []opinion.Event) error {
	if len(events) == 0 {
		return nil
	}
	tx, err := x.begin(ctx)
	if err != nil {
		return fmt.Errorf("put events: %w", err)
	}
	defer tx.Rollback()
	put, err := tx.PrepareContext(ctx, `INSERT INTO events(id, topic, last, version, doc, heat, gravity, level, name) VALUES (?,?,?,?,?,?,?,?,?)
		ON CONFLICT(id) DO UPDATE SET topic = excluded.topic, last = excluded.last, version = excluded.version, doc = excluded.doc,
			heat = excluded.heat, gravity = excluded.gravity, level = excluded.level, name = excluded.name
		WHERE excluded.version > version`)
	if err != nil {
		return fmt.Errorf("put events: %w", err)
	}
	defer put.Close()
	for _, e := range events {
		doc, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode event %s: %w", e.ID, err)
		}
		if _, err := put.ExecContext(ctx, e.ID, e.Topic, e.LastAt.UnixMilli(), e.Version, doc,
			e.Heat.Order(), e.Gravity(), string(e.Level), opinion.FoldName(e.Name)); err != nil {
			return fmt.Errorf("put event %s: %w", e.ID, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("put events: %w", err)
	}
	return nil
}

// Event returns one event.
func (x *Index) Event(ctx context.Context, id string) (opinion.Event, error) {
	var raw []byte
	err := x.read.QueryRowContext(ctx, "SELECT doc FROM events WHERE id = ?", id).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return opinion.Event{}, opinion.Errorf(opinion.CodeNotFound, "there is no event %q", id)
	}
	if err != nil {
		return opinion.Event{}, fmt.Errorf("get event: %w", err)
	}
	var e opinion.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return opinion.Event{}, fmt.Errorf("decode event %s: %w", id, err)
	}
	return e, nil
}

// eventsAPage is how many events are read before they are handed on: no connection is
// held while the caller works.
const eventsAPage = 1000

// Events calls yield for the events of the topics, page by page.
func (x *Index) Events(ctx context.Context, topics []string, since time.Time, yield func(opinion.Event) bool) error {
	for after := ""; ; {
		page, err := x.eventPage(ctx, topics, since, after)
		if err != nil {
			return fmt.Errorf("list events: %w", err)
		}
		for _, e := range page {
			if !yield(e) {
				return nil
			}
		}
		if len(page) < eventsAPage {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

func (x *Index) eventPage(ctx context.Context, topics []string, since time.Time, after string) ([]opinion.Event, error) {
	text, args := "SELECT doc FROM events WHERE id > ? AND last >= ?", []any{after, since.UnixMilli()}
	if len(topics) > 0 {
		text, args = text+" AND topic IN (SELECT value FROM json_each(?))", append(args, jsonList(topics))
	}
	return scanEvents(x.read.QueryContext(ctx, text+" ORDER BY id LIMIT ?", append(args, eventsAPage)...))
}

// Members returns the posts of an event.
func (x *Index) Members(ctx context.Context, eventID string, limit int) ([]string, error) {
	rows, err := x.read.QueryContext(ctx, "SELECT id FROM posts WHERE event = ? AND event <> '' ORDER BY published, id LIMIT ?", eventID, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list members: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// rowsADelete bounds one transaction of DeleteBefore, so that other writers get their
// turn in between.
const rowsADelete = 2000

// DeleteBefore drops old posts and events, some at a time. When it fails, what it had
// dropped stays dropped.
func (x *Index) DeleteBefore(ctx context.Context, t time.Time) (int, error) {
	total := 0
	for {
		n, err := x.deleteSome(ctx, t)
		total += n
		if err != nil {
			return total, fmt.Errorf("delete old posts: %w", err)
		}
		if n == 0 {
			break
		}
	}
	tx, err := x.begin(ctx)
	if err != nil {
		return total, fmt.Errorf("delete old events: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "DELETE FROM events WHERE last < ?", t.UnixMilli()); err != nil {
		return total, fmt.Errorf("delete old events: %w", err)
	}
	return total, tx.Commit()
}

func (x *Index) deleteSome(ctx context.Context, t time.Time) (int, error) {
	tx, err := x.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, "SELECT n FROM posts WHERE published < ? LIMIT ?", t.UnixMilli(), rowsADelete)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var numbers []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
		numbers = append(numbers, n)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if err := dropRows(ctx, tx, numbers); err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, err
	}
	return len(numbers), nil
}
