package backendtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/huiying/huiying/opinion"
)

// falteringContext is a context that is cancelled when it has been looked at for the n-th time:
// a client that hangs up in the middle, at every possible place.
type falteringContext struct {
	context.Context
	cancel context.CancelFunc
	mu     sync.Mutex
	left   int
}

func falter(parent context.Context, n int) *falteringContext {
	ctx, cancel := context.WithCancel(parent)
	return &falteringContext{Context: ctx, cancel: cancel, left: n}
}

func (f *falteringContext) look() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left == 0 {
		f.cancel()
	}
}

func (f *falteringContext) Done() <-chan struct{} { f.look(); return f.Context.Done() }
func (f *falteringContext) Err() error            { f.look(); return f.Context.Err() }

// storeCancelled cancels opening and acting at every place that looks at the context.
// Either all of it is there afterwards or nothing, and doing it again completes it.
func storeCancelled(t *testing.T, db StoreDatabase) {
	s := openStore(t, db, nil)
	opened, failed := 0, 0
	var unopened []string
	for n := 1; n <= 150; n++ {
		event := fmt.Sprint("ev-", n)
		if n == 150 {
			n = 1 << 30 // and once to the end
		}
		ctx := falter(t.Context(), n)
		_, _, err := s.OpenCase(ctx, newCase(event), morning)
		ctx.cancel()
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %d: %v", n, err)
		}
		c, readErr := s.CaseOfEvent(t.Context(), staff, event)
		switch {
		case readErr == nil:
			opened++
			wantWhole(t, s, c)
		case opinion.CodeOf(readErr) != opinion.CodeNotFound || err == nil:
			t.Errorf("cancelled at %d (%v): reading gives %v", n, err, readErr)
		default:
			failed++
			unopened = append(unopened, event)
			continue
		}
		storeCancelledAct(t, s, c, n)
	}
	// A server that was told to commit by a client that then hung up may do so after our
	// first look. The case must then be whole too.
	for _, event := range unopened {
		if c, err := s.CaseOfEvent(t.Context(), staff, event); err == nil {
			opened++
			wantWhole(t, s, c)
		}
	}
	if opened == 0 || failed == 0 {
		t.Errorf("%d opened, %d failed: the test must see both", opened, failed)
	}
	wantNumbers(t, s, morning.Year(), opened)
	wantTallies(t, s)
	for i, e := range ledgerOf(t, s, "") {
		if e.Seq != int64(i+1) {
			t.Fatalf("the ledger has a gap before %d", e.Seq)
		}
	}
}

func storeCancelledAct(t *testing.T, s opinion.Store, c opinion.Case, n int) {
	t.Helper()
	ctx := falter(t.Context(), n)
	defer ctx.cancel()
	_, err := s.Act(ctx, unitA, opinion.CaseAct{CaseID: c.ID, Action: opinion.ActionSign, Revision: 1, At: morning})
	now := mustGet[opinion.Case](t)(s.Case(t.Context(), staff, c.ID))
	if err == nil && now.Revision != 2 {
		t.Errorf("signed, but the revision is %d", now.Revision)
	}
	wantWhole(t, s, now)
}

// wantWhole checks that a case has all that belongs to it.
func wantWhole(t *testing.T, s opinion.Store, c opinion.Case) {
	t.Helper()
	want := []string{"case.open", "delivery.delivered", "delivery.delivered"}
	if c.Revision == 2 {
		want = append(want, "case.sign")
	}
	wantEqual(t, "ledger of "+c.EventID, actionsOf(t, s, "case:"+c.ID), want)
	if len(c.Steps) != c.Revision || len(deliveriesOf(t, s, c)) != 3 {
		t.Errorf("%s: %d steps at revision %d, %d deliveries", c.EventID, len(c.Steps), c.Revision, len(deliveriesOf(t, s, c)))
	}
}
