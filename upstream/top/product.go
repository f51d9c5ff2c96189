package top

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// readRow reads a row of any list; false if it has no product id. The tutorial uses 1 for a missing minimum order and 0 for
// missing sales; here they stay missing.
func readRow(row gjson.Result) (*zhaohuov1.Product, bool) {
	return offer.Row(row, offer.Options{})
}
