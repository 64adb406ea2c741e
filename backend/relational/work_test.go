package relational

import (
	"testing"
	"time"

	"github.com/huiying/huiying/opinion"
)

// TestDefaultBackoff: the pauses grow, and the last attempt comes after a night's outage but
// within the day.
func TestDefaultBackoff(t *testing.T) {
	var total time.Duration
	for attempt := 1; attempt < opinion.MaxAttempts; attempt++ {
		if attempt > 1 && DefaultBackoff(attempt) <= DefaultBackoff(attempt-1) {
			t.Errorf("the pause after attempt %d is %v, the one before %v", attempt, DefaultBackoff(attempt), DefaultBackoff(attempt-1))
		}
		total += DefaultBackoff(attempt)
	}
	if total < 8*time.Hour || total > 12*time.Hour {
		t.Errorf("the last attempt comes after %v", total)
	}
	if DefaultBackoff(0) != DefaultBackoff(1) || DefaultBackoff(99) != DefaultBackoff(opinion.MaxAttempts-1) {
		t.Error("outside of its range the backoff is not that of the nearest attempt")
	}
}
