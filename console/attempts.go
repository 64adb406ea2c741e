package console

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// attempts bounds how often passwords may be tried: by name and address together, so that
// nobody can lock another out; by address, against one client trying many names; and by
// name, against many clients trying one. Each is a leaky bucket (GCRA); a sign-in that
// succeeds is given back.
type attempts struct {
	mu   sync.Mutex
	full map[string]time.Time // by bucket: when it will have leaked empty
}

// bucket is how many attempts may come at once, and how long one takes to leak.
type bucket struct {
	kind  string
	burst int
	leak  time.Duration
}

var (
	bucketBoth    = bucket{"both", 5, 30 * time.Second}
	bucketAddress = bucket{"address", 50, 3 * time.Second}
	bucketName    = bucket{"name", 50, 10 * time.Second}
)

// maxBuckets bounds the memory of attempts; the emptiest go first, and when none is
// empty, all that are nearest to it.
const maxBuckets = 50_000

func newAttempts() *attempts { return &attempts{full: map[string]time.Time{}} }

type filling struct {
	bucket
	key string
}

func fillings(name, address string) []filling {
	return []filling{
		{bucketBoth, "both\x00" + name + "\x00" + address},
		{bucketAddress, "address\x00" + address},
		{bucketName, "name\x00" + name},
	}
}

// take counts an attempt and returns zero, or how long to wait when there were too many;
// then it counts nothing.
func (a *attempts) take(name, address string, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := fillings(name, address)
	var wait time.Duration
	for _, f := range list {
		level := max(0, a.full[f.key].Sub(now))
		wait = max(wait, level-time.Duration(f.burst-1)*f.leak)
	}
	if wait > 0 {
		return wait
	}
	a.forget(now)
	for _, f := range list {
		a.full[f.key] = now.Add(max(0, a.full[f.key].Sub(now)) + f.leak)
	}
	return 0
}

// giveBack takes back the attempt of a sign-in that succeeded.
func (a *attempts) giveBack(name, address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, f := range fillings(name, address) {
		if at, ok := a.full[f.key]; ok {
			a.full[f.key] = at.Add(-f.leak)
		}
	}
}

// forget makes room: buckets that are empty by now, and if that is not enough, any.
func (a *attempts) forget(now time.Time) {
	if len(a.full) < maxBuckets {
		return
	}
	for key, at := range a.full {
		if !at.After(now) {
			delete(a.full, key)
		}
	}
	for key := range a.full {
		if len(a.full) < maxBuckets-maxBuckets/10 {
			return
		}
		delete(a.full, key)
	}
}

// address is whom attempts are counted for: the connection's address, or what a trusted
// proxy says of it; of IPv6 the /64 network, which one client has to itself.
func (s *server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && s.trusted(at); i-- {
		next, err := netip.ParseAddr(strings.TrimSpace(forwarded[i]))
		if err != nil {
			break
		}
		at = next
	}
	at = at.Unmap().WithZone("")
	if at.Is6() {
		if network, err := at.Prefix(64); err == nil {
			return network.String()
		}
	}
	return at.String()
}

func (s *server) trusted(at netip.Addr) bool {
	for _, network := range s.cfg.TrustedProxies {
		if network.Contains(at.Unmap()) {
			return true
		}
	}
	return false
}

// seconds is a wait in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(int((d + time.Second - 1) / time.Second))
}
