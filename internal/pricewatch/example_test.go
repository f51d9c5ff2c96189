package pricewatch_test

import (
	"fmt"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// A watch that may spend ten upstream calls a day, and has spent four.
func ExampleCallsLeft() {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	w := &store.Watch{Definition: &zhaohuov1.PriceWatch{UpstreamCallsPerDay: 10}, Day: "2026-11-27", DayCalls: 4}
	fmt.Println(pricewatch.CallsLeft(w, now))
	fmt.Println(pricewatch.CallsLeft(w, now.AddDate(0, 0, 1)))
	// Output:
	// 6 true
	// 10 true
}
