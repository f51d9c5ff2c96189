package faultword_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// Fault words are taken out of the text. The rest is searched.
func ExampleSplit() {
	rest, words := faultword.Split("蓝牙耳机 sandbox:slow=2s")
	fmt.Printf("%q %v\n", rest, words)
	// Output: "蓝牙耳机" map[slow:2s]
}
