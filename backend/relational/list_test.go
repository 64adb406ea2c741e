package relational

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/opinion"
)

// plans are the lists that people open, with the index that must drive each of them. On 2
// busy cores BenchmarkPlans reads a page of 50 in 0.3 to 7 ms (SQLite) and 0.6 to 2.6 ms
// (PostgreSQL 15) of 100,000 cases, and in 1.3 to 9 ms (SQLite) of 2,000,000 cases of 200 units.
var plans = []struct {
	name  string
	query opinion.CaseQuery
	index string
}{
	{"newest", opinion.CaseQuery{Limit: 50}, "cases_opened"},
	{"by state", opinion.CaseQuery{State: opinion.StateToSign, Limit: 50}, "cases_state"},
	{"by topic", opinion.CaseQuery{Topic: "topic.3", Limit: 50}, "cases_topic"},
	{"by level", opinion.CaseQuery{Level: opinion.LevelI, Limit: 50}, "cases_level"},
	{"overdue", opinion.CaseQuery{Due: planNow, Limit: 50}, "cases_due"},
	{"unit", opinion.CaseQuery{Unit: "unit-7", Limit: 50}, "case_units_opened"},
	{"unit by state", opinion.CaseQuery{Unit: "unit-7", State: opinion.StateToSign, Limit: 50}, "case_units_state"},
	{"unit overdue", opinion.CaseQuery{Unit: "unit-7", Due: planNow, Limit: 50}, "case_units_due"},
	{"page 2", opinion.CaseQuery{After: planAfter, Limit: 50}, "cases_opened"},
	{"unit page 2", opinion.CaseQuery{Unit: "unit-7", After: planAfter, Limit: 50}, "case_units_opened"},
}

var (
	planNow   = time.Date(2026, 2, 25, 0, 0, 0, 0, time.UTC)
	planAfter = cursorAfter(opinion.Case{ID: "case-5", OpenedAt: planNow.AddDate(-2, 0, 0)})
)

// TestPlansSQLite: every list is driven by its index; none reads the whole table.
func TestPlansSQLite(t *testing.T) {
	db := seeded(t, sqliteFile(t), SQLite, 20_000)
	for _, p := range plans {
		list, err := buildList(p.query)
		if err != nil {
			t.Fatal(err)
		}
		page := explain(t, db, "EXPLAIN QUERY PLAN "+list.page, list.pageArgs, 3)
		sorts := p.query.Due.IsZero() && strings.Contains(page, "TEMP B-TREE")
		if !strings.Contains(page, p.index) || strings.Contains(page, "SCAN u\n") || strings.Contains(page, "SCAN c\n") || sorts {
			t.Errorf("%s: plan\n%s", p.name, page)
		}
		if total := explain(t, db, "EXPLAIN QUERY PLAN "+list.total, list.totalArgs, 3); strings.Contains(total, "SCAN c\n") {
			t.Errorf("%s: plan of the total\n%s", p.name, total)
		}
	}
	if counts := explain(t, db, "EXPLAIN QUERY PLAN "+countSQL, []any{stamp(planNow), ""}, 3); !strings.Contains(counts, "cases_due") {
		t.Errorf("counts: plan\n%s", counts)
	}
}

// TestPlansPostgres: the planner may walk cases_opened instead of the filtered column's
// index where a fifth of all cases match; it never reads or sorts the whole table.
func TestPlansPostgres(t *testing.T) {
	db := seeded(t, postgresSchema(t), Postgres, 20_000)
	for _, p := range plans {
		list, err := buildList(p.query)
		if err != nil {
			t.Fatal(err)
		}
		page := explain(t, db, "EXPLAIN "+list.page, list.pageArgs, 0)
		sorts := p.query.Due.IsZero() && strings.Contains(page, "Sort")
		indexed := strings.Contains(page, p.index) || p.query.Level != "" && strings.Contains(page, "cases_opened")
		if !indexed || strings.Contains(page, "Seq Scan") || sorts {
			t.Errorf("%s: plan\n%s", p.name, page)
		}
		if total := explain(t, db, "EXPLAIN "+list.total, list.totalArgs, 0); strings.Contains(total, "Seq Scan on cases") {
			t.Errorf("%s: plan of the total\n%s", p.name, total)
		}
	}
	if counts := explain(t, db, "EXPLAIN "+countSQL, []any{stamp(planNow), ""}, 0); !strings.Contains(counts, "cases_due") {
		t.Errorf("counts: plan\n%s", counts)
	}
}

