package deadline_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/alert/deadline"
	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	levels   = []opinion.Level{opinion.LevelI, opinion.LevelII, opinion.LevelIII, opinion.LevelIV}
	channels = []opinion.Channel{opinion.ChannelPublic, opinion.ChannelWebMessage, opinion.ChannelHotline}
	intents  = []string{"投诉", "建议", "求助", ""}
)

func shipped(t testing.TB) (policy.Deadlines, *workday.Calendar) {
	t.Helper()
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	cal, err := workday.New(p.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	return p.Deadlines, cal
}

func china(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04:05", s, opinion.ChinaTime)
	if err != nil {
		panic(err)
	}
	return t
}

func matter(level opinion.Level, channel opinion.Channel, intent, received string) deadline.Matter {
	at := china(received)
	return deadline.Matter{Level: level, Channel: channel, Intent: intent, ReceivedAt: at, OpenedAt: at.Add(2 * time.Second)}
}

func TestSetTakesTheStricterRule(t *testing.T) {
	rules, cal := shipped(t)
	const before = "2026-09-30 10:00:00" // the eve of National Day
	for _, tt := range []struct {
		name    string
		m       deadline.Matter
		kind    opinion.DeadlineKind
		rule    string
		due     string
		mention string // what the trace must say
	}{
		{"48 hours run through the holiday", matter(opinion.LevelIII, opinion.ChannelPublic, "投诉", before), opinion.DeadlineRespond,
			"level.III.response", "2026-10-02 10:00:00", "节假日不停计"},
		{"five hours at level I", matter(opinion.LevelI, opinion.ChannelPublic, "投诉", before), opinion.DeadlineRespond,
			"level.I.first_authoritative_info", "2026-09-30 15:00:00", "5小时"},
		{"level's 48 hours before the channel's 7 working days", matter(opinion.LevelIV, opinion.ChannelWebMessage, "建议", before), opinion.DeadlineRespond,
			"level.IV.response", "2026-10-02 10:00:00", "网站留言·建议类答复"},
		{"suggestion closed in 7 working days", matter(opinion.LevelIV, opinion.ChannelWebMessage, "建议", before), opinion.DeadlineClose,
			"web_message.suggestion", "2026-10-16 00:00:00", "2026-10-10（周六），国庆节调休上班"},
		{"complaint closed in 15 working days", matter(opinion.LevelIV, opinion.ChannelWebMessage, "投诉", before), opinion.DeadlineClose,
			"web_message.complaint_or_question", "2026-10-28 00:00:00", "2026-10-01（周四）国庆节放假，不计"},
		{"hotline's 2 hours before the level's 5", matter(opinion.LevelI, opinion.ChannelHotline, "投诉", before), opinion.DeadlineRespond,
			"hotline_12345.H2", "2026-09-30 12:00:00", "首次权威发布"},
		{"hotline's 7 days do not roll over", matter(opinion.LevelIV, opinion.ChannelHotline, "投诉", before), opinion.DeadlineClose,
			"hotline_12345.D7", "2026-10-08 00:00:00", "不因休息日顺延"},
		{"hotline is signed in 2 hours", matter(opinion.LevelIV, opinion.ChannelHotline, "投诉", before), opinion.DeadlineSign,
			"hotline_12345.sign_in", "2026-09-30 12:00:00", "研判"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set, err := deadline.Set(tt.m, rules, cal)
			if err != nil {
				t.Fatal(err)
			}
			d := of(t, set, tt.kind)
			trace := strings.Join(d.Trace, "\n")
			if d.Rule != tt.rule || !d.Due.Equal(china(tt.due)) {
				t.Errorf("rule %s due %s, want %s due %s\n%s", d.Rule, d.Due.In(opinion.ChinaTime), tt.rule, tt.due, trace)
			}
			if !strings.Contains(trace, tt.mention) {
				t.Errorf("the trace does not say %q:\n%s", tt.mention, trace)
			}
		})
	}
}

func of(t *testing.T, set []opinion.Deadline, kind opinion.DeadlineKind) opinion.Deadline {
	t.Helper()
	for _, d := range set {
		if d.Kind == kind {
			return d
		}
	}
	t.Fatalf("no %s deadline in %v", kind, set)
	return opinion.Deadline{}
}

