package parallel_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
)

// Three jobs on two workers. Each job writes to its own place.
func ExampleEach() {
	squares := make([]int, 3)
	parallel.Each(len(squares), 2, func(i int) { squares[i] = i * i })
	fmt.Println(squares)
	// Output: [0 1 4]
}
