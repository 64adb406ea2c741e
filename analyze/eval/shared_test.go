package eval

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The published system's answers stand in the rows, and so do its figures in its paper's
// account of them: accuracy 0.914 and macro-F1 0.912. Ours must come out the same.
func TestFiguresOfThePublishedSystemAreRecomputed(t *testing.T) {
	shared := os.Getenv("HUIYING_SHARED")
	if shared == "" {
		t.Skip("HUIYING_SHARED is not set: the labelled messages that this test reads are not part of the project")
	}
	f, err := os.Open(filepath.Join(shared, "data", "topic7_valid921.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := ReadRows(f, parseTime)
	if err != nil {
		t.Fatal(err)
	}
	peer := map[int]string{}
	for _, row := range list {
		peer[row.Line] = row.Peer
	}
	r, err := Run(t.Context(), "topic7", Models{Topic7: func(r Row) Guess { return Guess{peer[r.Line], math.NaN()} }}, Input{Rows: list})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{"accuracy": 0.914, "macro_f1": 0.912} {
		if got, _ := r.Metric(name); math.Abs(got-want) > 0.0005 || r.Labelled != 921 {
			t.Errorf("%s = %.4f of %d rows, published %.3f", name, got, r.Labelled, want)
		}
	}
}
