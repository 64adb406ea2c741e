package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/huiying/huiying/console"
	"github.com/huiying/huiying/ingest/push"
	"github.com/huiying/huiying/opinion"
)

// takesAll is an intake without normalising, masking and a log.
type takesAll struct{ err error }

func (i takesAll) Accept(_ context.Context, rows []opinion.Raw, _ opinion.IntakeOptions) ([]opinion.Outcome, error) {
	out := make([]opinion.Outcome, len(rows))
	for n, r := range rows {
		out[n] = opinion.Outcome{Status: opinion.OutcomeAccepted, ID: opinion.PostID(r.Source, r.SourceID)}
		if r.Text == "again" {
			out[n].Status = opinion.OutcomeDuplicate
		}
	}
	return out, i.err
}

// The push endpoint is described here and served by ingest/push: its answers must be those
// of the document, and the document's fields must be those that it takes.
func TestPushIsWhatTheDocumentSays(t *testing.T) {
	w := newWorld(t)
	secret, key := console.NewKey("renmin", w.clock.now())
	if err := w.store.AddKey(t.Context(), opinion.System, key); err != nil {
		t.Fatal(err)
	}
	serve := func(err error, body string, changes ...change) answer {
		t.Helper()
		w.handler = push.Handler(takesAll{err}, w.store, push.Config{MaxBody: 1000, MaxPosts: 5, RatePerKey: 1, Now: w.clock.now}, nil)
		return w.call("POST", "/api/v1/posts", body, append([]change{header("Authorization", "Bearer "+secret)}, changes...)...)
	}
	lines := header("Content-Type", "application/x-ndjson")

	for name, schema := range document().Components.Schemas.Map()["PushPost"].Properties {
		value := `"1"`
		switch {
		case schema.Type == "integer":
			value = "1"
		case name == "channel":
			value = `"hotline_12345"`
		case name == "source":
			value = `"renmin"`
		case name == "published_at":
			value = `"2026-03-01T00:00:00+08:00"`
		}
		if a := serve(nil, fmt.Sprintf(`{"text":"x",%q:%s}`, name, value)); a.status != 202 && name != "text" {
			t.Errorf("the field %s is answered %d %s", name, a.status, a.body)
		}
	}
	serve(nil, `[{"text":"a"},{"text":"again"},{"txt":"b"}]`).want(202)
	serve(nil, "{\"text\":\"a\"}\n{\"text\":\"again\"}\n", lines).want(202)
	serve(nil, `{"txt":"a"}`).want(400)
	serve(nil, `[`).want(400)
	serve(nil, `{"text":"a"}`, header("Authorization", "Bearer wrong")).want(401)
	serve(nil, `{"text":"a","source":"other"}`).want(403)
	serve(nil, `{"text":"`+strings.Repeat("a", 1001)+`"}`).want(413)
	serve(nil, `{"text":"a"}`, header("Content-Type", "text/plain")).want(415)
	serve(opinion.Errorf(opinion.CodeBusy, "full"), `{"text":"a"}`).want(429)
	serve(errors.New("broker down"), `{"text":"a"}`).want(503)
	serve(nil, `{"text":"a"}`, func(r *http.Request) { r.Header.Del("Authorization") }).want(401)
}
