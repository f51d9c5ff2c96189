package topwire_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
)

// The test vector in the documentation of TOP.
func ExampleSign() {
	fmt.Println(topwire.Sign("helloworld", map[string]string{
		"method": "taobao.item.seller.get", "app_key": "12345678", "session": "test", "timestamp": "2016-01-01 12:00:00",
		"format": "json", "v": "2.0", "sign_method": "md5", "fields": "num_iid,title,nick,price,num", "num_iid": "11223344",
	}))
	// Output: 66987CB115214E59E6EC978214934FB8 true
}
