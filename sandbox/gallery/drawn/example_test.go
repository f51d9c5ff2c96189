package drawn_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/drawn"
)

// The fingerprints of the built-in catalogue are made ahead of time; that of any other look is made when it is needed.
func ExampleBuiltIn() {
	table, err := drawn.BuiltIn()
	if err != nil {
		fmt.Println(err)
		return
	}
	_, ready := table.Find(catalog.Embedded()[0].Look)
	_, other := table.Find(catalog.Look{Kind: "caps", Goods: 1, Shot: 1})
	fmt.Println(ready, other)
	// Output: true false
}
