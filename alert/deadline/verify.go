package deadline

import (
	"fmt"
	"strings"

	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Verify counts a stored deadline again from its start, by the rule that it names, and
// returns an error that tells the first difference: another limit than the policy's,
// another due instant, or a trace that does not lead there. The rules and the calendar
// must be those of the versions that the case names.
func Verify(d opinion.Deadline, rules policy.Deadlines, cal *workday.Calendar) error {
	rule, ok := rules.Rule(d.Rule)
	if !ok {
		return fmt.Errorf("verify deadline: deadlines.json has no rule %q", d.Rule)
	}
	if d.Limit != rule.Limit || d.Unit != rule.Unit || d.Clock != rule.Clock {
		return fmt.Errorf("verify deadline: it says %d %s on %s, rule %s says %d %s on %s",
			d.Limit, d.Unit, d.Clock, rule.Key, rule.Limit, rule.Unit, rule.Clock)
	}
	if d.Basis != rule.Basis || d.Source != rule.Source {
		return fmt.Errorf("verify deadline: it rests on %s %q, rule %s on %s %q", d.Basis, d.Source, rule.Key, rule.Basis, rule.Source)
	}
	due, trace, err := count(rule, d.Start, startOf(d.Trace), rules.DayEnd, cal)
	if err != nil {
		return fmt.Errorf("verify deadline: %w", err)
	}
	if !due.Equal(d.Due) {
		return fmt.Errorf("verify deadline: it falls due %s, rule %s gives %s", instant(d.Due, d.Clock), rule.Key, instant(due, d.Clock))
	}
	for i, line := range trace {
		if i >= len(d.Trace) || d.Trace[i] != line {
			return fmt.Errorf("verify deadline: line %d of the trace should be %q", i+1, line)
		}
	}
	return nil
}

// startOf reads from a trace whether the deadline counts from receipt or from opening.
func startOf(trace []string) string {
	if len(trace) > 1 && strings.Contains(trace[1], " 立案") {
		return "立案"
	}
	return "收到"
}
