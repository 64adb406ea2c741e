package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/alert/webhook"
	"github.com/huiying/huiying/opinion"
)

// The vector of the specification's own libraries.
const (
	vectorSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime   = 1614265330
	vectorBody   = `{"test": 2432232314}`
	vectorSign   = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func key(t testing.TB) webhook.Key {
	t.Helper()
	k, err := webhook.ParseSecret(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSignVector(t *testing.T) {
	if got := key(t).Sign(vectorID, time.Unix(vectorTime, 0), []byte(vectorBody)); got != vectorSign {
		t.Errorf("got %s, want %s", got, vectorSign)
	}
}

func TestParseSecretRefuses(t *testing.T) {
	long := base64.StdEncoding.EncodeToString(make([]byte, 65))
	for _, secret := range []string{"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", "whsec_" + long} {
		if _, err := webhook.ParseSecret(secret); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%q: got %v", secret, err)
		} else if len(secret) > 6 && strings.Contains(err.Error(), secret[6:]) {
			t.Errorf("the secret stands in the error: %v", err)
		}
	}
}

// verify is a receiver's side of the specification, written from its text.
func verify(r *http.Request, body []byte, secret string, now time.Time) error {
	id, ts := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(ts, 10, 64)
	if err != nil || id == "" {
		return errors.New("headers are missing")
	}
	if d := now.Sub(time.Unix(seconds, 0)).Abs(); d > 5*time.Minute {
		return fmt.Errorf("too far from now: %v", d)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(id + "." + ts + "." + string(body)))
	for _, s := range strings.Fields(r.Header.Get("webhook-signature")) {
		got, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, "v1,"))
		if err == nil && hmac.Equal(got, mac.Sum(nil)) {
			return nil
		}
	}
	return errors.New("wrong signature")
}

var at = time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC)

func request(t testing.TB, url string) webhook.Request {
	return webhook.Request{ID: "delivery-1", URL: url, Key: key(t), At: at, Body: []byte(`{"type":"case.opened","title":"井盖"}`)}
}

func TestReceiverVerifies(t *testing.T) {
	checked := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s %s", r.Method, r.Header.Get("Content-Type"))
		}
		checked <- errors.Join(verify(r, body, vectorSecret, at.Add(time.Minute)))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer srv.Close()
	if err := webhook.New(webhook.Config{AllowPrivate: true}).Send(t.Context(), request(t, srv.URL+"/hook")); err != nil {
		t.Fatal(err)
	}
	if err := <-checked; err != nil {
		t.Errorf("the receiver says: %v", err)
	}
}

func TestSignatureCoversEverything(t *testing.T) {
	k := key(t)
	base := k.Sign("a", at, []byte("body"))
	other, err := webhook.ParseSecret("whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32))))
	if err != nil {
		t.Fatal(err)
	}
	for name, sign := range map[string]string{
		"id": k.Sign("b", at, []byte("body")), "time": k.Sign("a", at.Add(time.Second), []byte("body")),
		"body": k.Sign("a", at, []byte("bodY")), "key": other.Sign("a", at, []byte("body")),
	} {
		if sign == base {
			t.Errorf("another %s gives the same signature", name)
		}
	}
}

func TestAnswers(t *testing.T) {
	for status, want := range map[int]string{
		200: "ok", 202: "ok", 204: "ok",
		301: "final", 302: "final", 307: "final",
		400: "final", 401: "final", 404: "final", 410: "final", 422: "final",
		408: "again", 425: "again", 429: "again", 500: "again", 502: "again", 503: "again", 504: "again",
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			hits := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hits++
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
			}))
			defer srv.Close()
			err := webhook.New(webhook.Config{AllowPrivate: true}).Send(t.Context(), request(t, srv.URL))
			got := "again"
			switch {
			case err == nil:
				got = "ok"
			case opinion.CodeOf(err) == opinion.CodeInvalid:
				got = "final"
			}
			if got != want || hits != 1 {
				t.Errorf("got %s after %d requests, want %s after 1: %v", got, hits, want, err)
			}
		})
	}
}

func TestEndlessAnswerIsCutOff(t *testing.T) {
	stopped := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(stopped)
		for chunk := make([]byte, 32<<10); ; {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer srv.Close()
	if err := webhook.New(webhook.Config{AllowPrivate: true}).Send(t.Context(), request(t, srv.URL)); err != nil {
		t.Fatal(err)
	}
	<-stopped
}

func TestHangingReceiver(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-leave
	}))
	defer srv.Close()
	defer close(leave)
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() {
		sent <- webhook.New(webhook.Config{AllowPrivate: true, Timeout: time.Hour}).Send(ctx, request(t, srv.URL))
	}()
	<-entered
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) || opinion.CodeOf(err) == opinion.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestTimeoutIsTriedAgain(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // never answers
	err = webhook.New(webhook.Config{AllowPrivate: true, Timeout: 20 * time.Millisecond}).Send(t.Context(), request(t, "http://"+l.Addr().String()))
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() || opinion.CodeOf(err) == opinion.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

func TestRefusedConnectionIsTriedAgain(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	err := webhook.New(webhook.Config{AllowPrivate: true}).Send(t.Context(), request(t, srv.URL+"/token-in-path"))
	if err == nil || opinion.CodeOf(err) == opinion.CodeInvalid {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "token-in-path") {
		t.Errorf("the address stands in the error: %v", err)
	}
}

func TestGuard(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the receiver was reached") }))
	defer srv.Close()
	port := srv.Listener.Addr().(*net.TCPAddr).Port
	for _, tt := range []struct {
		host    string
		private bool // AllowPrivate
	}{
		{"127.0.0.1", false}, {"localhost", false}, {"[::1]", false}, {"[::ffff:127.0.0.1]", false}, {"127.1.2.3", false},
		{"10.0.0.1", false}, {"172.16.0.1", false}, {"192.168.1.1", false}, {"100.64.0.1", false}, {"[fd00::1]", false},
		{"169.254.169.254", true}, {"[::ffff:169.254.169.254]", true}, {"100.100.100.200", true}, {"0.0.0.0", true}, {"[::]", true},
		{"[fe80::1]", true}, {"[fd00:ec2::254]", true}, {"[64:ff9b::7f00:1]", true}, {"[2002:7f00:1::]", true}, {"224.0.0.1", true}, {"255.255.255.255", true},
	} {
		err := webhook.New(webhook.Config{AllowPrivate: tt.private, Timeout: time.Second}).Send(t.Context(), request(t, fmt.Sprintf("http://%s:%d/", tt.host, port)))
		if opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%s (private allowed: %v): got %v", tt.host, tt.private, err)
		}
	}
}

func TestCheckURL(t *testing.T) {
	for _, good := range []string{"https://example.cn/hook", "http://10.0.0.1:8080"} {
		if err := webhook.CheckURL(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "example.cn", "ftp://example.cn", "file:///etc/passwd", "https://", "https://u:p@example.cn", "https://exa mple.cn", "http://[::1"} {
		if err := webhook.CheckURL(bad); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestCertificateIsChecked(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a stranger was told") }))
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	defer srv.Close()
	if err := webhook.New(webhook.Config{AllowPrivate: true}).Send(t.Context(), request(t, srv.URL)); err == nil {
		t.Error("delivered to a certificate that nobody vouches for")
	}
}
