package wire_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

func ExampleJSON() {
	body := wire.JSON(200, map[string]bool{"success": true})
	fmt.Printf("%d %s\n", body.Status, body.Bytes)
	// Output: 200 {"success":true}
}
