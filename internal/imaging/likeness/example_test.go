package likeness_test

import (
	"fmt"
	"image"
	"image/color"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// A picture is like itself, and like a lighter copy.
func Example() {
	disc := func(light uint8) image.Image {
		picture := image.NewGray(image.Rect(0, 0, 128, 128))
		for y := range 128 {
			for x := range 128 {
				if (x-50)*(x-50)+(y-70)*(y-70) < 900 {
					picture.SetGray(x, y, color.Gray{Y: light})
				}
			}
		}
		return picture
	}
	dark, bright := likeness.Of(disc(120)), likeness.Of(disc(160))
	fmt.Printf("%.1f\n", dark.Likeness(dark))
	fmt.Println(dark.Likeness(bright) > 0.5)
	// Output:
	// 1.0
	// true
}
