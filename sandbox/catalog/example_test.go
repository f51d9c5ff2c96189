package catalog_test

import (
	"context"
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

func ExampleCatalog_Search() {
	goods, err := catalog.New(catalog.Embedded())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer goods.Close()
	page, err := goods.Search(context.Background(), catalog.Query{Words: "蓝牙耳机", Limit: 3})
	fmt.Println(len(page.Offers), err)
	// Output: 3 <nil>
}
