package console_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/opinion"
)

func errorsAs(err error, target any) bool { return errors.As(err, target) }

func TestRequestsFromOtherSites(t *testing.T) {
	w := newWorld(t, func(c *console.Config) { c.PublicURL = "https://hy.example.com/path" })
	staff := w.signIn("staff")
	path := "/api/v1/cases/" + w.aCase().ID + "/acts"
	body := `{"action":"sign","revision":1}`
	for _, tt := range []struct {
		name, key, value string
		refused          bool
	}{
		{"another origin", "Origin", "https://evil.example.com", true},
		{"another scheme is another site to a browser", "Sec-Fetch-Site", "cross-site", true},
		{"a sister site", "Sec-Fetch-Site", "same-site", true},
		{"no origin that can be told", "Origin", "null", true},
		{"this origin", "Sec-Fetch-Site", "same-origin", false},
		{"the public origin, behind a proxy that changes Host", "Origin", "https://hy.example.com", false},
		{"no browser", "User-Agent", "curl/8", false},
	} {
		a := w.as(staff, "POST", path, body, header(tt.key, tt.value))
		if tt.refused {
			a.wantProblem(403, "cross_origin")
		} else {
			a.wantProblem(403, "forbidden") // staff cannot sign: the request came through
		}
	}
	if n := w.caseCount(staff, "/api/v1/cases?state=to_sign"); n != 1 {
		t.Error("a refused request changed the case")
	}
	w.call("POST", "/api/v1/session", `{"name":"staff","password":"`+password+`"}`, header("Origin", "https://evil.example.com")).wantProblem(403, "cross_origin")
	w.as(staff, "DELETE", "/api/v1/session", nil, header("Sec-Fetch-Site", "cross-site")).wantProblem(403, "cross_origin")
	w.as(staff, "GET", "/api/v1/session", nil).want(200)
}

func TestBadPublicURLs(t *testing.T) {
	w := newWorld(t)
	pol, _ := testPolicy()
	for _, u := range []string{"hy.example.com", "ftp://x", "https://", "https://a:b@x", "https://x?q", "https://x#f", "http://[::1", "javascript:alert(1)"} {
		_, err := console.New(console.Config{PublicURL: u}, w.store, w.index, testTexts, pol, nil, webFiles, w.clock.now, nil, prometheus.NewRegistry())
		if opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), "https://huiying.example.gov.cn") {
			t.Errorf("%q is answered %v", u, err)
		}
	}
	_, err := console.New(console.Config{}, w.store, w.index, testTexts, pol, nil, fstest.MapFS{}, w.clock.now, nil, prometheus.NewRegistry())
	if err == nil || !strings.Contains(err.Error(), "index.html") {
		t.Errorf("pages without index.html are answered %v", err)
	}
	if _, err := console.New(console.Config{}, w.store, w.index, testTexts, pol, nil, webFiles, w.clock.now, nil, w.registry); err == nil {
		t.Error("metrics that are registered already are no error")
	}
}

