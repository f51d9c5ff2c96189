package aop_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// The vector on the platform's signature page.
func ExampleSign() {
	signature, _, err := aop.Sign("test123", "param2/1/system/currentTime/1000000", []upstream.Param{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}})
	fmt.Println(signature, err)
	// Output: 33E54F4F7B989E3E0E912D3FBD2F1A03CA7CCE88 <nil>
}

func ExampleParseMethod() {
	method, err := aop.ParseMethod("com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1")
	fmt.Println(method.Name, err)
	// Output: product.search.keywordQuery <nil>
}
