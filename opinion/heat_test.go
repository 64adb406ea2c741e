package opinion

import (
	"math"
	"testing"
	"testing/quick"
	"time"
)

var heatStart = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

const heatHalf = 6 * time.Hour

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(1+math.Abs(a)+math.Abs(b)) }

// heatOf adds posts that came so many seconds after the start.
func heatOf(seconds []uint32) (h Heat) {
	for _, s := range seconds {
		h = h.Add(heatStart.Add(time.Duration(s%400_000)*time.Second), 1+float64(s%7), heatHalf)
	}
	return h
}

func TestHeatHalvesWithEachHalfLife(t *testing.T) {
	h := Heat{}.Add(heatStart, 8, heatHalf)
	for hours, want := range map[int]float64{0: 8, 6: 4, 12: 2, 24: 0.5, -6: 8} {
		if got := h.Fade(heatStart.Add(time.Duration(hours) * time.Hour)); !near(got, want) {
			t.Errorf("after %d hours: %v, want %v", hours, got, want)
		}
	}
	if late := h.Add(heatStart.Add(-6*time.Hour), 8, heatHalf); !near(late.Value, 12) || !late.At.Equal(heatStart) {
		t.Errorf("with a post that comes a half-life late: %+v, want 12", late)
	}
	if (Heat{}).Fade(heatStart) != 0 || (Heat{}).Order() != Cold || (Heat{}).Add(heatStart, 0, heatHalf) != (Heat{}) {
		t.Error("no attention is not cold")
	}
}

func TestHeatDoesNotDependOnTheOrderOfArrival(t *testing.T) {
	if err := quick.Check(func(seconds []uint32, later uint16) bool {
		backwards := make([]uint32, len(seconds))
		for i, s := range seconds {
			backwards[len(seconds)-1-i] = s
		}
		now := heatStart.Add(400_000*time.Second + time.Duration(later)*time.Second)
		a, b := heatOf(seconds), heatOf(backwards)
		return near(a.Fade(now), b.Fade(now)) && a.At.Equal(b.At) && (len(seconds) == 0 || near(a.Order(), b.Order()))
	}, nil); err != nil {
		t.Error(err)
	}
}

// What an index keeps is the order of the heats at every instant from then on.
func TestTheOrderOfHeatsHoldsAtEveryInstant(t *testing.T) {
	if err := quick.Check(func(one, other []uint32, later uint32) bool {
		a, b := heatOf(one), heatOf(other)
		now := heatStart.Add(time.Duration(400_000+later%1_000_000) * time.Second)
		x, y := a.Fade(now), b.Fade(now)
		return near(x, y) || (x < y) == (a.Order() < b.Order())
	}, nil); err != nil {
		t.Error(err)
	}
}

func TestHeatWithAnotherHalfLifeGoesOnFromWhereItWas(t *testing.T) {
	h := Heat{}.Add(heatStart, 8, heatHalf).Add(heatStart.Add(6*time.Hour), 1, time.Hour)
	if !near(h.Value, 5) || h.HalfLife != 3600 || !near(h.Fade(heatStart.Add(7*time.Hour)), 2.5) {
		t.Errorf("%+v", h)
	}
}
