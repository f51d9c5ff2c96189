package combo_test

import (
	"context"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
)

// A strategy uses ports. A request with neither words nor image is refused before any call.
func ExampleFindSource() {
	_, err := combo.FindSource(context.Background(), combo.Ports{}, &zhaohuov1.FindSourceRequest{})
	fmt.Println(fault.KindOf(err))
	// Output: INVALID_FIELD
}
