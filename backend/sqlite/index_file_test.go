package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

type spaces struct{}

func (spaces) Tokens(text string) []string { return strings.Fields(text) }

func openAt(t *testing.T, path string) *Index {
	t.Helper()
	x, err := OpenIndex(path, spaces{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func plainDoc(id, words string, version int64) opinion.Doc {
	return opinion.Doc{Post: opinion.Post{ID: id, Text: words, PublishedAt: time.Unix(1.5e9, 0)}, TextTokens: words, Version: version}
}

func total(t *testing.T, x *Index, query string) int {
	t.Helper()
	q, err := opinion.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Search(context.Background(), opinion.Search{Query: q, Facets: opinion.Facets})
	if err != nil {
		t.Fatal(err)
	}
	return r.Total
}

// rowsOf counts the rows of every table, the full-text one by its own bookkeeping.
func rowsOf(t *testing.T, x *Index) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range []string{"posts", "docs", "words_docsize"} {
		var n int
		if err := x.read.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

func TestIndexLeavesNoStaleRows(t *testing.T) {
	x := openAt(t, filepath.Join(t.TempDir(), "index.db"))
	ctx := context.Background()
	for v := range int64(5) {
		var docs []opinion.Doc
		for i := range 60 {
			docs = append(docs, plainDoc(fmt.Sprintf("p%d", i), fmt.Sprintf("v%d gone%d", v, v), v+1))
		}
		if err := x.Put(ctx, docs); err != nil {
			t.Fatal(err)
		}
	}
	for table, n := range rowsOf(t, x) {
		if n != 60 {
			t.Errorf("%s has %d rows, want 60", table, n)
		}
	}
	var stale int
	if err := x.read.QueryRow("SELECT count(*) FROM words WHERE words MATCH 'gone0 OR gone1 OR gone2 OR gone3'").Scan(&stale); err != nil || stale != 0 {
		t.Errorf("%d rows of earlier versions are left, %v", stale, err)
	}
	if _, err := x.DeleteBefore(ctx, time.Unix(1.6e9, 0)); err != nil {
		t.Fatal(err)
	}
	for table, n := range rowsOf(t, x) {
		if n != 0 {
			t.Errorf("%s has %d rows after the deletion, want none", table, n)
		}
	}
	if _, err := x.write.Exec("INSERT INTO words(words) VALUES ('integrity-check')"); err != nil {
		t.Errorf("integrity check: %v", err)
	}
}

func TestIndexKeepsWhatWasPut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := openAt(t, path)
	if err := x.Put(context.Background(), []opinion.Doc{plainDoc("p1", "one", 1)}); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if n := total(t, openAt(t, path), "one"); n != 1 {
		t.Errorf("%d posts after opening again, want 1", n)
	}
}

// A process that is killed leaves the file with its log as they are at that moment.
func TestIndexOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := openAt(t, path)
	var docs []opinion.Doc
	for i := range 300 {
		docs = append(docs, plainDoc(fmt.Sprintf("p%d", i), "one", 1))
	}
	if err := x.Put(context.Background(), docs); err != nil {
		t.Fatal(err)
	}
	tx, err := x.begin(context.Background()) // and one write is not finished
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	rows, err := encodeDocs([]opinion.Doc{plainDoc("unfinished", "two", 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := putRows(context.Background(), tx, rows); err != nil {
		t.Fatal(err)
	}
	after := filepath.Join(t.TempDir(), "index.db")
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(after+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	y := openAt(t, after)
	if n, m := total(t, y, "one"), total(t, y, "two"); n != 300 || m != 0 {
		t.Errorf("%d and %d posts after the kill, want 300 and none", n, m)
	}
	if err := y.Put(context.Background(), []opinion.Doc{plainDoc("p300", "one", 1)}); err != nil {
		t.Error(err)
	}
}

// Two indexes on one file are what two processes are: they share nothing but the file.
func TestIndexOfSeveralProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	a, b := openAt(t, path), openAt(t, path)
	reader, err := OpenIndexReader(path, spaces{})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if n := total(t, reader, ""); n != 0 {
		t.Fatalf("%d posts at first", n)
	}
	var wg sync.WaitGroup
	errs := make(chan error, 80)
	for w, x := range []*Index{a, b} {
		wg.Go(func() {
			for i := range 40 {
				errs <- x.Put(context.Background(), []opinion.Doc{plainDoc(fmt.Sprintf("p%d-%d", w, i), "one", 1), plainDoc("both", fmt.Sprintf("w%d", w), int64(2*i+w))})
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	for _, x := range []*Index{a, b, reader} {
		if n, m := total(t, x, "one"), total(t, x, "w1"); n != 80 || m != 1 || total(t, x, "w0") != 0 {
			t.Errorf("%d posts and %d of the last version, want 80 and 1", n, m)
		}
	}
	for name, err := range map[string]error{
		"Put":          reader.Put(context.Background(), []opinion.Doc{plainDoc("p", "x", 1)}),
		"Link":         reader.Link(context.Background(), []opinion.Link{{PostID: "both", EventID: "e"}}),
		"PutEvents":    reader.PutEvents(context.Background(), []opinion.Event{{ID: "e"}}),
		"DeleteBefore": func() error { _, err := reader.DeleteBefore(context.Background(), time.Now()); return err }(),
	} {
		if opinion.CodeOf(err) != opinion.CodeForbidden {
			t.Errorf("%s of a reader gave %v", name, err)
		}
	}
}

func TestOpenIndexRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenIndexReader(filepath.Join(dir, "none.db"), spaces{}); opinion.CodeOf(err) != opinion.CodeNotFound {
		t.Errorf("no file: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none.db")); err == nil {
		t.Error("a reader made a file")
	}
	if _, err := OpenIndex(filepath.Join(dir, "no", "index.db"), spaces{}); err == nil {
		t.Error("a directory that is not there was accepted")
	}
	other := filepath.Join(dir, "other.db")
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("CREATE TABLE posts(a)"); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIndex(other, spaces{}); opinion.CodeOf(err) != opinion.CodeInvalid {
		t.Errorf("a foreign database: %v", err)
	}
	future := filepath.Join(dir, "future.db")
	openAt(t, future).Close()
	if db, err = sql.Open("sqlite", future); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIndex(future, spaces{}); opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), "version 99") {
		t.Errorf("a version from the future: %v", err)
	}
	junk := filepath.Join(dir, "junk.db")
	if err := os.WriteFile(junk, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenIndex(junk, spaces{}); opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(err.Error(), "backup") {
		t.Errorf("a text file: %v, want how to mend it", err)
	}
}

// TestIndexUsesItsIndexes keeps the questions that must not read every post from doing so.
func TestIndexUsesItsIndexes(t *testing.T) {
	x := openAt(t, filepath.Join(t.TempDir(), "index.db"))
	for _, c := range []struct{ name, query, want string }{
		{"page by time", "SELECT n FROM posts WHERE (1) AND published <= 5 AND (published < 5 OR id > 'a') ORDER BY published DESC, id LIMIT 20", "posts_published"},
		{"days", "SELECT facets FROM posts WHERE published >= 1 AND published < 2", "posts_published"},
		{"members", "SELECT id FROM posts WHERE event = 'a' AND event <> '' ORDER BY published, id LIMIT 5", "posts_event"},
	} {
		rows, err := x.read.Query("EXPLAIN QUERY PLAN " + c.query)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var a, b, n int
			var detail string
			if err := rows.Scan(&a, &b, &n, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(plan, func(s string) bool { return strings.Contains(s, c.want) }) {
			t.Errorf("%s does not use %s: %v", c.name, c.want, plan)
		}
	}
}

func TestIndexOpenedByManyAtOnce(t *testing.T) {
	for round := range 5 {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("index%d.db", round))
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				x, err := OpenIndex(path, spaces{})
				if err != nil {
					t.Error(err)
					return
				}
				defer x.Close()
				if err := x.Put(context.Background(), []opinion.Doc{plainDoc(fmt.Sprint(i), "x", 1)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := total(t, openAt(t, path), ""); n != 8 {
			t.Errorf("%d posts, want 8", n)
		}
	}
}

// TestIndexWithoutAreas: a file from before there were areas is brought up to date, and
// its posts count as ours.
func TestIndexWithoutAreas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := openAt(t, path)
	if err := x.Put(context.Background(), []opinion.Doc{plainDoc("old", "路灯", 1)}); err != nil {
		t.Fatal(err)
	}
	for _, back := range []string{"ALTER TABLE facet_sets DROP COLUMN area", "DROP INDEX events_heat", "DROP INDEX events_gravity",
		"DROP INDEX events_filter", "ALTER TABLE events DROP COLUMN merged", "CREATE INDEX events_heat ON events(heat)",
		"CREATE INDEX events_gravity ON events(gravity)", "CREATE INDEX events_filter ON events(topic)", "PRAGMA user_version = 2"} {
		if _, err := x.write.Exec(back); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = openAt(t, path)
	away := plainDoc("new", "路灯", 1)
	away.Assessment.Elsewhere = &opinion.Elsewhere{Name: "河北省"}
	if err := x.Put(context.Background(), []opinion.Doc{away}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]int{"area:ours": 1, "area:elsewhere": 1, "路灯": 2} {
		if got := total(t, x, query); got != want {
			t.Errorf("%s: %d posts, want %d", query, got, want)
		}
	}
}
