package alert_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/alert"
	"github.com/huiying/huiying/alert/deadline"
	"github.com/huiying/huiying/alert/webhook"
	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

var now = time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func shipped(t testing.TB) *policy.Policy {
	t.Helper()
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func signal(event string, risk opinion.Risk) opinion.Signal {
	post := opinion.Post{
		ID: "post-" + event, Source: "renmin", Channel: opinion.ChannelWebMessage, Title: "小区燃气泄漏", Text: "楼道里有很浓的燃气味，联系电话已隐去",
		PublishedAt: now.Add(-time.Minute), PublishedKnown: true, ReceivedAt: now.Add(-time.Second), URL: "https://example.cn/1",
	}
	return opinion.Signal{
		Event:      opinion.Event{ID: event, Topic: "urban.utility", Name: "燃气泄漏", Posts: 1, Sources: []string{"renmin"}, Risk: risk, Score: 80},
		Post:       post,
		Assessment: opinion.Assessment{Topic: "urban.utility", Risk: risk, Intent: "投诉", Streets: []string{"s-hepingli"}, ModelVersion: "m1"},
		Reason:     "new_event", At: now,
	}
}

func message(t testing.TB, s opinion.Signal) opinion.Message {
	t.Helper()
	value, err := opinion.Encode(s)
	if err != nil {
		t.Fatal(err)
	}
	return opinion.Message{Key: []byte(s.Event.ID), Value: value, Topic: opinion.TopicSignals}
}

// run starts the stage and returns after the batch is committed; the stage ends with the
// test.
func run(t *testing.T, log *fakeLog, store *fakeStore, channels alert.Channels, cfg alert.Config) *prometheus.Registry {
	t.Helper()
	reg := prometheus.NewRegistry()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	a, err := alert.New(log, store, shipped(t), channels, cfg, func() time.Time { return now }, reg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	<-log.handled
	return reg
}

func TestGraveEventOpensOneCase(t *testing.T) {
	s := signal("ev-1", opinion.RiskUrgent)
	log, store := newFakeLog(message(t, s), message(t, s), message(t, s)), newFakeStore()
	reg := run(t, log, store, alert.Channels{}, alert.Config{})
	opened := store.all()
	if len(opened) != 1 {
		t.Fatalf("%d cases", len(opened))
	}
	c := opened[0].Case
	if c.LeadUnit != "u-chengguanwei" || !slices.Contains(c.CoUnits, "s-hepingli") {
		t.Errorf("lead %s, co %v", c.LeadUnit, c.CoUnits)
	}
	if c.Level != opinion.LevelIII || c.Risk != opinion.RiskUrgent || c.EventID != "ev-1" || c.PostID != s.Post.ID || c.Text != s.Post.Text {
		t.Errorf("case %+v", c)
	}
	p := shipped(t)
	if c.PolicyVersion != p.Version || c.CalendarVersion != p.Calendar.Version || c.ModelVersion != "m1" {
		t.Errorf("versions %q %q %q", c.PolicyVersion, c.CalendarVersion, c.ModelVersion)
	}
	checkDeadlines(t, c, p)
	var inboxes []string
	for _, d := range opened[0].Deliveries {
		if d.Channel != "inbox" || d.Target != "" {
			t.Errorf("delivery %+v", d)
		}
		inboxes = append(inboxes, d.Unit)
	}
	if want := append([]string{c.LeadUnit}, c.CoUnits...); !slices.Equal(inboxes, want) {
		t.Errorf("inboxes %v, want %v", inboxes, want)
	}
	if got := metric(t, reg, "huiying_cases_opened_total", "level", "III"); got != 1 {
		t.Errorf("huiying_cases_opened_total %v", got)
	}
	if got := metric(t, reg, "huiying_signals_read_total", "outcome", "known"); got != 2 {
		t.Errorf("known signals %v", got)
	}
}

func checkDeadlines(t *testing.T, c opinion.Case, p *policy.Policy) {
	t.Helper()
	cal, err := workday.New(p.Calendar)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Deadlines) != 3 {
		t.Fatalf("%d deadlines", len(c.Deadlines))
	}
	for _, d := range c.Deadlines {
		if !d.Start.Equal(c.ReceivedAt) {
			t.Errorf("%s counts from %v, not from receipt", d.Kind, d.Start)
		}
		if err := deadline.Verify(d, p.Deadlines, cal); err != nil {
			t.Error(err)
		}
	}
}

// metric reads a counter by the value of one label.
func metric(t *testing.T, reg *prometheus.Registry, name, label, value string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == label && l.GetValue() == value {
					return m.GetCounter().GetValue()
				}
			}
		}
	}
	return 0
}

