package fields_test

import (
	"fmt"

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
