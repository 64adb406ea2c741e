package sqlite

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

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

// TestStoreMetrics: what an operator watches moves with what happens.
func TestStoreMetrics(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := OpenStore(t.Context(), path, relational.Options{Metrics: registry, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := OpenStore(t.Context(), path, relational.Options{Metrics: registry}); err == nil {
		t.Error("two stores share one registry")
	}
	if _, _, err := s.OpenCase(t.Context(), testCase("ev-1"), testTime); err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, registry, map[string]float64{"huiying_deliveries_pending": 1, "huiying_delivery_attempts_total": 1})
	ctx, cancel := context.WithCancel(t.Context())
	err = s.WorkDeliveries(ctx, func(context.Context, opinion.Delivery, opinion.Case) error { cancel(); return nil })
	if err != nil {
		t.Fatal(err)
	}
	wantMetrics(t, registry, map[string]float64{"huiying_deliveries_pending": 0, "huiying_delivery_attempts_total": 2, "huiying_delivery_wait_seconds": 1})
}

// wantMetrics compares the sums over all labels; of a histogram, how many were observed.
func wantMetrics(t *testing.T, r *prometheus.Registry, want map[string]float64) {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			got[f.GetName()] += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, v := range want {
		if got[name] != v {
			t.Errorf("%s is %v, want %v", name, got[name], v)
		}
	}
}
