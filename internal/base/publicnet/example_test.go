package publicnet_test

import (
	"fmt"
	"net/netip"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

// An address is brought into one form before anything is decided about it.
func Example() {
	u, err := publicnet.Parse("HTTPS://Shop.Example.:443/kettle.jpg", false)
	fmt.Println(u, err)
	_, err = publicnet.Parse("http://0x7f.1/", false)
	fmt.Println(err)
	fmt.Println(publicnet.Host("[2001:db8::1]:443"))
	fmt.Println(publicnet.Public(netip.MustParseAddr("169.254.169.254")))
	// Output:
	// https://shop.example/kettle.jpg <nil>
	// its host is an address in an unusual form
	// 2001:db8::1
	// false
}
