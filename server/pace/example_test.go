package pace_test

import (
	"fmt"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server/pace"
)

// After the grace time, a body must arrive at 1000 bytes a second on average.
func ExamplePace() {
	body := pace.Pace{Min: 1000, Grace: time.Second}
	fmt.Println(body.Arrived(5000, 2*time.Second))
	fmt.Println(fault.KindOf(body.Arrived(10, 10*time.Second)))
	// Output:
	// <nil>
	// UPLOAD_STALLED
}
