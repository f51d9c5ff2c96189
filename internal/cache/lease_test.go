package cache_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

func TestReplicasAskEqualQuestionsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d, seen := newPlatform(), newDesk(), newCounts()
		p.says(slowly)
		all := replicas(t, 3, d, p, cache.Config{Observer: seen})
		var wg sync.WaitGroup
		costs := make(chan int32, 1000)
		for i := range 1000 {
			wg.Go(func() {
				g := search(t.Context(), all[i%3], words("杯"))
				costs <- g.Calls
				g.Calls = 0
				want(t, "each", g, got{"1", live, 0, ""})
			})
		}
		wg.Wait()
		close(costs)
		cost := int32(0)
		for c := range costs {
			cost += c
		}
		if p.asked() != 1 || cost != 1 || seen.by(cache.ByUpstream) != 1 || seen.by(cache.ByTwin) != 999 || seen.waited[true] != 2 {
			t.Errorf("asked %d times at a cost of %d; observed %v, waited %v", p.asked(), cost, seen.answered, seen.waited)
		}
		for _, c := range all {
			want(t, "afterwards", search(t.Context(), c, words("杯")), got{"1", cached, 0, ""})
		}
		d.free(t)
	})
}

// What came between the look for a kept answer and the lease is kept all the same.
func TestAnAnswerStoredAMomentAgoIsNotAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d, seen := newPlatform(), newDesk(), newCounts()
		all := replicas(t, 2, d, p, cache.Config{Observer: seen, StoreTimeout: time.Minute})
		hang := make(chan struct{})
		d.spoil(nil, hang)
		late := begin(t.Context(), all[1], words("杯"))
		strict := words("杯")
		strict.MaxStaleness = durationpb.New(0)
		asking := begin(t.Context(), all[1], strict)
		d.spoil(nil, nil)
		want(t, "first", search(t.Context(), all[0], words("杯")), got{"1", live, 1, ""})
		synctest.Wait()
		close(hang)
		want(t, "a moment later", <-late, got{"1", cached, 0, ""})
		want(t, "one who takes nothing that is kept", <-asking, got{"2", live, 1, ""})
		if seen.by(cache.ByStore) != 1 || seen.by(cache.ByUpstream) != 2 {
			t.Errorf("observed %v", seen.answered)
		}
		d.free(t)
	})
}

func TestWhenTheOneWhoAsksFailsTheNextOneAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d, seen := newPlatform(), newDesk(), newCounts()
		p.says(func(ctx context.Context, n int) error {
			time.Sleep(time.Second)
			if n == 1 {
				return fault.New(fault.UpstreamUnavailable, "")
			}
			return nil
		})
		all := replicas(t, 3, d, p, cache.Config{Observer: seen})
		first := begin(t.Context(), all[0], words("杯"))
		second, third := begin(t.Context(), all[1], words("杯")), begin(t.Context(), all[2], words("杯"))
		want(t, "first", <-first, got{Fault: "UPSTREAM_UNAVAILABLE"})
		one, other := <-second, <-third
		if one.Calls+other.Calls != 1 || one.Number != "2" || other.Number != "2" || p.asked() != 2 || seen.waited[true] != 1 || seen.waited[false] != 1 {
			t.Errorf("got %+v and %+v, asked %d times, waited %v", one, other, p.asked(), seen.waited)
		}
		d.free(t)
	})
}

func TestANotFoundIsTheOthersToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.says(func(context.Context, int) error {
			time.Sleep(time.Second)
			return fault.New(fault.ProductNotFound, "")
		})
		all := replicas(t, 2, d, p, cache.Config{})
		var wg sync.WaitGroup
		for _, c := range all {
			wg.Go(func() {
				if _, err := c.GetProduct(t.Context(), &zhaohuov1.GetProductRequest{Id: "7"}); fault.KindOf(err) != fault.ProductNotFound {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p.asked() != 1 {
			t.Errorf("asked %d times", p.asked())
		}
	})
}

func TestASilentReplicasLeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		never := make(chan struct{})
		p.says(func(_ context.Context, n int) error {
			if n == 1 {
				<-never
			}
			return nil
		})
		all := replicas(t, 2, d, p, cache.Config{})
		silent := begin(t.Context(), all[0], words("杯"))
		d.occupy()
		from := time.Now()
		want(t, "the other", search(t.Context(), all[1], words("杯")), got{"2", live, 1, ""})
		if took := time.Since(from); took < 3*time.Second || took > 3500*time.Millisecond {
			t.Errorf("took %v", took)
		}
		close(never)
		want(t, "the silent one, after all", <-silent, got{"1", live, 1, ""})
		d.free(t)
	})
}

