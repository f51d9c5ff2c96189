package anyjpeg_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/anyjpeg"
)

// wave is a picture with smooth colours in complete and partial blocks.
func wave(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetRGBA(x, y, color.RGBA{R: uint8(x * 3), G: uint8(y * 4), B: uint8(255 - x - y), A: 255})
		}
	}
	return img
}

func encode(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// For pictures that image/jpeg decodes too, both give the same result.
func TestSameAsTheStandardLibrary(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {8, 8}, {16, 16}, {17, 33}, {70, 50}} {
		for _, img := range []image.Image{wave(size.X, size.Y), image.NewGray(image.Rectangle{Max: size})} {
			b := encode(t, img)
			want, err := jpeg.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			got, err := anyjpeg.Decode(bytes.NewReader(b))
			if err != nil || got.Bounds() != want.Bounds() {
				t.Fatalf("%v: %v", size, err)
			}
			for y := range size.Y {
				for x := range size.X {
					if a, b := luma(got.At(x, y)), luma(want.At(x, y)); a-b > 2 || b-a > 2 {
						t.Fatalf("%v: (%d, %d) is %d, want %d", size, x, y, a, b)
					}
				}
			}
		}
	}
}

// luma is the stored luma; colours are interpolated, and image.YCbCr repeats them.
func luma(c color.Color) int {
	if c, ok := c.(color.YCbCr); ok {
		return int(c.Y)
	}
	return int(color.GrayModel.Convert(c).(color.Gray).Y)
}

func TestTruncatedIsAnError(t *testing.T) {
	full := encode(t, wave(40, 40))
	for n := range len(full) - 2 {
		for _, tail := range []string{"", "\xff\xd9"} {
			img, err := anyjpeg.Decode(bytes.NewReader(append(bytes.Clone(full[:n]), tail...)))
			if err == nil && n < len(full)-3 {
				t.Fatalf("the first %d of %d bytes are %v", n, len(full), img.Bounds())
			}
		}
	}
}

// No input causes a panic.
func FuzzDecode(f *testing.F) {
	f.Add(encode(f, wave(17, 9)))
	f.Add(encode(f, image.NewGray(image.Rect(0, 0, 9, 7))))
	f.Fuzz(func(t *testing.T, b []byte) {
		for at := range b {
			if i := at + 5; i+4 <= len(b) && b[at] == 0xff && b[at+1]&0xf0 == 0xc0 && (b[i] > 0 || b[i+2] > 0) {
				return // the frame header may claim more pixels than a caller would accept
			}
		}
		img, err := anyjpeg.Decode(bytes.NewReader(b))
		if err == nil && img.Bounds().Empty() {
			t.Error("an image without pixels")
		}
	})
}
