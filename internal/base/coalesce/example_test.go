package coalesce_test

import (
	"context"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
)

// Two callers ask for the same key. The work is done once, and both get its value.
func Example() {
	var group coalesce.Group[string, string, int]
	joined := make(chan struct{})
	begin := func() coalesce.Work[string, string, int] {
		return func(_ context.Context, call *coalesce.Call[string, string, int]) int {
			<-joined
			return len(call.Waiting()) // The work can ask who waits for it.
		}
	}
	shop := group.Join(context.Background(), "kettle", "shop", begin)
	office := group.Join(context.Background(), "kettle", "office", begin)
	defer shop.Leave()
	defer office.Leave()
	close(joined)
	<-shop.Done()
	fmt.Println(shop.First(), shop.Value())
	fmt.Println(office.First(), office.Value())
	// Output:
	// true 2
	// false 2
}
