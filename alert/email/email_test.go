package email_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/huiying/huiying/alert/email"
	"github.com/huiying/huiying/opinion"
)

// server is a real SMTP server in this process. Its fault, if any, is what it answers at
// one stage of the dialogue.
type server struct {
	stage string // "mail", "rcpt", "data"
	fault error
	user  string
	got   chan received
}

type received struct {
	from, to, user string
	data           []byte
	tls            bool
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	return &session{server: s, mail: received{tls: secure}}, nil
}

type session struct {
	server *server
	mail   received
}

func (s *session) fail(stage string) error {
	if s.server.stage == stage {
		return s.server.fault
	}
	return nil
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != s.server.user || password != "secret" {
			return smtp.ErrAuthFailed
		}
		s.mail.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return s.fail("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = to
	return s.fail("rcpt")
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.fail("data"); err != nil {
		return err
	}
	s.mail.data = data
	s.server.got <- s.mail
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// start serves s on loopback and returns the configuration that reaches it.
func start(t *testing.T, s *server, security string) email.Config {
	t.Helper()
	s.got = make(chan received, 4)
	cert, pool := certificate(t)
	srv := smtp.NewServer(s)
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	srv.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if security == "tls" {
		l = tls.NewListener(l, srv.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); srv.Serve(l) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return email.Config{Host: "127.0.0.1", Port: port, Security: security, From: "回应平台 <no-reply@example.cn>", RootCAs: pool, Timeout: 10 * time.Second}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func mailer(t *testing.T, cfg email.Config) *email.Mailer {
	t.Helper()
	m, err := email.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var message = email.Message{
	ID: "d-1", To: "值班员 <duty@unit.example.cn>", Subject: "舆〔2026〕0001号 待签收", Body: "首次回应期限：2026-11-27 13:00\n链接：http://example.cn/cases/1\n",
	At: time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC),
}

func TestSendOverEverySecurity(t *testing.T) {
	for _, security := range []string{"none", "starttls", "tls"} {
		t.Run(security, func(t *testing.T) {
			s := &server{user: "huiying"}
			cfg := start(t, s, security)
			if security != "none" {
				cfg.User, cfg.Password = "huiying", "secret"
			}
			if err := mailer(t, cfg).Send(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			got := <-s.got
			if got.tls != (security != "none") || got.user != cfg.User {
				t.Errorf("TLS %v, user %q", got.tls, got.user)
			}
			if got.from != "no-reply@example.cn" || got.to != "duty@unit.example.cn" {
				t.Errorf("from %s to %s", got.from, got.to)
			}
			checkMail(t, got.data)
		})
	}
}

func checkMail(t *testing.T, data []byte) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != message.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	if id := m.Header.Get("Message-Id"); id != "<d-1@example.cn>" {
		t.Errorf("Message-ID %q", id)
	}
	if at, err := m.Header.Date(); err != nil || !at.Equal(message.At) {
		t.Errorf("date %v, %v", at, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != message.Body {
		t.Errorf("body %q, %v", body, err)
	}
}

func TestSubjectCannotBecomeAHeader(t *testing.T) {
	s := &server{}
	m := mailer(t, start(t, s, "none"))
	evil := message
	evil.Subject = "a\r\nBcc: thief@example.com\r\n\r\nb"
	if err := m.Send(t.Context(), evil); err != nil {
		t.Fatal(err)
	}
	got, err := netmail.ReadMessage(bytes.NewReader((<-s.got).data))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || got.Header.Get("Subject") != "a Bcc: thief@example.com b" {
		t.Errorf("headers %v", got.Header)
	}
}

func TestFailures(t *testing.T) {
	answer := func(code int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "no"}
	}
	for _, tt := range []struct {
		name, stage string
		code        int
		final       bool
	}{
		{"greylisted", "rcpt", 451, false},
		{"mailbox full for now", "data", 452, false},
		{"sender put off", "mail", 421, false},
		{"no such mailbox", "rcpt", 550, true},
		{"sender refused", "mail", 553, true},
		{"text refused", "data", 554, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := mailer(t, start(t, &server{stage: tt.stage, fault: answer(tt.code)}, "none"))
			err := m.Send(t.Context(), message)
			if err == nil {
				t.Fatal("delivered")
			}
			if final := opinion.CodeOf(err) == opinion.CodeInvalid; final != tt.final {
				t.Errorf("final %v, want %v: %v", final, tt.final, err)
			}
		})
	}
}

func TestWrongPasswordIsTriedAgain(t *testing.T) {
	cfg := start(t, &server{user: "huiying"}, "starttls")
	cfg.User, cfg.Password = "huiying", "wrong"
	err := mailer(t, cfg).Send(t.Context(), message)
	if err == nil || opinion.CodeOf(err) == opinion.CodeInvalid {
		t.Errorf("got %v: the operator can mend it, so it is worth another try", err)
	}
	if strings.Contains(err.Error(), "wrong") {
		t.Errorf("the password stands in the error: %v", err)
	}
}

func TestUntrustedCertificateIsRefused(t *testing.T) {
	for _, security := range []string{"starttls", "tls"} {
		s := &server{}
		cfg := start(t, s, security)
		cfg.RootCAs = x509.NewCertPool()
		if err := mailer(t, cfg).Send(t.Context(), message); err == nil {
			t.Errorf("%s: delivered to a stranger", security)
		}
	}
}

func TestRequiredTLSIsNotSkipped(t *testing.T) {
	s := &server{}
	cfg := start(t, s, "none")
	plain := smtp.NewServer(s) // offers no STARTTLS
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go plain.Serve(l)
	t.Cleanup(func() { plain.Close() })
	cfg.Port, cfg.Security = l.Addr().(*net.TCPAddr).Port, "starttls"
	if err := mailer(t, cfg).Send(t.Context(), message); err == nil {
		t.Error("delivered in the clear")
	}
}

func TestRefusedConnectionIsTriedAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	m := mailer(t, email.Config{Host: "127.0.0.1", Port: port, Security: "none", From: "a@example.cn"})
	if err := m.Send(t.Context(), message); err == nil || opinion.CodeOf(err) == opinion.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

// TestHangingServer has a server that accepts and then says nothing, not even its
// greeting.
func TestHangingServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan net.Conn, 1)
	go func() {
		if c, err := l.Accept(); err == nil {
			accepted <- c
		}
	}()
	m := mailer(t, email.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: "none", From: "a@example.cn", Timeout: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() { sent <- m.Send(ctx, message) }()
	conn := <-accepted
	defer conn.Close()
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestTimeoutEndsAHang(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // never accepts: the kernel completes the connection, and nobody speaks
	m := mailer(t, email.Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: "none", From: "a@example.cn", Timeout: 20 * time.Millisecond})
	if err := m.Send(t.Context(), message); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the timeout", err)
	}
}

func TestBadAddressIsFinal(t *testing.T) {
	m := mailer(t, email.Config{Host: "127.0.0.1", Security: "none", From: "a@example.cn"})
	bad := message
	bad.To = "nobody"
	if err := m.Send(t.Context(), bad); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	ok := email.Config{Host: "mail.example.cn", From: "a@example.cn"}
	if _, err := email.New(ok); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*email.Config){
		"host":     func(c *email.Config) { c.Host = "" },
		"security": func(c *email.Config) { c.Security = "ssl3" },
		"port":     func(c *email.Config) { c.Port = 70000 },
		"auth":     func(c *email.Config) { c.Auth = "ntlm" },
		"clear":    func(c *email.Config) { c.User, c.Security = "u", "none" },
		"from":     func(c *email.Config) { c.From = "no address" },
	} {
		cfg := ok
		change(&cfg)
		if _, err := email.New(cfg); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
