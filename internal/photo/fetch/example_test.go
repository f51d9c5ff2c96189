package fetch_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
)

// Addresses on the upstream's own hosts are passed on. Others are fetched here.
func ExampleFetcher_Passed() {
	fetcher := fetch.New(fetch.Config{Hosts: []string{"cbu01.alicdn.com"}})
	fmt.Println(fetcher.Passed("https://cbu01.alicdn.com/img/kettle.jpg"))
	fmt.Println(fetcher.Passed("https://shop.example/kettle.jpg"))
	// Output:
	// true <nil>
	// false <nil>
}
