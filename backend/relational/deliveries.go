package relational

import (
	"context"
	"database/sql"
	"time"

	"github.com/huiying/huiying/opinion"
)

// The states of a delivery.
const (
	statePending   = "pending"
	stateDelivered = "delivered"
	stateFailed    = "failed"
)

const deliveryColumns = "id, case_id, unit, channel, target, state, attempts, error, created_at, done_at"

func scanDelivery(scan func(...any) error) (opinion.Delivery, error) {
	var d opinion.Delivery
	var created int64
	var done sql.NullInt64
	err := scan(&d.ID, &d.CaseID, &d.Unit, &d.Channel, &d.Target, &d.State, &d.Attempts, &d.Error, &created, &done)
	d.CreatedAt, d.DoneAt = instant(created), instantOrNil(done)
	return d, err
}

// Deliveries implements opinion.Store. A unit sees that other units of the case were
// notified, but not their addresses and errors: a webhook's URL may be as good as a key.
func (s *Store) Deliveries(ctx context.Context, a opinion.Actor, caseID string) ([]opinion.Delivery, error) {
	if _, err := s.visible(ctx, s.db.Read, a, "id", caseID); err != nil {
		return nil, s.wrap(ctx, "list deliveries", err)
	}
	list, err := queryAll(ctx, s.db.Read, scanDelivery,
		"SELECT "+deliveryColumns+" FROM deliveries WHERE case_id = $1 ORDER BY place", caseID)
	if err != nil {
		return nil, s.wrap(ctx, "list deliveries", err)
	}
	for i := range list {
		if a.Role == opinion.RoleUnit && list[i].Unit != a.Unit {
			list[i].Target, list[i].Error = "", ""
		}
	}
	return list, nil
}

// noteDelivery records the end of a delivery in the ledger of its case.
func (t *tx) noteDelivery(at time.Time, action string, d opinion.Delivery, reason string) error {
	detail := map[string]any{"delivery": d.ID, "unit": d.Unit, "channel": d.Channel, "attempts": d.Attempts}
	if reason != "" {
		detail["reason"] = reason
	}
	return t.note(at, opinion.System, action, caseObject+d.CaseID, detail)
}
