package alert

import (
	"context"
	"fmt"

	"github.com/huiying/huiying/alert/email"
	"github.com/huiying/huiying/alert/webhook"
	"github.com/huiying/huiying/opinion"
)

// deliver sends one notification; it is the opinion.DeliverFunc of the stage.
func (a *Alerter) deliver(ctx context.Context, d opinion.Delivery, c opinion.Case) error {
	err := a.send(ctx, d, c)
	result := "delivered"
	switch {
	case opinion.CodeOf(err) == opinion.CodeInvalid:
		result = "refused"
	case err != nil:
		result = "retried"
	}
	a.metrics.deliveries.WithLabelValues(label(d.Channel), result).Inc()
	if err != nil {
		a.cfg.Logger.WarnContext(ctx, "delivery failed", "delivery_id", d.ID, "case_id", c.ID, "unit", d.Unit, "channel", d.Channel, "result", result, "error", err)
	}
	return err
}

func (a *Alerter) send(ctx context.Context, d opinion.Delivery, c opinion.Case) error {
	switch d.Channel {
	case channelEmail:
		if a.channels.Email == nil {
			return fmt.Errorf("this instance has no mail server; set notify.email.host")
		}
		subject, body := a.letter(d, c)
		return a.channels.Email.Send(ctx, email.Message{ID: d.ID, To: d.Target, Subject: subject, Body: body, At: a.now()})
	case channelWebhook:
		key, ok := a.keys[d.Unit]
		if !ok || a.contacts[d.Unit].Webhook != d.Target {
			return fmt.Errorf("the contact of unit %s names no such webhook any more; enter it again in notify.contacts", d.Unit)
		}
		body, err := a.payload(d, c)
		if err != nil {
			return err
		}
		return a.channels.Webhook.Send(ctx, webhook.Request{ID: d.ID, URL: d.Target, Key: key, At: a.now(), Body: body})
	default:
		return opinion.Errorf(opinion.CodeInvalid, "nothing is delivered over channel %q", d.Channel)
	}
}

// label keeps the metric's values to the known channels.
func label(channel string) string {
	switch channel {
	case channelInbox, channelEmail, channelWebhook:
		return channel
	default:
		return "other"
	}
}
