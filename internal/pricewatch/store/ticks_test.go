//go:build unix

package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestTickIsStoredOnce: of many who finish one tick at the same time exactly one stores it, with its events and memory.
func TestTickIsStoredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		w := create(t, s, "a", "w")
		var stored atomic.Int32
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				ok, err := finish(t.Context(), s, store.Tick{
					Watch: w, Observation: observation(start(), int64(100+i)), Events: events(2), Memory: []byte{byte(i)}, Day: "2026-11-27",
				})
				if err != nil {
					t.Error(err)
				}
				if ok {
					stored.Add(1)
				}
			})
		}
		group.Wait()
		got, err := s.FindWatch(t.Context(), "w")
		if err != nil {
			t.Fatal(err)
		}
		seen, err := s.Observation(t.Context(), "w", start())
		if err != nil {
			t.Fatal(err)
		}
		want := observation(start(), int64(100+got.Memory[0]))
		want.WatchId = "w"
		if diff := cmp.Diff(want, seen, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		want.Products = nil
		if diff := cmp.Diff(want, got.Last, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		if last, err := s.LastEventID(t.Context()); stored.Load() != 1 || got.Ticks != 1 || got.DayCalls != 1 || last != 2 || err != nil {
			t.Errorf("stored %d times; %d ticks, %d calls, %d events, %v", stored.Load(), got.Ticks, got.DayCalls, last, err)
		}
	})
}

// TestOvertakenTick: an observation that was judged with an old memory is refused as a whole, and stored once it is judged anew.
func TestOvertakenTick(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		old := create(t, s, "a", "w")
		observe(t, s, "w", start(), 100, 1)
		later := start().Add(time.Minute)
		stored, err := finish(t.Context(), s, store.Tick{Watch: old, Observation: observation(later, 90), Events: events(1), Memory: []byte("old")})
		if stored || !errors.Is(err, store.ErrOvertaken) {
			t.Errorf("%v, %v", stored, err)
		}
		w, err := s.FindWatch(t.Context(), "w")
		if last, eventsErr := s.LastEventID(t.Context()); err != nil || string(w.Memory) != "memory" || last != 1 || eventsErr != nil || rows(t, s, "price_observation") != 1 {
			t.Errorf("memory %q, %d events, %v, %v", w.Memory, last, err, eventsErr)
		}
		observe(t, s, "w", later, 90, 1)
	})
}

// TestReaderMissesNoEvent: a reader who goes on after the last id it saw gets every event of eight writers that commit at the same
// time, each once and those of a watch in order; what was rolled back it never sees.
func TestReaderMissesNoEvent(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		const writers, ticks = 8, 25
		s := open(t, url)
		for i := range writers {
			create(t, s, "a", fmt.Sprint("w", i))
		}
		undone := errors.New("undone")
		var group sync.WaitGroup
		var done atomic.Bool
		for i := range writers {
			group.Go(func() {
				for n := range ticks {
					w, err := s.FindWatch(t.Context(), fmt.Sprint("w", i))
					if err != nil {
						t.Error(err)
						return
					}
					due := start().Add(time.Duration(n) * time.Minute)
					tick := store.Tick{Watch: w, Observation: observation(due, 100), Events: events(1 + n%3)}
					for _, end := range []error{undone, nil} {
						for _, event := range tick.Events {
							event.Title = due.Format(time.RFC3339)
							event.ProductId = map[bool]string{true: "undone"}[end != nil]
						}
						err := s.InTx(t.Context(), func(tx *sql.Tx) error {
							stored, err := s.FinishTick(t.Context(), tx, tick)
							if err != nil || !stored {
								return fmt.Errorf("stored %v: %w", stored, err)
							}
							return end
						})
						if !errors.Is(err, end) {
							t.Error(err)
						}
					}
				}
			})
		}
		go func() { group.Wait(); done.Store(true) }()
		seen, after, count := map[string][]string{}, int64(0), 0
		var all []*zhaohuov1.PriceEvent
		for {
			finished := done.Load() // Before reading: what was committed before it must be in what is read.
			found, err := s.EventsOfAll(t.Context(), after, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, each := range found {
				event := each.Event
				if each.ID <= after || each.Owner != "a" || event.GetId() != strconv.FormatInt(each.ID, 10) || event.GetProductId() != "" {
					t.Fatalf("after %d: %+v", after, each)
				}
				after = each.ID
				all = append(all, event)
				count++
				if times := seen[event.GetWatchId()]; !slices.Contains(times, event.GetTitle()) {
					seen[event.GetWatchId()] = append(times, event.GetTitle())
				}
			}
			if finished && len(found) == 0 {
				break
			}
		}
		if want := writers * (ticks/3*6 + 1); count != want {
			t.Errorf("%d events were seen, want %d", count, want)
		}
		for id, times := range seen {
			if len(times) != ticks || !slices.IsSorted(times) {
				t.Errorf("%s: %v", id, times)
			}
		}
		owned, err := s.Events(t.Context(), "a", "", 0, 100_000)
		if diff := cmp.Diff(all, owned, protocmp.Transform()); diff != "" || err != nil {
			t.Errorf("read again (-want +got):\n%s%v", diff, err)
		}
		if last, err := s.LastEventID(t.Context()); last != after || err != nil {
			t.Errorf("the last id is %d, %v; seen %d", last, err, after)
		}
	})
}

