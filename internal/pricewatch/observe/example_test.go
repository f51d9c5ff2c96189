package observe_test

import (
	"context"
	"fmt"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
)

// An observer asks for each product. What 1688 does not have is not in the observation.
func ExampleObserver_Observe() {
	goods := &shop{details: map[string]*zhaohuov1.ProductDetail{
		"1": {Summary: &zhaohuov1.Product{Id: "1", Title: "cup", Price: money.Unit.Proto(money.CNY)}},
	}}
	o := observe.New(observe.Options{Products: goods, Comparer: goods, Source: live, Now: now})
	seen, err := o.Observe(context.Background(), byIDs(0, "1", "2"), nil)
	fmt.Println(len(seen.GetProducts()), seen.GetProducts()[0].GetTitle(), seen.GetUpstreamCalls(), err)
	// Output: 1 cup 2 <nil>
}
