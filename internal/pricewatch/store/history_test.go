//go:build unix

package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

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
			trend, err := s.TrendRows(t.Context(), "w", r.Range, 1000)
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
