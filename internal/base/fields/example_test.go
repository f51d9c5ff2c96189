package fields_test

import (
	"fmt"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

// The criteria of a stream become those of one page.
func ExampleCopy() {
	page := &zhaohuov1.KeywordSearchRequest{}
	fields.Copy(page, &zhaohuov1.StreamKeywordSearchRequest{Keyword: "伞", PriceMax: "20"})
	fmt.Println(page.GetKeyword(), page.GetPriceMax())
	// Output: 伞 20
}

// A time that is not known is a field that is not set.
func ExampleTime() {
	fmt.Println(fields.Time(time.Time{}) == nil, fields.Time(time.Unix(60, 0)).GetSeconds())
	// Output: true 60
}

// Of three fields that exclude each other the second is given.
func ExampleOnly() {
	fmt.Println(fields.Only(false, true, false))
	// Output: 1 true
}
