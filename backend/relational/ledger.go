package relational

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// note adds an entry to the ledger of this transaction. object is "<kind>:<id>"; detail
// becomes a JSON object and must hold no personal data and no secrets.
func (t *tx) note(at time.Time, a opinion.Actor, action, object string, detail any) error {
	e := opinion.Entry{At: at, Actor: a.Name, Role: a.Role, Action: action, Object: object}
	if detail != nil {
		b, err := json.Marshal(detail)
		if err != nil {
			return fmt.Errorf("encode ledger detail: %w", err)
		}
		e.Detail = string(b)
	}
	t.ledger = append(t.ledger, e)
	return nil
}

// appendLedger writes the noted entries. It is the last thing that a transaction does,
// because it holds the ledger's counter until the commit.
func (t *tx) appendLedger(ctx context.Context) error {
	if len(t.ledger) == 0 {
		return nil
	}
	last, err := t.next(ctx, "ledger", len(t.ledger))
	if err != nil {
		return fmt.Errorf("number ledger entries: %w", err)
	}
	var rows batch
	for i, e := range t.ledger {
		kind, _, _ := strings.Cut(e.Object, ":")
		seq := last - int64(len(t.ledger)-1-i)
		rows.add(seq, stamp(e.At), e.Actor, string(e.Role), e.Action, kind, e.Object, e.Detail)
	}
	if _, err := t.exec(ctx, "INSERT INTO ledger (seq, at, actor, role, action, kind, object, detail) VALUES "+rows.values(), rows.args...); err != nil {
		return fmt.Errorf("append to ledger: %w", err)
	}
	return nil
}

const (
	caseObject    = "case:"
	maxLedgerPage = 1000
)

// Ledger implements opinion.Store. Staff read the entries of cases and events, administrators
// all but those of cases (they see none), leaders and the system everything. limit is 1 … 1000; 0
// means 1000.
func (s *Store) Ledger(ctx context.Context, a opinion.Actor, object string, after int64, limit int) ([]opinion.Entry, error) {
	isCase := strings.HasPrefix(object, caseObject)
	where := "seq > $1"
	switch a.Role {
	case opinion.RoleSystem, opinion.RoleLeader:
	case opinion.RoleStaff:
		if object != "" && !isCase && !strings.HasPrefix(object, eventObject) {
			return nil, opinion.Errorf(opinion.CodeForbidden, "staff read the ledger of cases and events only")
		}
		where += " AND kind IN ('case', 'event')"
	case opinion.RoleAdmin:
		if isCase {
			return nil, opinion.Errorf(opinion.CodeForbidden, "administrators do not read the ledger of cases")
		}
		where += " AND kind <> 'case'"
	default:
		return nil, opinion.Errorf(opinion.CodeForbidden, "the role %q does not read the ledger", a.Role)
	}
	if limit < 0 || limit > maxLedgerPage {
		return nil, invalid("limit", "is %d: give 1 to %d", limit, maxLedgerPage)
	}
	if limit == 0 {
		limit = maxLedgerPage
	}
	if err := optional("object", object, 2*maxName); err != nil {
		return nil, err
	}
	args := []any{after, limit}
	if object != "" {
		where += " AND object = $3"
		args = append(args, object)
	}
	list, err := queryAll(ctx, s.db.Read, scanEntry,
		"SELECT seq, at, actor, role, action, object, detail FROM ledger WHERE "+where+" ORDER BY seq LIMIT $2", args...)
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w", s.fault(ctx, err))
	}
	return list, nil
}

func scanEntry(scan func(...any) error) (opinion.Entry, error) {
	var e opinion.Entry
	var at int64
	err := scan(&e.Seq, &at, &e.Actor, &e.Role, &e.Action, &e.Object, &e.Detail)
	e.At = instant(at)
	return e, err
}
