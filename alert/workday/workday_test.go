package workday_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

func shipped(t testing.TB) (*workday.Calendar, policy.Calendar) {
	t.Helper()
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := workday.New(p.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	return cal, p.Calendar
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, opinion.ChinaTime)
	if err != nil {
		panic(err)
	}
	return t
}

// The cases were counted by hand from the notices.
func TestAddWorkdaysOverRealHolidays(t *testing.T) {
	cal, _ := shipped(t)
	for _, tt := range []struct {
		name, received string
		n              int
		last           string
	}{
		{"ordinary week", "2026-11-23 10:00", 3, "2026-11-26"},
		{"Friday evening", "2026-11-20 23:59", 1, "2026-11-23"},
		{"first minute of Saturday", "2026-11-21 00:00", 1, "2026-11-23"},
		{"National Day 2026, make-up Saturday", "2026-09-30 09:00", 3, "2026-10-10"},
		{"received in the holiday", "2026-10-03 12:00", 1, "2026-10-08"},
		{"make-up Sunday before National Day", "2026-09-18 12:00", 1, "2026-09-20"},
		{"received on a make-up day", "2026-09-20 12:00", 1, "2026-09-21"},
		{"Spring Festival 2026 from the make-up Saturday", "2026-02-13 17:00", 2, "2026-02-24"},
		{"Spring Festival 2025", "2025-01-24 17:00", 5, "2025-02-07"},
		{"New Year 2019, whose notice reaches into 2018", "2018-12-28 17:00", 7, "2019-01-09"},
		{"make-up Saturday of 2018 under the notice for 2019", "2018-12-28 17:00", 1, "2018-12-29"},
		{"Spring Festival 2020, made longer", "2020-01-23 17:00", 1, "2020-02-03"},
		{"revoked make-up Saturday of 2020", "2020-01-31 17:00", 1, "2020-02-03"},
		{"leap day", "2024-02-28 08:00", 1, "2024-02-29"},
		{"National Day and Mid-Autumn 2023", "2023-09-28 08:00", 2, "2023-10-08"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			days, err := cal.AddWorkdays(at(tt.received), tt.n)
			if err != nil {
				t.Fatal(err)
			}
			if got := days[len(days)-1].Date.Format(time.DateOnly); got != tt.last {
				t.Errorf("last day %s, want %s: %v", got, tt.last, days)
			}
		})
	}
}

