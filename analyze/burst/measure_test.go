package burst_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/huiying/huiying/analyze/burst"
)

// cascade is a row of the public repost set.
type cascade struct {
	Text    string    `json:"text"`
	At      time.Time `json:"published_at"`
	Reposts int       `json:"reposts"`
	Delays  []float64 `json:"repost_delays_s"`
}

func (c cascade) big() bool   { return len(c.Delays) > 500 }
func (c cascade) small() bool { return max(len(c.Delays), c.Reposts) <= 500 }

// cascades reads the set and keeps one half of it, by a hash of the text: "tune" is what
// the policy was chosen on, "test" what it is measured on.
func cascades(t *testing.T, half string) []cascade {
	dir := os.Getenv("HUIYING_SHARED")
	if dir == "" {
		t.Skip("HUIYING_SHARED is not set: the cascades that this test reads are not part of the project")
	}
	f, err := os.Open(filepath.Join(dir, "data", "spread_2010_2014.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []cascade
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var c cascade
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if tune := sha256.Sum256([]byte(c.Text))[0]%2 == 0; tune == (half == "tune") {
			all = append(all, c)
		}
	}
	if lines.Err() != nil || len(all) < 200 {
		t.Fatalf("%d cascades in half %s: %v", len(all), half, lines.Err())
	}
	return all
}

// outcome is how calls fared. A call counts when it comes before the 501st repost; its lead
// is the time from it to half of the recorded reposts. A false call is one of a cascade that
// never passed 500; cascades whose count passed 500 but whose record did not are left out.
type outcome struct {
	called, precision float64
	lead, leadOfAll   float64 // seconds, medians; of all: what was not called leads by 0
	beforeHalf        float64
	falsePerDay       float64
	falseCalls        int
	leads             []float64
}

func measure(all []cascade, call func([]float64) (float64, bool)) outcome {
	var o outcome
	var ofAll []float64
	first, last := all[0].At, all[0].At
	for _, c := range all {
		if c.At.Before(first) {
			first = c.At
		}
		if c.At.After(last) {
			last = c.At
		}
		at, ok := call(c.Delays)
		switch {
		case c.big() && ok && at < c.Delays[500]:
			o.leads = append(o.leads, c.Delays[(len(c.Delays)-1)/2]-at)
			ofAll = append(ofAll, o.leads[len(o.leads)-1])
		case c.big():
			ofAll = append(ofAll, 0)
		case c.small() && ok:
			o.falseCalls++
		}
	}
	for _, l := range ofAll {
		if l > 0 {
			o.beforeHalf += 1 / float64(len(ofAll))
		}
	}
	o.called = float64(len(o.leads)) / float64(len(ofAll))
	o.precision = float64(len(o.leads)) / max(float64(len(o.leads)+o.falseCalls), 1)
	o.lead, o.leadOfAll = middle(o.leads), middle(ofAll)
	o.falsePerDay = float64(o.falseCalls) / max(last.Sub(first).Hours()/24, 1)
	return o
}

func middle(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(list))[(len(list)-1)/2]
}

// within is the simple alarm to compare with: n reposts in a window of some minutes.
func within(n int, minutes float64) func([]float64) (float64, bool) {
	return func(delays []float64) (float64, bool) {
		for i := n - 1; i < len(delays); i++ {
			if delays[i]-delays[i-n+1] <= minutes*60 {
				return delays[i], true
			}
		}
		return 0, false
	}
}

func report(t *testing.T, name string, o outcome) {
	t.Logf("%-22s called %.3f  lead %6.0f s  of all %6.0f s  before half %.2f  false %3d (%.3f a day)  precision %.3f",
		name, o.called, o.lead, o.leadOfAll, o.beforeHalf, o.falseCalls, o.falsePerDay, o.precision)
}

// TestBurstsAreCalledEarly measures the proposed policy on the half that it was not chosen
// on. The floors lie well below what was measured, to catch breakage and not luck.
func TestBurstsAreCalledEarly(t *testing.T) {
	m := assumed(t)
	for _, half := range []string{"tune", "test"} {
		all := cascades(t, half)
		ours := measure(all, m.CallIn)
		report(t, half+": policy", ours)
		for _, a := range []struct {
			n int
			m float64
		}{{20, 5}, {50, 5}, {50, 10}, {50, 20}, {100, 20}, {100, 30}, {100, 60}, {200, 120}, {300, 600}} {
			simple := measure(all, within(a.n, a.m))
			report(t, fmt.Sprintf("%s: %d in %g min", half, a.n, a.m), simple)
		}
		for _, gain := range []float64{2, 3.5, 5, 6.5, 7.5, 9, 12, 16, 24} {
			p := shipped()
			p.Gain = gain
			other, err := burst.New(p)
			if err != nil {
				t.Fatal(err)
			}
			report(t, fmt.Sprintf("%s: gain %g", half, gain), measure(all, other.CallIn))
		}
		if ours.called < 0.9 || ours.leadOfAll < 1800 || ours.precision < 0.5 {
			t.Errorf("half %s: called %.3f, lead %.0f s, precision %.3f", half, ours.called, ours.leadOfAll, ours.precision)
		}
	}
}
