package gallery_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
)

// A gallery draws a picture when it is first asked for.
func ExampleNew() {
	pictures := gallery.New(catalog.Embedded(), nil)
	fmt.Println(pictures.Len() > 1000, pictures.Close())
	// Output: true <nil>
}
