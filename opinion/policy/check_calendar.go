package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxHoliday bounds a holiday, in days: longer ones are a slip of the pen.
const maxHoliday = 16

func (c *checker) calendar() {
	years := c.p.Calendar.Years
	if len(years) == 0 {
		c.out.add(fileCalendar, "years", "is empty", "enter the years whose notices are published")
	}
	off := map[string]bool{}
	for i, y := range years {
		key := fmt.Sprintf("years[%d]", i)
		if i > 0 && y.Year != years[i-1].Year+1 {
			c.out.add(fileCalendar, key+".year", fmt.Sprintf("%d follows %d", y.Year, years[i-1].Year), "years ascend without gaps")
		}
		if y.Year < 2000 || y.Year > 2200 {
			c.out.add(fileCalendar, key+".year", fmt.Sprint(y.Year), "years have four digits")
		}
		c.notices(key, y)
		c.holidays(key, y, off)
	}
	worked := map[string]bool{}
	for i, y := range years {
		c.makeUps(fmt.Sprintf("years[%d]", i), y, off, worked)
	}
}

func (c *checker) notices(key string, y CalendarYear) {
	if len(y.Notices) == 0 {
		c.out.add(fileCalendar, key+".notices", "is empty", "give the address of the State Council's notice")
	}
	for j, n := range y.Notices {
		if !strings.HasPrefix(n, "https://") && !strings.HasPrefix(n, "http://") {
			c.out.add(fileCalendar, fmt.Sprintf("%s.notices[%d]", key, j), quoted(n), "give an http or https address")
		}
	}
}

func (c *checker) holidays(key string, y CalendarYear, off map[string]bool) {
	if len(y.Holidays) == 0 {
		c.out.add(fileCalendar, key+".holidays", "is empty", "every year has holidays")
	}
	for j, h := range y.Holidays {
		at := fmt.Sprintf("%s.holidays[%d]", key, j)
		c.text(fileCalendar, at+".name", h.Name)
		from, okFrom := c.day(at+".from", h.From, y.Year)
		to, okTo := c.day(at+".to", h.To, y.Year)
		if !okFrom || !okTo {
			continue
		}
		days := int(to.Sub(from).Hours()/24) + 1
		if days < 1 || days > maxHoliday {
			c.out.add(fileCalendar, at, fmt.Sprintf("%s lasts %d days", quoted(h.Name), days), fmt.Sprintf("to comes after from, by at most %d days", maxHoliday))
			continue
		}
		for d := range days {
			c.unique(fileCalendar, at, from.AddDate(0, 0, d).Format(time.DateOnly), off)
		}
	}
}

func (c *checker) makeUps(key string, y CalendarYear, off, worked map[string]bool) {
	for j, m := range y.MakeUp {
		at := fmt.Sprintf("%s.make_up[%d]", key, j)
		day, ok := c.day(at+".date", m.Date, y.Year)
		if !ok {
			continue
		}
		c.unique(fileCalendar, at+".date", m.Date, worked)
		if wd := day.Weekday(); wd != time.Saturday && wd != time.Sunday {
			c.out.add(fileCalendar, at+".date", m.Date+" is a "+wd.String(), "a make-up day falls on a weekend; other days are worked anyway")
		}
		if off[m.Date] {
			c.out.add(fileCalendar, at+".date", m.Date+" is a holiday too", "a day is either off or worked")
		}
		if !slices.ContainsFunc(y.Holidays, func(h Holiday) bool { return h.Name == m.For }) {
			c.out.add(fileCalendar, at+".for", quoted(m.For)+": no such holiday", "name a holiday of the same year")
		}
	}
}

// day parses a date that a notice for year may name: one of that year, or of the
// December before.
func (c *checker) day(key, value string, year int) (time.Time, bool) {
	d, err := time.Parse(time.DateOnly, value)
	if err != nil {
		c.out.add(fileCalendar, key, quoted(value), "write dates as YYYY-MM-DD")
		return d, false
	}
	if d.Year() != year && !(d.Year() == year-1 && d.Month() == time.December) {
		c.out.add(fileCalendar, key, fmt.Sprintf("%s stands under %d", value, year), "a year holds its own days and those of the December before")
		return d, false
	}
	return d, true
}
