package relational

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/huiying/huiying/opinion"
)

const (
	caseColumns = "id, number, event_id, post_id, source, channel, url, title, text, topic, risk, score, level, state, lead_unit, " +
		"co_units, assessment, reasons, deadlines, received_at, opened_at, updated_at, policy_version, calendar_version, model_version, revision"
	caseColumnCount = 26
	stepColumns     = "case_id, seq, action, before, after, actor, role, unit, text, at"
)

func scanCase(scan func(...any) error) (opinion.Case, error) {
	var c opinion.Case
	var d docs
	var received, opened, updated int64
	if err := scan(&c.ID, &c.Number, &c.EventID, &c.PostID, &c.Source, &c.Channel, &c.URL, &c.Title, &c.Text,
		&c.Topic, &c.Risk, &c.Score, &c.Level, &c.State, &c.LeadUnit,
		&d.coUnits, &d.assessment, &d.reasons, &d.deadlines, &received, &opened, &updated,
		&c.PolicyVersion, &c.CalendarVersion, &c.ModelVersion, &c.Revision); err != nil {
		return c, err
	}
	c.ReceivedAt, c.OpenedAt, c.UpdatedAt = instant(received), instant(opened), instant(updated)
	return c, d.decode(&c)
}

// owned is a step with its case.
type owned struct {
	caseID string
	step   opinion.Step
}

func scanStep(scan func(...any) error) (owned, error) {
	var o owned
	var at int64
	p := &o.step
	err := scan(&o.caseID, &p.Seq, &p.Action, &p.From, &p.To, &p.Actor, &p.Role, &p.Unit, &p.Text, &at)
	p.At = instant(at)
	return o, err
}

// withSteps reads the steps of the cases. Steps never change, so that those up to the
// revision of a case fit to it even when the case has moved on since it was read.
func withSteps(ctx context.Context, q querier, cases []opinion.Case) error {
	if len(cases) == 0 {
		return nil
	}
	at := make(map[string]int, len(cases))
	ids := make([]any, len(cases))
	for i, c := range cases {
		at[c.ID], ids[i] = i, c.ID
	}
	steps, err := queryAll(ctx, q, scanStep,
		"SELECT "+stepColumns+" FROM steps WHERE case_id IN "+places(1, len(ids))+" ORDER BY case_id, seq", ids...)
	if err != nil {
		return fmt.Errorf("read steps: %w", err)
	}
	for _, o := range steps {
		if c := &cases[at[o.caseID]]; o.step.Seq <= c.Revision {
			c.Steps = append(c.Steps, o.step)
		}
	}
	return nil
}

func noCase() error { return opinion.Errorf(opinion.CodeNotFound, "there is no such case") }

// caseBy reads the one case whose column (id or event_id) has the value.
func (s *Store) caseBy(ctx context.Context, q querier, column, value string) (opinion.Case, error) {
	if named(column, value) != nil {
		return opinion.Case{}, noCase()
	}
	list, err := queryAll(ctx, q, scanCase, "SELECT "+caseColumns+" FROM cases WHERE "+column+" = $1", value)
	if err != nil {
		return opinion.Case{}, err
	}
	if len(list) == 0 {
		return opinion.Case{}, noCase()
	}
	err = withSteps(ctx, q, list)
	return list[0], err
}

// seesCases refuses those who see no case at all, before anything is looked up.
func seesCases(a opinion.Actor) error {
	switch a.Role {
	case opinion.RoleSystem, opinion.RoleStaff, opinion.RoleLeader:
		return nil
	case opinion.RoleUnit:
		if a.Unit != "" {
			return nil
		}
		return opinion.Errorf(opinion.CodeForbidden, "the user belongs to no unit")
	default:
		return opinion.Errorf(opinion.CodeForbidden, "the role %q sees no cases", a.Role)
	}
}

// visible reads a case as the actor may see it: one that is not the actor's to see does
// not exist for it.
func (s *Store) visible(ctx context.Context, q querier, a opinion.Actor, column, value string) (opinion.Case, error) {
	if err := seesCases(a); err != nil {
		return opinion.Case{}, err
	}
	c, err := s.caseBy(ctx, q, column, value)
	if err == nil && !a.MaySee(c) {
		err = noCase()
	}
	if err != nil {
		return opinion.Case{}, err
	}
	return c, nil
}

