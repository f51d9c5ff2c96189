package callers_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// A key is shown once. Its entry in the file holds only the hash.
func ExampleMint() {
	key, entry := callers.Mint(callers.Entry{Name: "shop", Weight: 2})
	entries, err := callers.Parse([]byte(entry.YAML()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(entries[0].Name, entries[0].Weight, entries[0].Hash == callers.HashOf(key))
	// Output: shop 2 true
}