// A lease is kept for as long as the asking takes, and until the answer is stored.
func TestALeaseIsKeptUntilTheAnswerIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.says(func(context.Context, int) error {
			time.Sleep(time.Minute)
			return nil
		})
		slow := &slowDesk{desk: d}
		one, other := wrap(t, p, cache.Config{Store: slow}), wrap(t, p, cache.Config{Store: slow})
		from := time.Now()
		first := begin(t.Context(), one, words("杯"))
		second := begin(t.Context(), other, words("杯"))
		want(t, "first", <-first, got{"1", live, 1, ""})
		if took := time.Since(from); took != time.Minute {
			t.Errorf("the first one waited for the store: %v", took)
		}
		want(t, "second", <-second, got{"1", live, 0, ""})
		if took := time.Since(from); took < 69*time.Second || took > 70*time.Second {
			t.Errorf("the second one took %v", took)
		}
		d.free(t)
	})
}

// slowDesk takes 9 seconds to store.
type slowDesk struct{ *desk }

func (s *slowDesk) Put(ctx context.Context, items []cache.Item) error {
	time.Sleep(9 * time.Second)
	return s.desk.Put(ctx, items)
}

func TestOneWhoTakesNothingKeptTakesWhatCameMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		all := replicas(t, 3, d, p, cache.Config{})
		search(t.Context(), all[2], words("杯"))
		time.Sleep(time.Minute)
		strict := words("杯")
		strict.MaxStaleness = durationpb.New(0)
		fail := make(chan error, 1)
		p.says(func(ctx context.Context, n int) error {
			time.Sleep(time.Second)
			if n == 3 {
				return <-fail
			}
			return nil
		})
		first, second := begin(t.Context(), all[0], strict), begin(t.Context(), all[1], strict)
		want(t, "first", <-first, got{"2", live, 1, ""})
		want(t, "second", <-second, got{"2", live, 0, ""})
		d.free(t)
		// What was there before is not taken, also where the one that was waited for brings nothing.
		fail <- fault.New(fault.UpstreamUnavailable, "")
		first, second = begin(t.Context(), all[0], strict), begin(t.Context(), all[1], strict)
		want(t, "first", <-first, got{Fault: "UPSTREAM_UNAVAILABLE"})
		want(t, "second", <-second, got{"4", live, 1, ""})
		d.free(t)
	})
}

// A question keeps a third of its time for being asked by its own process.
func TestNobodyWaitsForAnotherReplicaUntilItIsTooLate(t *testing.T) {
	for timeout, asks := range map[time.Duration]time.Duration{
		time.Second: 667 * time.Millisecond, 6 * time.Second: 4 * time.Second, time.Minute: 57 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			p, d, seen := newPlatform(), newDesk(), newCounts()
			never := make(chan struct{})
			p.says(func(_ context.Context, n int) error {
				if n == 1 {
					<-never
				}
				return nil
			})
			all := replicas(t, 2, d, p, cache.Config{Observer: seen})
			stuck := begin(t.Context(), all[0], words("杯"))
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			from := time.Now()
			want(t, "the other", search(ctx, all[1], words("杯")), got{"2", live, 1, ""})
			if took := time.Since(from); took.Round(time.Millisecond) != asks || seen.waited[false] != 1 {
				t.Errorf("with %v it asked after %v, waited %v", timeout, took, seen.waited)
			}
			close(never)
			<-stuck
			d.free(t)
		})
	}
}

