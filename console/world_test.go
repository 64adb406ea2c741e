package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"

	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

// The units of the tests: unitA leads the case, unitB has nothing to do with it, unitC
// helps.
const (
	unitA = "u-chengguanwei"
	unitB = "u-jiaowei"
	unitC = "s-dongsi"
)

// password is everybody's, hashed at bcrypt's least cost to keep the tests fast.
const password = "correct horse 电池"

var passwordHash = sync.OnceValue(func() string {
	b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		panic(err)
	}
	return string(b)
})

var testPolicy = sync.OnceValues(func() (*policy.Policy, error) { return policy.Load(seeds.Policy) })

// clock is a clock that moves when it is told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// runes cuts a text into its characters; the product's tokenizer is not the console's.
type runes struct{}

func (runes) Tokens(text string) []string {
	var out []string
	for _, r := range text {
		if strings.TrimSpace(string(r)) != "" {
			out = append(out, string(r))
		}
	}
	return out
}

// testTexts masks one word, to be seen.
var testTexts = console.Texts{
	Cut: func(text string) []string {
		return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("，。\n ", r) })
	},
	Mask: func(text string) string { return strings.ReplaceAll(text, "13800000000", "***") },
}

// world is a console over a real store and a real index, in files of the test.
type world struct {
	t        *testing.T
	handler  http.Handler
	store    opinion.Store
	index    opinion.Index
	clock    *clock
	registry *prometheus.Registry
	log      *bytes.Buffer
	status   console.Status
	statErr  error
}

var webFiles fs.FS = fstest.MapFS{
	"index.html":                  {Data: []byte("<!doctype html><title>回应</title>")},
	"favicon.svg":                 {Data: []byte("<svg/>")},
	"assets/index-Bx3k9Q_z.js":    {Data: []byte("console.log('plain')")},
	"assets/index-Bx3k9Q_z.js.br": {Data: []byte("brotli form")},
	"assets/index-Bx3k9Q_z.js.gz": {Data: []byte("gzip form")},
}

