package deadline

import (
	"fmt"
	"time"

	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// count applies one rule from start and writes down each step. what names the start.
func count(r policy.DeadlineRule, start time.Time, what, dayEnd string, cal *workday.Calendar) (time.Time, []string, error) {
	trace := []string{fmt.Sprintf("规则：%s（%s），%s%s，依据 %s：%s", r.Name, r.Key, limit(r), extension(r), r.Basis, r.Source)}
	switch r.Clock {
	case opinion.ClockNaturalHours:
		return countHours(r, start, what, trace)
	case opinion.ClockCalendarDays:
		return countDays(r, start, what, dayEnd, cal, trace)
	case opinion.ClockWorkdays:
		return countWorkdays(r, start, what, dayEnd, cal, trace)
	default:
		return time.Time{}, nil, fmt.Errorf("rule %s: unknown clock %q", r.Key, r.Clock)
	}
}

func countHours(r policy.DeadlineRule, start time.Time, what string, trace []string) (time.Time, []string, error) {
	unit := time.Hour
	if r.Unit == "min" {
		unit = time.Minute
	}
	due := start.Add(time.Duration(r.Limit) * unit)
	return due, append(trace,
		fmt.Sprintf("起算：%s %s", clockTime(start), what),
		fmt.Sprintf("自然时连续计算%s，节假日不停计", limit(r)),
		"到期："+clockTime(due)), nil
}

func countDays(r policy.DeadlineRule, start time.Time, what, dayEnd string, cal *workday.Calendar, trace []string) (time.Time, []string, error) {
	last := workday.AddDays(start, r.Limit)
	trace = append(trace, received(start, what),
		fmt.Sprintf("第1日：%s，按自然日连续计算，第%d日：%s", workday.Format(workday.AddDays(start, 1)), r.Limit, workday.Format(last)))
	if r.RollOver {
		days, err := cal.RollOver(last)
		if err != nil {
			return time.Time{}, nil, fmt.Errorf("rule %s: %w", r.Key, err)
		}
		for _, d := range days[:len(days)-1] {
			trace = append(trace, fmt.Sprintf("%s%s，最后一日遇休息日顺延", d, d.Why))
		}
		last = days[len(days)-1].Date
	} else {
		trace = append(trace, "本规则不因休息日顺延")
	}
	return end(last, dayEnd, trace)
}

func countWorkdays(r policy.DeadlineRule, start time.Time, what, dayEnd string, cal *workday.Calendar, trace []string) (time.Time, []string, error) {
	days, err := cal.AddWorkdays(start, r.Limit)
	if err != nil {
		return time.Time{}, nil, fmt.Errorf("rule %s: %w", r.Key, err)
	}
	trace = append(trace, received(start, what))
	n := 0
	for _, d := range days {
		trace = append(trace, workdayLine(d, &n))
	}
	return end(days[len(days)-1].Date, dayEnd, trace)
}

// workdayLine is the line of one day; n is how many working days came before it.
func workdayLine(d workday.Day, n *int) string {
	if !d.Workday {
		return fmt.Sprintf("%s%s，不计", d, d.Why)
	}
	*n++
	line := fmt.Sprintf("第%d个工作日：%s", *n, d)
	if d.Why != "" {
		line += "，" + d.Why
	}
	return line
}

func received(start time.Time, what string) string {
	return fmt.Sprintf("%s %s，当日不计入，次日起算（民法典第201条）", clockTime(start), what)
}

func end(last time.Time, dayEnd string, trace []string) (time.Time, []string, error) {
	due, err := workday.End(last, dayEnd)
	if err != nil {
		return time.Time{}, nil, err
	}
	return due, append(trace, fmt.Sprintf("到期：%s %s（民法典第203条）", workday.Format(last), dayEnd)), nil
}

// clockTime writes an instant to the second.
func clockTime(t time.Time) string {
	t = t.In(opinion.ChinaTime)
	return workday.Format(t) + t.Format(" 15:04:05")
}

// Text writes when a deadline falls due, in China's time: "2026-10-19（周一） 24:00".
func Text(d opinion.Deadline) string { return instant(d.Due, d.Clock) }

// instant writes when a deadline falls due: a day that ends at midnight is named by its
// own date.
func instant(t time.Time, clock opinion.Clock) string {
	if local := t.In(opinion.ChinaTime); clock != opinion.ClockNaturalHours && local.Equal(workday.Midnight(local)) {
		return workday.Format(local.AddDate(0, 0, -1)) + " 24:00"
	}
	return clockTime(t)
}

func limit(r policy.DeadlineRule) string {
	switch {
	case r.Unit == "min":
		return fmt.Sprintf("%d分钟", r.Limit)
	case r.Unit == "h":
		return fmt.Sprintf("%d小时", r.Limit)
	case r.Clock == opinion.ClockWorkdays:
		return fmt.Sprintf("%d个工作日", r.Limit)
	default:
		return fmt.Sprintf("%d个自然日", r.Limit)
	}
}

func extension(r policy.DeadlineRule) string {
	switch {
	case r.ExtendTo > 0:
		return fmt.Sprintf("（依规可延至%d日）", r.ExtendTo)
	case r.ExtendBy > 0:
		return fmt.Sprintf("（依规可延长%d日）", r.ExtendBy)
	default:
		return ""
	}
}
