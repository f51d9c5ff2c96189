//go:build unix

package store_test

import (
	"context"
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
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
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
		for {
			finished := done.Load() // Before reading: what was committed before it must be in what is read.
			found, err := s.Events(t.Context(), "a", "", after, 7)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range found {
				id, err := strconv.ParseInt(event.GetId(), 10, 64)
				if err != nil || id <= after || event.GetProductId() != "" {
					t.Fatalf("after %d: %v, %v", after, event, err)
				}
				after = id
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

// TestHistory: pages and ranges of any bounds give what was observed, failures and holes included, with or without products.
func TestHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		create(t, s, "a", "other")
		observe(t, s, "other", start(), 1, 0)
		create(t, s, "a", "w")
		at := func(i int) time.Time { return start().Add(time.Duration(i) * time.Minute) }
		const n = 12
		for i := range n {
			observe(t, s, "w", at(i), int64(i%4)*125, 0) // Each fourth has no products.
		}
		for _, r := range []struct {
			name        string
			store.Range     // asked for
			first, past int // what is expected
		}{
			{"all", store.Range{}, 0, n},
			{"from", store.Range{From: at(3)}, 3, n},
			{"to", store.Range{To: at(3)}, 0, 3},
			{"a part", store.Range{From: at(3), To: at(5)}, 3, 5},
			{"bounds between", store.Range{From: at(3).Add(1), To: at(5).Add(1)}, 4, 6},
			{"after", store.Range{From: at(3), After: at(6)}, 7, n},
			{"nothing", store.Range{From: at(5), To: at(5)}, 0, 0},
			{"turned round", store.Range{From: at(6), To: at(5)}, 0, 0},
			{"before all", store.Range{To: at(0)}, 0, 0},
			{"after all", store.Range{After: at(n)}, 0, 0},
		} {
			var want []*zhaohuov1.PriceObservation
			for i := r.first; i < r.past; i++ {
				o := observation(at(i), int64(i%4)*125)
				o.WatchId = "w"
				want = append(want, o)
			}
			for _, products := range []bool{true, false} {
				got, err := pages(t.Context(), s, r.Range, products)
				if err != nil {
					t.Fatal(err)
				}
				expected := make([]*zhaohuov1.PriceObservation, len(want))
				for i, o := range want {
					expected[i] = proto.CloneOf(o)
					if !products {
						expected[i].Products = nil
					}
				}
				if diff := cmp.Diff(expected, got, protocmp.Transform()); diff != "" {
					t.Errorf("%s, products %v: %s", r.name, products, diff)
				}
			}
			trend, err := s.TrendRows(t.Context(), "w", r.Range)
			if err != nil {
				t.Fatal(err)
			}
			expected := make([]store.TrendRow, 0, len(want))
			for i := r.first; i < r.past; i++ {
				price := money.Amount(i%4) * 125 * money.Fen
				expected = append(expected, store.TrendRow{
					Due: at(i), Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX, Succeeded: true, Priced: i%4 != 0,
					Min: price, Q1: price, Median: price, Q3: price, Max: price,
				})
			}
			if diff := cmp.Diff(expected, append([]store.TrendRow{}, trend...)); diff != "" {
				t.Errorf("%s: %s", r.name, diff)
			}
		}
		some, err := s.ObservationsAt(t.Context(), "w", []time.Time{at(5), at(1), at(n)}, true)
		if err != nil || len(some) != 2 || !some[0].GetDueTime().AsTime().Equal(at(1)) {
			t.Errorf("%v, %v", some, err)
		}
		if none, err := s.Observation(t.Context(), "w", at(n)); none != nil || err != nil {
			t.Errorf("%v, %v", none, err)
		}
	})
}

// pages reads a range of the history of the watch "w" in pages of five.
func pages(ctx context.Context, s *store.Store, r store.Range, products bool) ([]*zhaohuov1.PriceObservation, error) {
	all := []*zhaohuov1.PriceObservation{}
	for {
		page, err := s.Observations(ctx, "w", r, 5, products)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < 5 {
			return all, nil
		}
		r.After = page[4].GetDueTime().AsTime()
	}
}

// TestPrune: what was due before a time goes, in any number of pieces, with what deleted watches left; the rest stays.
func TestPrune(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		for i := range 3 {
			id := fmt.Sprint("w", i)
			create(t, s, "a", id)
			for n := range 8 {
				observe(t, s, id, start().Add(time.Duration(n)*time.Minute), 100, 1)
			}
		}
		fill(t, s, "w1", 450)
		// A deletion that was broken off.
		if _, err := s.DB().ExecContext(t.Context(), `DELETE FROM price_watch WHERE id = 'w2'`); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DB().ExecContext(t.Context(), `INSERT INTO price_watch_deleted (watch_id) VALUES ('w2')`); err != nil {
			t.Fatal(err)
		}
		before := start().Add(5*time.Minute + time.Microsecond)
		for _, want := range []store.Pruned{{Observations: 8 + 2*6 + 450, Events: 3 * 6}, {}} {
			if got, err := s.Prune(t.Context(), before, store.Retention{}); got != want || err != nil {
				t.Errorf("%+v, %v, want %+v", got, err, want)
			}
		}
		for table, want := range map[string]int{
			"price_observation": 4, "price_observation_products": 4, "price_event": 6, "price_watch_deleted": 0, "price_watch": 2,
		} {
			if n := rows(t, s, table); n != want {
				t.Errorf("%s has %d rows, want %d", table, n, want)
			}
		}
		found, err := s.Events(t.Context(), "a", "w0", 0, 10)
		if len(found) != 2 || err != nil || found[0].GetId() != "7" {
			t.Errorf("%v, %v", found, err)
		}
	})
}

// fill gives a watch so many observations from before the tests' first.
func fill(t *testing.T, s *store.Store, id string, n int) {
	t.Helper()
	w, err := s.FindWatch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	err = s.InTx(t.Context(), func(tx *sql.Tx) error {
		for i := range n {
			stored, err := s.FinishTick(t.Context(), tx, store.Tick{
				Watch: w, Observation: observation(start().Add(-time.Duration(i+1)*time.Minute), 100),
			})
			if err != nil || !stored {
				return fmt.Errorf("stored %v: %w", stored, err)
			}
			w.Ticks++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
