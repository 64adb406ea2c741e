package alert

import (
	"context"
	"fmt"
	"time"

	"github.com/huiying/huiying/alert/deadline"
	"github.com/huiying/huiying/alert/route"
	"github.com/huiying/huiying/opinion"
)

// handler is the Alerter as a consumer of signals. It keeps nothing between batches, so
// that any instance may take over any partition.
type handler struct{ *Alerter }

func (handler) Assign(context.Context, []int) error { return nil }

// Handle opens the cases of a batch, one after the other. What can never be processed
// goes to the dead letters; any other failure is the log's to repeat, which is harmless.
func (h handler) Handle(ctx context.Context, batch []opinion.Message) error {
	for _, m := range batch {
		signal, err := opinion.Decode[opinion.Signal](m.Value)
		if err == nil {
			err = h.signal(ctx, signal)
			if err != nil && opinion.CodeOf(err) != opinion.CodeInvalid {
				return err
			}
		}
		if err == nil {
			continue
		}
		if err := h.log.DeadLetter(ctx, m, err.Error()); err != nil {
			return fmt.Errorf("dead-letter a signal: %w", err)
		}
		h.metrics.signals.WithLabelValues("dead_letter").Inc()
		h.cfg.Logger.ErrorContext(ctx, "signal dead-lettered", "topic", m.Topic, "partition", m.Partition, "offset", m.Offset, "error", err)
	}
	return nil
}

// signal decides about one signal and carries the decision out.
func (a *Alerter) signal(ctx context.Context, s opinion.Signal) error {
	d := Decide(s, a.policy)
	if !d.Open {
		a.metrics.signals.WithLabelValues(d.Reasons[0].Name).Inc()
		return nil
	}
	n := a.newCase(s, d, a.now())
	c, opened, err := a.store.OpenCase(ctx, n, n.Case.OpenedAt)
	if err != nil {
		return fmt.Errorf("open the case of event %s: %w", s.Event.ID, err)
	}
	if !opened {
		a.known(ctx, s, d, c)
		return nil
	}
	a.opened(ctx, s, n, c)
	return nil
}

// newCase puts the case together: units, deadlines, reasons, versions, deliveries.
func (a *Alerter) newCase(s opinion.Signal, d Decision, now time.Time) opinion.NewCase {
	lead, co, why := route.Units(s.Assessment, s.Post.Body(), a.policy)
	reasons := append(append([]opinion.Reason{}, d.Reasons...), why...)
	deadlines, err := deadline.Set(deadline.Matter{
		Level: d.Level, Channel: s.Post.Channel, Intent: s.Assessment.Intent, ReceivedAt: s.Post.ReceivedAt, OpenedAt: now,
	}, a.policy.Deadlines, a.calendar)
	if err != nil {
		// The unit must hear of it all the same: a case with the deadlines that can be
		// counted is better than none.
		reasons = append(reasons, opinion.Reason{Name: "deadline_uncounted", Detail: err.Error(), Basis: "calendar.json、deadlines.json"})
		a.cfg.Logger.Error("deadline uncounted", "event_id", s.Event.ID, "error", err)
	}
	c := opinion.Case{
		EventID: s.Event.ID, PostID: s.Post.ID, Source: s.Post.Source, Channel: s.Post.Channel, URL: s.Post.URL,
		Title: title(s), Text: s.Post.Text, Topic: s.Assessment.Topic, Risk: s.Event.Risk, Score: s.Event.Score, Level: d.Level,
		LeadUnit: lead, CoUnits: co, Assessment: s.Assessment, Reasons: reasons, Deadlines: deadlines,
		ReceivedAt: s.Post.ReceivedAt, OpenedAt: now, UpdatedAt: now,
		PolicyVersion: a.policy.Version, CalendarVersion: a.calendar.Version(), ModelVersion: s.Assessment.ModelVersion,
	}
	return opinion.NewCase{Case: c, Deliveries: a.deliveries(lead, co)}
}

// maxTitle bounds the title that stands in for a post's own, in code points.
const maxTitle = 40

// title is the post's, or the event's name, or the beginning of the text.
func title(s opinion.Signal) string {
	if s.Post.Title != "" {
		return s.Post.Title
	}
	if s.Event.Name != "" {
		return s.Event.Name
	}
	return shorten(s.Post.Text, maxTitle)
}

// deliveries lists who is told and how: the inbox of each unit always, the other
// channels where its contact names them.
func (a *Alerter) deliveries(lead string, co []string) []opinion.NewDelivery {
	var list []opinion.NewDelivery
	for _, unit := range append([]string{lead}, co...) {
		list = append(list, opinion.NewDelivery{Unit: unit, Channel: channelInbox})
		contact := a.contacts[unit]
		for _, to := range contact.Emails {
			list = append(list, opinion.NewDelivery{Unit: unit, Channel: channelEmail, Target: to})
		}
		if contact.Webhook != "" {
			list = append(list, opinion.NewDelivery{Unit: unit, Channel: channelWebhook, Target: contact.Webhook})
		}
	}
	return list
}

func (a *Alerter) opened(ctx context.Context, s opinion.Signal, n opinion.NewCase, c opinion.Case) {
	a.metrics.signals.WithLabelValues("opened").Inc()
	a.metrics.opened.WithLabelValues(string(c.Level)).Inc()
	a.metrics.toCase.Observe(max(0, n.Case.OpenedAt.Sub(s.Post.ReceivedAt).Seconds()))
	if s.Post.PublishedKnown {
		a.metrics.toNotified.Observe(max(0, a.now().Sub(s.Post.PublishedAt).Seconds()))
	}
	for _, d := range n.Deliveries {
		if d.Channel == channelInbox {
			a.metrics.deliveries.WithLabelValues(channelInbox, "delivered").Inc()
		}
	}
	a.cfg.Logger.InfoContext(ctx, "case opened", "case_id", c.ID, "number", c.Number, "event_id", c.EventID, "post_id", c.PostID,
		"level", c.Level, "risk", c.Risk, "lead_unit", c.LeadUnit, "co_units", len(c.CoUnits))
}

// known is for a signal whose event has its case. The case stays as it is; when the
// matter has become graver, the log says so to the operator.
func (a *Alerter) known(ctx context.Context, s opinion.Signal, d Decision, c opinion.Case) {
	a.metrics.signals.WithLabelValues("known").Inc()
	if d.Level.Rank() > c.Level.Rank() || s.Event.Risk > c.Risk {
		a.cfg.Logger.WarnContext(ctx, "case became graver", "case_id", c.ID, "number", c.Number, "event_id", c.EventID, "post_id", s.Post.ID,
			"level", d.Level, "case_level", c.Level, "risk", s.Event.Risk, "case_risk", c.Risk)
	}
}
