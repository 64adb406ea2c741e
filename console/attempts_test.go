package console

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func TestOneAddressCannotTryManyNames(t *testing.T) {
	a := newAttempts()
	for i := range bucketAddress.burst {
		if wait := a.take(fmt.Sprint("u", i), "192.0.2.1", noon); wait != 0 {
			t.Fatalf("attempt %d waits %v", i, wait)
		}
	}
	if wait := a.take("staff", "192.0.2.1", noon); wait != bucketAddress.leak {
		t.Errorf("one more waits %v, want %v", wait, bucketAddress.leak)
	}
	if wait := a.take("staff", "192.0.2.2", noon); wait != 0 {
		t.Errorf("another address waits %v", wait)
	}
}

func TestManyAddressesCannotTryOneName(t *testing.T) {
	a := newAttempts()
	for i := range bucketName.burst {
		if wait := a.take("staff", fmt.Sprint(i), noon); wait != 0 {
			t.Fatalf("attempt %d waits %v", i, wait)
		}
	}
	if wait := a.take("staff", "new", noon); wait != bucketName.leak {
		t.Errorf("one more waits %v, want %v", wait, bucketName.leak)
	}
}

// However attempts come, one name at one address never gets more than its burst and what
// leaks meanwhile, and who waits as long as told is let in.
func TestAttemptsKeepToTheirRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, now := newAttempts(), noon
		taken := 0
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "pause")) * time.Second)
			wait := a.take("staff", "192.0.2.1", now)
			if wait == 0 {
				taken++
				continue
			}
			if again := a.take("staff", "192.0.2.1", now.Add(wait-1)); again == 0 {
				t.Fatalf("told to wait %v and let in before", wait)
			}
			if rapid.Bool().Draw(t, "patient") {
				now = now.Add(wait)
				if again := a.take("staff", "192.0.2.1", now); again != 0 {
					t.Fatalf("waited %v and was told to wait %v", wait, again)
				}
				taken++
			}
		}
		if most := bucketBoth.burst + int(now.Sub(noon)/bucketBoth.leak); taken > most {
			t.Fatalf("%d attempts in %v, at most %d are allowed", taken, now.Sub(noon), most)
		}
	})
}

func TestAttemptsAreBoundedInMemory(t *testing.T) {
	a := newAttempts()
	for i := range maxBuckets {
		a.take(fmt.Sprint("u", i), fmt.Sprint(i), noon)
	}
	if len(a.full) > maxBuckets+3 {
		t.Errorf("%d buckets, at most %d are allowed", len(a.full), maxBuckets)
	}
}

func TestAddress(t *testing.T) {
	s := &server{cfg: Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}}
	for _, tt := range []struct{ remote, forwarded, want string }{
		{"192.0.2.1:5", "", "192.0.2.1"},
		{"[::ffff:192.0.2.1]:5", "", "192.0.2.1"},
		{"[2001:db8:0:1:2::3%eth0]:5", "", "2001:db8:0:1::/64"},
		{"192.0.2.1:5", "198.51.100.7", "192.0.2.1"},             // nobody vouches for it
		{"10.0.0.1:5", "198.51.100.7", "198.51.100.7"},           // our proxy does
		{"10.0.0.1:5", "1.1.1.1, 198.51.100.7", "198.51.100.7"},  // the client's own claim is passed over
		{"10.0.0.1:5", "198.51.100.7, 10.0.0.2", "198.51.100.7"}, // two proxies of ours
		{"10.0.0.1:5", "198.51.100.7, rubbish", "10.0.0.1"},
		{"10.0.0.1:5", "", "10.0.0.1"},
		{"@", "", "@"}, // a Unix socket
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tt.remote
		if tt.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tt.forwarded)
		}
		if got := s.address(r); got != tt.want {
			t.Errorf("%s through %q: %s, want %s", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}
