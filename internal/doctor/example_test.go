package doctor_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/doctor"
)

// Rows are all findings an examination can come to, with their texts in both languages; docs/DOCTOR.md is written from them.
func ExampleRows() {
	fmt.Println(len(doctor.Rows()) > 20)
	// Output: true
}
