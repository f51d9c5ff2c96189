package secret_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// A secret never prints itself.
func Example() {
	key := secret.Text("zhk_example")
	fmt.Printf("%v %+v %q\n", key, key, key)
	fmt.Println(len(key.Reveal()))
	// Output:
	// [redacted] [redacted] "[redacted]"
	// 11
}