func TestDayOfUTCInstantIsThatOfChina(t *testing.T) {
	cal, _ := shipped(t)
	// 23:30 UTC on Friday is 07:30 on Saturday in China.
	d, err := cal.Day(time.Date(2026, 11, 20, 23, 30, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	if d.Workday || d.String() != "2026-11-21（周六）" {
		t.Errorf("got %v, worked %v", d, d.Workday)
	}
}

func TestMissingYear(t *testing.T) {
	cal, _ := shipped(t)
	for name, count := range map[string]func() error{
		"day after":  func() error { _, err := cal.Day(at("2027-01-01 00:00")); return err },
		"day before": func() error { _, err := cal.Day(at("2016-12-31 23:59")); return err },
		"count":      func() error { _, err := cal.AddWorkdays(at("2026-12-20 10:00"), 15); return err },
		"roll over":  func() error { _, err := cal.RollOver(at("2027-01-01 10:00")); return err },
	} {
		if err := count(); !errors.Is(err, workday.ErrMissingYear) {
			t.Errorf("%s: got %v, want ErrMissingYear", name, err)
		}
	}
	if _, err := cal.AddWorkdays(at("2026-12-28 10:00"), 3); err != nil {
		t.Errorf("a count that ends on 31 December: %v", err)
	}
}

func TestAddWorkdaysRefusesNone(t *testing.T) {
	cal, _ := shipped(t)
	for _, n := range []int{0, -1} {
		if days, err := cal.AddWorkdays(at("2026-11-23 10:00"), n); err == nil {
			t.Errorf("%d days gave %v", n, days)
		}
	}
}

func TestRollOver(t *testing.T) {
	cal, _ := shipped(t)
	for day, want := range map[string]string{
		"2026-10-01": "2026-10-08", // holiday
		"2026-10-10": "2026-10-10", // make-up Saturday
		"2026-10-11": "2026-10-12", // Sunday
		"2026-11-25": "2026-11-25", // Wednesday
	} {
		days, err := cal.RollOver(at(day + " 12:00"))
		if err != nil {
			t.Fatal(err)
		}
		if got := days[len(days)-1].Date.Format(time.DateOnly); got != want {
			t.Errorf("%s rolls to %s, want %s", day, got, want)
		}
	}
}

func TestEnd(t *testing.T) {
	for _, tt := range []struct{ end, want string }{
		{"24:00", "2026-11-26 00:00"}, {"17:30", "2026-11-25 17:30"},
	} {
		got, err := workday.End(at("2026-11-25 09:00"), tt.end)
		if err != nil || !got.Equal(at(tt.want)) {
			t.Errorf("%s: got %v, %v, want %s", tt.end, got, err, tt.want)
		}
	}
	if _, err := workday.End(at("2026-11-25 09:00"), "25:00"); err == nil {
		t.Error("25:00 is taken for a time of day")
	}
}

func TestNewRefusesBrokenCalendars(t *testing.T) {
	year := func(y int) policy.CalendarYear { return policy.CalendarYear{Year: y} }
	bad := year(2026)
	bad.Holidays = []policy.Holiday{{Name: "x", From: "2026-13-01", To: "2026-13-02"}}
	long := year(2026)
	long.Holidays = []policy.Holiday{{Name: "x", From: "2026-01-01", To: "9999-01-01"}}
	work := year(2026)
	work.MakeUp = []policy.MakeUp{{Date: "soon"}}
	for name, years := range map[string][]policy.CalendarYear{
		"none": nil, "gap": {year(2024), year(2026)}, "date": {bad}, "endless": {long}, "make-up": {work},
	} {
		if _, err := workday.New(policy.Calendar{Years: years}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// naive says whether a day is worked straight from the lists of the policy, without the
// code under test.
func naive(c policy.Calendar, day time.Time) bool {
	key := day.Format(time.DateOnly)
	for _, y := range c.Years {
		if slices.ContainsFunc(y.MakeUp, func(m policy.MakeUp) bool { return m.Date == key }) {
			return true
		}
		if slices.ContainsFunc(y.Holidays, func(h policy.Holiday) bool { return h.From <= key && key <= h.To }) {
			return false
		}
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

func TestCountMatchesNaiveCount(t *testing.T) {
	cal, years := shipped(t)
	first := at("2017-01-01 00:00")
	rapid.Check(t, func(t *rapid.T) {
		received := first.Add(time.Duration(rapid.Int64Range(0, 9*365*24*3600).Draw(t, "second")) * time.Second)
		n := rapid.IntRange(1, 120).Draw(t, "n")
		days, err := cal.AddWorkdays(received, n)
		if err != nil {
			t.Fatal(err)
		}
		worked := 0
		for i, d := range days {
			if want := workday.AddDays(received, i+1); !d.Date.Equal(want) {
				t.Fatalf("day %d is %v, want %v", i, d, want)
			}
			if d.Workday != naive(years, d.Date) {
				t.Fatalf("%v: worked %v", d, d.Workday)
			}
			if d.Workday {
				worked++
			}
		}
		if worked != n || !days[len(days)-1].Workday {
			t.Fatalf("%d working days of %d, last %v", worked, n, days[len(days)-1])
		}
	})
}

func TestCountIsMonotone(t *testing.T) {
	cal, _ := shipped(t)
	first := at("2017-01-01 00:00")
	last := func(t *rapid.T, received time.Time, n int) time.Time {
		days, err := cal.AddWorkdays(received, n)
		if err != nil {
			t.Fatal(err)
		}
		return days[len(days)-1].Date
	}
	rapid.Check(t, func(t *rapid.T) {
		a := first.Add(time.Duration(rapid.Int64Range(0, 9*365*24).Draw(t, "hour")) * time.Hour)
		b := a.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "later")) * time.Hour)
		n := rapid.IntRange(1, 60).Draw(t, "n")
		if last(t, a, n).After(last(t, b, n)) {
			t.Fatalf("received later, due earlier: %v %v %d", a, b, n)
		}
		if !last(t, a, n+1).After(last(t, a, n)) {
			t.Fatalf("one day more is not later: %v %d", a, n)
		}
	})
}

// TestAgainstStructuredCalendar compares every day with a structured copy of the notices
// that is not part of the project.
func TestAgainstStructuredCalendar(t *testing.T) {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: the structured calendar and its vectors were not compared")
	}
	data, err := os.ReadFile(filepath.Join(shared, "domain", "workdays_cn.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Years   map[string]struct{ Off, Work []string }
		Vectors []struct {
			Received  string
			IsWorkday bool `json:"is_workday"`
			N         int  `json:"n_workdays"`
			Due       string
		} `json:"test_vectors"`
	}
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	off, work := map[string]bool{}, map[string]bool{}
	for _, y := range ref.Years {
		for _, d := range y.Off {
			off[d] = true
		}
		for _, d := range y.Work {
			work[d] = true
		}
	}
	cal, _ := shipped(t)
	for d := at("2017-01-01 00:00"); d.Year() < 2027; d = d.AddDate(0, 0, 1) {
		got, err := cal.Day(d)
		if err != nil {
			t.Fatal(err)
		}
		key := d.Format(time.DateOnly)
		weekday := d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
		if want := work[key] || weekday && !off[key]; got.Workday != want {
			t.Errorf("%s: worked %v, want %v", key, got.Workday, want)
		}
	}
	if len(ref.Vectors) == 0 {
		t.Fatal("no vectors")
	}
	for _, v := range ref.Vectors {
		days, err := cal.AddWorkdays(at(v.Received+" 10:00"), v.N)
		if err != nil {
			t.Fatal(err)
		}
		if got := days[len(days)-1].Date.Format(time.DateOnly); got != v.Due {
			t.Errorf("%s + %d: %s, want %s", v.Received, v.N, got, v.Due)
		}
	}
}
