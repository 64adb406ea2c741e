package backendtest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/huiying/huiying/opinion"
)

// The tests of deliveries run in a bubble of testing/synctest, where a day of retries
// passes in no time and no pause is shortened by luck.

// deliveryReceiver is the other end of deliveries: it notes every attempt and answers as told.
type deliveryReceiver struct {
	mu      sync.Mutex
	tries   []time.Time
	ids     map[string]int
	running map[string]int
	twice   bool // a delivery ran twice at the same time
	answer  func(ctx context.Context, try int) error
}

func newDeliveryReceiver(answer func(ctx context.Context, try int) error) *deliveryReceiver {
	return &deliveryReceiver{ids: map[string]int{}, running: map[string]int{}, answer: answer}
}

func (r *deliveryReceiver) deliver(ctx context.Context, d opinion.Delivery, c opinion.Case) error {
	r.mu.Lock()
	r.tries = append(r.tries, time.Now())
	r.ids[d.ID]++
	r.running[d.ID]++
	r.twice = r.twice || r.running[d.ID] > 1
	try := len(r.tries)
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.running[d.ID]--
		r.mu.Unlock()
	}()
	if c.ID != d.CaseID || c.Number == "" {
		return fmt.Errorf("the delivery of %s came with the case %s", d.CaseID, c.ID)
	}
	return r.answer(ctx, try)
}

func (r *deliveryReceiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tries)
}

// workDeliveries runs WorkDeliveries until stop is called.
func workDeliveries(t *testing.T, s opinion.Store, deliver opinion.DeliverFunc) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.WorkDeliveries(ctx, deliver) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("work deliveries: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// webhookOf is the one delivery of newCase that has to be sent.
func webhookOf(t *testing.T, s opinion.Store, c opinion.Case) opinion.Delivery {
	t.Helper()
	for _, d := range deliveriesOf(t, s, c) {
		if d.Channel == "webhook" {
			return d
		}
	}
	t.Fatal("the case has no webhook delivery")
	return opinion.Delivery{}
}

// awaitDay waits, in the bubble's time, at most a day.
func awaitDay(t *testing.T, what string, reached func() bool) {
	t.Helper()
	pause := 50 * time.Millisecond
	for start := time.Now(); !reached(); time.Sleep(pause) {
		switch waited := time.Since(start); {
		case waited > 24*time.Hour:
			t.Fatalf("a day later, still not: %s", what)
		case waited > time.Second:
			pause = 2 * time.Second
		}
	}
}

func storeDeliver(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(context.Context, int) error { return nil })
		workDeliveries(t, s, r.deliver)
		time.Sleep(time.Second / 2) // it has looked and found nothing
		start := time.Now()
		c := openCase(t, s, newCase("ev-1"), start)
		awaitDay(t, "delivered", func() bool { return webhookOf(t, s, c).State == "delivered" })
		if waited := time.Since(start); waited > 200*time.Millisecond {
			t.Errorf("the delivery waited for %v although its process knew of it", waited)
		}
		d := webhookOf(t, s, c)
		if d.Attempts != 1 || d.DoneAt == nil || d.Error != "" || r.count() != 1 {
			t.Errorf("after %d attempts: %+v", r.count(), d)
		}
		wantEqual(t, "ledger", actionsOf(t, s, "case:"+c.ID)[3:], []string{"delivery.delivered"})
		time.Sleep(2 * time.Hour)
		if r.count() != 1 {
			t.Errorf("delivered %d times", r.count())
		}
	})
}

// storeDeliverRetry: a failure is tried again, later each time, and shown meanwhile.
func storeDeliverRetry(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(_ context.Context, try int) error {
			if try < 5 {
				return errors.New("451 try later \x00\xff " + strings.Repeat("长", 5000))
			}
			return nil
		})
		workDeliveries(t, s, r.deliver)
		c := openCase(t, s, newCase("ev-1"), time.Now())
		awaitDay(t, "first failure", func() bool { return webhookOf(t, s, c).Error != "" })
		if d := webhookOf(t, s, c); d.State != "pending" || d.Attempts != 1 || d.DoneAt != nil || !strings.HasPrefix(d.Error, "451 try later") || len(d.Error) > 4000 {
			t.Errorf("after the first failure: %.200v", d)
		}
		awaitDay(t, "delivered", func() bool { return webhookOf(t, s, c).State == "delivered" })
		if d := webhookOf(t, s, c); d.Attempts != 5 || d.Error != "" || r.count() != 5 {
			t.Errorf("after %d attempts: %+v", r.count(), d)
		}
		wantGrowing(t, r.tries)
	})
}