func TestEqualDueTakesTheStrongerBasis(t *testing.T) {
	_, cal := shipped(t)
	rule := func(key, basis string) policy.DeadlineRule {
		return policy.DeadlineRule{Key: key, Name: key, Limit: 2, Unit: "h", Clock: opinion.ClockNaturalHours, Basis: basis, Source: "s"}
	}
	rules := policy.Deadlines{DayEnd: "24:00", Rules: []policy.DeadlineRule{rule("a.x", "assumption"), rule("b.x", "mandated")}}
	for _, kind := range []opinion.DeadlineKind{opinion.DeadlineSign, opinion.DeadlineRespond, opinion.DeadlineClose} {
		rules.Applies = append(rules.Applies,
			policy.Application{Kind: kind, Rule: "a.x", Start: "received"}, policy.Application{Kind: kind, Rule: "b.x", Start: "received"})
	}
	set, err := deadline.Set(matter(opinion.LevelIV, opinion.ChannelPublic, "投诉", "2026-09-30 10:00:00"), rules, cal)
	if err != nil {
		t.Fatal(err)
	}
	if set[0].Rule != "b.x" || !strings.Contains(set[0].Trace[len(set[0].Trace)-1], "a.x") {
		t.Errorf("got %s, %v", set[0].Rule, set[0].Trace)
	}
}

func TestPetitionDaysRollOver(t *testing.T) {
	rules, cal := shipped(t)
	rules.Applies = []policy.Application{
		{Kind: opinion.DeadlineSign, Rule: "petition.register_and_transfer", Start: "received"},
		{Kind: opinion.DeadlineRespond, Rule: "petition.register_and_transfer", Start: "opened"},
		{Kind: opinion.DeadlineClose, Rule: "petition.conclude", Start: "received"},
	}
	// 15 days after 17 September is 2 October, a holiday until the 7th.
	set, err := deadline.Set(matter(opinion.LevelIV, opinion.ChannelPublic, "投诉", "2026-09-17 10:00:00"), rules, cal)
	if err != nil {
		t.Fatal(err)
	}
	if want := china("2026-10-09 00:00:00"); !set[0].Due.Equal(want) {
		t.Errorf("due %v, want %v\n%s", set[0].Due, want, strings.Join(set[0].Trace, "\n"))
	}
	for _, d := range set {
		if err := deadline.Verify(d, rules, cal); err != nil {
			t.Errorf("%s: %v", d.Kind, err)
		}
	}
}

func TestMissingYearLeavesTheOthers(t *testing.T) {
	rules, cal := shipped(t)
	set, err := deadline.Set(matter(opinion.LevelIII, opinion.ChannelWebMessage, "投诉", "2026-12-25 10:00:00"), rules, cal)
	if !errors.Is(err, workday.ErrMissingYear) {
		t.Fatalf("got %v, want ErrMissingYear", err)
	}
	if len(set) != 2 || set[0].Kind != opinion.DeadlineSign || set[1].Kind != opinion.DeadlineRespond {
		t.Errorf("got %v", set)
	}
}

func TestMissingYearDoesNotHideASurelyEarlierRule(t *testing.T) {
	rules, cal := shipped(t)
	// The hotline's 7 calendar days need no calendar and are over before 15 working days can be.
	set, err := deadline.Set(matter(opinion.LevelIII, opinion.ChannelHotline, "投诉", "2026-12-25 10:00:00"), rules, cal)
	if err != nil {
		t.Fatal(err)
	}
	d := of(t, set, opinion.DeadlineClose)
	if d.Rule != "hotline_12345.D7" || !strings.Contains(strings.Join(d.Trace, ""), "尚未发布") {
		t.Errorf("rule %s, trace %v", d.Rule, d.Trace)
	}
}

func TestSetRefuses(t *testing.T) {
	rules, cal := shipped(t)
	ok := matter(opinion.LevelIV, opinion.ChannelPublic, "投诉", "2026-09-30 10:00:00")
	noLevel, noTime := ok, ok
	noLevel.Level, noTime.ReceivedAt = opinion.LevelNone, time.Time{}
	if set, err := deadline.Set(noTime, rules, cal); err == nil {
		t.Errorf("no receipt gave %v", set)
	}
	if _, err := deadline.Set(noLevel, rules, cal); err == nil || !strings.Contains(err.Error(), "no rule") {
		t.Errorf("no level: %v", err)
	}
	broken := rules
	broken.Rules = nil
	if _, err := deadline.Set(ok, broken, cal); err == nil || !strings.Contains(err.Error(), "level.IV.assessment") {
		t.Errorf("lost rule: %v", err)
	}
}

