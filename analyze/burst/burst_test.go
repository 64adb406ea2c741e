package burst_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/huiying/huiying/analyze/burst"
	"github.com/huiying/huiying/opinion"
	"github.com/huiying/huiying/opinion/policy"
	"github.com/huiying/huiying/seeds"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// shipped is the policy that huiying ships.
var shipped = sync.OnceValue(func() policy.Burst {
	p, err := policy.Load(seeds.Policy)
	if err != nil {
		panic(err)
	}
	return p.Alert.Burst
})

func assumed(t testing.TB) *burst.Model {
	t.Helper()
	m, err := burst.New(shipped())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// delays draws the seconds of up to 400 posts within four days, unordered, with ties.
func delays(t *rapid.T) []int {
	return rapid.SliceOfN(rapid.IntRange(0, 4*24*3600), 1, 400).Draw(t, "delays")
}

func feed(m *burst.Model, delays []int) *burst.Detector {
	d := m.Start(nil)
	for _, s := range delays {
		d.Observe(after(s))
	}
	return d
}

func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

func close(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

func TestHeatGrowsWithEveryPostAndFadesToNothing(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		ds := delays(t)
		now := after(slices.Max(ds) + rapid.IntRange(0, 7200).Draw(t, "later"))
		d, before := m.Start(nil), 0.0
		for _, s := range ds {
			d.Observe(after(s))
			heat := d.Further(now)
			if heat <= before && heat != 0 && before > heat*(1+1e-12) {
				t.Fatalf("heat fell from %v to %v with a post", before, heat)
			}
			before = heat
		}
		for range 12 {
			now = now.Add(24 * time.Hour)
			if heat := d.Further(now); heat >= before {
				t.Fatalf("heat did not fade: %v, a day later %v", before, heat)
			} else {
				before = heat
			}
		}
		if before > 1e-2 {
			t.Fatalf("after twelve days the heat is still %v", before)
		}
	})
}

func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		ds := delays(t)
		a := feed(m, ds).State()
		b := feed(m, rapid.Permutation(ds).Draw(t, "other order")).State()
		if !close(a.Seen, b.Seen) || !a.FirstAt.Equal(b.FirstAt) || !a.LastAt.Equal(b.LastAt) {
			t.Fatalf("states differ: %+v, %+v", a, b)
		}
		for i := range a.Sums {
			if !close(a.Sums[i], b.Sums[i]) {
				t.Fatalf("sum %d: %v in one order, %v in the other", i, a.Sums[i], b.Sums[i])
			}
		}
	})
}

func TestAStoredStateGoesOnAsIfNothingHadHappened(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		ds := delays(t)
		cut := rapid.IntRange(0, len(ds)).Draw(t, "stored after")
		stored, err := json.Marshal(feed(m, ds[:cut]).State())
		if err != nil {
			t.Fatal(err)
		}
		if len(stored) > 1200 {
			t.Fatalf("the state of %d posts takes %d bytes", cut, len(stored))
		}
		var s opinion.Pulse
		if err := json.Unmarshal(stored, &s); err != nil {
			t.Fatal(err)
		}
		d, err := m.Resume(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range ds[cut:] {
			d.Observe(after(s))
		}
		if diff := cmp.Diff(feed(m, ds).State(), d.State()); diff != "" {
			t.Fatalf("resumed after %d posts (-straight +resumed):\n%s", cut, diff)
		}
	})
}

func TestTheCallStaysAndNamesItsReason(t *testing.T) {
	d := assumed(t).Start(nil)
	calls := 0
	for i := range 600 {
		if d.Observe(start.Add(time.Duration(i) * time.Second)) {
			calls++
		}
	}
	call := d.Called()
	if call == nil || calls != 1 {
		t.Fatalf("600 posts in ten minutes: called %d times", calls)
	}
	// With 7.5 further posts expected of each fresh one, and some of the freshness gone, the
	// call comes between 500/8.5 and a quarter of the reach.
	if call.Seen < 58 || call.Seen > 125 || call.Further+call.Seen < 500 {
		t.Errorf("called at %+v", call)
	}
	if want := start.Add(time.Duration(call.Seen-1) * time.Second); !call.At.Equal(want) {
		t.Errorf("called at %v, want the time of the post that did it, %v", call.At, want)
	}
	if r := call.Detail(); !strings.Contains(r, "将超过500条") {
		t.Errorf("reason: %q", r)
	}
}