func newWorld(t *testing.T, options ...func(*console.Config)) *world {
	t.Helper()
	w := &world{
		t: t, clock: &clock{at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)},
		registry: prometheus.NewRegistry(), log: &bytes.Buffer{},
	}
	dir := t.TempDir()
	store, err := sqlite.OpenStore(t.Context(), filepath.Join(dir, "store.db"), relational.Options{Now: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	index, err := sqlite.OpenIndex(filepath.Join(dir, "index.db"), runes{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { index.Close() })
	w.store, w.index = store, index
	for _, u := range []opinion.User{
		{Name: "staff", Role: opinion.RoleStaff}, {Name: "leader", Role: opinion.RoleLeader},
		{Name: "admin", Role: opinion.RoleAdmin}, {Name: "unit-a", Role: opinion.RoleUnit, Unit: unitA},
		{Name: "unit-b", Role: opinion.RoleUnit, Unit: unitB}, {Name: "unit-c", Role: opinion.RoleUnit, Unit: unitC},
	} {
		u.PasswordHash, u.CreatedAt = passwordHash(), w.clock.now()
		if err := store.AddUser(t.Context(), opinion.System, u); err != nil {
			t.Fatal(err)
		}
	}
	var cfg console.Config
	for _, o := range options {
		o(&cfg)
	}
	w.serve(cfg)
	return w
}

func (w *world) serve(cfg console.Config) {
	w.t.Helper()
	pol, err := testPolicy()
	if err != nil {
		w.t.Fatal(err)
	}
	w.handler, err = console.New(cfg, w.store, w.index, testTexts, pol,
		func(context.Context) (console.Status, error) { return w.status, w.statErr },
		webFiles, w.clock.now, slog.New(slog.NewTextHandler(w.log, nil)), w.registry)
	if err != nil {
		w.t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// change changes a request before it goes.
type change func(*http.Request)

func header(name, value string) change { return func(r *http.Request) { r.Header.Set(name, value) } }

func cookie(token string) change {
	return func(r *http.Request) {
		if token != "" {
			r.AddCookie(&http.Cookie{Name: "huiying_session", Value: token})
		}
	}
}

func from(address string) change { return func(r *http.Request) { r.RemoteAddr = address } }

// call sends a request and checks the answer against the document.
func (w *world) call(method, path string, body any, changes ...change) answer {
	w.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, reader)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, c := range changes {
		c(r)
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	a := answer{w.t, rec.Code, rec.Result().Header, rec.Body.Bytes()}
	w.conforms(r, a)
	return a
}

// conforms fails the test when an answer is not what the document promises.
func (w *world) conforms(r *http.Request, a answer) {
	w.t.Helper()
	for _, word := range []string{"pseudonym", "fingerprint", "ps-secret"} {
		if bytes.Contains(a.body, []byte(word)) {
			w.t.Errorf("%s %s answers with %q, which no answer may hold", r.Method, r.URL, word)
		}
	}
	op := operation(r.Method, r.URL.Path)
	if op == nil || op.OperationID == "push-posts" && a.status == 405 { // without the role ingest
		return
	}
	response := op.Responses[fmt.Sprint(a.status)]
	if response == nil {
		w.t.Errorf("%s %s answers %d, which the document does not name: %s", r.Method, r.URL, a.status, a.body)
		return
	}
	if len(response.Content) == 0 {
		if len(a.body) != 0 {
			w.t.Errorf("%s %s answers %d with a body: %s", r.Method, r.URL, a.status, a.body)
		}
		return
	}
	media := response.Content[a.header.Get("Content-Type")]
	if media == nil {
		w.t.Errorf("%s %s answers %d as %q, which the document does not name", r.Method, r.URL, a.status, a.header.Get("Content-Type"))
		return
	}
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		w.t.Errorf("%s %s: %v in %s", r.Method, r.URL, err, a.body)
		return
	}
	var res huma.ValidateResult
	huma.Validate(document().Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, v, &res)
	for _, e := range res.Errors {
		w.t.Errorf("%s %s answers %d against the document: %v", r.Method, r.URL, a.status, e)
	}
}

var document = sync.OnceValue(console.Document)

// operation finds the document's operation for a request.
func operation(method, path string) *huma.Operation {
	for pattern, item := range document().Paths {
		if !matches(pattern, path) {
			continue
		}
		for _, op := range operations(item) {
			if op.Method == method {
				return op
			}
		}
	}
	return nil
}

func operations(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch, item.Head, item.Options, item.Trace}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

func matches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}

// want fails the test when the status is another one.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("answered %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// problem is an error answer.
type problem struct {
	Status int               `json:"status"`
	Code   string            `json:"code"`
	Reason string            `json:"reason"`
	Detail string            `json:"detail"`
	Params map[string]string `json:"params"`
	Errors []struct {
		Location, Message string
	} `json:"errors"`
}

// wantProblem fails the test when the answer is another one.
func (a answer) wantProblem(status int, reason string) problem {
	a.t.Helper()
	a.want(status)
	var p problem
	a.into(&p)
	if p.Reason != reason || p.Status != status || p.Detail == "" || strings.Contains(p.Detail, "{") {
		a.t.Fatalf("problem is %s, want the reason %q", a.body, reason)
	}
	return p
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.t.Fatalf("%v in %s", err, a.body)
	}
}

// signIn returns the session token of a user.
func (w *world) signIn(name string) string {
	w.t.Helper()
	a := w.call("POST", "/api/v1/session", map[string]string{"name": name, "password": password}).want(200)
	return token(a)
}

func token(a answer) string {
	a.t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.Name == "huiying_session" {
			return c.Value
		}
	}
	a.t.Fatal("there is no session cookie")
	return ""
}

// as calls with a session.
func (w *world) as(session, method, path string, body any, changes ...change) answer {
	w.t.Helper()
	return w.call(method, path, body, append(changes, cookie(session))...)
}

