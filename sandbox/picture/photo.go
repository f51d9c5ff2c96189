package picture

import (
	"bytes"
	"fmt"
	"image/jpeg"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

const (
	// Side is the length of a photo's side in pixels.
	Side = 400
	// quality is usual for photos on the web: about 11 KB each.
	quality = 85
)

// JPEG draws the photo of a look, Side × Side pixels, without metadata.
func JPEG(look catalog.Look) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, Draw(look, Side), &jpeg.Options{Quality: quality}); err != nil {
		// The encoder fails only on oversized pictures and on write errors. Neither can happen here.
		panic(fmt.Sprintf("picture: encode: %v", err))
	}
	return b.Bytes()
}
