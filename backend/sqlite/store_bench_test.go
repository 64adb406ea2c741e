package sqlite

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/backend/relational"
	"github.com/huiying/huiying/opinion"
)

func BenchmarkStore(b *testing.B) {
	backendtest.StoreBenchmark(b, func(b *testing.B) opinion.Store {
		s, err := OpenStore(b.Context(), filepath.Join(b.TempDir(), "store.db"), relational.Options{Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { s.Close() })
		return s
	})
}
