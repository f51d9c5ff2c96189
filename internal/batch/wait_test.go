package batch_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// TestABatchWaitsForTheStore: a quota store that returns within a minute fails no question of a batch; a longer outage does.
func TestABatchWaitsForTheStore(t *testing.T) {
	for away, want := range map[time.Duration]fault.Kind{30 * time.Second: fault.Internal, time.Hour: fault.QuotaStoreUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			back := time.Now().Add(away)
			err := batch.WaitForCapacity(t.Context(), func() error {
				if time.Now().Before(back) {
					return fault.New(fault.QuotaStoreUnavailable, "it cannot be asked").WithRetryAfter(time.Second)
				}
				return nil
			})
			if (err != nil) != (want != fault.Internal) || err != nil && fault.KindOf(err) != want {
				t.Errorf("a store that is away for %v: %v", away, err)
			}
			if waited := time.Until(back); waited < 0 || err != nil && away-waited > 2*time.Minute {
				t.Errorf("a store that is away for %v was waited for until %v before it was back", away, waited)
			}
		})
	}
}
