package anyjpeg_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/anyjpeg"
)

func ExampleDecode() {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, image.NewGray(image.Rect(0, 0, 16, 8)), nil); err != nil {
		fmt.Println(err)
		return
	}
	picture, err := anyjpeg.Decode(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(picture.Bounds())
	// Output: (0,0)-(16,8)
}
