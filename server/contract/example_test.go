package contract_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

func ExampleMethods() {
	for _, method := range contract.Methods() {
		if method.Name() == "KeywordSearch" {
			fmt.Println(contract.FullMethod(method))
		}
	}
	// Output: /zhaohuo.v1.SearchService/KeywordSearch
}

func ExampleSteers() {
	fmt.Println(contract.Steers("/zhaohuo.v1.AdminService/DrainServer"), contract.Steers("/zhaohuo.v1.SearchService/KeywordSearch"))
	// Output: true false
}
