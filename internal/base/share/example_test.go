package share_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// A caller gets at most half of the bytes, and the next one half of the rest.
func ExamplePool() {
	pool := share.NewPool(100)
	fmt.Println(pool.Try("shop", 50))
	fmt.Println(pool.Try("shop", 10))
	fmt.Println(pool.Try("office", 25))
	fmt.Println(pool.Used())
	// Output:
	// true
	// false
	// true
	// 75
}
