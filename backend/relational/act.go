package relational

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Act implements opinion.Store. A step never stands before the one that it follows: when
// act.At is earlier than the last step, because two hosts' clocks differ, the time of the
// last step is taken.
func (s *Store) Act(ctx context.Context, a opinion.Actor, act opinion.CaseAct) (opinion.Case, error) {
	if err := checkAct(a, act); err != nil {
		return opinion.Case{}, err
	}
	var changed opinion.Case
	err := s.change(ctx, string(act.Action)+" case", func(t *tx) error {
		c, err := s.visible(ctx, t, a, "id", act.CaseID)
		if err != nil {
			return err
		}
		row, err := decide(a, c, act)
		if err != nil {
			return err
		}
		changed, err = apply(ctx, t, a, c, act, row)
		return err
	})
	if err != nil {
		return opinion.Case{}, err
	}
	return changed, nil
}

func checkAct(a opinion.Actor, act opinion.CaseAct) error {
	known := act.Action != opinion.ActionOpen && slices.ContainsFunc(opinion.Transitions,
		func(t opinion.Transition) bool { return t.Action == act.Action })
	if !known {
		return invalid("action", "is %q: give sign, answer, approve or return", act.Action)
	}
	return first(named("actor.name", a.Name), named("case_id", act.CaseID), instantOf("at", act.At), checkText("text", act.Text))
}

// decide says whether the actor may do this to the case as it stands. The right is judged
// before the state, so that who can never do it does not learn where the case stands.
func decide(a opinion.Actor, c opinion.Case, act opinion.CaseAct) (opinion.Transition, error) {
	may := slices.ContainsFunc(opinion.Transitions,
		func(t opinion.Transition) bool { return t.Action == act.Action && a.MayDo(t, c) })
	if !may {
		return opinion.Transition{}, opinion.Errorf(opinion.CodeForbidden, "%s may not %s this case", a.Role, act.Action)
	}
	if act.Revision != c.Revision {
		last := c.Steps[len(c.Steps)-1]
		return opinion.Transition{}, opinion.Errorf(opinion.CodeConflict,
			"the case changed meanwhile (%s by %s): look at it again", last.Action, last.Actor)
	}
	row, err := opinion.FindTransition(c.State, act.Action)
	if err != nil {
		return row, err
	}
	if !a.MayDo(row, c) {
		return row, opinion.Errorf(opinion.CodeForbidden, "%s may not %s this case", a.Role, act.Action)
	}
	if row.NeedsText && strings.TrimSpace(act.Text) == "" {
		return row, invalid("text", "is missing: say what was done, or why")
	}
	return row, nil
}

func apply(ctx context.Context, t *tx, a opinion.Actor, c opinion.Case, act opinion.CaseAct, row opinion.Transition) (opinion.Case, error) {
	at := instant(stamp(act.At))
	if at.Before(c.UpdatedAt) {
		at = c.UpdatedAt
	}
	from := c.State
	c.State, c.UpdatedAt, c.Revision = row.To, at, c.Revision+1
	meet(c.Deadlines, row.Meets, at)
	if err := updateCase(ctx, t, c, act.Revision); err != nil {
		return c, err
	}
	step := opinion.Step{Seq: c.Revision, Action: act.Action, From: from, To: row.To,
		Actor: a.Name, Role: a.Role, Unit: a.Unit, Text: act.Text, At: at}
	if err := insertStep(ctx, t, c.ID, step); err != nil {
		return c, err
	}
	if err := t.keepTallies(ctx, c, moved(c, from)); err != nil {
		return c, err
	}
	err := t.note(at, a, "case."+string(act.Action), caseObject+c.ID,
		map[string]any{"number": c.Number, "revision": c.Revision, "from": from, "to": row.To, "unit": a.Unit})
	if err != nil {
		return c, err
	}
	c.Steps = append(c.Steps, step)
	return c, nil
}

// meet marks the deadline as met, if it is not yet: only the first answer counts.
func meet(list []opinion.Deadline, kind opinion.DeadlineKind, at time.Time) {
	for i := range list {
		if kind != "" && list[i].Kind == kind && list[i].MetAt == nil {
			list[i].MetAt = &at
		}
	}
}

// updateCase writes the changed parts if the case still has the revision, which also
// holds when another transaction changed it after this one read it.
func updateCase(ctx context.Context, t *tx, c opinion.Case, revision int) error {
	d, err := encodeDocs(c)
	if err != nil {
		return err
	}
	due := stampOrNull(nextDue(c.Deadlines))
	n, err := t.exec(ctx, `UPDATE cases SET state = $3, updated_at = $4, revision = $5, deadlines = $6, next_due = $7
		WHERE id = $1 AND revision = $2`, c.ID, revision, string(c.State), stamp(c.UpdatedAt), c.Revision, d.deadlines, due)
	if err != nil {
		return fmt.Errorf("write case: %w", err)
	}
	if n == 0 {
		return opinion.Errorf(opinion.CodeConflict, "the case changed meanwhile: look at it again")
	}
	if _, err := t.exec(ctx, "UPDATE case_units SET state = $2, next_due = $3 WHERE case_id = $1", c.ID, string(c.State), due); err != nil {
		return fmt.Errorf("write units of case: %w", err)
	}
	return nil
}
