package batch

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// roomWait is the shortest wait before what found no room is tried again.
const roomWait = time.Second

// Patiently does what may find no room: in the queue for the upstream, or for a picture in memory. A person is told to
// come again; a batch has time, and waits here until there is room or ctx ends, which is its error then.
func Patiently(ctx context.Context, do func() error) error {
	for {
		err := do()
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.QuotaQueueFull && f.Kind != fault.MemoryBudgetFull {
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
