// Package email sends notifications by SMTP.
package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/huiying/huiying/opinion"
)

// Config is how to reach the mail server.
type Config struct {
	// Host is the server's name, which its certificate must show.
	Host string
	// Port defaults to 587 for starttls, 465 for tls and 25 for none.
	Port int
	// Security is "starttls" (the default: TLS is asked for and required), "tls" (from
	// the first byte) or "none" (for a relay on the same machine).
	Security string
	// User and Password sign in, by the mechanism Auth: "plain" (the default), "login"
	// or "scram-sha-256". They need TLS. An empty User does not sign in.
	User     string
	Password string
	Auth     string
	// From is the sender's address, with a name or without: "回应平台 <no-reply@example.cn>".
	From string
	// Timeout bounds one delivery from dialling to the server's receipt. Default: 30 s.
	Timeout time.Duration
	// RootCAs are the authorities to trust. Default: the system's.
	RootCAs *x509.CertPool
}

// Message is one notification.
type Message struct {
	// ID becomes the Message-ID, so that a repeated delivery can be told.
	ID string
	// To is one address.
	To      string
	Subject string
	Body    string // plain text
	At      time.Time
}

// Mailer sends messages, each over a connection of its own. It is safe for concurrent
// use.
type Mailer struct {
	cfg    Config
	from   *mail.Address
	domain string
}

var authTypes = map[string]gomail.SMTPAuthType{
	"plain": gomail.SMTPAuthPlain, "login": gomail.SMTPAuthLogin, "scram-sha-256": gomail.SMTPAuthSCRAMSHA256,
}

var defaultPorts = map[string]int{"starttls": 587, "tls": 465, "none": 25}

// New checks the configuration. It does not connect.
func New(cfg Config) (*Mailer, error) {
	if cfg.Security == "" {
		cfg.Security = "starttls"
	}
	if cfg.Auth == "" {
		cfg.Auth = "plain"
	}
	if cfg.Port == 0 {
		cfg.Port = defaultPorts[cfg.Security]
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	from, err := mail.ParseAddress(cfg.From)
	_, knownAuth := authTypes[cfg.Auth]
	switch {
	case cfg.Host == "":
		return nil, opinion.Errorf(opinion.CodeInvalid, "email host is empty; name the mail server")
	case defaultPorts[cfg.Security] == 0:
		return nil, opinion.Errorf(opinion.CodeInvalid, "email security %q; use starttls, tls or none", cfg.Security)
	case cfg.Port < 1 || cfg.Port > 65535:
		return nil, opinion.Errorf(opinion.CodeInvalid, "email port %d; use 1 to 65535", cfg.Port)
	case !knownAuth:
		return nil, opinion.Errorf(opinion.CodeInvalid, "email auth %q; use plain, login or scram-sha-256", cfg.Auth)
	case cfg.User != "" && cfg.Security == "none":
		return nil, opinion.Errorf(opinion.CodeInvalid, "email user without TLS would send the password in the clear; set security to starttls or tls")
	case err != nil:
		return nil, opinion.Errorf(opinion.CodeInvalid, "email from %q is no address: %v", cfg.From, err)
	}
	domain := from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	return &Mailer{cfg: cfg, from: from, domain: domain}, nil
}

// Send delivers one message. A nil error means that the server took it over. An
// *opinion.Error with CodeInvalid means that the server refused it for good (5xx to the
// sender, the recipient or the text) or that the address is none; every other error is
// worth another try.
func (m *Mailer) Send(ctx context.Context, message Message) error {
	msg, err := m.compose(message)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	client, err := m.client(ctx)
	if err != nil {
		return fmt.Errorf("prepare mail client: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() {
		return nil // what fails after the server's receipt is its farewell
	}
	if ctx.Err() != nil {
		return fmt.Errorf("send mail by %s: %w", m.cfg.Host, ctx.Err())
	}
	if sent, ok := errors.AsType[*gomail.SendError](err); ok && sent.ErrorCode() >= 500 {
		return &opinion.Error{Code: opinion.CodeInvalid, Message: "the mail server refused the message for good", Err: err}
	}
	return fmt.Errorf("send mail by %s: %w", m.cfg.Host, err)
}

func (m *Mailer) compose(message Message) (*gomail.Msg, error) {
	to, err := mail.ParseAddress(message.To)
	if err != nil {
		return nil, &opinion.Error{Code: opinion.CodeInvalid, Message: "the recipient is no e-mail address", Err: err}
	}
	msg := gomail.NewMsg()
	msg.FromMailAddress(m.from)
	msg.ToMailAddress(to)
	msg.Subject(oneLine(message.Subject))
	msg.SetMessageIDWithValue(message.ID + "@" + m.domain)
	msg.SetDateWithValue(message.At)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday replies
	msg.SetBodyString(gomail.TypeTextPlain, message.Body)
	return msg, nil
}

// oneLine keeps text from becoming a header of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// client makes a client whose connection closes when ctx ends: go-mail itself waits
// without a bound for a greeting that never comes.
func (m *Mailer) client(ctx context.Context) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(m.cfg.Port),
		gomail.WithTimeout(m.cfg.Timeout),
		gomail.WithTLSConfig(m.tlsConfig()),
		gomail.WithDialContextFunc(func(dialCtx context.Context, network, address string) (net.Conn, error) {
			return m.dial(ctx, dialCtx, network, address)
		}),
	}
	switch m.cfg.Security {
	case "tls":
		options = append(options, gomail.WithSSL())
	case "starttls":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.cfg.User != "" {
		options = append(options, gomail.WithSMTPAuth(authTypes[m.cfg.Auth]), gomail.WithUsername(m.cfg.User), gomail.WithPassword(m.cfg.Password))
	}
	return gomail.NewClient(m.cfg.Host, options...)
}

func (m *Mailer) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: m.cfg.Host, RootCAs: m.cfg.RootCAs, MinVersion: tls.VersionTLS12}
}

func (m *Mailer) dial(ctx, dialCtx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(dialCtx, network, address)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	if m.cfg.Security != "tls" {
		return conn, nil
	}
	secure := tls.Client(conn, m.tlsConfig())
	if err := secure.HandshakeContext(dialCtx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}
