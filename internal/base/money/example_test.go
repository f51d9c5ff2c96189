package money_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// Prices are exact. What is no decimal is no amount, and never zero.
func Example() {
	price, ok := money.Parse("12.5")
	fmt.Println(price, ok)
	fmt.Println(price * 3)
	fmt.Println(price.Proto(money.CNY).GetUnits())

	_, ok = money.Parse("面议")
	fmt.Println(ok)
	// Output:
	// 12.50 true
	// 37.50
	// 12
	// false
}
