package fair_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota/fair"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// A person goes before a batch that came first.
func ExampleQueue() {
	queue := fair.New[string]()
	queue.Push(upstream.Demand{Class: upstream.Batch, Caller: "nightly"}, "search", "batch")
	queue.Push(upstream.Demand{Class: upstream.Interactive, Caller: "shop"}, "search", "person")
	ready := func(string) bool { return true }
	for next := queue.Next(ready); next != nil; next = queue.Next(ready) {
		queue.Take(next, ready)
		fmt.Println(next.Of)
	}
	// Output:
	// person
	// batch
}
