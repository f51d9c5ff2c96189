package access_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
)

// Two calls in one second, where one is allowed.
func ExampleControl_Admit() {
	platform, err := access.New([]access.App{{Key: "1000000", Secret: "made up"}}, access.Limits{PerSecond: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for range 2 {
		verdict, wait := platform.Admit("1000000", "search", now)
		fmt.Println(verdict == access.Admitted, wait)
	}
	// Output:
	// true 0s
	// false 1s
}