func TestASlowTrickleIsNoBurst(t *testing.T) {
	d := assumed(t).Start(nil)
	for i := range 300 {
		d.Observe(start.Add(time.Duration(i) * 12 * time.Hour))
	}
	if call := d.Called(); call != nil {
		t.Errorf("two posts a day over 150 days were called a burst: %+v", call)
	}
}

func TestNothingIsCalledBelowTheLeastNumberOfPosts(t *testing.T) {
	p := shipped()
	p.Gain, p.MinPosts = 1000, 30
	m, err := burst.New(p)
	if err != nil {
		t.Fatal(err)
	}
	same := make([]float64, 29)
	if at, ok := m.CallIn(same); ok {
		t.Errorf("29 posts were called at %v", at)
	}
	if at, ok := m.CallIn(append(same, 7)); !ok || at != 7 {
		t.Errorf("30 posts: %v %v, want a call at 7", at, ok)
	}
}

func TestCallInDoesNotLookAhead(t *testing.T) {
	m := assumed(t)
	rapid.Check(t, func(t *rapid.T) {
		gaps := rapid.SliceOfN(rapid.Float64Range(0, 400), 1, 500).Draw(t, "gaps")
		delays, sum := make([]float64, len(gaps)), 0.0
		for i, g := range gaps {
			sum += g
			delays[i] = sum
		}
		at, ok := m.CallIn(delays)
		if !ok {
			return
		}
		n, _ := slices.BinarySearch(delays, at)
		for n < len(delays) && delays[n] <= at {
			n++
		}
		if again, ok := m.CallIn(delays[:n]); !ok || again != at {
			t.Fatalf("called at %v with all delays, at %v (%v) with those up to then", at, again, ok)
		}
	})
}

func TestPoliciesThatCannotWorkAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*policy.Burst){
		"reach":                 func(p *policy.Burst) { p.Reach = 0 },
		"reach is":              func(p *policy.Burst) { p.Reach = math.NaN() },
		"min_posts":             func(p *policy.Burst) { p.MinPosts = 0 },
		"scale_seconds has 0":   func(p *policy.Burst) { p.ScaleSeconds = nil },
		"scale_seconds has 9":   func(p *policy.Burst) { p.ScaleSeconds = make([]float64, 9) },
		"ascending":             func(p *policy.Burst) { p.ScaleSeconds = []float64{60, 60} },
		"above 0":               func(p *policy.Burst) { p.ScaleSeconds = []float64{-1} },
		"below a hundred years": func(p *policy.Burst) { p.ScaleSeconds = []float64{math.Inf(1)} },
		"window_minutes":        func(p *policy.Burst) { p.WindowMinutes = 0 },
		"min_risk":              func(p *policy.Burst) { p.MinRisk = 0 },
		"exponent":              func(p *policy.Burst) { p.Exponent = -1 },
		"gain":                  func(p *policy.Burst) { p.Gain = math.Inf(1) },
	} {
		p := shipped()
		spoil(&p)
		if _, err := burst.New(p); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStatesThatCannotBeAreRefused(t *testing.T) {
	m := assumed(t)
	for name, spoil := range map[string]func(*opinion.Pulse){
		"3 sums":  func(s *opinion.Pulse) { s.Sums = s.Sums[:3] },
		"sum of":  func(s *opinion.Pulse) { s.Sums[0] = math.NaN() },
		"a sum":   func(s *opinion.Pulse) { s.Sums[1] = 99 },
		"posts":   func(s *opinion.Pulse) { s.Seen = -1 },
		"from":    func(s *opinion.Pulse) { s.LastAt = s.FirstAt.Add(-1) },
		"over 1 ": func(s *opinion.Pulse) { s.Seen = 1 },
	} {
		s := feed(m, []int{1, 2, 3}).State()
		spoil(&s)
		if _, err := m.Resume(s, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	d := assumed(b).Start(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.Observe(start.Add(time.Duration(i%100000) * time.Second))
	}
}
