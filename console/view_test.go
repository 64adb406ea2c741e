package console

import (
	"strings"
	"testing"

	"github.com/huiying/huiying/opinion"
)

// A webhook's address holds its secret, also where an error quotes it.
func TestFailedDeliveriesKeepTheirSecrets(t *testing.T) {
	const target = "https://hooks.example.com/send?access_token=SECRET"
	all := []opinion.Delivery{{
		ID: "d1", Unit: "u-1", Channel: "webhook", Target: target, State: "failed", Attempts: 12,
		Error: `Post "` + target + `": connection refused`,
	}}
	staff := viewDeliveries(all, opinion.Actor{Name: "staff", Role: opinion.RoleStaff})[0]
	if staff.Target != "https://hooks.example.com" || staff.Error != `Post "https://hooks.example.com": connection refused` {
		t.Errorf("staff see %+v", staff)
	}
	unit := viewDeliveries(all, opinion.Actor{Name: "u", Role: opinion.RoleUnit, Unit: "u-1"})[0]
	if unit.Target != "" || unit.Error != "" || unit.State != "failed" {
		t.Errorf("the unit sees %+v", unit)
	}
}

func TestCaseTitle(t *testing.T) {
	for _, tt := range []struct{ title, text, want string }{
		{"违建", "很长的内容", "违建"},
		{"", "一句\n  话", "一句 话"},
		{"", strings.Repeat("长", 60), strings.Repeat("长", 60)},
		{"", strings.Repeat("长", 61), strings.Repeat("长", 59) + "…"},
		{"", "", ""},
	} {
		if got := caseTitle(opinion.Case{Title: tt.title, Text: tt.text}); got != tt.want {
			t.Errorf("title of %q, %q is %q, want %q", tt.title, tt.text, got, tt.want)
		}
	}
}

func TestUnitsAreOrderedByWhatIsOverdue(t *testing.T) {
	counts := []opinion.CaseCount{
		{Unit: "a", Topic: "x", State: opinion.StateToSign, Count: 9},
		{Unit: "b", Topic: "x", State: opinion.StateHandling, Count: 2, Overdue: 1},
		{Unit: "b", Topic: "y", State: opinion.StateClosed, Count: 3},
		{Unit: "c", Topic: "y", State: opinion.StateReview, Count: 1, Overdue: 1},
	}
	units := sumUnits(counts)
	want := []UnitStats{
		{Unit: "b", Total: 5, Overdue: 1, Handling: 2, Closed: 3},
		{Unit: "c", Total: 1, Overdue: 1, Review: 1},
		{Unit: "a", Total: 9, ToSign: 9},
	}
	for i := range want {
		if units[i] != want[i] {
			t.Errorf("unit %d is %+v, want %+v", i, units[i], want[i])
		}
	}
	sum := sumCases(counts)
	if sum.Total != 15 || sum.Overdue != 2 || sum.ToSign != 9 || sum.Handling != 2 || sum.Review != 1 || sum.Closed != 3 ||
		len(sum.Topics) != 2 || sum.Topics[0] != (TopicStat{"x", 11, 1}) || sum.Topics[1] != (TopicStat{"y", 4, 1}) {
		t.Errorf("sum is %+v", sum)
	}
}
