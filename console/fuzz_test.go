package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"pgregory.net/rapid"
)

// nasty are values that break what trusts its callers.
var nasty = []string{
	"", "0", "-1", "1", "2", "1e9", "9223372036854775808", "NaN", "true", "null", "'", `"`, `\`, "%", "%00", "\x00", "\xff", "\r\nX: y",
	"a,b", ",", "' OR 1=1 --", "../../etc/passwd", "<script>", "{{7*7}}", "停车", "非", "(", "((((", "topic:", "risk:>=", "date:2019-13-01",
	"2026-03-02T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "eyJxIjoiIn0", strings.Repeat("长", 3000), "time", "staff", "case:x", "u-jiaowei",
}

// Whatever comes in, every answer is one that the document names, and never our fault.
func TestNothingComesInThatBreaksIt(t *testing.T) {
	w := newWorld(t)
	c := w.aCase()
	sessions := map[string]string{"": ""}
	for _, who := range []string{"staff", "unit-a", "unit-b", "leader", "admin"} {
		sessions[who] = w.signIn(who)
	}
	var ops []*huma.Operation
	for _, item := range document().Paths {
		for _, op := range operations(item) {
			// These end the sessions of the test, or hash passwords, which is slow.
			if !slices.Contains([]string{"sign-in", "sign-out", "add-user", "disable-user", "push-posts"}, op.OperationID) {
				ops = append(ops, op)
			}
		}
	}
	slices.SortFunc(ops, func(a, b *huma.Operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	value := rapid.OneOf(rapid.SampledFrom(nasty), rapid.String(), rapid.SampledFrom([]string{c.ID, c.EventID, c.PostID}))
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom(ops).Draw(t, "operation")
		path, query := op.Path, url.Values{}
		for _, p := range op.Parameters {
			v := value.Draw(t, p.Name)
			switch {
			case p.In == "path":
				path = strings.Replace(path, "{"+p.Name+"}", url.PathEscape(v), 1)
			case rapid.Bool().Draw(t, "has "+p.Name):
				query.Set(p.Name, v)
			}
		}
		body := ""
		if op.RequestBody != nil {
			body = drawBody(t, value)
		}
		r, err := http.NewRequest(op.Method, "http://example.com"+path+"?"+query.Encode(), strings.NewReader(body))
		if err != nil {
			return // no client can send it
		}
		r.RequestURI = r.URL.RequestURI()
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", value.Draw(t, "language"))
		who := rapid.SampledFrom([]string{"", "staff", "unit-a", "unit-b", "leader", "admin"}).Draw(t, "who")
		cookie(sessions[who])(r)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code >= 500 {
			t.Fatalf("%s %s as %s is answered %d %s; log %s", op.Method, r.URL, who, rec.Code, rec.Body, w.log)
		}
		if rec.Code == http.StatusTemporaryRedirect || r.URL.Path != "" && strings.Contains(r.URL.Path, "//") {
			return // cleaned paths are another request
		}
		if operation(op.Method, r.URL.EscapedPath()) != nil && rec.Code != http.StatusNotFound && rec.Code != http.StatusMethodNotAllowed {
			w.conforms(r, answer{w.t, rec.Code, rec.Result().Header, rec.Body.Bytes()})
		}
	})
}

func drawBody(t *rapid.T, value *rapid.Generator[string]) string {
	if rapid.IntRange(0, 4).Draw(t, "raw") == 0 {
		return value.Draw(t, "body")
	}
	fields := map[string]any{}
	for _, name := range []string{"action", "text", "revision", "source", "unknown"} {
		switch rapid.IntRange(0, 3).Draw(t, name+" is") {
		case 0:
			fields[name] = value.Draw(t, name)
		case 1:
			fields[name] = rapid.IntRange(-2, 3).Draw(t, name)
		case 2:
			fields[name] = rapid.SampledFrom([]any{"sign", "answer", "approve", nil, []int{1}, map[string]int{}, 1.5}).Draw(t, name)
		}
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(b)
}