// FuzzCursor: whatever a client sends as a position is taken as the one it stands for, or
// refused.
func FuzzCursor(f *testing.F) {
	f.Add(planAfter)
	f.Add("LTEvY2FzZS0x")
	f.Fuzz(func(t *testing.T, text string) {
		opened, id, err := parseCursor(text)
		if err != nil {
			if opinion.CodeOf(err) != opinion.CodeInvalid {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		again, same, err := parseCursor(cursorAfter(opinion.Case{ID: id, OpenedAt: instant(opened)}))
		if err != nil || again != opened || same != id {
			t.Errorf("%q is %d/%q, which comes back as %d/%q (%v)", text, opened, id, again, same, err)
		}
	})
}

// BenchmarkPlans measures the lists on many cases: HUIYING_BENCH_CASES, or 100,000.
func BenchmarkPlans(b *testing.B) {
	n := 100_000
	if _, err := fmt.Sscan(os.Getenv("HUIYING_BENCH_CASES"), &n); err != nil && os.Getenv("HUIYING_BENCH_CASES") != "" {
		b.Fatal(err)
	}
	for _, kind := range []struct {
		dialect Dialect
		open    func(testing.TB) *sql.DB
	}{{SQLite, sqliteFile}, {Postgres, postgresSchema}} {
		b.Run(kind.dialect.Name, func(b *testing.B) {
			db := seeded(b, kind.open(b), kind.dialect, n)
			s := &Store{db: Database{Read: db, Write: db, Dialect: kind.dialect, Classify: func(error) Fault { return FaultOther }}}
			for _, p := range plans {
				b.Run(p.name, func(b *testing.B) {
					for b.Loop() {
						if _, err := s.Cases(b.Context(), opinion.System, p.query); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run("counts", func(b *testing.B) {
				for b.Loop() {
					if _, err := s.CaseCounts(b.Context(), opinion.System, planNow); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func sqliteFile(t testing.TB) *sql.DB {
	return openDB(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "plans.db")+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)")
}

// postgresSchema is an empty schema on the real server, removed after the test.
func postgresSchema(t testing.TB) *sql.DB {
	t.Helper()
	address := os.Getenv("HUIYING_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("HUIYING_TEST_SERVERS") == "required" {
			t.Fatal("HUIYING_TEST_POSTGRES is not set, and HUIYING_TEST_SERVERS requires it")
		}
		t.Skip("HUIYING_TEST_POSTGRES is not set: the plans were not looked at on a real PostgreSQL")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := "plans_" + strings.ToLower(rand.Text())
	admin := openDB(t, "pgx", address)
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
	})
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return openDB(t, "pgx", u.String())
}

func openDB(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// seeded migrates an empty database and fills it with n cases.
func seeded(t testing.TB, db *sql.DB, d Dialect, n int) *sql.DB {
	t.Helper()
	none := func(context.Context) (func() error, error) { return func() error { return nil }, nil }
	if err := migrate(t.Context(), Database{Write: db, Read: db, Dialect: d, Lock: none}); err != nil {
		t.Fatal(err)
	}
	statements := backendtest.SeedCases(n)
	if d.Name == Postgres.Name {
		statements = append(statements, "ANALYZE") // as its autovacuum does; SQLite plans without figures
	}
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%v\nin %.200s", err, statement)
		}
	}
	return db
}

// explain joins one column of a plan, a line for each step.
func explain(t *testing.T, db *sql.DB, statement string, args []any, column int) string {
	t.Helper()
	rows, err := db.Query(statement, args...)
	if err != nil {
		t.Fatalf("%v\nin %s", err, statement)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for rows.Next() {
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, *cells[column].(*any))
	}
	return b.String()
}
