package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestEachSlotOnce: a watch is observed at its creation and in each slot, once. Slots that were missed are made up for by one
// observation, of the latest of them.
func TestEachSlotOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := start(t, url, engine.Options{})
		w := f.watch(t, "a", time.Hour)
		due := []time.Time{w.CreateTime}
		f.stored(t, "a", 1)
		for range 2 {
			next := f.read(t, "a").NextDue
			if !next.Equal(engine.NextDue(w, f.clock.now())) {
				t.Fatalf("next due %v, want %v", next, engine.NextDue(w, f.clock.now()))
			}
			due = append(due, next)
			f.to(next.Add(time.Second))
			f.stored(t, "a", len(due))
		}
		f.stop(t)
		late := f.clock.now().Add(10*time.Hour + 30*time.Minute)
		for slot := engine.NextDue(w, f.clock.now()); !slot.After(late); slot = engine.NextDue(w, slot) {
			due = append(due[:3], slot)
		}
		f.clock.set(late)
		f = start(t, url, engine.Options{Observer: f.observer})
		f.to(late)
		all := f.stored(t, "a", 4)
		for i, o := range all {
			if !o.GetDueTime().AsTime().Equal(due[i]) || o.GetError() != nil || len(o.GetProducts()) != 1 {
				t.Errorf("observation %d: %v, want due %v", i, o, due[i])
			}
		}
		f.idle(t)
		if made, twice := f.observer.count(); made != 4 || twice {
			t.Errorf("%d observations were made, twice at once: %v", made, twice)
		}
		if w := f.read(t, "a"); w.WaitingFor != 0 || w.DayCalls == 0 || !w.NextDue.After(late) {
			t.Errorf("the watch: %+v", w)
		}
	})
}

// TestNeverTwiceAtOnce: while an observation takes longer than the interval, its watch gets no second one, by schedule or by hand.
func TestNeverTwiceAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		begun, release := make(chan struct{}, 10), make(chan struct{})
		o := &observer{do: func(ctx context.Context, _ *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			begun <- struct{}{}
			select {
			case <-release:
				return seen(1), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}}
		f := start(t, url, engine.Options{Observer: o})
		w := f.watch(t, "a", time.Minute)
		<-begun
		byHand := make(chan *zhaohuov1.PriceObservation, 1)
		go func() {
			o, err := f.engine.RunNow(t.Context(), "a")
			if err != nil {
				t.Error(err)
			}
			byHand <- o
		}()
		for range 3 {
			next := f.read(t, "a").NextDue
			f.to(next.Add(time.Second))
			eventually(t, "the slot is passed", func() bool { return f.read(t, "a").NextDue.After(next) })
		}
		close(release)
		if o := <-byHand; !o.GetDueTime().AsTime().Equal(w.CreateTime) {
			t.Errorf("by hand came %v, want the one that ran: %v", o, w.CreateTime)
		}
		f.idle(t)
		if made, twice := o.count(); made != 1 || twice {
			t.Errorf("%d observations were made, twice at once: %v", made, twice)
		}
		f.to(f.read(t, "a").NextDue.Add(time.Second))
		f.stored(t, "a", 2)
	})
}

// TestPausedOrDeletedMeanwhile: an observation that runs when its watch is paused is stored; that of a deleted watch is not.
func TestPausedOrDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		begun, release := make(chan string, 2), make(chan struct{})
		o := &observer{do: func(_ context.Context, w *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			begun <- w.ID
			<-release
			return seen(1), nil
		}}
		f := start(t, url, engine.Options{Observer: o})
		f.watch(t, "paused", time.Hour)
		f.watch(t, "deleted", time.Hour)
		<-begun
		<-begun
		_, err := f.store.UpdateWatch(t.Context(), "", "paused", func(w *store.Watch) ([]byte, bool, error) {
			w.Paused, w.NextDue = true, time.Time{}
			return nil, false, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.store.DeleteWatch(t.Context(), "", "deleted"); err != nil {
			t.Fatal(err)
		}
		close(release)
		f.stored(t, "paused", 1)
		f.idle(t)
		if left := f.history(t, "deleted"); len(left) != 0 {
			t.Errorf("of the deleted watch %d observations are stored", len(left))
		}
		f.to(f.clock.now().Add(24 * time.Hour))
		if o, err := f.engine.RunNow(t.Context(), "paused"); err != nil || len(o.GetProducts()) != 1 {
			t.Errorf("by hand: %v, %v", o, err)
		}
		if all := f.history(t, "paused"); len(all) != 2 {
			t.Errorf("the paused watch has %d observations, want the one that ran and the one by hand", len(all))
		}
		if w := f.read(t, "paused"); !w.NextDue.IsZero() {
			t.Errorf("the paused watch is due at %v", w.NextDue)
		}
	})
}

