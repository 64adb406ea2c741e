// Package workday counts working days and calendar days by the State Council's calendar
// (工作日历，含调休补班). It is pure: no clock, no files.
//
// Days are those of China Standard Time. The day of receipt is not counted (民法典201);
// the last day ends at 24:00 or at the configured closing time (民法典203). A day in a
// year without a published calendar is an error, never a guess.
package workday

import (
	"errors"
	"fmt"
	"time"

	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// ErrMissingYear marks a count that reached a year whose calendar is not published.
var ErrMissingYear = errors.New("no calendar for the year")

// Calendar answers whether a day is worked. It is read-only and safe for concurrent use.
type Calendar struct {
	version     string
	first, last int               // years, both included
	off         map[string]string // YYYY-MM-DD → holiday
	worked      map[string]string // YYYY-MM-DD → holiday that it makes up for
}

// New reads the calendar of a policy.
func New(c policy.Calendar) (*Calendar, error) {
	if len(c.Years) == 0 {
		return nil, fmt.Errorf("read calendar: %w: no year at all", ErrMissingYear)
	}
	cal := &Calendar{
		version: c.Version,
		first:   c.Years[0].Year,
		last:    c.Years[len(c.Years)-1].Year,
		off:     map[string]string{},
		worked:  map[string]string{},
	}
	if cal.last-cal.first+1 != len(c.Years) {
		return nil, fmt.Errorf("read calendar: years %d to %d have gaps", cal.first, cal.last)
	}
	for _, y := range c.Years {
		if err := cal.add(y); err != nil {
			return nil, fmt.Errorf("read calendar of %d: %w", y.Year, err)
		}
	}
	return cal, nil
}

func (c *Calendar) add(y policy.CalendarYear) error {
	for _, h := range y.Holidays {
		from, err := time.Parse(time.DateOnly, h.From)
		if err != nil {
			return err
		}
		to, err := time.Parse(time.DateOnly, h.To)
		if err != nil {
			return err
		}
		if to.Sub(from) > 366*24*time.Hour {
			return fmt.Errorf("%s lasts from %s to %s", h.Name, h.From, h.To)
		}
		for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
			c.off[d.Format(time.DateOnly)] = h.Name
		}
	}
	for _, m := range y.MakeUp {
		if _, err := time.Parse(time.DateOnly, m.Date); err != nil {
			return err
		}
		c.worked[m.Date] = m.For
	}
	return nil
}

// Version is that of the calendar file.
func (c *Calendar) Version() string { return c.version }

// Day is one day and what the calendar says of it.
type Day struct {
	// Date is the day's midnight in China.
	Date    time.Time
	Workday bool
	// Why is the reason in Chinese when the weekday alone does not tell: "国庆节放假",
	// "国庆节调休上班", or "周末".
	Why string
}

// String is the day as it stands in a trace: "2026-10-08（周四）".
func (d Day) String() string { return Format(d.Date) }

// Format writes a day with its weekday: "2026-10-08（周四）".
func Format(t time.Time) string {
	t = t.In(opinion.ChinaTime)
	return t.Format(time.DateOnly) + "（周" + [...]string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()] + "）"
}

// Midnight is the start of the day in China that holds the instant.
func Midnight(t time.Time) time.Time {
	y, m, d := t.In(opinion.ChinaTime).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, opinion.ChinaTime)
}

// Day looks up the day in China that holds the instant. Its error wraps ErrMissingYear.
func (c *Calendar) Day(t time.Time) (Day, error) {
	d := Day{Date: Midnight(t)}
	if y := d.Date.Year(); y < c.first || y > c.last {
		return d, fmt.Errorf("%w: calendar.json knows %d to %d and not %d; enter the State Council's notice for that year", ErrMissingYear, c.first, c.last, y)
	}
	key := d.Date.Format(time.DateOnly)
	weekend := d.Date.Weekday() == time.Saturday || d.Date.Weekday() == time.Sunday
	if name, ok := c.off[key]; ok {
		d.Why = name + "放假"
	} else if name, ok := c.worked[key]; ok {
		d.Workday, d.Why = true, name+"调休上班"
	} else if weekend {
		d.Why = "周末"
	} else {
		d.Workday = true
	}
	return d, nil
}

// AddWorkdays returns the days from the one after receipt up to and including the n-th
// working day, in order. n is at least 1.
func (c *Calendar) AddWorkdays(received time.Time, n int) ([]Day, error) {
	if n < 1 {
		return nil, fmt.Errorf("count %d working days: at least 1 is needed", n)
	}
	var days []Day
	for date, left := next(Midnight(received)), n; left > 0; date = next(date) {
		d, err := c.Day(date)
		if err != nil {
			return nil, fmt.Errorf("count %d working days from %s: %w", n, Format(received), err)
		}
		days = append(days, d)
		if d.Workday {
			left--
		}
	}
	return days, nil
}

// AddDays returns the last of n calendar days after the day of receipt, which needs no
// calendar. n is at least 1.
func AddDays(received time.Time, n int) time.Time {
	return Midnight(received).AddDate(0, 0, n)
}

// RollOver returns the days from the given one up to and including the first that is
// worked: the day alone when it is worked itself.
func (c *Calendar) RollOver(day time.Time) ([]Day, error) {
	var days []Day
	for date := Midnight(day); ; date = next(date) {
		d, err := c.Day(date)
		if err != nil {
			return nil, fmt.Errorf("roll %s over: %w", Format(day), err)
		}
		days = append(days, d)
		if d.Workday {
			return days, nil
		}
	}
}

// End is the instant at which a day ends: dayEnd is "24:00" or a closing time such as
// "17:30", as in policy.Deadlines.
func End(day time.Time, dayEnd string) (time.Time, error) {
	if dayEnd == "24:00" {
		return next(Midnight(day)), nil
	}
	at, err := time.Parse("15:04", dayEnd)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the end of the day %q: %w", dayEnd, err)
	}
	return Midnight(day).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute), nil
}

func next(day time.Time) time.Time { return day.AddDate(0, 0, 1) }