func TestWhoWaitsForAnotherReplicaLeavesInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.says(func(ctx context.Context, _ int) error {
			<-ctx.Done()
			return fault.New(fault.CallerGone, "")
		})
		all := replicas(t, 2, d, p, cache.Config{})
		holding, end := context.WithCancel(t.Context())
		stuck := begin(holding, all[0], words("杯"))
		waiting, leave := context.WithCancel(t.Context())
		left := begin(waiting, all[1], words("杯"))
		time.Sleep(time.Minute)
		leave()
		want(t, "the one who left", <-left, got{Fault: "CALLER_GONE"})
		synctest.Wait()
		if p.asked() != 1 || all[1].Stats().Asking != 0 {
			t.Errorf("asked %d times, %d are waited for", p.asked(), all[1].Stats().Asking)
		}
		end()
		want(t, "the one who asked", <-stuck, got{Fault: "CALLER_GONE"})
		d.free(t)
	})
}

func TestReplicasRenewARipeAnswerOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		all := replicas(t, 3, d, p, cache.Config{})
		search(t.Context(), all[0], words("杯"))
		time.Sleep(9 * time.Minute)
		p.says(slowly)
		for _, c := range all {
			want(t, "ripe", search(t.Context(), c, words("杯")), got{"1", cached, 0, ""})
		}
		time.Sleep(3 * time.Second)
		for _, c := range all {
			want(t, "renewed", search(t.Context(), c, words("杯")), got{"2", cached, 0, ""})
		}
		d.free(t)
	})
}

func TestAStoreThatCannotTellWhoAsksDelaysNobody(t *testing.T) {
	for name, spoil := range map[string]struct {
		fail error
		took time.Duration
	}{"fails": {errors.New("broken"), 0}, "hangs": {nil, 3 * 300 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, d, seen := newPlatform(), newDesk(), newCounts()
				hang := make(chan struct{})
				if spoil.fail == nil {
					d.spoil(nil, hang)
				} else {
					d.spoil(spoil.fail, nil)
				}
				c := replicas(t, 1, d, p, cache.Config{Observer: seen})[0]
				from := time.Now()
				for i := range 100 {
					if g := search(t.Context(), c, words(string(rune('一'+i)))); g.Fault != "" {
						t.Errorf("%d: %+v", i, g)
					}
				}
				if took := time.Since(from); took > spoil.took || seen.failed["lease"] == 0 {
					t.Errorf("took %v, observed %v", took, seen.failed)
				}
				// Once it can tell again, it is asked again.
				close(hang)
				d.spoil(nil, nil)
				synctest.Wait()
				time.Sleep(2 * time.Second)
				search(t.Context(), c, words("probing"))
				synctest.Wait()
				taken := d.taken
				search(t.Context(), c, words("back"))
				synctest.Wait()
				if d.taken != taken+1 {
					t.Errorf("%d leases, then %d", taken, d.taken)
				}
				d.free(t)
			})
		})
	}
}

func TestAStoreThatFailsDuringTheWaitHasTheQuestionAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		never := make(chan struct{})
		p.says(func(_ context.Context, n int) error {
			if n == 1 {
				<-never
			}
			return nil
		})
		all := replicas(t, 2, d, p, cache.Config{})
		stuck, waiting := begin(t.Context(), all[0], words("杯")), begin(t.Context(), all[1], words("杯"))
		time.Sleep(time.Minute)
		d.spoil(errors.New("broken"), nil)
		from := time.Now()
		want(t, "the other", <-waiting, got{"2", live, 1, ""})
		if took := time.Since(from); took > 400*time.Millisecond {
			t.Errorf("took %v", took)
		}
		close(never)
		want(t, "the one who asked", <-stuck, got{"1", live, 1, ""})
	})
}

func TestWhatIsNotKeptIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.says(slowly)
		all := replicas(t, 2, d, p, cache.Config{Lives: map[cache.Kind]cache.Life{cache.KeywordSearch: {}}})
		first, second := begin(t.Context(), all[0], words("杯")), begin(t.Context(), all[1], words("杯"))
		if one, other := <-first, <-second; one.Calls+other.Calls != 2 || d.taken != 0 {
			t.Errorf("got %+v and %+v with %d leases", one, other, d.taken)
		}
	})
}

func TestAPanicGivesTheLeaseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, d := newPlatform(), newDesk()
		p.says(func(context.Context, int) error { panic("broken") })
		c := replicas(t, 1, d, p, cache.Config{})[0]
		want(t, "broken", search(t.Context(), c, words("杯")), got{Fault: "INTERNAL"})
		d.free(t)
	})
}
