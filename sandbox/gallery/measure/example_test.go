package measure_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/measure"
)

func ExampleResult_Percent() {
	result := measure.Result{Asked: 40}
	fmt.Println(result.Percent(38))
	// Output: 95
}
