package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/opinion"
)

// server is the URL of the real server, or skips the test loudly.
func server(t testing.TB) string {
	t.Helper()
	address := os.Getenv("HUIYING_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("HUIYING_TEST_SERVERS") == "required" {
			t.Fatal("HUIYING_TEST_POSTGRES is not set, and HUIYING_TEST_SERVERS requires it")
		}
		t.Skip("HUIYING_TEST_POSTGRES is not set (postgres://user@host:port/database): the Store was not tested on a real PostgreSQL")
	}
	return address
}

// schema makes an empty schema, removed after the test, and returns the URL that uses it.
func schema(t testing.TB) string {
	t.Helper()
	address := server(t)
	name := "test_" + strings.ToLower(rand.Text())
	if err := execute(address, "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(address, "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func execute(address, statement string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

func TestStoreContract(t *testing.T) {
	server(t)
	backendtest.Store(t, func(t *testing.T) backendtest.StoreDatabase {
		address := schema(t) + "&synchronous_commit=off" // no test pulls the server's plug
		return backendtest.StoreDatabase{
			Open: func(t *testing.T, now func() time.Time) opinion.Store { return openTestStore(t, address, now) },
			Exec: func(_ *testing.T, statement string) error { return execute(address, statement) },
		}
	})
}

func openTestStore(t testing.TB, address string, now func() time.Time) *relational.Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URL: address}, relational.Options{Now: now, Poll: 30 * time.Second, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpenRefusesBadConfig(t *testing.T) {
	for field, cfg := range map[string]Config{
		"postgres.url":       {URL: "postgres://host:port/x"},
		"postgres.max_conns": {URL: "postgres://127.0.0.1/x", MaxConns: 1},
	} {
		_, err := Open(t.Context(), cfg, relational.Options{})
		if opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(fmt.Sprint(err), "postgres") {
			t.Errorf("%s: %v", field, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := Open(ctx, Config{URL: "postgres://postgres:geheim@127.0.0.1:1/x"}, relational.Options{})
	if opinion.CodeOf(err) != opinion.CodeUnavailable || strings.Contains(err.Error(), "geheim") {
		t.Errorf("no server: %v", err)
	}
}

// TestInstancesStartTogether: all of them come up on an empty schema, which is migrated once.
func TestInstancesStartTogether(t *testing.T) {
	address := schema(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), Config{URL: address}, relational.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	db := connect(t, address)
	var versions int
	if err := db.QueryRow("SELECT count(*) FROM schema_version WHERE version_id > 0").Scan(&versions); err != nil || versions != 3 {
		t.Errorf("%d versions were applied, want 3 (%v)", versions, err)
	}
	if _, err := db.Exec("INSERT INTO schema_version (version_id, is_applied) VALUES (99, true)"); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), Config{URL: address}, relational.Options{})
	if opinion.CodeOf(err) != opinion.CodeInvalid || !strings.Contains(fmt.Sprint(err), "version 99") {
		t.Errorf("a newer schema: %v", err)
	}
}

// TestLostConnections: when the server drops all connections, a call fails with
// CodeUnavailable at most, and the next ones work.
func TestLostConnections(t *testing.T) {
	address := schema(t) + "&application_name=lost_" + strings.ToLower(rand.Text())[:8]
	s := openTestStore(t, address, nil)
	defer s.Close()
	u := opinion.User{Role: opinion.RoleStaff, PasswordHash: "h", CreatedAt: time.Now()}
	for round := range 3 {
		failed := 0
		for call := range 10 {
			u.Name = fmt.Sprint("user-", round, "-", call)
			err := s.AddUser(t.Context(), opinion.System, u)
			if err != nil && opinion.CodeOf(err) != opinion.CodeUnavailable {
				t.Errorf("code %q: %v", opinion.CodeOf(err), err)
			}
			if err != nil {
				failed++
			}
			if call == 2 {
				if _, err := connect(t, server(t)).Exec(
					"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lost_%'"); err != nil {
					t.Fatal(err)
				}
			}
		}
		if failed > 2 {
			t.Errorf("round %d: %d of 10 calls failed", round, failed)
		}
	}
}

func connect(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestAKilledServerIsUnavailable: what the driver says when the server ends in the middle of an
// answer, and when a connection is used that has ended.
func TestAKilledServerIsUnavailable(t *testing.T) {
	for _, err := range []error{io.ErrUnexpectedEOF, io.EOF, sql.ErrConnDone, closedConn(t)} {
		if got := classify(fmt.Errorf("insert: %w", err)); got != relational.FaultUnavailable {
			t.Errorf("%v (%T) is classified %v", err, err, got)
		}
	}
	if got := classify(errors.New("a bug")); got != relational.FaultOther {
		t.Errorf("an error of ours is classified %v", got)
	}
}

// closedConn is the driver's error on a connection whose server has gone: the other side of a
// pipe speaks just enough of the protocol to sign in.
func closedConn(t *testing.T) error {
	t.Helper()
	config, err := pgconn.ParseConfig("postgres://u@127.0.0.1/d?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := net.Pipe()
	config.DialFunc = func(context.Context, string, string) (net.Conn, error) { return ours, nil }
	go func() {
		defer theirs.Close()
		server := pgproto3.NewBackend(theirs, theirs)
		if _, err := server.ReceiveStartupMessage(); err != nil {
			return
		}
		server.Send(&pgproto3.AuthenticationOk{})
		server.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
		_ = server.Flush() // the client looks at what it got
	}()
	conn, err := pgconn.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Exec(t.Context(), "SELECT 1").Close() // finds the other side gone
	err = conn.Exec(t.Context(), "SELECT 1").Close()
	if err == nil {
		t.Fatal("a closed connection answers")
	}
	return err
}
