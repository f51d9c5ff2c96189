package normal_test

import (
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// A price may be one amount, a range, or text such as "negotiable", which is kept.
func ExamplePrice() {
	for _, sent := range []string{`"178.0"`, `"¥1.50-3.20"`, `"面议"`, `null`} {
		price := normal.Price(gjson.Parse(sent))
		fmt.Printf("%v %v %v %q\n", price.Known, price.Low, price.High, price.Text)
	}
	// Output:
	// true 178 178 ""
	// true 1.50 3.20 ""
	// false 0 0 "面议"
	// false 0 0 ""
}
