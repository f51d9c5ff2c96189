package cache_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// An answer that is fresh for ten minutes is renewed in the background from the eighth on, and helps out for a day.
func ExampleLifeOf() {
	life := cache.LifeOf(10 * time.Minute)
	fmt.Println(life.Refresh, life.Fresh, life.Stale)
	// Output: 8m0s 10m0s 24h0m0s
}
