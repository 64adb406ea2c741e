package push

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/huiying/huiying/opinion"
)

// fakeIntake takes every row with a text once. It normalises, masks and publishes
// nothing.
type fakeIntake struct {
	mu   sync.Mutex
	rows []opinion.Raw
	opts opinion.IntakeOptions
	fail error
	// hold, when set, is received from before an answer; entered is sent to before.
	hold, entered chan struct{}
}

func (f *fakeIntake) Accept(ctx context.Context, rows []opinion.Raw, o opinion.IntakeOptions) ([]opinion.Outcome, error) {
	if f.hold != nil {
		f.entered <- struct{}{}
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opts = o
	if f.fail != nil {
		return nil, f.fail
	}
	var out []opinion.Outcome
	for _, r := range rows {
		known := slices.ContainsFunc(f.rows, func(k opinion.Raw) bool { return k.SourceID == r.SourceID && k.SourceID != "" })
		switch {
		case r.Text == "":
			out = append(out, opinion.Outcome{Status: opinion.OutcomeRejected, Field: "text", Reason: "is empty"})
		case known:
			out = append(out, opinion.Outcome{Status: opinion.OutcomeDuplicate, ID: "id-" + r.SourceID})
		default:
			f.rows = append(f.rows, r)
			out = append(out, opinion.Outcome{Status: opinion.OutcomeAccepted, ID: "id-" + r.SourceID})
		}
	}
	return out, nil
}

// fakeKeys knows one key and fails when told to.
type fakeKeys struct{ fail error }

const secret = "hy_0123456789"

func (k fakeKeys) Key(_ context.Context, hash string) (opinion.Key, error) {
	if k.fail != nil {
		return opinion.Key{}, k.fail
	}
	sum := sha256.Sum256([]byte(secret))
	if hash != hex.EncodeToString(sum[:]) {
		return opinion.Key{}, opinion.Errorf(opinion.CodeUnauthorized, "no such key")
	}
	return opinion.Key{ID: "hy_0123", Source: "weibo"}, nil
}

var now = time.Date(2026, 11, 25, 4, 0, 0, 0, time.UTC)

func newHandler(intake Intake, cfg Config) http.Handler {
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return now }
	}
	return Handler(intake, fakeKeys{}, cfg, prometheus.NewRegistry())
}

func request(kind, body string, change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/api/v1/posts", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", kind)
	for _, c := range change {
		c(r)
	}
	return r
}