// wantGrowing checks that the pauses between attempts grow: at least a second, then never
// shorter than the one before, and longer in the end.
func wantGrowing(t *testing.T, tries []time.Time) {
	t.Helper()
	last := time.Second
	for i := 1; i < len(tries); i++ {
		pause := tries[i].Sub(tries[i-1])
		if pause < last {
			t.Errorf("pause %d is %v, the one before %v", i, pause, last)
		}
		last = pause
	}
	if len(tries) > 2 && last <= tries[1].Sub(tries[0]) {
		t.Errorf("the pauses do not grow: the last is %v", last)
	}
}

// storeDeliverNever: what can never be delivered is given up at once.
func storeDeliverNever(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(context.Context, int) error {
			return fmt.Errorf("post: %w", opinion.Errorf(opinion.CodeInvalid, "410 gone"))
		})
		workDeliveries(t, s, r.deliver)
		c := openCase(t, s, newCase("ev-1"), time.Now())
		awaitDay(t, "failed", func() bool { return webhookOf(t, s, c).State == "failed" })
		time.Sleep(2 * time.Hour)
		if d := webhookOf(t, s, c); r.count() != 1 || d.Attempts != 1 || d.DoneAt == nil || !strings.Contains(d.Error, "410 gone") {
			t.Errorf("after %d attempts: %+v", r.count(), d)
		}
		wantEqual(t, "ledger", actionsOf(t, s, "case:"+c.ID)[3:], []string{"delivery.failed"})
	})
}

func storeDeliverGivesUp(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(context.Context, int) error { return opinion.Errorf(opinion.CodeUnavailable, "no answer") })
		workDeliveries(t, s, r.deliver)
		c := openCase(t, s, newCase("ev-1"), time.Now())
		time.Sleep(24 * time.Hour)
		if d := webhookOf(t, s, c); d.State != "failed" || d.Attempts != opinion.MaxAttempts || r.count() != opinion.MaxAttempts || d.DoneAt == nil {
			t.Errorf("after %d attempts: %+v", r.count(), d)
		}
		wantGrowing(t, r.tries)
		entries := ledgerOf(t, s, "case:"+c.ID)[3:]
		if len(entries) != 1 || entries[0].Action != "delivery.failed" || entries[0].Actor != "system" || !strings.Contains(entries[0].Detail, unitA.Unit) {
			t.Errorf("the ledger says %+v", entries)
		}
		time.Sleep(5 * time.Hour)
		if r.count() != opinion.MaxAttempts {
			t.Errorf("%d attempts after giving up", r.count())
		}
	})
}

// storeDeliverOnce: three instances share many deliveries, each runs once, several at a time.
func storeDeliverOnce(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		const cases = 60
		busy, most := 0, 0
		var mu sync.Mutex
		r := newDeliveryReceiver(func(context.Context, int) error {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			busy--
			mu.Unlock()
			return nil
		})
		var stores [3]opinion.Store
		for i := range stores {
			stores[i] = openStore(t, db, time.Now)
		}
		for i := range cases {
			openCase(t, stores[0], newCase(fmt.Sprint("ev-", i)), time.Now())
		}
		for _, s := range stores { // all reach for the same deliveries at the same moment
			workDeliveries(t, s, r.deliver)
		}
		awaitDay(t, "all delivered", func() bool { return r.count() >= cases })
		time.Sleep(time.Hour)
		if len(r.ids) != cases || r.count() != cases || r.twice {
			t.Errorf("%d deliveries in %d attempts, twice at a time: %v", len(r.ids), r.count(), r.twice)
		}
		if most < 2 {
			t.Error("deliveries run one by one")
		}
	})
}

// storeDeliverLong: a slow delivery is not taken for dead by another instance; one that
// never ends is cut off and tried again.
func storeDeliverLong(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		r := newDeliveryReceiver(func(ctx context.Context, try int) error {
			if try == 1 {
				<-ctx.Done() // it hears when it is cut off
				return ctx.Err()
			}
			time.Sleep(10 * time.Minute) // it does not listen
			return nil
		})
		var s opinion.Store
		for range 2 {
			s = openStore(t, db, time.Now)
			workDeliveries(t, s, r.deliver)
		}
		c := openCase(t, s, newCase("ev-1"), time.Now())
		awaitDay(t, "delivered", func() bool { return webhookOf(t, s, c).State == "delivered" })
		if d := webhookOf(t, s, c); d.Attempts != 2 || r.count() != 2 || r.twice {
			t.Errorf("after %d attempts, twice at a time %v: %+v", r.count(), r.twice, d)
		}
	})
}

