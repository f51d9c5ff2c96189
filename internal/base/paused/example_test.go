package paused_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
)

func ExampleSpan() {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	hour := paused.Span{Since: now, Until: now.Add(time.Hour)}
	fmt.Println(paused.Span{}.On(now), hour.On(now), hour.On(now.Add(time.Hour)))
	fmt.Println(paused.Span{Since: now}.On(now.AddDate(1, 0, 0)))
	fmt.Println(hour.Refusal(fault.New(fault.CallerPaused, "paused"), now).RetryAfter)
	// Output:
	// false true false
	// true
	// 1h0m0s
}
