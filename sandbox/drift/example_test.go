package drift_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/drift"
)

// What an offer costs at a time follows from its id, its price without drift and the length of a step.
func ExampleOf() {
	const id, price = 620201390233, 1250 // in fen
	noon := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, later := range []time.Duration{0, 20 * time.Second, 40 * time.Second, time.Minute} {
		step := drift.Step(noon.Add(later), 10*time.Second)
		fmt.Println(later, drift.Of(id, step).Fen(price))
	}
	// Output:
	// 0s 1200
	// 20s 1250
	// 40s 1300
	// 1m0s 1375
}
