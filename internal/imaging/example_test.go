package imaging_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// A photo that the upstream accepts is passed through. Others are re-encoded, and Reasons says why.
func ExamplePrepare() {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewNRGBA(image.Rect(0, 0, 64, 32))); err != nil { // Transparent all over.
		fmt.Println(err)
		return
	}
	photo, err := imaging.Prepare(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()), imaging.Limits{}, imaging.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(photo.Width, photo.Height, photo.Reasons)
	// Output: 64 32 transparent
}
