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
