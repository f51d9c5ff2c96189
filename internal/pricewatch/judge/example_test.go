package judge_test

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/judge"
)

// A watch for falls of 5 % sees 10.00 and then 9.50.
func ExampleJudge() {
	watch := byIDs(when(fell, by(0.05)))
	var memory []byte
	for n, fen := range []money.Amount{1000, 950} {
		events, next, err := judge.Judge(watch, memory, &zhaohuov1.PriceObservation{
			WatchId: "w", DueTime: &timestamppb.Timestamp{Seconds: int64(n)},
			Products: []*zhaohuov1.ObservedPrice{{ProductId: "1", Price: (fen * money.Fen).Proto(money.CNY)}},
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		memory = next
		for _, e := range events {
			fmt.Println(e.GetKind(), e.GetProductId(), e.GetChangeRatio())
		}
	}
	// Output: PRICE_EVENT_KIND_PRICE_FELL 1 -0.05
}
