package elastic

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// server stands in for Elasticsearch where a real one cannot be made to fail on demand:
// it gives prepared answers in order, the last one for ever. It keeps no documents.
type server struct {
	t       *testing.T
	answers []func(w http.ResponseWriter, body string)
	got     []string // method, path and body of each request
	header  http.Header
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.got, s.header = append(s.got, r.Method+" "+r.URL.Path+" "+string(body)), r.Header
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	s.answers[min(len(s.got), len(s.answers))-1](w, string(body))
}

func say(status int, body string) func(http.ResponseWriter, string) {
	return func(w http.ResponseWriter, _ string) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func hangUp(w http.ResponseWriter, _ string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

type spaces struct{}

func (spaces) Tokens(text string) []string { return strings.Fields(text) }

// connect opens an index on a server that gives the answers after the three requests of Open.
func connect(t *testing.T, answers ...func(http.ResponseWriter, string)) (*Index, *server, *[]time.Duration) {
	t.Helper()
	s := &server{t: t, answers: []func(http.ResponseWriter, string){say(200, "{}")}}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	x, err := Open(t.Context(), Config{URLs: []string{web.URL}, RetryFor: 10 * time.Second}, spaces{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	s.answers, s.got = answers, nil
	var pauses []time.Duration
	x.pause = func(ctx context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		return ctx.Err()
	}
	return x, s, &pauses
}

const nothingFound = `{"hits":{"total":{"value":0},"hits":[]}}`

func TestBusyServerIsAskedAgain(t *testing.T) {
	x, s, pauses := connect(t, say(429, `{}`), say(503, `{"error":{"type":"busy","reason":"r"}}`), hangUp, say(502, `<html>`), say(200, nothingFound))
	if _, err := x.Search(t.Context(), opinion.Search{}); err != nil {
		t.Fatal(err)
	}
	if len(s.got) < 5 || len(*pauses) < 4 {
		t.Errorf("%d requests with %d pauses, want 5 with 4", len(s.got), len(*pauses))
	}
	for i, d := range *pauses {
		if most := 100 * time.Millisecond << i; d > most || d < most/2 {
			t.Errorf("pause %d is %v, want %v to %v", i, d, most/2, most)
		}
	}
}

func TestServerThatStaysAway(t *testing.T) {
	x, _, pauses := connect(t, say(503, `{}`))
	_, err := x.Search(t.Context(), opinion.Search{})
	if opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("error %v, want unavailable", err)
	}
	var spent time.Duration
	for _, d := range *pauses {
		spent += d
	}
	if spent < 10*time.Second || spent > 15*time.Second {
		t.Errorf("it was waited for %v, want a little over 10s", spent)
	}
	if err := x.Ping(t.Context()); opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("Ping gave %v", err)
	}
}

func TestContextEndsTheWaiting(t *testing.T) {
	x, s, _ := connect(t, say(503, `{}`))
	ctx, cancel := context.WithCancel(t.Context())
	x.pause = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	_, err := x.Search(ctx, opinion.Search{})
	if !errors.Is(err, context.Canceled) || len(s.got) != 1 {
		t.Errorf("after %d requests the error is %v", len(s.got), err)
	}
}

func TestFinalAnswersAreNotRepeated(t *testing.T) {
	for _, c := range []struct {
		answer func(http.ResponseWriter, string)
		want   string
		code   opinion.Code
	}{
		{say(400, `{"error":{"type":"parsing_exception","reason":"no","root_cause":[{"reason":"deep"}]}}`), "400 parsing_exception: no: deep", ""},
		{say(401, `{}`), "check username and password", opinion.CodeUnavailable},
		{say(403, `{}`), "check username and password", opinion.CodeUnavailable},
		{say(200, `{"hits":`), "decode answer", ""},
		{say(200, `{"hits":{"total":{"value":1},"hits":[{"_source":{"id":"p","doc":"{"}}]}}`), "decode post p", ""},
	} {
		x, s, _ := connect(t, c.answer)
		_, err := x.Search(t.Context(), opinion.Search{})
		if err == nil || !strings.Contains(err.Error(), c.want) || opinion.CodeOf(err) != c.code || len(s.got) != 1 {
			t.Errorf("want %s: %d requests, error %v", c.want, len(s.got), err)
		}
	}
}

func item(status int, kind string) string {
	if status < 300 {
		return fmt.Sprintf(`{"create":{"status":%d}}`, status)
	}
	return fmt.Sprintf(`{"create":{"status":%d,"error":{"type":%q,"reason":"r"}}}`, status, kind)
}

func items(list ...string) func(http.ResponseWriter, string) {
	return say(200, `{"items":[`+strings.Join(list, ",")+`]}`)
}

func newDocs(ids ...string) (docs []opinion.Doc) {
	for _, id := range ids {
		docs = append(docs, opinion.Doc{Post: opinion.Post{ID: id, PublishedAt: time.Unix(1.55e9, 0)}, Version: 5})
	}
	return docs
}

// TestPartOfABulkFails: one item is written, one comes again later, one is there in a later version,
// one in an earlier version with an event, and one has lost its month.
func TestPartOfABulkFails(t *testing.T) {
	x, s, pauses := connect(t,
		say(200, nothingFound), // the copies in other months
		say(200, `{}`),         // the month
		items(item(201, ""), item(429, "es_rejected_execution_exception"), item(409, "version_conflict_engine_exception"),
			item(409, "version_conflict_engine_exception"), item(404, "index_not_found_exception")),
		items(item(201, "")), // b again, alone
		say(200, `{"docs":[{"_id":"c","found":true,"_source":{"version":6}},
			{"_id":"d","_index":"huiying-posts-v1-2019.02","found":true,"_seq_no":3,"_primary_term":2,"_source":{"version":4,"event":"ev-1"}},{"_id":"e","found":false}]}`),
		say(200, `{}`), // the month again
		items(item(200, ""), item(201, "")))
	if err := x.Put(t.Context(), newDocs("a", "b", "c", "d", "e")); err != nil {
		t.Fatal(err)
	}
	if len(s.got) != 7 || len(*pauses) != 2 {
		t.Fatalf("%d requests with %d pauses, want 7 with 2:\n%s", len(s.got), len(*pauses), strings.Join(s.got, "\n"))
	}
	lines := strings.Split(strings.TrimSpace(s.got[3]), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"_id":"b"`) {
		t.Errorf("again came %v, want only b", lines)
	}
	lines = strings.Split(strings.TrimSpace(s.got[6]), "\n")
	var meta struct {
		Index struct {
			ID   string `json:"_id"`
			Seq  int    `json:"if_seq_no"`
			Term int    `json:"if_primary_term"`
		}
	}
	if err := json.Unmarshal([]byte(lines[0][strings.IndexByte(lines[0], '{'):]), &meta); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 4 || meta.Index.ID != "d" || meta.Index.Seq != 3 || meta.Index.Term != 2 || !strings.Contains(lines[1], `"event":"ev-1"`) || !strings.Contains(lines[2], `"_id":"e"`) {
		t.Errorf("the last attempt was %v", lines)
	}
}

func TestItemThatCanNeverBeWritten(t *testing.T) {
	x, _, _ := connect(t, say(200, nothingFound), say(200, `{}`), items(item(201, ""), item(400, "strict_dynamic_mapping_exception")))
	err := x.Put(t.Context(), newDocs("a", "b"))
	if err == nil || !strings.Contains(err.Error(), "post b: elastic answered 400 strict_dynamic_mapping_exception") {
		t.Errorf("error %v", err)
	}
}

func TestPostThatChangesAllTheTime(t *testing.T) {
	x, s, _ := connect(t, say(200, nothingFound), say(200, `{}`))
	conflict := items(item(409, "version_conflict_engine_exception"))
	for range 100 {
		s.answers = append(s.answers, conflict, say(200, `{"docs":[{"_id":"a","found":true,"_seq_no":3,"_primary_term":2,"_source":{"version":4}}]}`))
	}
	if err := x.Put(t.Context(), newDocs("a")); opinion.CodeOf(err) != opinion.CodeBusy {
		t.Errorf("error %v, want busy", err)
	}
}

func TestBulkIsCutToSize(t *testing.T) {
	x, s, _ := connect(t, say(200, nothingFound), say(200, `{}`), func(w http.ResponseWriter, body string) {
		list := strings.Repeat(item(201, "")+",", strings.Count(body, "\n")/2)
		io.WriteString(w, `{"items":[`+strings.TrimSuffix(list, ",")+`]}`)
	})
	docs := newDocs("a", "b", "c", "d")
	for i := range docs {
		docs[i].TextTokens = strings.Repeat("x ", bulkBytes/3)
	}
	if err := x.Put(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	if len(s.got) != 4 {
		t.Errorf("%d requests, want 4: two of them bulks", len(s.got))
	}
}

func TestRedClusterIsUnavailable(t *testing.T) {
	x, s, _ := connect(t, say(200, `{"status":"red"}`), say(200, `{"status":"yellow"}`))
	if err := x.Ping(t.Context()); opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("Ping of a red cluster gave %v", err)
	}
	if err := x.Ping(t.Context()); err != nil {
		t.Errorf("Ping of a yellow cluster gave %v", err)
	}
	if !strings.HasPrefix(s.got[0], "GET /_cluster/health") {
		t.Errorf("Ping asked %s", s.got[0])
	}
}

func TestSecureServer(t *testing.T) {
	s := &server{t: t, answers: []func(http.ResponseWriter, string){say(200, "{}")}}
	web := httptest.NewTLSServer(s)
	defer web.Close()
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	open := func(c Config) error {
		c.URLs, c.RetryFor = []string{web.URL}, time.Nanosecond
		x, err := Open(t.Context(), c, spaces{}, slog.New(slog.DiscardHandler))
		if err == nil {
			err = x.Close()
		}
		return err
	}
	if err := open(Config{CAFile: ca, Username: "u", Password: "p"}); err != nil || s.header.Get("Authorization") != "Basic dTpw" {
		t.Errorf("with a password: %v, sent %q", err, s.header.Get("Authorization"))
	}
	if err := open(Config{CAFile: ca, APIKey: "a2V5", Username: "u", Password: "p"}); err != nil || s.header.Get("Authorization") != "APIKey a2V5" && s.header.Get("Authorization") != "ApiKey a2V5" {
		t.Errorf("with a key: %v, sent %q", err, s.header.Get("Authorization"))
	}
	if err := open(Config{}); opinion.CodeOf(err) != opinion.CodeUnavailable {
		t.Errorf("an unknown authority gave %v", err)
	}
	if err := open(Config{CAFile: filepath.Join(t.TempDir(), "none")}); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("no file of authorities gave %v", err)
	}
	if err := os.WriteFile(ca, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(Config{CAFile: ca}); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("a file without certificates gave %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{URLs: []string{"http://127.0.0.1:1"}}
	for field, change := range map[string]func(*Config){
		"urls":             func(c *Config) { c.URLs = nil },
		"urls ":            func(c *Config) { c.URLs = []string{"127.0.0.1:9200"} },
		"urls  ":           func(c *Config) { c.URLs = []string{"http://u:secret@host:9200"} },
		"prefix":           func(c *Config) { c.Prefix = "Huiying" },
		"shards":           func(c *Config) { c.Shards = -1 },
		"replicas":         func(c *Config) { c.Replicas = 9 },
		"refresh_interval": func(c *Config) { c.RefreshInterval = time.Hour },
		"retry_for":        func(c *Config) { c.RetryFor = -1 },
	} {
		c := good
		change(&c)
		_, err := Open(t.Context(), c, spaces{}, slog.New(slog.DiscardHandler))
		e, ok := errors.AsType[*opinion.Error](err)
		if !ok || e.Code != opinion.CodeInvalid || e.Field != strings.TrimSpace(field) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s gave %v", field, err)
		}
	}
}

func TestMonths(t *testing.T) {
	for at, want := range map[time.Time]string{
		time.Date(2019, 1, 31, 15, 59, 59, 0, time.UTC): "2019.01",
		time.Date(2019, 1, 31, 16, 0, 0, 0, time.UTC):   "2019.02",
		time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC):     "2000.01",
		time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC):     "2099.12",
	} {
		if got := monthOf(at); got != want {
			t.Errorf("%v is in %s, want %s", at, got, want)
		}
	}
	if end, ok := monthEnd("2019.12"); !ok || !end.Equal(time.Date(2019, 12, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("2019.12 ends at %v, %v", end, ok)
	}
	for _, m := range []string{"2099.12", "v1", "", "2019.13"} {
		if _, ok := monthEnd(m); ok {
			t.Errorf("%q has an end", m)
		}
	}
}
