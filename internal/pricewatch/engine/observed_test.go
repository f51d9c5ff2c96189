package engine_test

import (
	"context"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestWhatIsObservedDoesNotWait: of two watches and one worker, the one that is observed waits for nothing, and the other one for the
// worker. Each process says so.
func TestWhatIsObservedDoesNotWait(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		begun, release := make(chan string), make(chan struct{})
		o := &observer{do: func(ctx context.Context, w *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			select {
			case begun <- w.ID:
				<-release
				return seen(1), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}}
		f := start(t, url, engine.Options{Observer: o, Workers: 1})
		other := open(t, url, engine.Options{}) // It does not run, so that it observes nothing.
		f.watch(t, "a", time.Hour)
		f.watch(t, "b", time.Hour)
		waits := func(observed, waiting string) {
			t.Helper()
			for _, each := range []*fixture{f, other} {
				service := pricewatch.New(pricewatch.Options{Store: each.store, Engine: each.engine, Now: f.clock.now})
				listed, err := service.List(t.Context(), "", &zhaohuov1.ListPriceWatchesRequest{})
				if err != nil {
					t.Fatal(err)
				}
				all := listed.GetPriceWatches()
				for _, w := range listed.GetPriceWatches() {
					got, err := service.Get(t.Context(), "", w.GetId())
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, got)
				}
				for _, w := range all {
					want := zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_UNSPECIFIED
					if w.GetId() == waiting {
						want = zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER
					}
					if w.GetWaitingFor() != want {
						t.Errorf("while %s is observed, %s waits for %v", observed, w.GetId(), w.GetWaitingFor())
					}
				}
				overdue := ""
				overview, err := service.Overview(t.Context(), 0)
				for _, w := range overview.GetOverdue() {
					overdue += w.GetId()
				}
				if overdue != waiting || err != nil {
					t.Errorf("while %s is observed, %q is overdue, want %q: %v", observed, overdue, waiting, err)
				}
				backlog, err := each.engine.Backlog(t.Context())
				n := 0
				if waiting != "" {
					n = 1
				}
				if err != nil || backlog.Waiting[zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER] != n {
					t.Errorf("while %s is observed: %+v, %v", observed, backlog, err)
				}
			}
		}
		names := map[string]string{"a": "b", "b": "a"}
		first := <-begun
		waits(first, names[first])
		release <- struct{}{}
		second := <-begun
		waits(second, "")
		release <- struct{}{}
		f.idle(t)
		waits("none", "")
	})
}
