package batch_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/batch"
)

// Keywords that differ in their white space are one keyword of a batch.
func ExampleCanonical() {
	fmt.Println(batch.Canonical("  kettle \t steel "))
	// Output: kettle steel
}
