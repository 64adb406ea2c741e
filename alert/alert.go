// Package alert turns signals into cases (立案交办): it decides whether an event needs a
// case, finds its units, sets its deadlines, opens the case in the Store and notifies the
// units.
//
// The decisions are pure and stand in Decide, alert/route, alert/deadline and
// alert/workday; this package carries them out. A case is opened exactly once for each
// event, however often its signal arrives, because the Store says so.
package alert

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/huiying/huiying/alert/email"
	"github.com/huiying/huiying/alert/webhook"
	"github.com/huiying/huiying/alert/workday"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
)

// Config is what an operator sets of the stage.
type Config struct {
	// PublicURL is the address of the console as units reach it, for the links in
	// notifications: "https://huiying.example.cn".
	PublicURL string
	// Contacts are the units that are notified beside their inbox.
	Contacts []Contact
	// Logger defaults to slog.Default().
	Logger *slog.Logger
}

// Contact is where a unit is notified.
type Contact struct {
	Unit   string // unit ID
	Emails []string
	// Webhook is an http or https address, and WebhookSecret its secret in the form of
	// the Standard Webhooks specification: "whsec_" and base 64.
	Webhook       string
	WebhookSecret string
}

// Channels are the ways to notify; one that is nil is not there.
type Channels struct {
	Email   *email.Mailer
	Webhook *webhook.Sender
}

// The channels by the names of opinion.Delivery.
const (
	channelInbox   = "inbox"
	channelEmail   = "email"
	channelWebhook = "webhook"
)

// Alerter is the stage.
type Alerter struct {
	log      opinion.Log
	store    opinion.Store
	policy   *policy.Policy
	calendar *workday.Calendar
	channels Channels
	cfg      Config
	contacts map[string]Contact     // by unit ID
	keys     map[string]webhook.Key // by unit ID
	now      func() time.Time
	metrics  metrics
}

// New checks the configuration against the policy and the channels. It starts nothing.
func New(log opinion.Log, store opinion.Store, pol *policy.Policy, channels Channels, cfg Config, now func() time.Time, reg prometheus.Registerer) (*Alerter, error) {
	calendar, err := workday.New(pol.Calendar)
	if err != nil {
		return nil, err
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	a := &Alerter{
		log: log, store: store, policy: pol, calendar: calendar, channels: channels, cfg: cfg,
		contacts: map[string]Contact{}, keys: map[string]webhook.Key{}, now: now,
	}
	for i, c := range cfg.Contacts {
		if err := a.addContact(c); err != nil {
			return nil, fmt.Errorf("notify.contacts[%d]: %w", i, err)
		}
	}
	a.metrics = newMetrics(reg)
	return a, nil
}

func (a *Alerter) addContact(c Contact) error {
	unit, ok := a.policy.Unit(c.Unit)
	switch {
	case !ok:
		return opinion.Errorf(opinion.CodeInvalid, "no unit %q; use an id of the policy's units.json", c.Unit)
	case unit.Kind == policy.KindSet:
		return opinion.Errorf(opinion.CodeInvalid, "%q is a set of units; name its members one by one", c.Unit)
	}
	if _, twice := a.contacts[c.Unit]; twice {
		return opinion.Errorf(opinion.CodeInvalid, "unit %q stands twice; put its addresses into one contact", c.Unit)
	}
	if len(c.Emails) > 0 && a.channels.Email == nil {
		return opinion.Errorf(opinion.CodeInvalid, "unit %q has e-mail addresses, but no mail server is set; set notify.email.host, or remove them", c.Unit)
	}
	for _, to := range c.Emails {
		if _, err := mail.ParseAddress(to); err != nil {
			return opinion.Errorf(opinion.CodeInvalid, "unit %q: an e-mail address cannot be read; write name@host", c.Unit)
		}
	}
	if err := a.addWebhook(c); err != nil {
		return fmt.Errorf("unit %s: %w", c.Unit, err)
	}
	a.contacts[c.Unit] = c
	return nil
}

func (a *Alerter) addWebhook(c Contact) error {
	if c.Webhook == "" {
		return nil
	}
	if a.channels.Webhook == nil {
		return opinion.Errorf(opinion.CodeInvalid, "a webhook is named, but the channel is off")
	}
	if err := webhook.CheckURL(c.Webhook); err != nil {
		return err
	}
	key, err := webhook.ParseSecret(c.WebhookSecret)
	if err != nil {
		return err
	}
	a.keys[c.Unit] = key
	return nil
}

// Run consumes signals and works off deliveries until ctx ends, and returns after both
// have stopped.
func (a *Alerter) Run(ctx context.Context) error {
	a.lookAhead(ctx)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := a.log.Consume(ctx, opinion.TopicSignals, opinion.GroupAlert, handler{a}); err != nil {
			return fmt.Errorf("consume signals: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		if err := a.store.WorkDeliveries(ctx, a.deliver); err != nil && ctx.Err() == nil {
			return fmt.Errorf("work deliveries: %w", err)
		}
		return nil
	})
	return g.Wait()
}

// lookAhead tells the operator at the start, when there is still time to mend it, that a
// deadline of today can no longer be counted because the next year's calendar is missing.
func (a *Alerter) lookAhead(ctx context.Context) {
	longest := 0
	for _, use := range a.policy.Deadlines.Applies {
		if rule, ok := a.policy.Deadlines.Rule(use.Rule); ok && rule.Clock == opinion.ClockWorkdays {
			longest = max(longest, rule.Limit)
		}
	}
	if longest == 0 {
		return
	}
	if _, err := a.calendar.AddWorkdays(a.now(), longest); err != nil {
		a.cfg.Logger.WarnContext(ctx, "calendar ends too soon", "working_days", longest, "error", err)
	}
}