func draw(t *rapid.T) deadline.Matter {
	received := china("2017-01-01 00:00:00").Add(time.Duration(rapid.Int64Range(0, int64(9*365*24*time.Hour)).Draw(t, "received")))
	return deadline.Matter{
		Level:      rapid.SampledFrom(levels).Draw(t, "level"),
		Channel:    rapid.SampledFrom(channels).Draw(t, "channel"),
		Intent:     rapid.SampledFrom(intents).Draw(t, "intent"),
		ReceivedAt: received,
		OpenedAt:   received.Add(time.Duration(rapid.IntRange(0, 3600).Draw(t, "opened")) * time.Second),
	}
}

func TestEverySetIsWholeAndVerifies(t *testing.T) {
	rules, cal := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t)
		set, err := deadline.Set(m, rules, cal)
		if err != nil {
			t.Fatal(err)
		}
		if len(set) != 3 {
			t.Fatalf("%d deadlines", len(set))
		}
		for _, d := range set {
			if !d.Start.Equal(m.ReceivedAt.Truncate(time.Second)) || !d.Due.After(d.Start) {
				t.Fatalf("%s: from %v to %v", d.Kind, d.Start, d.Due)
			}
			if d.Clock == opinion.ClockNaturalHours && d.Unit == "h" && d.Due.Sub(d.Start) != time.Duration(d.Limit)*time.Hour {
				t.Fatalf("%d hours became %v", d.Limit, d.Due.Sub(d.Start))
			}
			if err := deadline.Verify(d, rules, cal); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestNoApplicableRuleIsEarlier(t *testing.T) {
	rules, cal := shipped(t)
	rapid.Check(t, func(t *rapid.T) {
		m := draw(t)
		set, err := deadline.Set(m, rules, cal)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range set {
			for _, a := range rules.Applies {
				if !a.Matches(d.Kind, m.Level, m.Channel, m.Intent) {
					continue
				}
				alone := rules
				alone.Applies = []policy.Application{a}
				other, _ := deadline.Set(m, alone, cal)
				if len(other) == 1 && other[0].Due.Before(d.Due) {
					t.Fatalf("%s by %s is due %v, yet %s is due %v", d.Kind, d.Rule, d.Due, a.Rule, other[0].Due)
				}
			}
		}
	})
}

func TestVerifyFindsTampering(t *testing.T) {
	rules, cal := shipped(t)
	set, err := deadline.Set(matter(opinion.LevelIV, opinion.ChannelWebMessage, "投诉", "2026-09-30 10:00:00"), rules, cal)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*opinion.Deadline){
		"due":    func(d *opinion.Deadline) { d.Due = d.Due.Add(24 * time.Hour) },
		"start":  func(d *opinion.Deadline) { d.Start = d.Start.Add(-24 * time.Hour) },
		"limit":  func(d *opinion.Deadline) { d.Limit++ },
		"clock":  func(d *opinion.Deadline) { d.Clock = opinion.ClockCalendarDays },
		"unit":   func(d *opinion.Deadline) { d.Unit = "h" },
		"rule":   func(d *opinion.Deadline) { d.Rule = "web_message.suggestion" },
		"gone":   func(d *opinion.Deadline) { d.Rule = "no.such" },
		"basis":  func(d *opinion.Deadline) { d.Basis = "mandated" },
		"source": func(d *opinion.Deadline) { d.Source = "x" },
		"trace":  func(d *opinion.Deadline) { d.Trace = append([]string{}, d.Trace[:3]...) },
		"line":   func(d *opinion.Deadline) { d.Trace[4] += "！" },
		"none":   func(d *opinion.Deadline) { d.Trace = nil },
	} {
		d := of(t, set, opinion.DeadlineClose)
		d.Trace = append([]string{}, d.Trace...)
		if err := deadline.Verify(d, rules, cal); err != nil {
			t.Fatalf("before the change: %v", err)
		}
		if change(&d); deadline.Verify(d, rules, cal) == nil {
			t.Errorf("%s: the change went unseen", name)
		}
	}
}

func TestGoldenTraces(t *testing.T) {
	rules, cal := shipped(t)
	var b strings.Builder
	for _, level := range levels {
		for _, channel := range channels {
			for _, intent := range []string{"投诉", "建议"} {
				set, err := deadline.Set(matter(level, channel, intent, "2026-09-29 16:45:30"), rules, cal)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range set {
					fmt.Fprintf(&b, "## %s %s %s: %s %s\n%s\n\n", level, channel, intent, d.Kind, d.Due.Format(time.RFC3339), strings.Join(d.Trace, "\n"))
				}
			}
		}
	}
	path := filepath.Join("testdata", "traces.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("traces changed (-want +got); run with -update if that is meant:\n%s", diff)
	}
}
