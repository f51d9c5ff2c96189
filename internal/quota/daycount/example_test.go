package daycount_test

import (
	"context"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/daycount"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// A caller with two calls a day spends one of them in a request.
func ExampleCounts_Budget() {
	counts := daycount.New(daycount.Config{})
	day := counts.Budget("caller shop", 2, fault.New(fault.CallerCallsUsedUp, "no calls are left"))
	ctx := upstream.WithDemand(context.Background(), upstream.Demand{Caller: "shop", Day: day})
	_, err := upstream.Charge(ctx)
	fmt.Println(err, counts.Used("caller shop"), day.Left(), counts.Close())
	// Output: <nil> 1 1 <nil>
}
