package relational

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// chinaTime is China Standard Time, which has no summer time since 1991.
var chinaTime = time.FixedZone("CST", 8*60*60)

// errKnownEvent ends the transaction of an event that has its case already.
var errKnownEvent = errors.New("the event has a case")

// OpenCase implements opinion.Store. Co-units and deliveries that are named twice, and
// the lead unit among the co-units, count once. Channel and level of the case are kept as
// given; text that a database cannot hold (NUL, damaged UTF-8) becomes U+FFFD, one for one.
func (s *Store) OpenCase(ctx context.Context, n opinion.NewCase, at time.Time) (opinion.Case, bool, error) {
	if err := checkNew(n, at); err != nil {
		return opinion.Case{}, false, err
	}
	known, err := s.caseBy(ctx, s.db.Read, "event_id", n.Case.EventID)
	if opinion.CodeOf(err) != opinion.CodeNotFound {
		return known, false, s.wrap(ctx, "open case", err)
	}
	var fresh opinion.Case
	err = s.change(ctx, "open case", func(t *tx) error {
		fresh, err = open(ctx, t, n, at)
		return err
	})
	if errors.Is(err, errKnownEvent) {
		known, err = s.caseBy(ctx, s.db.Read, "event_id", n.Case.EventID)
		if opinion.CodeOf(err) == opinion.CodeNotFound {
			err = errors.New("its number is taken: the table counters is behind the table cases, restore both from one backup")
		}
		return known, false, s.wrap(ctx, "open case", err)
	}
	if err != nil {
		return opinion.Case{}, false, err
	}
	for _, d := range n.Deliveries {
		if d.Channel == channelInbox {
			s.metrics.attempts.WithLabelValues(d.Channel, outcomeDelivered).Inc()
		} else {
			s.wakeUp()
		}
	}
	return fresh, true, nil
}

// open writes the case and everything that belongs to it. The number's counter is taken
// first: it makes those who open cases of one year take turns, so that no number is lost.
func open(ctx context.Context, t *tx, n opinion.NewCase, at time.Time) (opinion.Case, error) {
	year := at.In(chinaTime).Year()
	seq, err := t.next(ctx, fmt.Sprintf("case/%d", year), 1)
	if err != nil {
		return opinion.Case{}, fmt.Errorf("take case number: %w", err)
	}
	c, err := asStored(n.Case, at)
	if err != nil {
		return c, err
	}
	c.Number = fmt.Sprintf("舆〔%d〕%04d号", year, seq)
	if err := insertCase(ctx, t, c); err != nil {
		return c, err
	}
	if err := insertUnits(ctx, t, c); err != nil {
		return c, err
	}
	if err := insertStep(ctx, t, c.ID, c.Steps[0]); err != nil {
		return c, err
	}
	if err := t.keepTallies(ctx, c, opened(c)); err != nil {
		return c, err
	}
	err = t.note(at, opinion.System, "case.open", caseObject+c.ID, map[string]any{
		"number": c.Number, "event_id": c.EventID, "level": c.Level, "lead_unit": c.LeadUnit, "policy_version": c.PolicyVersion})
	if err != nil {
		return c, err
	}
	return c, insertDeliveries(ctx, t, c.ID, n.Deliveries, at)
}

// asStored is the new case as every later reading gives it, still without its number.
func asStored(c opinion.Case, at time.Time) (opinion.Case, error) {
	c.ID = caseID(c.EventID)
	c.State, c.Revision = opinion.StateToSign, 1
	c.CoUnits = helpers(c)
	c.Title, c.Text = storable(c.Title), storable(c.Text)
	at = instant(stamp(at))
	c.ReceivedAt, c.OpenedAt, c.UpdatedAt = instant(stamp(c.ReceivedAt)), at, at
	c.Steps = []opinion.Step{{Seq: 1, Action: opinion.ActionOpen, To: c.State,
		Actor: opinion.System.Name, Role: opinion.RoleSystem, At: at}}
	d, err := encodeDocs(c)
	if err != nil {
		return c, err
	}
	c.Assessment, c.Reasons, c.Deadlines = opinion.Assessment{}, nil, nil // nothing of the caller's memory stays in it
	return c, d.decode(&c)
}

// caseID is the identity of the case of an event. It follows from the event, so that
// opening again, on whatever instance, means the same case.
func caseID(event string) string { return "case-" + digest(event) }

// digest is the first 130 bits of a SHA-256, in lower-case base 32 (26 characters).
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:]))[:26]
}

// helpers are the co-units, each once, without the lead unit.
func helpers(c opinion.Case) []string {
	list := []string{}
	for _, u := range c.CoUnits {
		if u != c.LeadUnit && !slices.Contains(list, u) {
			list = append(list, u)
		}
	}
	return list
}