// TestDayBound: a watch whose calls of the day are used up waits, says so, and goes on with the next day of China.
func TestDayBound(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		china := time.FixedZone("", 8*60*60)
		f := open(t, url, engine.Options{})
		f.clock.set(time.Date(2026, 11, 27, 9, 0, 0, 0, china))
		f.run(t)
		f.watch(t, "a", time.Hour, func(w *store.Watch) { w.Definition.UpstreamCallsPerDay = 2 })
		for n := range 2 {
			f.stored(t, "a", n+1)
			f.idle(t)
			f.to(f.read(t, "a").NextDue.Add(time.Second))
		}
		eventually(t, "the watch waits for the day", func() bool {
			w := f.read(t, "a")
			return w.WaitingFor == zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY && w.NextDue.In(china).Day() == 28
		})
		midnight := time.Date(2026, 11, 28, 0, 0, 0, 0, china)
		w := f.read(t, "a")
		if late := w.NextDue.Sub(midnight); late < 0 || late > 10*time.Minute || w.DayCalls != 2 || w.Day != "2026-11-27" {
			t.Errorf("it is due %v after midnight, with %d calls on %s", late, w.DayCalls, w.Day)
		}
		_, err := f.engine.RunNow(t.Context(), "a")
		if refused, _ := fault.As(err); fault.KindOf(err) != fault.PriceWatchCallsUsedUp || refused.RetryAfter <= 0 {
			t.Errorf("by hand: %v", err)
		}
		b, err := f.engine.Backlog(t.Context())
		if err != nil || b.Waiting[zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY] != 1 || b.Lag != 0 {
			t.Errorf("backlog %+v, %v", b, err)
		}
		f.idle(t)
		f.to(w.NextDue.Add(time.Second))
		all := f.stored(t, "a", 3)
		if got := all[2].GetDueTime().AsTime(); got.Before(midnight) {
			t.Errorf("the observation of the next day was due %v", got)
		}
		if w := f.read(t, "a"); w.WaitingFor != 0 || w.DayCalls != 1 || w.Day != "2026-11-28" {
			t.Errorf("after it: %+v", w)
		}
	})
}

// TestQuotaSnooze: an observation without a turn is not stored as failed. It is made as soon as there is quota, and says until
// then what it waits for.
func TestQuotaSnooze(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		refusals := []fault.Kind{fault.QuotaQueueFull, fault.QuotaDayUsedUp}
		waits := []zhaohuov1.PriceWatchWait{zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY}
		allow := make(chan struct{})
		o := &observer{do: func(_ context.Context, w *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			select {
			case <-allow:
				return seen(1), nil
			default:
				return nil, fault.New(refusals[w.ID[0]-'0'], "no turn").WithCalls(1)
			}
		}}
		f := start(t, url, engine.Options{Observer: o})
		for i, wait := range waits {
			f.watch(t, fmt.Sprint(i), time.Hour)
			eventually(t, "the watch says what it waits for", func() bool { return f.read(t, fmt.Sprint(i)).WaitingFor == wait })
			if all := f.history(t, fmt.Sprint(i)); len(all) != 0 {
				t.Errorf("stored: %v", all)
			}
		}
		eventually(t, "spent calls are counted", func() bool { return f.read(t, "0").DayCalls > 0 && f.read(t, "1").DayCalls > 0 })
		close(allow)
		f.stored(t, "0", 1)
		// The other one waits for a minute, but who asks by hand has it tried again at once.
		if o, err := f.engine.RunNow(t.Context(), "1"); err != nil || o.GetError() != nil {
			t.Errorf("by hand: %v, %v", o, err)
		}
		if w := f.read(t, "1"); w.WaitingFor != 0 || len(f.history(t, "1")) != 1 {
			t.Errorf("after it: %+v", w)
		}
	})
}

