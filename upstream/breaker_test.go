package upstream_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// mortal is an upstream that a test kills and heals. While it is dead it breaks each connection, or is silent.
type mortal struct {
	dead, silent atomic.Bool
	calls        atomic.Int64
}

func (m *mortal) serve(w http.ResponseWriter, r *http.Request) {
	m.calls.Add(1)
	if !m.dead.Load() {
		respond(w, "", 0)
		return
	}
	if m.silent.Load() {
		<-r.Context().Done()
	}
	panic(http.ErrAbortHandler)
}

// guarded is a client with a breaker and real pauses, of an upstream on a fake clock.
func guarded(t *testing.T, m *mortal) (*upstream.Client, *quota) {
	t.Helper()
	o := simulate(t, m.serve)
	o.Breaker, o.Backoff = 5, upstream.Backoff{Attempts: 3, First: 200 * time.Millisecond, Max: 5 * time.Second}
	client := upstream.New(o)
	t.Cleanup(client.Close)
	return client, o.Quota.(*quota)
}

// one asks once, within ten seconds, and returns how long that took.
func one(t *testing.T, client *upstream.Client, class upstream.Class) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(upstream.WithDemand(t.Context(), upstream.Demand{Class: class}), 10*time.Second)
	defer cancel()
	began := time.Now()
	_, err := client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"})
	return time.Since(began), err
}

// TestDeadUpstreamCostsNoTime: once it is known that the upstream does not answer, calls are refused at once and spend nothing. When
// it is back, calls are sent within five seconds.
func TestDeadUpstreamCostsNoTime(t *testing.T) {
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var m mortal
			m.silent.Store(silent)
			client, permits := guarded(t, &m)
			m.dead.Store(true)
			for tries := 0; client.BreakerStatus().State != upstream.BreakerOpen; tries++ {
				if tries > 5 {
					t.Fatal("it never opens")
				}
				_, _ = one(t, client, upstream.Interactive)
			}
			asked, calls := len(permits.asked), m.calls.Load()
			for range 100 {
				took, err := one(t, client, upstream.Interactive)
				f := failure(t, err, fault.UpstreamUnavailable, 0)
				if took != 0 || f.RetryAfter <= 0 || f.RetryAfter > time.Second {
					t.Errorf("refused after %s, for %s", took, f.RetryAfter)
				}
			}
			if len(permits.asked) != asked || m.calls.Load() != calls {
				t.Errorf("%d permits and %d calls while it is open", len(permits.asked)-asked, m.calls.Load()-calls)
			}
			// A minute of outage, with a caller every 100 ms.
			for range 600 {
				time.Sleep(100 * time.Millisecond)
				go func() { _, _ = one(t, client, upstream.Interactive) }()
				synctest.Wait()
			}
			if sent := m.calls.Load() - calls; sent < 10 || sent > 25 {
				t.Errorf("%d calls in a minute found out that it does not answer", sent)
			}
			m.dead.Store(false)
			healed := time.Now()
			for {
				if _, err := one(t, client, upstream.Interactive); err == nil {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			if took := time.Since(healed); took > 5*time.Second {
				t.Errorf("it took %s to find out that it is back", took)
			}
			time.Sleep(20 * time.Second) // Callers of the silence leave.
			synctest.Wait()
		})
	}
}

// TestWaitForAPermitEndsWhenTheBreakerOpens: nobody waits for a turn to call an upstream that does not answer.
func TestWaitForAPermitEndsWhenTheBreakerOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m mortal
		client, permits := guarded(t, &m)
		turn := make(chan struct{})
		waits := make(chan error, 1)
		permits.acquire = func(ctx context.Context) error {
			if upstream.DemandOf(ctx).Caller != "late" {
				return nil
			}
			select {
			case <-turn:
				return nil
			case <-ctx.Done():
				return fault.Ended(ctx, "in the queue")
			}
		}
		go func() {
			ctx := upstream.WithDemand(t.Context(), upstream.Demand{Caller: "late"})
			_, err := client.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"})
			waits <- err
		}()
		synctest.Wait()
		m.dead.Store(true)
		for range 3 {
			_, _ = one(t, client, upstream.Interactive)
		}
		wantFault(t, <-waits, fault.UpstreamUnavailable, 0)
	})
}

// TestBatchOutlastsAShortOutage: a batch waits where a person gets an error.
func TestBatchOutlastsAShortOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m mortal
		client, _ := guarded(t, &m)
		m.dead.Store(true)
		for range 2 {
			_, _ = one(t, client, upstream.Interactive)
		}
		if state := client.BreakerStatus().State; state != upstream.BreakerOpen {
			t.Fatalf("state %d", state)
		}
		m.dead.Store(false)
		took, err := one(t, client, upstream.Batch)
		if err != nil || took < 500*time.Millisecond || took > 2*time.Second {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// TestRefusalsOfThePlatformNeverOpen: an upstream that answers is no dead one, whatever it answers.
func TestRefusalsOfThePlatformNeverOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kinds := []fault.Kind{
			fault.UpstreamThrottled, fault.UpstreamRefused, fault.UpstreamArgumentRefused, fault.UpstreamPermissionDenied,
			fault.UpstreamQuotaExhausted, fault.ProductNotFound, fault.UpstreamCredentialsInvalid,
		}
		n := 0
		o := simulate(t, func(w http.ResponseWriter, _ *http.Request) {
			n++
			respond(w, kinds[n%len(kinds)].String(), 0)
		})
		o.Breaker = 1
		client := upstream.New(o)
		defer client.Close()
		for range 50 {
			_, _ = one(t, client, upstream.Interactive)
			time.Sleep(time.Second)
		}
		if s := client.BreakerStatus(); s != (upstream.BreakerStatus{}) {
			t.Errorf("%+v", s)
		}
	})
}

// TestRepetitionsAreBounded: an upstream that fails often, but never long enough to open the breaker, gets few repetitions more than a
// fifth of the successes.
func TestRepetitionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, successes atomic.Int64
		o := simulate(t, func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1)%4 == 0 {
				successes.Add(1)
				respond(w, "", 0)
				return
			}
			panic(http.ErrAbortHandler)
		})
		o.Breaker = 5
		client := upstream.New(o)
		defer client.Close()
		const asked = 400
		for range asked {
			_, _ = one(t, client, upstream.Interactive)
		}
		repeated, most := calls.Load()-asked, 20+successes.Load()/5
		if s := client.BreakerStatus(); repeated > most || s.Withheld == 0 || s.Opened != 0 {
			t.Errorf("%d repetitions with %d successes, want at most %d; %+v", repeated, successes.Load(), most, s)
		}
	})
}
