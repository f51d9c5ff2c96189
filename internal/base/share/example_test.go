package share_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// One caller cannot take what the next one needs: it takes half at most, the next one half of the rest.
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
