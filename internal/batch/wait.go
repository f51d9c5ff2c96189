package batch

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// roomWait is the shortest wait before what found no room is tried again.
	roomWait = time.Second
	// storeWait is how long a batch waits for a store of the limits that cannot be asked.
	storeWait = time.Minute
)

// Patiently does what may find no room: in the queue for the upstream, or for a picture in memory. A person is told to
// come again; a batch has time, and waits here until there is room or ctx ends, which is its error then. It waits also for
// a store of the limits that cannot be asked, unless that stays away.
func Patiently(ctx context.Context, do func() error) error {
	var lost time.Time
	for {
		err := do()
		f, ok := fault.As(err)
		if !ok {
			return err
		}
		switch f.Kind {
		case fault.QuotaQueueFull, fault.MemoryBudgetFull:
			lost = time.Time{}
		case fault.QuotaStoreUnavailable:
			if lost.IsZero() {
				lost = time.Now()
			}
			if time.Since(lost) >= storeWait {
				return err
			}
		default:
			return err
		}
		again := time.NewTimer(max(f.RetryAfter, roomWait))
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return ctx.Err()
		}
	}
}
