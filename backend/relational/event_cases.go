package relational

import (
	"context"

	"github.com/huiying/huiying/opinion"
)

// CasesOfEvents implements opinion.Store.
func (s *Store) CasesOfEvents(ctx context.Context, a opinion.Actor, eventIDs []string) ([]opinion.Case, error) {
	if err := seesCases(a); err != nil {
		return nil, err
	}
	if len(eventIDs) > maxPage {
		return nil, invalid("events", "names %d events: give at most %d", len(eventIDs), maxPage)
	}
	ids := make([]any, 0, len(eventIDs))
	for _, id := range eventIDs {
		if named("event", id) == nil { // no case can have another
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	list, err := queryAll(ctx, s.db.Read, scanCase, "SELECT "+caseColumns+" FROM cases WHERE event_id IN "+places(1, len(ids)), ids...)
	if err != nil {
		return nil, s.wrap(ctx, "list cases of events", err)
	}
	var seen []opinion.Case
	for _, c := range list {
		if a.MaySee(c) {
			seen = append(seen, c)
		}
	}
	return seen, nil
}

// CaseEvents implements opinion.Store.
func (s *Store) CaseEvents(ctx context.Context, a opinion.Actor, open bool, limit int) ([]string, error) {
	if !a.MaySearch() {
		return nil, opinion.Errorf(opinion.CodeForbidden, "the role %q lists no events", a.Role)
	}
	if limit < 1 || limit > opinion.MaxEventIDs {
		return nil, invalid("limit", "is %d: give 1 to %d", limit, opinion.MaxEventIDs)
	}
	where := ""
	if open {
		where = "WHERE state <> '" + string(opinion.StateClosed) + "' "
	}
	scan := func(scan func(...any) error) (id string, err error) { return id, scan(&id) }
	ids, err := queryAll(ctx, s.db.Read, scan, "SELECT event_id FROM cases "+where+"ORDER BY opened_at DESC, id DESC LIMIT $1", limit)
	return ids, s.wrap(ctx, "list events with a case", err)
}
