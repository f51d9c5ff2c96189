package dataform_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/dataform"
)

// Data of this or an earlier version are read; those of a later one are refused.
func ExampleCheck() {
	fmt.Println(dataform.Check(1, 2))
	fmt.Println(dataform.Check(3, 2))
	// Output:
	// <nil>
	// it was written by a newer version of zhaohuo (form 3, this version knows up to 2): start that version, or restore a backup of before the upgrade: see docs/UPGRADING.md
}