// insertCase returns errKnownEvent when the event has a case.
func insertCase(ctx context.Context, t *tx, c opinion.Case) error {
	docs, err := encodeDocs(c)
	if err != nil {
		return err
	}
	n, err := t.exec(ctx, "INSERT INTO cases ("+caseColumns+", next_due) VALUES "+places(1, caseColumnCount+1)+" ON CONFLICT DO NOTHING",
		c.ID, c.Number, c.EventID, c.PostID, c.Source, string(c.Channel), c.URL, c.Title, c.Text,
		c.Topic, int(c.Risk), c.Score, string(c.Level), string(c.State), c.LeadUnit,
		docs.coUnits, docs.assessment, docs.reasons, docs.deadlines,
		stamp(c.ReceivedAt), stamp(c.OpenedAt), stamp(c.UpdatedAt),
		c.PolicyVersion, c.CalendarVersion, c.ModelVersion, c.Revision, stampOrNull(nextDue(c.Deadlines)))
	if err != nil {
		return fmt.Errorf("write case: %w", err)
	}
	if n == 0 {
		return errKnownEvent
	}
	return nil
}

// docs are the parts of a case that are stored as JSON text.
type docs struct{ coUnits, assessment, reasons, deadlines string }

// decode fills the parts of the case.
func (d docs) decode(c *opinion.Case) error {
	for _, part := range []struct {
		from string
		to   any
	}{{d.coUnits, &c.CoUnits}, {d.assessment, &c.Assessment}, {d.reasons, &c.Reasons}, {d.deadlines, &c.Deadlines}} {
		if err := json.Unmarshal([]byte(part.from), part.to); err != nil {
			return fmt.Errorf("case %s is damaged: %w", c.ID, err)
		}
	}
	return nil
}

func encodeDocs(c opinion.Case) (docs, error) {
	var d docs
	for _, part := range []struct {
		to   *string
		from any
	}{{&d.coUnits, c.CoUnits}, {&d.assessment, c.Assessment}, {&d.reasons, c.Reasons}, {&d.deadlines, c.Deadlines}} {
		b, err := json.Marshal(part.from)
		if err != nil {
			return d, &opinion.Error{Code: opinion.CodeInvalid, Message: "the case cannot be written as JSON", Err: err}
		}
		if len(b) > maxDocument {
			return d, invalid("case", "has an assessment, reasons or deadlines of %d bytes, %d are allowed", len(b), maxDocument)
		}
		*part.to = string(b)
	}
	return d, nil
}

// nextDue is the earliest instant of a deadline that is not met.
func nextDue(list []opinion.Deadline) *time.Time {
	var next *time.Time
	for _, d := range list {
		if d.MetAt == nil && (next == nil || d.Due.Before(*next)) {
			due := d.Due
			next = &due
		}
	}
	return next
}

func insertUnits(ctx context.Context, t *tx, c opinion.Case) error {
	var rows batch
	due := stampOrNull(nextDue(c.Deadlines))
	for _, unit := range append([]string{c.LeadUnit}, c.CoUnits...) {
		rows.add(unit, c.ID, string(c.State), stamp(c.OpenedAt), due)
	}
	_, err := t.exec(ctx, "INSERT INTO case_units (unit, case_id, state, opened_at, next_due) VALUES "+rows.values(), rows.args...)
	if err != nil {
		return fmt.Errorf("write units of case: %w", err)
	}
	return nil
}

func insertStep(ctx context.Context, t *tx, caseID string, p opinion.Step) error {
	_, err := t.exec(ctx, "INSERT INTO steps ("+stepColumns+") VALUES "+places(1, 10),
		caseID, p.Seq, string(p.Action), string(p.From), string(p.To), p.Actor, string(p.Role), p.Unit, p.Text, stamp(p.At))
	if err != nil {
		return fmt.Errorf("write step: %w", err)
	}
	return nil
}

// insertDeliveries writes the notifications of a new case, each once. Those to the inbox
// are delivered by being written, which the ledger records.
func insertDeliveries(ctx context.Context, t *tx, caseID string, list []opinion.NewDelivery, at time.Time) error {
	var rows batch
	seen := map[string]bool{}
	for i, n := range list {
		d := opinion.Delivery{
			ID: "del-" + digest(caseID, n.Unit, n.Channel, n.Target), CaseID: caseID, Unit: n.Unit,
			Channel: n.Channel, Target: n.Target, State: statePending, CreatedAt: at,
		}
		if seen[d.ID] {
			continue
		}
		seen[d.ID] = true
		if n.Channel == channelInbox {
			d.State, d.Attempts, d.DoneAt = stateDelivered, 1, &at
			if err := t.noteDelivery(at, "delivery.delivered", d, ""); err != nil {
				return err
			}
		}
		rows.add(d.ID, d.CaseID, d.Unit, d.Channel, d.Target, d.State, d.Attempts, d.Error, stamp(d.CreatedAt), stampOrNull(d.DoneAt),
			i, stamp(at), "")
	}
	if len(rows.args) == 0 {
		return nil
	}
	_, err := t.exec(ctx, "INSERT INTO deliveries ("+deliveryColumns+", place, next_at, claim) VALUES "+rows.values(), rows.args...)
	if err != nil {
		return fmt.Errorf("write deliveries: %w", err)
	}
	return nil
}
