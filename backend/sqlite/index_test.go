package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/backend/sqlite"
	"github.com/huiying/huiying/opinion"
)

func openTestIndex(t *testing.T, tok opinion.Tokenizer) opinion.Index {
	t.Helper()
	x, err := sqlite.OpenIndex(filepath.Join(t.TempDir(), "index #1?.db"), tok)
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

func TestIndex(t *testing.T) { backendtest.Index(t, openTestIndex) }
