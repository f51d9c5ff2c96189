package wasm_test

import (
	"context"
	"fmt"
	"image"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/wasm"
)

// The decoder gets a bound of pixels and of memory. Bytes that are no picture are an error.
func ExampleAVIF() {
	_, err := wasm.AVIF(context.Background(), []byte("no image"), image.Pt(1000, 1000), 64<<20)
	fmt.Println(err != nil)
	// Output: true
}
