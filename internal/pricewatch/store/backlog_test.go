//go:build unix

package store_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestBacklog: what is due and what waits is counted, a watch that was put too far ahead is found, and a paused one is never moved.
func TestBacklog(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url)
		if earliest, err := s.EarliestDue(t.Context()); !earliest.IsZero() || err != nil {
			t.Errorf("an empty store: %v, %v", earliest, err)
		}
		for _, id := range []string{"w1", "w2", "w3"} {
			create(t, s, "a", id)
		}
		paused := &store.Watch{ID: "paused", Owner: "a", Definition: definition("", time.Minute), CreateTime: start(), Paused: true}
		if err := s.CreateWatch(t.Context(), paused, nil, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.SetWaiting(t.Context(), "w3", zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY); err != nil {
			t.Fatal(err)
		}
		err := s.InTx(t.Context(), func(tx *sql.Tx) error {
			return s.Reschedule(t.Context(), tx, []store.Slot{
				{ID: "w2", Next: start().Add(time.Hour)}, {ID: "w3", Next: start().Add(time.Hour)}, {ID: "paused", Next: start().Add(time.Hour)},
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		earliest, err := s.EarliestDue(t.Context())
		if !earliest.Equal(start()) || err != nil {
			t.Errorf("%v, %v", earliest, err)
		}
		waiting, err := s.Waiting(t.Context(), start(), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := map[zhaohuov1.PriceWatchWait]int{
			zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_WORKER: 1, zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_DAY: 1,
		}
		if diff := cmp.Diff(want, waiting); diff != "" {
			t.Error(diff)
		}
		// w3 waits for a day, which is further ahead than two intervals.
		ahead, err := s.Ahead(t.Context(), start(), "", 10)
		if err != nil || len(ahead) != 1 || ahead[0].ID != "w2" || !ahead[0].Due.Equal(start().Add(time.Hour)) {
			t.Errorf("%+v, %v", ahead, err)
		}
		if w, err := s.FindWatch(t.Context(), "paused"); err != nil || !w.NextDue.IsZero() {
			t.Errorf("a paused watch was moved: %+v, %v", w, err)
		}
	})
}
