package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/opinion"
)

// The other process of the tests below is this test binary again: storeHelper is the file
// that it opens, helperJob what it does with it.
const (
	storeHelper = "HUIYING_TEST_STORE_FILE"
	helperJob   = "HUIYING_TEST_STORE_JOB"
)

var testTime = time.Date(2026, 3, 4, 1, 0, 0, 0, time.UTC)

func testCase(event string) opinion.NewCase {
	return opinion.NewCase{
		Case: opinion.Case{EventID: event, PostID: "p", Source: "renmin", Topic: "t", LeadUnit: "u", ReceivedAt: testTime,
			Deadlines: []opinion.Deadline{{Kind: opinion.DeadlineSign, Due: testTime.Add(time.Hour)}}},
		Deliveries: []opinion.NewDelivery{{Unit: "u", Channel: "inbox"}, {Unit: "u", Channel: "email", Target: "u@example.org"}},
	}
}

// TestHelperProcess is the other process; it does nothing in an ordinary run.
func TestHelperProcess(t *testing.T) {
	path := os.Getenv(storeHelper)
	if path == "" {
		t.Skip("only run by the tests of several processes")
	}
	s, err := OpenStore(t.Context(), path, relational.Options{})
	if err != nil {
		t.Fatal(err)
	}
	switch os.Getenv(helperJob) {
	case "open": // open the cases that the other processes open too
		for i := range 100 {
			c, opened, err := s.OpenCase(t.Context(), testCase(fmt.Sprint("ev-", i)), testTime)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("CASE %s %s %v\n", c.ID, c.Number, opened)
		}
	case "forever": // open cases until somebody kills the process
		for i := 0; ; i++ {
			c, _, err := s.OpenCase(t.Context(), testCase(fmt.Sprint("ev-", i)), testTime)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Printf("CASE %s\n", c.EventID)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func helper(t *testing.T, path, job string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperProcess$")
	cmd.Env = append(os.Environ(), storeHelper+"="+path, helperJob+"="+job)
	return cmd
}

// TestProcessesShareTheFile: three processes start on one new file, migrate it, and open
// the same hundred cases, while this one adds users as the command line does.
func TestProcessesShareTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	var outputs [3]string
	var wg sync.WaitGroup
	for i := range outputs {
		wg.Go(func() {
			out, err := helper(t, path, "open").CombinedOutput()
			if outputs[i] = string(out); err != nil {
				t.Errorf("process %d: %v\n%s", i, err, out)
			}
		})
	}
	s := openTestStore(t, path, nil)
	defer s.Close()
	for i := range 20 {
		u := opinion.User{Name: fmt.Sprint("user-", i), Role: opinion.RoleStaff, PasswordHash: "h", CreatedAt: testTime}
		if err := s.AddUser(t.Context(), opinion.System, u); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
	opened, numbers := 0, map[string]string{}
	for line := range strings.Lines(strings.Join(outputs[:], "\n")) {
		if f := strings.Fields(line); len(f) == 4 && f[0] == "CASE" {
			if old := numbers[f[1]]; old != "" && old != f[2] {
				t.Errorf("the case %s has the numbers %s and %s", f[1], old, f[2])
			}
			numbers[f[1]] = f[2]
			if f[3] == "true" {
				opened++
			}
		}
	}
	page, err := s.Cases(t.Context(), opinion.System, opinion.CaseQuery{Limit: 500})
	if err != nil || page.Total != 100 || opened != 100 || len(numbers) != 100 || page.Cases[0].Number == "" {
		t.Errorf("%d cases, opened %d times, %d numbers (%v)", page.Total, opened, len(numbers), err)
	}
}

// TestKilled: what a process has reported before kill -9 is there afterwards, whole, and
// nothing is half there.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	for round := range 3 {
		cmd := helper(t, path, "forever")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		last := -1
		for want := 40 * (round + 1); last < want; {
			var event string
			if _, err := fmt.Fscanf(out, "CASE %s\n", &event); err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Sscanf(event, "ev-%d", &last); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		checkWhole(t, path, last)
	}
}

func checkWhole(t *testing.T, path string, last int) {
	t.Helper()
	s := openTestStore(t, path, nil)
	defer s.Close()
	for i := range last + 1 {
		if _, err := s.CaseOfEvent(t.Context(), opinion.System, fmt.Sprint("ev-", i)); err != nil {
			t.Fatalf("the process reported the case of ev-%d: %v", i, err)
		}
	}
	db, err := sql.Open("sqlite", storeDSN(path, "mode=rw"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var cases, numbers, steps, deliveries, entries, broken int64
	if err := db.QueryRow(`SELECT (SELECT count(*) FROM cases), (SELECT value FROM counters WHERE name = 'case/2026'),
		(SELECT count(*) FROM steps), (SELECT count(*) FROM deliveries), (SELECT count(*) FROM ledger),
		(SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok')`).
		Scan(&cases, &numbers, &steps, &deliveries, &entries, &broken); err != nil {
		t.Fatal(err)
	}
	if cases <= int64(last) || numbers != cases || steps != cases || deliveries != 2*cases || entries != 2*cases || broken != 0 {
		t.Errorf("after the kill: %d cases, last number %d, %d steps, %d deliveries, %d entries, %d broken pages",
			cases, numbers, steps, deliveries, entries, broken)
	}
}

// TestOpenStoreRefuses: what cannot be opened is told with what, where and how to mend it.
func TestOpenStoreRefuses(t *testing.T) {
	dir := t.TempDir()
	newer := filepath.Join(dir, "newer.db")
	s := openTestStore(t, newer, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(newer); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v (%v)", info.Mode(), err)
	}
	db, err := sql.Open("sqlite", storeDSN(newer, "mode=rw"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("INSERT INTO schema_version (version_id, is_applied) VALUES (99, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	garbage := filepath.Join(dir, "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("this is no database\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		path string
		code opinion.Code
		says string
	}{
		{newer, opinion.CodeInvalid, "version 99"},
		{garbage, opinion.CodeInvalid, "not a database"},
		{filepath.Join(dir, "none", "store.db"), "", "no such file"},
		{dir, "", "is a directory"},
	} {
		s, err := OpenStore(t.Context(), x.path, relational.Options{})
		if err == nil {
			t.Errorf("%s: opened", x.path)
			s.Close()
			continue
		}
		if opinion.CodeOf(err) != x.code || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), x.path) {
			t.Errorf("%s: code %q, error %v", x.path, opinion.CodeOf(err), err)
		}
	}
	for _, o := range []relational.Options{{Workers: 101}, {Lease: -1}, {Poll: -1}, {AttemptTimeout: -1}} {
		if _, err := OpenStore(t.Context(), filepath.Join(dir, "o.db"), o); opinion.CodeOf(err) != opinion.CodeInvalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestBusy: who cannot write because another process holds the file for too long is told
// to try again, and nothing hangs.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openTestStore(t, path, nil)
	defer s.Close()
	db, err := sql.Open("sqlite", strings.Replace(storeDSN(path, "_txlock=immediate"), "10000", "1", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	held, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Begin()
	if classify(err) != relational.FaultBusy {
		t.Errorf("a second writer gets %v", err)
	}
	if _, err := s.Users(t.Context(), opinion.System); err != nil {
		t.Errorf("a reader waits for the writer: %v", err)
	}
	if err := errors.Join(held.Rollback(), s.SetProgress(t.Context(), "job", "1")); err != nil {
		t.Error(err)
	}
}
