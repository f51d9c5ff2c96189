package push_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/push"
)

// A message names goods. What they cost now is asked for, not read from it.
func ExampleParse() {
	m, err := push.Parse(`{"msgId":7600,"type":"FENXIAO_PRICE_CHANGE","appKey":"1000000","gmtBorn":1715184000000,
		"data":{"productId":"620201390233","memberId":"b2b-1","msgSendTime":"2024-05-09 00:00:00"}}`)
	fmt.Println(m.ID, m.Products, m.Born.Format("2006-01-02"), err)
	fmt.Println(push.Signature("test123", "{}"))
	// Output:
	// 7600 [620201390233] 2024-05-08 <nil>
	// ABD9A622CEBC21B38F46FB2CB1B504F795D6B815
}
