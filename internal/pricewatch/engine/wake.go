package engine

import (
	"context"
	"database/sql"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// WakeProducts makes the watches that name any of the products due now, because these may have changed, and returns how many
// it moved. A watch that was observed less than [Options.IntervalMin] ago becomes due when that is over. Paused watches and
// those that are due sooner stay as they are, as do comparisons, which name no products. A watch whose observation is running
// is observed once more, because that observation may have seen the goods before they changed.
//
// The watches' slots stay as they are, so this adds an observation to those of the schedule. It waits for its turn and counts
// against the watch's calls a day as they do. The error is a fault of the store.
func (e *Engine) WakeProducts(ctx context.Context, products []string) (int, error) {
	var slots []store.Slot
	err := e.store.InTx(ctx, func(tx *sql.Tx) error {
		watches, err := e.store.WatchesOf(ctx, tx, products)
		if err != nil {
			return err
		}
		slots = slots[:0]
		now := e.now().Truncate(time.Millisecond)
		for _, w := range watches {
			if due := e.soonest(w, now); due.Before(w.Due) {
				slots = append(slots, store.Slot{ID: w.ID, Next: due})
			}
		}
		return e.store.Reschedule(ctx, tx, slots)
	})
	if err != nil {
		return 0, err
	}
	if len(slots) > 0 {
		e.Wake()
	}
	return len(slots), nil
}

// soonest is when a watch may be observed from now on.
func (e *Engine) soonest(w store.NamingWatch, now time.Time) time.Time {
	if w.LastDue.IsZero() || !w.LastDue.Add(e.least).After(now) || w.LastDue.After(now) { // A last one in the future: the clock was ahead.
		return now
	}
	return w.LastDue.Add(e.least)
}