// storeDeliverRestart: stopping gives back what is under way, without counting it as a
// failure, and the next instance delivers it, as well as what nobody worked on.
func storeDeliverRestart(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		first := db.Open(t, time.Now)
		c := openCase(t, first, newCase("ev-1"), time.Now())
		begun := make(chan struct{})
		stop := workDeliveries(t, first, func(ctx context.Context, _ opinion.Delivery, _ opinion.Case) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		<-begun
		stop()
		if d := webhookOf(t, first, c); d.State != "pending" || d.Attempts != 0 {
			t.Errorf("after the stop: %+v", d)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		second := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(context.Context, int) error { return nil })
		start := time.Now()
		workDeliveries(t, second, r.deliver)
		awaitDay(t, "delivered", func() bool { return webhookOf(t, second, c).State == "delivered" })
		if d := webhookOf(t, second, c); d.Attempts != 1 || time.Since(start) > 200*time.Millisecond {
			t.Errorf("%v after the start: %+v", time.Since(start), d)
		}
	})
}

// storeDeliverDeath: an instance that dies in the middle, without a word, is followed by
// another one; it cannot write a result any more when it turns out to live.
func storeDeliverDeath(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		mute := db.Open(t, time.Now)
		c := openCase(t, mute, newCase("ev-1"), time.Now())
		begun, end := make(chan struct{}), make(chan struct{})
		stop := workDeliveries(t, mute, func(context.Context, opinion.Delivery, opinion.Case) error {
			close(begun)
			<-end
			return opinion.Errorf(opinion.CodeInvalid, "a result that comes too late")
		})
		<-begun
		if err := mute.Close(); err != nil { // from now on it cannot renew its lease
			t.Fatal(err)
		}
		second := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(context.Context, int) error { return nil })
		workDeliveries(t, second, r.deliver)
		awaitDay(t, "delivered", func() bool { return webhookOf(t, second, c).State == "delivered" })
		close(end)
		stop()
		if d := webhookOf(t, second, c); d.State != "delivered" || d.Attempts != 2 || r.count() != 1 {
			t.Errorf("after %d attempts of the second: %+v", r.count(), d)
		}
	})
}

// storeDeliverLate: an instance whose clock stands still (a suspended machine) loses its
// delivery to another one. When it wakes up, its result does not count any more.
func storeDeliverLate(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		stopped := time.Now()
		asleep, awake := openStore(t, db, func() time.Time { return stopped }), openStore(t, db, time.Now)
		c := openCase(t, asleep, newCase("ev-1"), stopped)
		begun, wake := make(chan struct{}), make(chan struct{})
		workDeliveries(t, asleep, func(context.Context, opinion.Delivery, opinion.Case) error {
			close(begun)
			<-wake
			return opinion.Errorf(opinion.CodeInvalid, "a result that comes too late")
		})
		<-begun
		second, end := make(chan struct{}), make(chan struct{})
		workDeliveries(t, awake, func(context.Context, opinion.Delivery, opinion.Case) error {
			close(second)
			<-end
			return nil
		})
		<-second
		close(wake)
		time.Sleep(time.Second)
		if d := webhookOf(t, awake, c); d.State != "pending" || d.Attempts != 2 {
			t.Errorf("the late result counted: %+v", d)
		}
		close(end)
		awaitDay(t, "delivered", func() bool { return webhookOf(t, awake, c).State == "delivered" })
		wantEqual(t, "ledger", actionsOf(t, awake, "case:"+c.ID)[3:], []string{"delivery.delivered"})
	})
}

// storeDeliverPanic: a channel that panics, or ends its goroutine, is a failed attempt.
func storeDeliverPanic(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(_ context.Context, try int) error {
			switch try {
			case 1:
				panic("out of cheese")
			case 2:
				runtime.Goexit()
			}
			return nil
		})
		workDeliveries(t, s, r.deliver)
		c := openCase(t, s, newCase("ev-1"), time.Now())
		awaitDay(t, "first failure", func() bool { return webhookOf(t, s, c).Error != "" })
		if d := webhookOf(t, s, c); !strings.Contains(d.Error, "out of cheese") {
			t.Errorf("after the panic: %+v", d)
		}
		awaitDay(t, "delivered", func() bool { return webhookOf(t, s, c).State == "delivered" })
	})
}

// storeDeliverOther: what one process asks for, another one delivers within a minute.
func storeDeliverOther(t *testing.T, db StoreDatabase) {
	synctest.Test(t, func(t *testing.T) {
		worker, asker := openStore(t, db, time.Now), openStore(t, db, time.Now)
		r := newDeliveryReceiver(func(context.Context, int) error { return nil })
		workDeliveries(t, worker, r.deliver)
		time.Sleep(time.Minute)
		start := time.Now()
		c := openCase(t, asker, newCase("ev-1"), start)
		awaitDay(t, "delivered", func() bool { return webhookOf(t, asker, c).State == "delivered" })
		if waited := time.Since(start); waited > time.Minute {
			t.Errorf("the delivery waited for %v", waited)
		}
	})
}
