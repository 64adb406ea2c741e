package postgres

import (
	"testing"
	"time"

	"github.com/huiying/huiying/backend/backendtest"
	"github.com/huiying/huiying/opinion"
)

func BenchmarkStore(b *testing.B) {
	backendtest.StoreBenchmark(b, func(b *testing.B) opinion.Store {
		s := openTestStore(b, schema(b), time.Now)
		b.Cleanup(func() { s.Close() })
		return s
	})
}