func TestWhatOpensNoCase(t *testing.T) {
	history := signal("ev-h", opinion.RiskUrgent)
	history.Post.History = true
	log, store := newFakeLog(message(t, history), message(t, signal("ev-0", opinion.RiskCalm)), message(t, signal("ev-1", opinion.RiskMinor))), newFakeStore()
	reg := run(t, log, store, alert.Channels{}, alert.Config{})
	if opened := store.all(); len(opened) != 0 {
		t.Errorf("opened %v", opened)
	}
	if h, b := metric(t, reg, "huiying_signals_read_total", "outcome", "history"), metric(t, reg, "huiying_signals_read_total", "outcome", "risk_below"); h != 1 || b != 2 {
		t.Errorf("history %v, below %v", h, b)
	}
	if dead := log.letters(); len(dead) != 0 {
		t.Errorf("dead letters %v", dead)
	}
}

func TestPoisonGoesToTheDeadLettersAndTheRestGoesOn(t *testing.T) {
	future := opinion.Message{Value: []byte(`{"v":99,"kind":"signal","data":{}}`)}
	post, err := opinion.Encode(signal("x", 3).Post)
	if err != nil {
		t.Fatal(err)
	}
	log := newFakeLog(opinion.Message{Value: []byte("garbage")}, future, opinion.Message{Value: post}, opinion.Message{}, message(t, signal("ev-1", opinion.RiskHigh)))
	log.deadErr = errors.New("broker away")
	store := newFakeStore()
	reg := run(t, log, store, alert.Channels{}, alert.Config{})
	if dead := log.letters(); len(dead) != 4 || !strings.Contains(dead[1], "future") {
		t.Errorf("dead letters %q", dead)
	}
	if err := <-log.failures; !strings.Contains(err.Error(), "broker away") {
		t.Errorf("the dead letter that failed was passed over: %v", err)
	}
	if opened := store.all(); len(opened) != 1 || opened[0].Case.Level != opinion.LevelIV {
		t.Errorf("opened %v", opened)
	}
	if got := metric(t, reg, "huiying_signals_read_total", "outcome", "dead_letter"); got != 4 {
		t.Errorf("dead letters counted %v", got)
	}
}

func TestStoreFailures(t *testing.T) {
	log, store := newFakeLog(message(t, signal("ev-1", opinion.RiskHigh)), message(t, signal("ev-2", opinion.RiskHigh))), newFakeStore()
	store.fail = []error{
		errors.New("database is locked"), // tried again
		nil,                              // ev-1 opens
		opinion.Errorf(opinion.CodeInvalid, "the case is too large"), // ev-2 can never be
	}
	run(t, log, store, alert.Channels{}, alert.Config{})
	if opened := store.all(); len(opened) != 1 || opened[0].Case.EventID != "ev-1" {
		t.Errorf("opened %v", opened)
	}
	if dead := log.letters(); len(dead) != 1 || !strings.Contains(dead[0], "too large") {
		t.Errorf("dead letters %q", dead)
	}
	if len(log.failures) != 1 {
		t.Errorf("%d failures", len(log.failures))
	}
}

func TestGraverSignalLeavesTheCaseAndSaysSo(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, nil))
	log, store := newFakeLog(message(t, signal("ev-1", opinion.RiskHigh)), message(t, signal("ev-1", opinion.RiskUrgent))), newFakeStore()
	run(t, log, store, alert.Channels{}, alert.Config{Logger: logger})
	if opened := store.all(); len(opened) != 1 || opened[0].Case.Risk != opinion.RiskHigh {
		t.Fatalf("opened %v", opened)
	}
	if !strings.Contains(out.String(), `"msg":"case became graver"`) {
		t.Errorf("the log says %s", out.String())
	}
	if strings.Contains(out.String(), "燃气味") {
		t.Errorf("the post's text stands in the log: %s", out.String())
	}
}

