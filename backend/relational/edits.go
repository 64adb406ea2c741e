package relational

import (
	"context"
	"time"

	"github.com/huiying/huiying/opinion"
)

const eventObject = "event:"

// NoteEdit implements opinion.Store.
func (s *Store) NoteEdit(ctx context.Context, a opinion.Actor, e opinion.Edit) error {
	if !a.MayEditEvents() {
		return opinion.Errorf(opinion.CodeForbidden, "the role %q corrects no events", a.Role)
	}
	if err := e.Check(); err != nil {
		return err
	}
	if e.By != a.Name {
		return invalid("by", "is not who makes the edit")
	}
	if err := first(named("from", e.From), named("event", e.EventID()), instantOf("at", e.At)); err != nil {
		return err
	}
	return s.change(ctx, "note edit", func(t *tx) error {
		detail := opinion.EditDetail{ID: e.ID, From: e.From, Into: e.EventID(), Posts: e.Posts, Reason: storable(e.Reason)}
		for _, event := range []string{e.From, e.EventID()} {
			if err := t.note(e.At, a, "event."+e.Op, eventObject+event, detail); err != nil {
				return err
			}
		}
		return nil
	})
}

// NoteEditFailed implements opinion.Store.
func (s *Store) NoteEditFailed(ctx context.Context, a opinion.Actor, e opinion.Edit, at time.Time) error {
	if !a.MayEditEvents() {
		return opinion.Errorf(opinion.CodeForbidden, "the role %q corrects no events", a.Role)
	}
	if err := first(named("from", e.From), instantOf("at", at)); err != nil {
		return err
	}
	return s.change(ctx, "note failed edit", func(t *tx) error {
		return t.note(at, a, "event.edit_failed", eventObject+e.From, opinion.EditDetail{ID: e.ID, From: e.From, Into: e.EventID()})
	})
}
