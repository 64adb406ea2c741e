package policy

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/huiying/huiying/opinion"
)

var (
	dayEndForm = regexp.MustCompile(`^(24:00|([01][0-9]|2[0-3]):[0-5][0-9])$`)
	ruleForm   = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+$`)
	levels     = []opinion.Level{opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV}
	channels   = []opinion.Channel{opinion.ChannelPublic, opinion.ChannelWebMessage, opinion.ChannelHotline}
	dueKinds   = []opinion.DeadlineKind{opinion.DeadlineSign, opinion.DeadlineRespond, opinion.DeadlineClose}
	intents    = []string{"投诉", "举报", "求助", "咨询", "建议", "表扬", "其他"}
)

// maxLimit bounds a limit in each of its units: a year, and a little.
var maxLimit = map[string]int{"min": 24 * 60, "h": 24 * 31, "d": 366}

func (c *checker) deadlines() {
	d := c.p.Deadlines
	if !dayEndForm.MatchString(d.DayEnd) || d.DayEnd == "00:00" {
		c.out.add(fileDeadlines, "day_end", quoted(d.DayEnd), `use "24:00" or a closing time such as "17:30"`)
	}
	if !slices.Contains(basisValues, d.DayEndBasis) {
		c.out.add(fileDeadlines, "day_end_basis", quoted(d.DayEndBasis), "use a basis, for example assumption")
	}
	keys := map[string]bool{}
	for i, r := range d.Rules {
		key := fmt.Sprintf("rules[%d]", i)
		if !ruleForm.MatchString(r.Key) {
			c.out.add(fileDeadlines, key+".key", quoted(r.Key), `use the form "web_message.suggestion"`)
		}
		c.unique(fileDeadlines, key+".key", r.Key, keys)
		c.rule(key, r)
	}
	for i, a := range d.Applies {
		c.application(fmt.Sprintf("applies[%d]", i), a, keys)
	}
	c.coverage()
}

func (c *checker) rule(key string, r DeadlineRule) {
	c.text(fileDeadlines, key+".name", r.Name)
	c.text(fileDeadlines, key+".source", r.Source)
	c.basis(fileDeadlines, key, r.Basis)
	most, known := maxLimit[r.Unit]
	switch {
	case !known:
		c.out.add(fileDeadlines, key+".unit", quoted(r.Unit), "use min, h or d")
	case r.Limit < 1 || r.Limit > most:
		c.out.add(fileDeadlines, key+".limit", fmt.Sprintf("%d of %q", r.Limit, r.Key), fmt.Sprintf("limits in %s go from 1 to %d", r.Unit, most))
	}
	switch r.Clock {
	case opinion.ClockNaturalHours:
		if r.Unit == "d" {
			c.out.add(fileDeadlines, key+".unit", `"d" on natural_hours`, "hours run in min or h; days need calendar_days or workdays")
		}
	case opinion.ClockCalendarDays, opinion.ClockWorkdays:
		if r.Unit != "d" {
			c.out.add(fileDeadlines, key+".unit", fmt.Sprintf("%q on %s", r.Unit, r.Clock), "days are counted in d")
		}
	default:
		c.out.add(fileDeadlines, key+".clock", quoted(string(r.Clock)), "use natural_hours, calendar_days or workdays")
	}
	if r.RollOver && r.Clock != opinion.ClockCalendarDays {
		c.out.add(fileDeadlines, key+".roll_over", "without calendar_days", "only calendar days roll over; remove it")
	}
	if r.ExtendTo < 0 || r.ExtendBy < 0 || (r.ExtendTo > 0 && r.ExtendTo <= r.Limit) {
		c.out.add(fileDeadlines, key+".extend_to", fmt.Sprintf("%d, extend_by %d", r.ExtendTo, r.ExtendBy), "an extension is longer than the limit")
	}
}

func (c *checker) application(key string, a Application, rules map[string]bool) {
	if !slices.Contains(dueKinds, a.Kind) {
		c.out.add(fileDeadlines, key+".kind", quoted(string(a.Kind)), "use sign, respond or close")
	}
	if !rules[a.Rule] {
		c.out.add(fileDeadlines, key+".rule", quoted(a.Rule)+": no such rule", "name a key of rules")
	}
	if a.Start != "received" && a.Start != "opened" {
		c.out.add(fileDeadlines, key+".start", quoted(a.Start), "use received or opened")
	}
	c.basis(fileDeadlines, key, a.Basis)
	c.text(fileDeadlines, key+".why", a.Why)
	among(c, key+".levels", a.Levels, levels)
	among(c, key+".channels", a.Channels, channels)
	among(c, key+".intents", a.Intents, intents)
	among(c, key+".not_intents", a.NotIntents, intents)
}

func among[T ~string](c *checker, key string, list, known []T) {
	for i, v := range list {
		if !slices.Contains(known, v) {
			c.out.add(fileDeadlines, fmt.Sprintf("%s[%d]", key, i), quoted(string(v)), fmt.Sprintf("use one of %v", known))
		}
	}
}

// coverage makes sure that every case gets all three deadlines, whatever its level,
// channel and intent.
func (c *checker) coverage() {
	for _, kind := range dueKinds {
		for _, level := range levels {
			for _, channel := range channels {
				for _, intent := range intents {
					if !slices.ContainsFunc(c.p.Deadlines.Applies, func(a Application) bool { return a.Matches(kind, level, channel, intent) }) {
						c.out.add(fileDeadlines, "applies", fmt.Sprintf("give no %s deadline for level %s, channel %s, intent %s", kind, level, channel, intent), "add a row that matches")
						break
					}
				}
			}
		}
	}
}

// Matches reports whether the application holds for such a case.
func (a Application) Matches(kind opinion.DeadlineKind, level opinion.Level, channel opinion.Channel, intent string) bool {
	return a.Kind == kind &&
		(len(a.Levels) == 0 || slices.Contains(a.Levels, level)) &&
		(len(a.Channels) == 0 || slices.Contains(a.Channels, channel)) &&
		(len(a.Intents) == 0 || slices.Contains(a.Intents, intent)) &&
		!slices.Contains(a.NotIntents, intent)
}
