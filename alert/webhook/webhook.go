// Package webhook posts signed notifications over HTTP, as the Standard Webhooks
// specification describes (webhook-id, webhook-timestamp, webhook-signature v1).
package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/huiying/huiying/opinion"
)

// Config bounds the deliveries.
type Config struct {
	// AllowPrivate lets receivers stand on this machine and in private networks.
	// Link-local addresses, which give out a cloud's credentials, stay closed.
	AllowPrivate bool
	// Timeout bounds one delivery from dialling to the end of the response. Default: 15 s.
	Timeout time.Duration
	// RootCAs are the authorities to trust. Default: the system's.
	RootCAs *x509.CertPool
}

// maxResponse is how much of a response is read, in bytes, so that the connection can be
// used again. What it says is not used.
const maxResponse = 64 << 10

// Request is one notification.
type Request struct {
	// ID is the delivery's: the receiver knows a repetition by it.
	ID  string
	URL string
	Key Key
	// At is the time of this attempt, which the receiver compares with its clock.
	At   time.Time
	Body []byte // JSON
}

// Sender posts requests. It is safe for concurrent use.
type Sender struct {
	client *http.Client
}

// New makes a Sender. Proxies of the environment are not used: they would dial what the
// guard has not seen.
func New(cfg Config) *Sender {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 15 * time.Second
	}
	dialer := &net.Dialer{Timeout: cfg.Timeout, Control: guard(cfg.AllowPrivate)}
	return &Sender{client: &http.Client{
		Timeout:       cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    cfg.Timeout,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: maxResponse,
		},
	}}
}

// CheckURL refuses what is no address of a receiver.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return opinion.Errorf(opinion.CodeInvalid, "the webhook address cannot be read; write https://host/path")
	case u.Scheme != "https" && u.Scheme != "http":
		return opinion.Errorf(opinion.CodeInvalid, "the webhook address begins with %q; use https or http", u.Scheme)
	case u.Hostname() == "":
		return opinion.Errorf(opinion.CodeInvalid, "the webhook address names no host; write https://host/path")
	case u.User != nil:
		return opinion.Errorf(opinion.CodeInvalid, "the webhook address holds a user; the signature signs in, remove it")
	}
	return nil
}

// Send posts one notification. A nil error means that the receiver answered 2xx. An
// *opinion.Error with CodeInvalid means that it never will: an answer of 3xx or 4xx (but
// for 408, 425 and 429) or an address that is not allowed. Every other error is worth
// another try.
func (s *Sender) Send(ctx context.Context, r Request) error {
	if err := CheckURL(r.URL); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return &opinion.Error{Code: opinion.CodeInvalid, Message: "the webhook address cannot be used", Err: err}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "huiying-webhook/1")
	req.Header.Set("webhook-id", r.ID)
	req.Header.Set("webhook-timestamp", strconv.FormatInt(r.At.Unix(), 10))
	req.Header.Set("webhook-signature", r.Key.Sign(r.ID, r.At, r.Body))
	resp, err := s.client.Do(req)
	if errors.Is(err, errForbidden) {
		return &opinion.Error{Code: opinion.CodeInvalid, Message: "the webhook's receiver may not be reached", Err: withoutURL(err)}
	}
	if err != nil {
		return fmt.Errorf("post webhook: %w", withoutURL(err))
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxResponse))
	return judge(resp.StatusCode)
}

// withoutURL drops the address from an error of the client: its path may hold a token.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

func judge(status int) error {
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return fmt.Errorf("post webhook: the receiver answered %d", status)
	case status >= 300 && status < 400:
		return opinion.Errorf(opinion.CodeInvalid, "the webhook's receiver answered %d; redirects are not followed, enter the final address", status)
	default:
		return opinion.Errorf(opinion.CodeInvalid, "the webhook's receiver answered %d and so refused the notification for good", status)
	}
}
