package sandbox_test

import (
	"fmt"
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// The sandbox serves the APIs of both dialects. It fails in a documented way when a search text asks for it.
func Example() {
	fmt.Println(slices.Contains(sandbox.APIs(), "com.alibaba.fenxiao.crossborder:product.search.keywordQuery"))
	for _, word := range sandbox.FaultWords() {
		if word.Word == "sandbox:throttle" {
			fmt.Println(word.Meaning)
		}
	}
	// Output:
	// true
	// The app's rate is exceeded.
}
