package market_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

func ExampleYuan() {
	fmt.Println(market.Yuan(1250))
	fmt.Println(market.Fen("12.50"))
	// Output:
	// 12.50
	// 1250 true
}
