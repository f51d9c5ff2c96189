package fault_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// A fault keeps its kind through wrapping. The kind decides whether a retry helps.
func Example() {
	err := fault.New(fault.UpstreamThrottled, "too many calls a second").WithRetryAfter(2 * time.Second)
	wrapped := fmt.Errorf("search: %w", err)

	f, _ := fault.As(wrapped)
	fmt.Println(fault.KindOf(wrapped), f.RetryAfter)
	fmt.Println(f.Kind.Retry() == fault.RetryThrottle)
	// Output:
	// UPSTREAM_THROTTLED 2s
	// true
}