// putPost indexes a post with its event and returns the post's ID.
func (w *world) putPost(n int, title, text string, edit ...func(*opinion.Doc)) string {
	w.t.Helper()
	d := opinion.Doc{
		Post: opinion.Post{
			ID: opinion.PostID("renmin", fmt.Sprint(n)), Source: "renmin", SourceID: fmt.Sprint(n), Channel: opinion.ChannelPublic,
			URL: "https://example.com/1", Pseudonym: "ps-secret", Title: title, Text: text,
			PublishedAt: w.clock.now().Add(-time.Duration(n) * time.Hour), PublishedKnown: true, ReceivedAt: w.clock.now(),
		},
		Assessment: opinion.Assessment{
			Topic: "urban.illegal", Risk: 2, Score: 61.5, Intent: "投诉", Kinds: []string{"K4"}, Fingerprint: []uint64{1 << 63},
			Topics:        []opinion.TopicScore{{Topic: "urban.illegal", Probability: .9, Evidence: []opinion.Evidence{{Span: opinion.Span{Start: 0, End: 2}, Word: "违建"}}}},
			Factors:       []opinion.Factor{{Name: "term", Points: 12, Kind: "K4"}},
			PolicyVersion: "p1", ModelVersion: "m1",
		},
		TitleTokens: strings.Join(runes{}.Tokens(title), " "), TextTokens: strings.Join(runes{}.Tokens(text), " "), Version: 1,
	}
	for _, e := range edit {
		e(&d)
	}
	if err := w.index.Put(w.t.Context(), []opinion.Doc{d}); err != nil {
		w.t.Fatal(err)
	}
	return d.Post.ID
}

// putEvent makes an event of a post.
func (w *world) putEvent(postID string) string {
	w.t.Helper()
	id := "ev-" + postID
	h, err := w.index.Get(w.t.Context(), postID)
	if err != nil {
		w.t.Fatal(err)
	}
	e := opinion.Event{ID: id, Topic: h.Assessment.Topic, Name: "违建", FirstAt: h.Post.PublishedAt, LastAt: h.Post.PublishedAt,
		Posts: 1, Sources: []string{"renmin"}, Risk: 2, Score: 61.5, Level: opinion.LevelIII, KeyPost: postID, Fingerprint: []uint64{1}, Version: 1}
	if err := w.index.PutEvents(w.t.Context(), []opinion.Event{e}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.index.Link(w.t.Context(), []opinion.Link{{PostID: postID, PublishedAt: h.Post.PublishedAt, EventID: id}}); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// openCase opens the case of an event, led by unitA with the help of unitC.
func (w *world) openCase(eventID, postID string) opinion.Case {
	w.t.Helper()
	at := w.clock.now()
	c, _, err := w.store.OpenCase(w.t.Context(), opinion.NewCase{
		Case: opinion.Case{
			EventID: eventID, PostID: postID, Source: "renmin", Channel: opinion.ChannelPublic, URL: "javascript:alert(1)",
			Title: "", Text: strings.Repeat("胡同里违建很多，", 20), Topic: "urban.illegal", Risk: 2, Score: 61.5, Level: opinion.LevelIII,
			LeadUnit: unitA, CoUnits: []string{unitC},
			Assessment: opinion.Assessment{Topic: "urban.illegal", Risk: 2, Score: 61.5, Fingerprint: []uint64{7}, PolicyVersion: "p1", ModelVersion: "m1"},
			Reasons:    []opinion.Reason{{Name: "risk_at_least", Detail: "2 ≥ 2", Basis: "alert.json"}},
			Deadlines: []opinion.Deadline{
				{Kind: opinion.DeadlineSign, Start: at, Due: at.Add(time.Hour), Limit: 1, Unit: "h", Clock: opinion.ClockNaturalHours, Rule: "r1", Basis: "assumption", Source: "s", Trace: []string{"one", "two"}},
				{Kind: opinion.DeadlineRespond, Start: at, Due: at.Add(24 * time.Hour), Limit: 24, Unit: "h", Clock: opinion.ClockNaturalHours, Rule: "r2", Basis: "mandated", Source: "s", Trace: []string{"one"}},
			},
			ReceivedAt: at, PolicyVersion: "p1", CalendarVersion: "c1", ModelVersion: "m1",
		},
		Deliveries: []opinion.NewDelivery{
			{Unit: unitA, Channel: "inbox"}, {Unit: unitA, Channel: "webhook", Target: "https://hooks.example.com/send?access_token=SECRET"},
			{Unit: unitC, Channel: "email", Target: "duty@example.com"},
		},
	}, at)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}
