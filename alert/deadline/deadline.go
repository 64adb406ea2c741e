// Package deadline sets the deadlines of a case from the deadline policy, each with the
// proof of how it was counted (时限证明). It is pure: no clock, no files.
//
// Two clocks run. Minutes and hours are natural time and are never paused by a holiday.
// Days, working days or calendar days, start on the day after the start and last until
// the end of their last day (see workday).
package deadline

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Matter is what the deadlines of a case depend on.
type Matter struct {
	Level   opinion.Level
	Channel opinion.Channel
	// Intent is Assessment.Intent; suggestions have limits of their own.
	Intent     string
	ReceivedAt time.Time
	OpenedAt   time.Time
}

// kinds are the deadlines of a case in the order in which they are met.
var kinds = []opinion.DeadlineKind{opinion.DeadlineSign, opinion.DeadlineRespond, opinion.DeadlineClose}

// Set returns the deadlines of a case: one to sign, one to respond, one to close. Of the
// rules that apply to a kind the one that falls due first holds (从严), and of two that
// fall due together the one with the stronger basis; the trace names the others.
//
// A deadline that cannot be counted, because a year's calendar is not published, is left
// out and told in the error, which wraps workday.ErrMissingYear; the other deadlines are
// returned beside it.
func Set(m Matter, rules policy.Deadlines, cal *workday.Calendar) ([]opinion.Deadline, error) {
	if m.ReceivedAt.IsZero() || m.OpenedAt.IsZero() {
		return nil, errors.New("set deadlines: the time of receipt or of opening is missing")
	}
	var set []opinion.Deadline
	var failed error
	for _, kind := range kinds {
		d, err := one(kind, m, rules, cal)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("set the %s deadline: %w", kind, err))
			continue
		}
		set = append(set, d)
	}
	return set, failed
}

// candidate is a deadline by one rule, or the reason why it could not be counted.
type candidate struct {
	deadline opinion.Deadline
	name     string
	why      string // the application's reason with its standing
	err      error
	earliest time.Time // no later than the deadline; known also when err is not nil
}

func one(kind opinion.DeadlineKind, m Matter, rules policy.Deadlines, cal *workday.Calendar) (opinion.Deadline, error) {
	var counted, uncounted []candidate
	for _, a := range rules.Applies {
		if !a.Matches(kind, m.Level, m.Channel, m.Intent) {
			continue
		}
		c, err := byRule(a, m, rules, cal)
		if err != nil {
			return opinion.Deadline{}, err
		}
		if c.err != nil {
			uncounted = append(uncounted, c)
		} else {
			counted = append(counted, c)
		}
	}
	if len(counted)+len(uncounted) == 0 {
		return opinion.Deadline{}, fmt.Errorf("no rule of deadlines.json applies to level %q, channel %q, intent %q", m.Level, m.Channel, m.Intent)
	}
	slices.SortStableFunc(counted, stricter)
	for _, c := range uncounted {
		if len(counted) == 0 || c.earliest.Before(counted[0].deadline.Due) {
			return opinion.Deadline{}, c.err
		}
	}
	return choose(counted, uncounted), nil
}

func byRule(a policy.Application, m Matter, rules policy.Deadlines, cal *workday.Calendar) (candidate, error) {
	rule, ok := rules.Rule(a.Rule)
	if !ok {
		return candidate{}, fmt.Errorf("deadlines.json has no rule %q", a.Rule)
	}
	start, what := m.ReceivedAt, "收到"
	if a.Start == "opened" {
		start, what = m.OpenedAt, "立案"
	}
	start = start.Truncate(time.Second) // a person counts in seconds; the part of one is given away
	due, trace, err := count(rule, start, what, rules.DayEnd, cal)
	return candidate{
		name: rule.Name,
		why:  fmt.Sprintf("%s（%s）", a.Why, a.Basis),
		err:  err,
		deadline: opinion.Deadline{
			Kind: a.Kind, Start: start.UTC(), Due: due.UTC(), Limit: rule.Limit, Unit: rule.Unit, Clock: rule.Clock,
			Rule: rule.Key, Basis: rule.Basis, Source: rule.Source, Trace: trace,
		},
		earliest: workday.AddDays(start, rule.Limit),
	}, nil
}

// strength orders the standings of rules, the strongest first.
var strength = []string{"mandated", "mandated_secondary", "variant", "assumption"}

func stricter(a, b candidate) int {
	if by := a.deadline.Due.Compare(b.deadline.Due); by != 0 {
		return by
	}
	return slices.Index(strength, a.deadline.Basis) - slices.Index(strength, b.deadline.Basis)
}

// choose takes the first of the counted candidates and writes into its trace why it
// applies and why the others do not hold.
func choose(counted, uncounted []candidate) opinion.Deadline {
	d := counted[0].deadline
	d.Trace = append(d.Trace, "适用："+counted[0].why)
	for _, c := range counted[1:] {
		o := c.deadline
		if o.Due.Equal(d.Due) {
			d.Trace = append(d.Trace, fmt.Sprintf("规则“%s”（%s）同时到期，依据不强于本规则，不采用", c.name, o.Rule))
			continue
		}
		d.Trace = append(d.Trace, fmt.Sprintf("规则“%s”（%s）到期 %s，较晚；从严取先到期者，不采用", c.name, o.Rule, instant(o.Due, o.Clock)))
	}
	for _, c := range uncounted {
		d.Trace = append(d.Trace, fmt.Sprintf("规则“%s”（%s）所需年份的工作日历尚未发布，无法计算；其到期不会早于本规则，不采用", c.name, c.deadline.Rule))
	}
	return d
}
