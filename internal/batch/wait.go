package batch

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

const (
	// capacityWait is the shortest delay before a retry.
	capacityWait = time.Second
	// storeWait is how long a batch waits for an unreachable quota store.
	storeWait = time.Minute
)

// WaitForCapacity calls do, and retries it while the upstream queue or the memory for pictures is full. Interactive callers
// get such errors at once; a batch waits here until there is capacity, or until ctx ends and its error is returned. It also
// retries for up to a minute while the quota store is unreachable.
func WaitForCapacity(ctx context.Context, do func() error) error {
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
		if !pause.For(ctx, max(f.RetryAfter, capacityWait)) {
			return ctx.Err()
		}
	}
}
