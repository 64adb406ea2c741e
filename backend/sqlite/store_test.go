package sqlite

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/opinion"
)

func TestStoreContract(t *testing.T) {
	backendtest.Store(t, func(t *testing.T) backendtest.StoreDatabase {
		path := filepath.Join(t.TempDir(), "store ?#%41.db")
		return backendtest.StoreDatabase{
			Open: func(t *testing.T, now func() time.Time) opinion.Store { return openTestStore(t, path, now) },
			Exec: func(t *testing.T, statement string) error {
				db, err := sql.Open("sqlite", storeDSN(path, "_txlock=immediate"))
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				_, err = db.Exec(statement)
				return err
			},
		}
	})
}

func openTestStore(t *testing.T, path string, now func() time.Time) *relational.Store {
	t.Helper()
	s, err := OpenStore(t.Context(), path, relational.Options{Now: now, Poll: 30 * time.Second, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