// TestSchedulers: four schedulers at the same time take each slot of each watch once.
func TestSchedulers(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		const watches, slots = 60, 5
		s := open(t, url)
		for i := range watches {
			create(t, s, "a", fmt.Sprint("w", i))
		}
		now := start().Add((slots - 1) * time.Minute)
		var mu sync.Mutex
		taken := map[string]int{}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for {
					due, err := advance(t.Context(), s, now, 7)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					for _, w := range due {
						taken[w.ID+w.Due.Format(" 15:04:05")]++
					}
					mu.Unlock()
					// What is due may all be held by others, who go on. The last one to end sees everything.
					if len(due) == 0 {
						return
					}
				}
			})
		}
		group.Wait()
		for id, n := range taken {
			if n != 1 {
				t.Errorf("%s was taken %d times", id, n)
			}
		}
		if left, err := advance(t.Context(), s, now, watches); len(taken) != watches*slots || len(left) != 0 || err != nil {
			t.Errorf("%d slots were taken of %d, and %d are left, %v", len(taken), watches*slots, len(left), err)
		}
	})
}

// TestDue: only watches that are due are taken, the longest overdue first; a paused one never is.
func TestDue(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		for i, next := range []time.Time{start().Add(3), start().Add(-time.Minute), {}, start().Add(time.Millisecond), start().Add(-time.Hour)} {
			w := &store.Watch{
				ID: fmt.Sprint(i), Owner: "a", Definition: &zhaohuov1.PriceWatch{}, CreateTime: start().Add(-time.Hour), NextDue: next, Paused: next.IsZero(),
			}
			if err := s.CreateWatch(t.Context(), w, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
		due, err := advance(t.Context(), s, start(), 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []store.DueWatch
		for id, at := range map[string]time.Time{"4": start().Add(-time.Hour), "1": start().Add(-time.Minute), "0": start()} {
			got = append(got, store.DueWatch{ID: id, Owner: "a", Due: at, Interval: time.Hour, CreateTime: start().Add(-time.Hour)})
		}
		slices.SortFunc(got, func(a, b store.DueWatch) int { return a.Due.Compare(b.Due) })
		if diff := cmp.Diff(got, due); diff != "" {
			t.Error(diff)
		}
	})
}

// TestManyAtOnce: more rows than one statement takes are advanced, and as many events numbered.
func TestManyAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		const n = 1203
		s := open(t, url)
		w := create(t, s, "a", "w")
		slots := make([]store.Slot, n)
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			for i := range slots {
				slots[i] = store.Slot{ID: fmt.Sprint("x", i), Next: start()}
			}
			slots[n-1].ID, slots[n-1].Next = "w", start().Add(time.Hour)
			return s.Advance(t.Context(), tx, slots)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := finish(t.Context(), s, store.Tick{Watch: w, Observation: observation(start(), 100), Events: events(n)}); err != nil {
			t.Fatal(err)
		}
		w, err = s.FindWatch(t.Context(), "w")
		if err != nil || !w.NextDue.Equal(start().Add(time.Hour)) {
			t.Errorf("%v, %v", w, err)
		}
		found, err := s.Events(t.Context(), "a", "w", 600, n)
		if len(found) != n-600 || found[0].GetTitle() != "600" || found[0].GetId() != "601" || err != nil {
			t.Errorf("%d events, %v", len(found), err)
		}
	})
}
