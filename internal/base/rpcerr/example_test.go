package rpcerr_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// A fault becomes a gRPC status with a reason, an HTTP status and a wait.
func ExampleStatus() {
	err := fault.New(fault.CallerRateLimited, "10 requests a second are allowed").WithRetryAfter(2 * time.Second)
	status := rpcerr.Status(err, "zh-CN")
	wait, _ := rpcerr.RetryAfter(status)
	fmt.Println(status.Code(), rpcerr.Reason(status), rpcerr.HTTPStatus(status), wait)
	// Output: ResourceExhausted CALLER_RATE_LIMITED 429 2s
}