// TestFailingWatch: what fails upstream is stored with its reason and without prices, and reported after three times. So is a defect of
// the observer.
func TestFailingWatch(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		o := &observer{do: func(_ context.Context, w *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			switch w.ID {
			case "down":
				return nil, fault.New(fault.UpstreamUnavailable, "1688 did not answer").WithCalls(3)
			case "panics":
				panic("a defect")
			default:
				return nil, nil
			}
		}}
		f := start(t, url, engine.Options{Observer: o})
		ids := []string{"down", "panics", "nothing"}
		for _, id := range ids {
			f.watch(t, id, time.Hour)
		}
		reported := f.engine.NewEvents()
		for n := range 3 {
			for _, id := range ids {
				f.stored(t, id, n+1)
			}
			f.idle(t)
			for _, id := range ids[:len(ids)*min(2-n, 1)] {
				f.due(t, id)
			}
		}
		<-reported
		for _, id := range ids {
			for _, o := range f.history(t, id) {
				if o.GetError() == nil || o.GetStatistics() != nil || o.GetProductCount() != 0 || o.GetFetchTime() != nil {
					t.Errorf("%s: %v", id, o)
				}
			}
		}
		if w := f.read(t, "down"); w.DayCalls != 9 || w.Last.GetError() == nil {
			t.Errorf("the watch: %+v", w)
		}
		events := f.events(t)
		if len(events) != len(ids) {
			t.Errorf("%d events, want one a watch", len(events))
		}
		for _, e := range events {
			if e.GetKind() != zhaohuov1.PriceEventKind_PRICE_EVENT_KIND_WATCH_FAILING {
				t.Errorf("an event: %v", e)
			}
		}
	})
}

// TestBacklog: no more jobs are open than the bound says. The rest waits in the rows, and all of it is observed. All that is not being
// observed waits.
func TestBacklog(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const bound, count, workers = 5, 30, 3
		release := make(chan struct{})
		o := &observer{do: func(context.Context, *store.Watch, time.Time) (*zhaohuov1.PriceObservation, error) {
			<-release
			return seen(1), nil
		}}
		f := open(t, url, engine.Options{Observer: o, Backlog: bound, Workers: workers})
		ids := f.watches(t, count, time.Hour)
		f.run(t)
		eventually(t, "the backlog is full", func() bool { return f.open(t) == bound })
		eventually(t, "the workers work", func() bool { made, _ := o.count(); return made == workers })
		f.engine.Wake()
		b, err := f.engine.Backlog(t.Context())
		if err != nil || b.Waiting[zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER] != count-workers || b.Lag <= 0 {
			t.Errorf("backlog %+v, %v", b, err)
		}
		if n := f.open(t); n != bound {
			t.Errorf("%d jobs are open, and %d may be", n, bound)
		}
		close(release)
		for _, id := range ids {
			f.stored(t, id, 1)
		}
	})
}

// TestRetention: what is not to be kept is deleted soon after the start, and by the hour: by age, and by size.
func TestRetention(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	onBoth(t, func(t *testing.T, url string) {
		f := start(t, url, engine.Options{})
		f.watch(t, "a", 24*time.Hour)
		f.stored(t, "a", 1)
		f.stop(t)
		f = open(t, url, engine.Options{Retention: store.Retention{Raw: 30 * day, Daily: 30 * day}})
		f.clock.set(time.Now().Add(40 * day))
		f.run(t)
		eventually(t, "only the new observation is left", func() bool {
			all := f.history(t, "a")
			return len(all) == 1 && all[0].GetDueTime().AsTime().After(f.clock.now().Add(-30*day))
		})
		f.stop(t)
		f = open(t, url, engine.Options{Retention: store.Retention{Bytes: 1}})
		f.clock.set(time.Now().Add(40 * day))
		f.run(t)
		eventually(t, "none is left, since none fits", func() bool { return len(f.history(t, "a")) == 0 })
	})
}
