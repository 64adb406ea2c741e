package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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
	put, err := tx.PrepareContext(ctx, `INSERT INTO events(id, topic, last, version, doc, heat, gravity, level, name, merged) VALUES (?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(id) DO UPDATE SET topic = excluded.topic, last = excluded.last, version = excluded.version, doc = excluded.doc,
			heat = excluded.heat, gravity = excluded.gravity, level = excluded.level, name = excluded.name, merged = excluded.merged
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
			e.Heat.Order(), e.Gravity(), string(e.Level), opinion.FoldName(e.Name), e.MergedInto != ""); err != nil {
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

// Events calls yield for the events, page by page.
func (x *Index) Events(ctx context.Context, since time.Time, yield func(opinion.Event) bool) error {
	for last, id := int64(math.MaxInt64), ""; ; {
		page, err := scanEvents(x.read.QueryContext(ctx,
			"SELECT doc FROM events WHERE (last, id) < (?, ?) AND last >= ? ORDER BY last DESC, id DESC LIMIT ?", last, id, since.UnixMilli(), eventsAPage))
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
		last, id = page[len(page)-1].LastAt.UnixMilli(), page[len(page)-1].ID
	}
}

// Linked returns the events of posts.
func (x *Index) Linked(ctx context.Context, ids []string) (map[string]string, error) {
	rows, err := x.read.QueryContext(ctx, "SELECT id, event FROM posts WHERE id IN (SELECT value FROM json_each(?)) AND event <> ''", jsonList(ids))
	if err != nil {
		return nil, fmt.Errorf("look up the events of posts: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var id, event string
		if err := rows.Scan(&id, &event); err != nil {
			return nil, fmt.Errorf("look up the events of posts: %w", err)
		}
		out[id] = event
	}
	return out, rows.Err()
}

// Members returns the posts of an event.
func (x *Index) Members(ctx context.Context, eventID string, limit int) ([]opinion.Link, error) {
	rows, err := x.read.QueryContext(ctx, "SELECT id, published FROM posts WHERE event = ? AND event <> '' ORDER BY published, id LIMIT ?", eventID, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	defer rows.Close()
	var links []opinion.Link
	for rows.Next() {
		l := opinion.Link{EventID: eventID}
		var published int64
		if err := rows.Scan(&l.PostID, &published); err != nil {
			return nil, fmt.Errorf("list members: %w", err)
		}
		l.PublishedAt = time.UnixMilli(published).UTC()
		links = append(links, l)
	}
	return links, rows.Err()
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
