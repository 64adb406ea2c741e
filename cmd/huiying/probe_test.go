package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestReadyNamesWhatIsMissing: the parts by name, and nothing of their addresses.
func TestReadyNamesWhatIsMissing(t *testing.T) {
	up := func(context.Context) error { return nil }
	down := func(context.Context) error { return errors.New("dial 10.1.2.3: refused") }
	ask := func(p *probe) (int, string) {
		w := httptest.NewRecorder()
		p.ready(w, httptest.NewRequest("GET", "/readyz", nil))
		return w.Code, w.Body.String()
	}
	p := &probe{checks: []part{{"log", down}, {"index", up}, {"store", down}}}
	code, says := ask(p)
	if code != 503 || says != "not ready: the log does not answer, the store does not answer\n" {
		t.Errorf("%d %q", code, says)
	}
	p = &probe{checks: []part{{"log", up}}}
	if code, says = ask(p); code != 200 || says != "ready\n" {
		t.Errorf("%d %q", code, says)
	}
	p.stop()
	if code, says = ask(p); code != 503 || !strings.Contains(says, "stops") {
		t.Errorf("while it stops: %d %q", code, says)
	}
}
