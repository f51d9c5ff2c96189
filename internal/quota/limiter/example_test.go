package limiter_test

import (
	"context"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
)

// A slot is reserved, and committed when the call is sent.
func ExampleLocal_Reserve() {
	local := limiter.NewLocal(limiter.Limits{App: limiter.Limit{PerSecond: 2}}, limiter.NewLedger())
	defer local.Close()
	decision, err := local.Reserve(context.Background(), "search")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, committed := local.Commit(decision.Slot)
	fmt.Println(decision.Granted, committed)
	// Output: true true
}
