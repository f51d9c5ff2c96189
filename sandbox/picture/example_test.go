package picture_test

import (
	"fmt"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

func ExampleDraw() {
	offer := catalog.Embedded()[0]
	fmt.Println(picture.Draw(offer.Look, 64).Bounds())
	// Output: (0,0)-(64,64)
}
