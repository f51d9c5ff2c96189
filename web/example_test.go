package web_test

import (
	"fmt"
	"io/fs"

	"github.com/zhaohuo-dev/zhaohuo/web"
)

func ExampleFiles() {
	names, err := fs.Glob(web.Files(), "*.html")
	fmt.Println(names, err)
	// Output: [docs.html index.html] <nil>
}