func TestSecurityHeaders(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/", "/cases/1", "/api/v1/session", "/api/v1/nothing", "/openapi.json", "/missing.js"} {
		h := w.call("GET", path, nil).header
		for name, part := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if !strings.Contains(h.Get(name), part) {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		if strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: the policy is %q", path, h.Get("Content-Security-Policy"))
		}
		if strings.HasPrefix(path, "/api/") && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept in caches: %q", path, h.Get("Cache-Control"))
		}
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	const script = "/assets/index-Bx3k9Q_z.js"
	for _, tt := range []struct {
		path, accept   string
		status         int
		body, encoding string
		cache          string
	}{
		{"/", "", 200, "回应", "", "no-cache"},
		{"/cases/abc", "gzip, br", 200, "回应", "", "no-cache"}, // the application's own address
		{"/../../etc/passwd", "", 307, "", "", ""},            // to /etc/passwd, which is the application's
		{"/%2e%2e/%2e%2e/etc/passwd", "", 200, "回应", "", "no-cache"},
		{"/..%2f..%2fassets/index-Bx3k9Q_z.js", "", 200, "plain", "", "immutable"},
		{script, "", 200, "plain", "", "immutable"},
		{script, "gzip, deflate, br", 200, "brotli form", "br", "immutable"},
		{script, "gzip;q=1.0, br;q=0", 200, "gzip form", "gzip", "immutable"},
		{"/favicon.svg", "br", 200, "<svg/>", "", "no-cache"},
		{"/assets/old-12345678.js", "", 404, "", "", ""}, // never index.html for a script
		{"/assets/index-Bx3k9Q_z.js.gz", "", 404, "", "", ""},
		{"/index.html", "", 200, "回应", "", "no-cache"},
	} {
		a := w.call("GET", tt.path, nil, header("Accept-Encoding", tt.accept))
		if a.status != tt.status {
			t.Errorf("%s answers %d %s, want %d", tt.path, a.status, a.body, tt.status)
			continue
		}
		if tt.status != 200 {
			continue
		}
		if !strings.Contains(string(a.body), tt.body) || a.header.Get("Content-Encoding") != tt.encoding ||
			!strings.Contains(a.header.Get("Cache-Control"), tt.cache) || a.header.Get("Vary") == "" {
			t.Errorf("%s for %q: %s %v", tt.path, tt.accept, a.body, a.header)
		}
		again := w.call("GET", tt.path, nil, header("Accept-Encoding", tt.accept), header("If-None-Match", a.header.Get("ETag")))
		if again.status != 304 || len(again.body) != 0 {
			t.Errorf("%s again is %d", tt.path, again.status)
		}
	}
	w.call("POST", "/", nil).want(405)
	if a := w.call("HEAD", "/", nil).want(200); len(a.body) != 0 {
		t.Errorf("HEAD answers %s", a.body)
	}
	w.call("PUT", "/api/v1/cases", nil).wantProblem(405, "method")
	if allow := w.call("PATCH", "/api/v1/session", nil).wantProblem(405, "method").Params["allowed"]; allow != "GET, POST, DELETE" {
		t.Errorf("the session takes %s", allow)
	}
	for _, path := range []string{"/api/", "/api/v2/posts", "/api/v1/authors", "/api/v1/posts/a/b"} {
		w.call("GET", path, nil).wantProblem(404, "no_such_path")
	}
}

// What a caller sends never becomes a header of the answer.
func TestHeaderInjection(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	for _, path := range []string{"/api/v1/posts?q=a%0d%0aX-Evil:1", "/api/v1/cases/a%0d%0aX-Evil:1", "/api/v1/x%0d%0aX-Evil:1", "/%0d%0aX-Evil:1"} {
		a := w.as(staff, "GET", path, nil, header("Accept-Language", "en\r\nX-Evil: 1"), header("Accept", "text/evil\r\nX-Evil: 1"))
		for name, values := range a.header {
			if strings.Contains(name+strings.Join(values, ""), "Evil") || strings.ContainsAny(strings.Join(values, ""), "\r\n") {
				t.Errorf("%s answers the header %s: %q", path, name, values)
			}
		}
	}
}

func TestPublicDocument(t *testing.T) {
	w := newWorld(t)
	a := w.call("GET", "/openapi.json", nil).want(200)
	if !strings.Contains(string(a.body), `"openapi":"3.1.0"`) || !strings.Contains(string(a.body), "/api/v1/cases/{id}/acts") {
		t.Errorf("the document is %.200s", a.body)
	}
	for name, schema := range document().Components.Schemas.Map() {
		if schema.Properties["author"] != nil && name != "PushPost" { // what a source sends is not what anybody is shown
			t.Errorf("%s names authors", name)
		}
	}
	if strings.Contains(string(a.body), `"name":"author"`) {
		t.Error("an operation has a parameter for authors")
	}
	w.call("GET", "/docs", nil).want(200) // the pages', not a viewer that loads scripts from elsewhere
	if b := w.call("GET", "/docs", nil).body; !strings.Contains(string(b), "回应") {
		t.Errorf("/docs is %s", b)
	}
}

