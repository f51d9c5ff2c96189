package engine_test

import (
	"context"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// of has a watch name products.
func of(products ...string) func(*store.Watch) {
	return func(w *store.Watch) {
		w.Definition.Target = &zhaohuov1.PriceWatch_Products{Products: &zhaohuov1.WatchedProducts{Ids: products}}
	}
}

func (f *fixture) wake(t *testing.T, want int, products ...string) {
	t.Helper()
	got, err := f.engine.WakeProducts(t.Context(), products)
	if err != nil || got != want {
		t.Errorf("%d watches of %v were moved, want %d, %v", got, products, want, err)
	}
}

// TestWakeProducts: a process that shares the store makes watches of products due, and one that observes does so long before their
// interval. Other watches, paused ones and comparisons stay as they are.
func TestWakeProducts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := start(t, url, engine.Options{})
		other := open(t, url, engine.Options{}) // It observes nothing: the message arrived here.
		f.watch(t, "one", time.Hour, of("1", "2"))
		f.watch(t, "both", time.Hour, of("2", "3"))
		f.watch(t, "others", time.Hour, of("4"))
		f.watch(t, "comparison", time.Hour, func(w *store.Watch) {
			w.Definition.Target = &zhaohuov1.PriceWatch_Comparison{Comparison: &zhaohuov1.ComparePricesRequest{Keyword: "1"}}
		})
		f.watch(t, "paused", time.Hour, of("2"), func(w *store.Watch) { w.Paused, w.NextDue = true, time.Time{} })
		for _, id := range []string{"one", "both", "others", "comparison"} {
			f.stored(t, id, 1)
		}
		f.idle(t)
		slot := f.read(t, "one").NextDue
		other.clock.set(f.clock.now())
		other.wake(t, 0, "5", "6")
		other.wake(t, 2, "2", "1", "5")
		for _, id := range []string{"one", "both"} {
			f.stored(t, id, 2)
		}
		f.idle(t)
		if next := f.read(t, "one").NextDue; !next.Equal(slot) {
			t.Errorf("the next slot was %s and is %s", slot, next)
		}
		for _, id := range []string{"others", "comparison"} {
			f.stored(t, id, 1)
		}
		f.stored(t, "paused", 0)
		// What a watch names may change.
		_, err := f.store.UpdateWatch(t.Context(), "", "others", func(w *store.Watch) ([]byte, bool, error) {
			of("7")(w)
			return nil, false, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.store.DeleteWatch(t.Context(), "", "one"); err != nil {
			t.Fatal(err)
		}
		other.clock.set(f.clock.now())
		other.wake(t, 0, "1", "4")
		other.wake(t, 1, "7")
		f.stored(t, "others", 2)
	})
}

// TestWakeProductsKeepsTheShortestInterval: however often goods are pushed, a watch is observed once in the shortest interval.
func TestWakeProductsKeepsTheShortestInterval(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := start(t, url, engine.Options{IntervalMin: 10 * time.Minute})
		f.watch(t, "w", 5*time.Hour, of("1"))
		first := f.stored(t, "w", 1)[0].GetDueTime().AsTime()
		f.idle(t)
		f.wake(t, 1, "1")
		f.wake(t, 0, "1")
		soonest := first.Add(10 * time.Minute)
		if next := f.read(t, "w").NextDue; !next.Equal(soonest) {
			t.Errorf("due at %s, want %s", next, soonest)
		}
		f.stored(t, "w", 1)
		f.to(soonest)
		if second := f.stored(t, "w", 2)[1].GetDueTime().AsTime(); !second.Equal(soonest) {
			t.Errorf("the second was due at %s, want %s", second, soonest)
		}
	})
}

// TestWakeProductsWhileObserved: an observation under way may have seen the goods before they changed. Another one follows.
func TestWakeProductsWhileObserved(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		begun, release := make(chan time.Time), make(chan struct{})
		o := &observer{do: func(ctx context.Context, _ *store.Watch, due time.Time) (*zhaohuov1.PriceObservation, error) {
			select {
			case begun <- due:
				<-release
				return seen(1), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}}
		f := start(t, url, engine.Options{Observer: o})
		f.watch(t, "w", time.Hour, of("1"))
		first := <-begun
		f.wake(t, 1, "1")
		eventually(t, "the engine has looked while it is observed", func() bool {
			next := f.read(t, "w").NextDue
			return next.After(first.Add(500*time.Millisecond)) && next.Before(first.Add(time.Minute))
		})
		release <- struct{}{}
		f.stored(t, "w", 1)
		f.to(f.read(t, "w").NextDue)
		if second := <-begun; !second.After(first) {
			t.Errorf("the second was due at %s, the first at %s", second, first)
		}
		release <- struct{}{}
		f.stored(t, "w", 2)
		if _, twice := o.count(); twice {
			t.Error("the watch was observed twice at once")
		}
	})
}
