package elastic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/backend/elastic"
	"github.com/huiying/huiying/opinion"
)

// testServer returns the address of a real Elasticsearch.
func testServer(t testing.TB) string {
	t.Helper()
	u := os.Getenv("HUIYING_TEST_ELASTIC")
	if u == "" && os.Getenv("HUIYING_TEST_SERVERS") == "required" {
		t.Fatal("HUIYING_TEST_ELASTIC is not set and HUIYING_TEST_SERVERS=required asks for it")
	}
	if u == "" {
		t.Skip("HUIYING_TEST_ELASTIC is not set: nothing is tested on a real Elasticsearch")
	}
	return u
}

// testConfig has a prefix of its own; what stands under it is removed after the test.
func testConfig(t testing.TB) elastic.Config {
	t.Helper()
	u := testServer(t)
	prefix := fmt.Sprintf("hytest-%012x", rand.Uint64()>>16)
	t.Cleanup(func() { removeAll(t, u, prefix) })
	return elastic.Config{URLs: []string{u}, Prefix: prefix}
}

func removeAll(t testing.TB, base, prefix string) {
	var indexes map[string]json.RawMessage
	call(t, http.MethodGet, base+"/"+prefix+"-*?expand_wildcards=all", &indexes)
	for name := range indexes { // wildcards may be forbidden for deletions
		call(t, http.MethodDelete, base+"/"+name, nil)
	}
	for _, template := range []string{"posts", "events"} {
		call(t, http.MethodDelete, base+"/_index_template/"+prefix+"-"+template+"-v1", nil)
	}
}

func call(t testing.TB, method, url string, answer any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("%s %s: %v", method, url, err)
		return
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 && res.StatusCode != http.StatusNotFound {
		t.Errorf("%s %s: %s", method, url, res.Status)
	}
	if answer != nil {
		if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
			t.Errorf("%s %s: %v", method, url, err)
		}
	}
}

func openTestIndex(t *testing.T, tok opinion.Tokenizer) opinion.Index {
	t.Helper()
	x, err := elastic.Open(t.Context(), testConfig(t), tok, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return x
}

func TestIndex(t *testing.T) {
	testServer(t)
	backendtest.Index(t, openTestIndex)
}