// Panics are answered, counted and logged; the server lives on.
func TestPanics(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	real := w.index
	w.registry = prometheus.NewRegistry()
	w.index = panicking{real}
	w.serve(console.Config{})
	w.as(staff, "GET", "/api/v1/posts", nil).wantProblem(500, "internal")
	if !strings.Contains(w.log.String(), "sky fell") {
		t.Errorf("log is %s", w.log)
	}
	if n := w.metric("huiying_console_requests_total", map[string]string{"route": "GET /api/v1/posts", "class": "5xx"}); n != 1 {
		t.Errorf("%v panics were counted", n)
	}
	w.as(staff, "GET", "/api/v1/session", nil).want(200)
}

type panicking struct{ opinion.Index }

func (panicking) Search(ctx context.Context, s opinion.Search) (opinion.Result, error) {
	panic("the sky fell")
}

func TestMetricsAreBounded(t *testing.T) {
	w := newWorld(t)
	staff := w.signIn("staff")
	for _, path := range []string{"/api/v1/posts/a", "/api/v1/posts/b", "/x", "/y", "/api/zzz", "/api/v1/posts?limit=0"} {
		w.as(staff, "GET", path, nil)
	}
	if n := w.metric("huiying_console_requests_total", map[string]string{"route": "GET /api/v1/posts/{id}", "class": "4xx"}); n != 2 {
		t.Errorf("%v requests for posts were counted", n)
	}
	if n := w.metric("huiying_console_requests_total", map[string]string{"route": "/", "class": "2xx"}); n != 2 {
		t.Errorf("%v pages were counted", n)
	}
	if n := w.metric("huiying_console_sign_ins_total", map[string]string{"outcome": "ok"}); n != 1 {
		t.Errorf("%v sign-ins were counted", n)
	}
}

// metric reads a counter.
func (w *world) metric(name string, labels map[string]string) float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if hasLabels(m, labels) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func hasLabels(m *dto.Metric, labels map[string]string) bool {
	for _, l := range m.GetLabel() {
		if labels[l.GetName()] != l.GetValue() {
			return false
		}
	}
	return true
}

// Every reason that the code gives stands in the catalogue, in both languages and with the
// same parameters, and nothing stands there in vain.
func TestCatalogueIsComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, f := range files {
		if !strings.HasSuffix(f, "_test.go") {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			source.Write(b)
		}
	}
	all := console.CatalogueReasons()
	for _, m := range regexp.MustCompile(`(?:problem\([^,]+, [^,]+, |deny\([^,]+, [^,]+, [^,]+, |reason = |Reason = |languageOf\(ctx\), |return )"([a-z_]+)"`).FindAllStringSubmatch(source.String(), -1) {
		if _, ok := all[m[1]]; !ok {
			t.Errorf("the reason %q has no message", m[1])
		}
	}
	for _, code := range []opinion.Code{opinion.CodeInvalid, opinion.CodeNotFound, opinion.CodeConflict, opinion.CodeForbidden,
		opinion.CodeUnauthorized, opinion.CodeBusy, opinion.CodeUnavailable, "internal"} {
		if _, ok := all[string(code)]; !ok {
			t.Errorf("the code %q has no message", code)
		}
	}
	params := regexp.MustCompile(`\{[a-z]+\}`)
	for reason, m := range all {
		if m[0] == "" || m[1] == "" || !regexp.MustCompile(`\p{Han}`).MatchString(m[0]) || regexp.MustCompile(`\p{Han}`).MatchString(m[1]) {
			t.Errorf("the messages of %s are %q", reason, m)
		}
		for _, p := range params.FindAllString(m[1], -1) {
			if !strings.Contains(m[0], p) {
				t.Errorf("%s has the parameter %s in English only", reason, p)
			}
		}
		code := map[string]bool{"invalid": true, "not_found": true, "conflict": true, "forbidden": true, "unauthorized": true, "busy": true, "unavailable": true, "internal": true}
		if !code[reason] && !strings.Contains(source.String(), `"`+reason+`"`) {
			t.Errorf("nothing gives the reason %q", reason)
		}
	}
}