// wrap says what failed.
func (s *Store) wrap(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, s.fault(ctx, err))
}

// Case implements opinion.Store.
func (s *Store) Case(ctx context.Context, a opinion.Actor, id string) (opinion.Case, error) {
	c, err := s.visible(ctx, s.db.Read, a, "id", id)
	return c, s.wrap(ctx, "read case", err)
}

// CaseOfEvent implements opinion.Store.
func (s *Store) CaseOfEvent(ctx context.Context, a opinion.Actor, eventID string) (opinion.Case, error) {
	c, err := s.visible(ctx, s.db.Read, a, "event_id", eventID)
	return c, s.wrap(ctx, "read case of event", err)
}

// Cases implements opinion.Store. A unit gets the cases that it leads or helps with; it
// cannot ask for those of another unit.
func (s *Store) Cases(ctx context.Context, a opinion.Actor, q opinion.CaseQuery) (opinion.CasePage, error) {
	q, err := checkQuery(a, q)
	if err != nil {
		return opinion.CasePage{}, err
	}
	list, err := buildList(q)
	if err != nil {
		return opinion.CasePage{}, err
	}
	page, err := s.page(ctx, q, list)
	return page, s.wrap(ctx, "list cases", err)
}

func (s *Store) page(ctx context.Context, q opinion.CaseQuery, list caseList) (opinion.CasePage, error) {
	var p opinion.CasePage
	if err := s.db.Read.QueryRowContext(ctx, list.total, list.totalArgs...).Scan(&p.Total); err != nil {
		return p, fmt.Errorf("count: %w", err)
	}
	var err error
	if p.Cases, err = queryAll(ctx, s.db.Read, scanCase, list.page, list.pageArgs...); err != nil {
		return p, err
	}
	if len(p.Cases) > q.Limit {
		p.Cases = p.Cases[:q.Limit]
		p.Next = cursorAfter(p.Cases[q.Limit-1])
	}
	return p, withSteps(ctx, s.db.Read, p.Cases)
}

func checkQuery(a opinion.Actor, q opinion.CaseQuery) (opinion.CaseQuery, error) {
	if err := seesCases(a); err != nil {
		return q, err
	}
	if a.Role == opinion.RoleUnit {
		if q.Unit != "" && q.Unit != a.Unit {
			return q, opinion.Errorf(opinion.CodeForbidden, "a unit lists its own cases only")
		}
		q.Unit = a.Unit
	}
	switch q.State {
	case "", opinion.StateToSign, opinion.StateHandling, opinion.StateReview, opinion.StateClosed:
	default:
		return q, invalid("state", "is %q: give to_sign, handling, review or closed", q.State)
	}
	if err := first(checkLevel(q.Level), optional("unit", q.Unit, maxName), optional("topic", q.Topic, maxName)); err != nil {
		return q, err
	}
	if !q.Due.IsZero() {
		if err := instantOf("due", q.Due); err != nil {
			return q, err
		}
	}
	if q.Limit < 0 || q.Limit > maxPage {
		return q, invalid("limit", "is %d: give 1 to %d", q.Limit, maxPage)
	}
	if q.Limit == 0 {
		q.Limit = defaultPage
	}
	return q, nil
}

// cursorAfter is the opaque position behind a case: base64 of "<opened_at>/<id>".
func cursorAfter(c opinion.Case) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d/%s", stamp(c.OpenedAt), c.ID))
}

func parseCursor(text string) (opened int64, id string, err error) {
	if len(text) > 2*maxName {
		return 0, "", invalid("after", "is no position of a list: use CasePage.Next")
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	at, id, ok := strings.Cut(string(b), "/")
	opened, numErr := strconv.ParseInt(at, 10, 64)
	if errors.Join(err, numErr) != nil || !ok || named("after", id) != nil {
		return 0, "", invalid("after", "is no position of a list: use CasePage.Next")
	}
	return opened, id, nil
}
