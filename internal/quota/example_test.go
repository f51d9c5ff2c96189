package quota_test

import (
	"context"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// An attempt waits for its permit, commits it when the request is written, and reports its outcome.
func ExampleDispatcher_Acquire() {
	limits := limiter.Limits{App: limiter.Limit{PerSecond: 10}}
	dispatcher := quota.New(limiter.NewLocal(limits, limiter.NewLedger()), limits, quota.Options{})
	defer dispatcher.Close()
	permit, err := dispatcher.Acquire(context.Background(), upstream.PermitRequest{API: "search"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(permit.Commit(context.Background()))
	permit.Done(nil)
	// Output: <nil>
}
