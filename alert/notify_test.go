package alert_test

import (
	"encoding/json"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/huiying/huiying/alert"
	"github.com/huiying/huiying/alert/email"
	"github.com/huiying/huiying/alert/webhook"
	"github.com/huiying/huiying/opinion"
)

// TestUnitsAreTold sends through a real SMTP server and a real HTTP receiver.
func TestUnitsAreTold(t *testing.T) {
	letters, hooks := make(chan string, 4), make(chan *http.Request, 4)
	bodies := make(chan []byte, 4)
	mailer := smtpServer(t, letters)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hooks <- r
		bodies <- body
	}))
	defer receiver.Close()
	channels := alert.Channels{Email: mailer, Webhook: webhook.New(webhook.Config{AllowPrivate: true})}
	cfg := alert.Config{PublicURL: "https://huiying.example.cn/", Contacts: []alert.Contact{
		{Unit: "u-chengguanwei", Emails: []string{"duty@example.cn"}, Webhook: receiver.URL, WebhookSecret: secret},
		{Unit: "u-jiaowei", Emails: []string{"school@example.cn"}}, // has no part in it
	}}
	store := newFakeStore()
	reg := run(t, newFakeLog(message(t, signal("ev-1", opinion.RiskHigh))), store, channels, cfg)
	for range 2 {
		if r := <-store.results; r.err != nil {
			t.Fatalf("%s: %v", r.delivery.Channel, r.err)
		}
	}
	letter := <-letters
	for _, want := range []string{"舆〔2026〕0001号", "主办", "小区燃气泄漏", "首次回应期限：2026-11-27（周五） 12:59:59", "https://huiying.example.cn/cases/case-1"} {
		if !strings.Contains(letter, want) {
			t.Errorf("the letter lacks %q:\n%s", want, letter)
		}
	}
	body, hook := <-bodies, <-hooks
	key, err := webhook.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	id := hook.Header.Get("webhook-id")
	if sign := key.Sign(id, now, body); sign != hook.Header.Get("webhook-signature") || !strings.HasPrefix(id, "case-1-") {
		t.Errorf("id %q, signature %q, want %q", id, hook.Header.Get("webhook-signature"), sign)
	}
	var p alert.Payload
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	if p.SchemaVersion != 1 || p.Type != "case.opened" || p.Data.Part != "lead" || p.Data.Number != "舆〔2026〕0001号" || len(p.Data.Deadlines) != 3 {
		t.Errorf("payload %s", body)
	}
	if told := letter + string(body); strings.Contains(told, "燃气味") {
		t.Error("a notification carries the text of the post")
	}
	for _, channel := range []string{"email", "webhook"} {
		if got := metric(t, reg, "huiying_deliveries_total", "channel", channel); got != 1 {
			t.Errorf("%s deliveries %v", channel, got)
		}
	}
}

type mailbox struct{ letters chan string }

func (m mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return m, nil }
func (mailbox) Mail(string, *smtp.MailOptions) error          { return nil }
func (mailbox) Rcpt(string, *smtp.RcptOptions) error          { return nil }
func (mailbox) Reset()                                        {}
func (mailbox) Logout() error                                 { return nil }

func (m mailbox) Data(r io.Reader) error {
	letter, err := readLetter(r)
	m.letters <- letter
	return err
}

func smtpServer(t *testing.T, letters chan string) *email.Mailer {
	t.Helper()
	srv := smtp.NewServer(mailbox{letters})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	m, err := email.New(email.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: "none", From: "no-reply@example.cn"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestUnknownDeliveriesFail(t *testing.T) {
	store := newFakeStore()
	c := opinion.Case{ID: "case-9", Number: "n"}
	for _, d := range []opinion.Delivery{
		{ID: "1", Unit: "u-jiaowei", Channel: "pigeon"},
		{ID: "2", Unit: "u-jiaowei", Channel: "email", Target: "a@example.cn"},
		{ID: "3", Unit: "u-jiaowei", Channel: "webhook", Target: "https://example.cn"},
	} {
		store.deliverTo <- pending{d, c}
	}
	run(t, newFakeLog(), store, alert.Channels{}, alert.Config{})
	for range 3 {
		r := <-store.results
		if r.err == nil {
			t.Errorf("%s delivered", r.delivery.Channel)
		}
		if final := opinion.CodeOf(r.err) == opinion.CodeInvalid; final != (r.delivery.Channel == "pigeon") {
			t.Errorf("%s: final %v: %v", r.delivery.Channel, final, r.err)
		}
	}
}

// readLetter decodes a mail to "subject\n\nbody".
func readLetter(r io.Reader) (string, error) {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return "", err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	return subject + "\n\n" + string(body), err
}