func TestCaseOpensThoughACalendarIsMissing(t *testing.T) {
	s := signal("ev-1", opinion.RiskHigh)
	s.Post.ReceivedAt = time.Date(2026, 12, 25, 2, 0, 0, 0, time.UTC)
	log, store := newFakeLog(message(t, s)), newFakeStore()
	run(t, log, store, alert.Channels{}, alert.Config{})
	c := store.all()[0].Case
	if len(c.Deadlines) != 2 {
		t.Errorf("%d deadlines", len(c.Deadlines))
	}
	if !slices.ContainsFunc(c.Reasons, func(r opinion.Reason) bool {
		return r.Name == "deadline_uncounted" && strings.Contains(r.Detail, "2027")
	}) {
		t.Errorf("reasons %v", c.Reasons)
	}
}

func TestMissingCalendarIsToldAtTheStart(t *testing.T) {
	for at, warned := range map[time.Time]bool{now: false, now.AddDate(0, 0, 20): true} {
		var out bytes.Buffer
		log := newFakeLog()
		a, err := alert.New(log, newFakeStore(), shipped(t), alert.Channels{}, alert.Config{Logger: slog.New(slog.NewTextHandler(&out, nil))}, func() time.Time { return at }, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "calendar ends too soon"); got != warned {
			t.Errorf("%v: warned %v, want %v: %s", at, got, warned, out.String())
		}
	}
}

func TestTitleStandsInForNone(t *testing.T) {
	named, bare := signal("ev-1", opinion.RiskHigh), signal("ev-2", opinion.RiskHigh)
	named.Post.Title, bare.Post.Title, bare.Event.Name = "", "", ""
	bare.Post.Text = strings.Repeat("很长的微博", 30)
	log, store := newFakeLog(message(t, named), message(t, bare)), newFakeStore()
	run(t, log, store, alert.Channels{}, alert.Config{})
	opened := store.all()
	if got := opened[0].Case.Title; got != "燃气泄漏" {
		t.Errorf("title %q", got)
	}
	if got := opened[1].Case.Title; len([]rune(got)) != 40 || !strings.HasSuffix(got, "…") {
		t.Errorf("title %q", got)
	}
}

func TestNewRefusesContacts(t *testing.T) {
	mail := smtpServer(t, make(chan string, 1))
	for name, tt := range map[string]struct {
		channels alert.Channels
		contacts []alert.Contact
		says     string
	}{
		"unknown unit": {contacts: []alert.Contact{{Unit: "u-none"}}, says: "u-none"},
		"set":          {contacts: []alert.Contact{{Unit: "set-jiedao"}}, says: "set"},
		"twice":        {contacts: []alert.Contact{{Unit: "u-jiaowei"}, {Unit: "u-jiaowei"}}, says: "contacts[1]"},
		"no server":    {contacts: []alert.Contact{{Unit: "u-jiaowei", Emails: []string{"a@example.cn"}}}, says: "notify.email.host"},
		"bad address":  {channels: alert.Channels{Email: mail}, contacts: []alert.Contact{{Unit: "u-jiaowei", Emails: []string{"nobody"}}}, says: "name@host"},
		"hook off":     {contacts: []alert.Contact{{Unit: "u-jiaowei", Webhook: "https://example.cn", WebhookSecret: secret}}, says: "off"},
		"bad hook": {channels: alert.Channels{Webhook: webhook.New(webhook.Config{})},
			contacts: []alert.Contact{{Unit: "u-jiaowei", Webhook: "ftp://example.cn", WebhookSecret: secret}}, says: "https"},
		"no secret": {channels: alert.Channels{Webhook: webhook.New(webhook.Config{})},
			contacts: []alert.Contact{{Unit: "u-jiaowei", Webhook: "https://example.cn"}}, says: "whsec_"},
	} {
		_, err := alert.New(newFakeLog(), newFakeStore(), shipped(t), tt.channels, alert.Config{Contacts: tt.contacts}, time.Now, nil)
		if opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want an error that says %q", name, err, tt.says)
		}
	}
}