func do(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func receipt(t *testing.T, w *httptest.ResponseRecorder) Receipt {
	t.Helper()
	var r Receipt
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return r
}

const (
	object = "application/json"
	ndjson = "application/x-ndjson"
)

func TestOnePost(t *testing.T) {
	intake := &fakeIntake{}
	h := newHandler(intake, Config{})
	body := `{"id":42,"author":"甲","title":"路灯","text":"坏了","place":"东城区","url":"https://example.org/42","published_at":"2026-11-25T10:00:00+08:00","likes":3,"source":"weibo"}`
	w := do(h, request(object+"; charset=utf-8", body))
	r := receipt(t, w)
	if w.Code != http.StatusAccepted || r.Accepted != 1 || !slices.Equal(r.IDs, []string{"id-42"}) || len(r.Rejected) != 0 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	want := opinion.Raw{Source: "weibo", SourceID: "42", Channel: opinion.ChannelPublic, URL: "https://example.org/42", Author: "甲", Title: "路灯", Text: "坏了", Place: "东城区", PublishedAt: intake.rows[0].PublishedAt, Likes: 3}
	if intake.rows[0] != want || !intake.rows[0].PublishedAt.Equal(time.Date(2026, 11, 25, 2, 0, 0, 0, time.UTC)) || !intake.opts.Edits || intake.opts.Kind != "push" {
		t.Errorf("%+v", intake.rows[0])
	}
	w = do(h, request(object, body))
	if r := receipt(t, w); w.Code != http.StatusAccepted || r.Duplicates != 1 || r.Accepted != 0 || len(r.IDs) != 1 {
		t.Errorf("again: %d %s", w.Code, w.Body)
	}
}

func TestLinesAndArrays(t *testing.T) {
	lines := []string{`{"id":"1","text":"a"}`, `{"id":"2","txet":"b"}`, `{"id":"1","text":"a"}`, `nonsense`, `{"id":"3","text":"c","channel":"web_message"}`, `{"id":"4","text":""}`, `{"id":"5","text":5}`, `{"id":"6","text":"d","published_at":"昨天"}`, `null`, `{"id":"7","source_id":"8","text":"e"}`, `{"id":{},"text":"f"}`}
	for name, c := range map[string]struct{ kind, body string }{
		"lines": {ndjson, strings.Join(lines, "\n") + "\n"},
		"crlf":  {ndjson, strings.Join(lines, "\r\n")},
		"bom":   {ndjson, "\ufeff" + strings.Join(lines, "\n")},
		"array": {object, "[" + strings.ReplaceAll(strings.Join(lines, ","), "nonsense", `"nonsense"`) + "]"},
	} {
		w := do(newHandler(&fakeIntake{}, Config{}), request(c.kind, c.body))
		r := receipt(t, w)
		var bad []string
		for _, x := range r.Rejected {
			bad = append(bad, fmt.Sprint(x.Line, x.Field))
			if x.Reason == "" {
				t.Errorf("%s: line %d without a reason", name, x.Line)
			}
		}
		if w.Code != http.StatusAccepted || r.Accepted != 2 || r.Duplicates != 1 || !slices.Equal(r.IDs, []string{"id-1", "id-1", "id-3"}) ||
			!slices.Equal(bad, []string{"2txet", "4", "6text", "7text", "8published_at", "9", "10source_id", "11"}) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestRefusals(t *testing.T) {
	good := `{"id":"1","text":"a"}`
	small := Config{MaxBody: 200, MaxLine: 100, MaxPosts: 3}
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, s)
		z.Close()
		return b.String()
	}
	gzipped := func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }
	for name, c := range map[string]struct {
		r      *http.Request
		status int
		says   string
	}{
		"no key":             {request(object, good, func(r *http.Request) { r.Header.Del("Authorization") }), 401, "Bearer"},
		"wrong key":          {request(object, good, func(r *http.Request) { r.Header.Set("Authorization", "Bearer hy_wrong") }), 401, "revoked"},
		"basic":              {request(object, good, func(r *http.Request) { r.SetBasicAuth("a", secret) }), 401, "Bearer"},
		"another source":     {request(ndjson, good+"\n"+`{"id":"2","text":"a","source":"renmin"}`), 403, "line 2"},
		"get":                {request(object, good, func(r *http.Request) { r.Method = http.MethodGet }), 405, "POST"},
		"form":               {request("application/x-www-form-urlencoded", good), 415, "application/json"},
		"no type":            {request("", good), 415, "application/json"},
		"brotli":             {request(object, good, func(r *http.Request) { r.Header.Set("Content-Encoding", "br") }), 415, "gzip"},
		"not gzip":           {request(object, good, gzipped), 400, "gzip"},
		"empty":              {request(ndjson, " \n\n"), 400, "no post"},
		"empty array":        {request(object, "[]"), 400, "no post"},
		"broken array":       {request(object, `[{"id":"1","text":"a"},`), 400, "JSON"},
		"nothing good":       {request(object, `{"id":"1","txt":"a"}`), 400, "txt"},
		"large body":         {request(object, `{"id":"1","text":"`+strings.Repeat("a", 300)+`"}`), 413, "200 bytes"},
		"large unpacked":     {request(object, zip(`{"id":"1","text":"`+strings.Repeat("a", 5000)+`"}`), gzipped), 413, "200 bytes"},
		"large line":         {request(ndjson, good+"\n"+`{"id":"1","text":"`+strings.Repeat("a", 100)+`"}`), 413, "post 2"},
		"many posts":         {request(ndjson, strings.Repeat(good+"\n", 4)), 413, "more than 3"},
		"gzip of good":       {request(object, zip(good), gzipped), 202, "id-1"},
		"two objects in one": {request(object, good+good), 400, "more than one"},
	} {
		intake := &fakeIntake{}
		w := do(newHandler(intake, small), c.r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d %s, want %d with %q", name, w.Code, w.Body, c.status, c.says)
		}
		if c.status != 202 && len(intake.rows) > 0 {
			t.Errorf("%s: something was taken all the same", name)
		}
		if c.status == 401 && w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s: the key is in the answer", name)
		}
	}
}

func TestServersThatAreDownMeanComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		intake, keys error
		status       int
	}{
		"log down":    {opinion.Errorf(opinion.CodeUnavailable, "broker away"), nil, 503},
		"other error": {errors.New("disk"), nil, 503},
		"store down":  {nil, errors.New("store away"), 503},
		"busy":        {opinion.Errorf(opinion.CodeBusy, "busy"), nil, 429},
	} {
		h := Handler(&fakeIntake{fail: c.intake}, fakeKeys{fail: c.keys}, Config{}, nil)
		w := do(h, request(object, `{"text":"a"}`))
		if w.Code != c.status || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "away") {
			t.Errorf("%s: %d %q %s", name, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
}

func TestRateOfAKey(t *testing.T) {
	at := now
	h := newHandler(&fakeIntake{}, Config{RatePerKey: 2, MaxPosts: 6, Now: func() time.Time { return at }})
	six := strings.Repeat(`{"text":"a"}`+"\n", 6)
	if w := do(h, request(ndjson, six)); w.Code != 202 {
		t.Fatalf("first: %d %s", w.Code, w.Body)
	}
	w := do(h, request(ndjson, six))
	if w.Code != 429 || w.Header().Get("Retry-After") != "3" {
		t.Fatalf("second: %d, Retry-After %q, want 429 and 3", w.Code, w.Header().Get("Retry-After"))
	}
	// The refused request took nothing of the allowance.
	at = at.Add(3 * time.Second)
	if w := do(h, request(ndjson, six)); w.Code != 202 {
		t.Errorf("after Retry-After: %d %s", w.Code, w.Body)
	}
}

func TestBytesInFlightAreBounded(t *testing.T) {
	intake := &fakeIntake{hold: make(chan struct{}), entered: make(chan struct{})}
	h := newHandler(intake, Config{MaxInFlight: 1000})
	body := `{"text":"` + strings.Repeat("a", 600) + `"}`
	first := make(chan int)
	go func() { first <- do(h, request(object, body)).Code }()
	<-intake.entered
	if w := do(h, request(object, body)); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("second: %d %q", w.Code, w.Header().Get("Retry-After"))
	}
	intake.hold <- struct{}{}
	if code := <-first; code != 202 {
		t.Errorf("first: %d", code)
	}
	go func() { first <- do(h, request(object, body)).Code }()
	<-intake.entered
	intake.hold <- struct{}{}
	if code := <-first; code != 202 {
		t.Errorf("third, with room again: %d", code)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"id":1,"text":"a"}`), true)
	f.Add([]byte(`[{"id":1,"text":"a"},null,[],{}]`), false)
	f.Add([]byte("\n\n{\"likes\":1e99}\n{\"text\":\"\\ud800\"}"), true)
	f.Fuzz(func(t *testing.T, body []byte, lines bool) {
		out, err := parse(body, lines, Config{}.withDefaults())
		if (err == nil) != (len(out) > 0) {
			t.Fatalf("%d posts and %v", len(out), err)
		}
		last := 0
		for _, l := range out {
			if l.n <= last || l.bad != nil && l.bad.Reason == "" {
				t.Fatalf("%+v", l)
			}
			last = l.n
		}
	})
}
