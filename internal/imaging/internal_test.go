package imaging

import (
	"bytes"
	"image"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// model is where an upright pixel comes from. It is written from the EXIF table, not from the turns.
func model(orientation, x, y, w, h int) (sx, sy int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}

var ratios = []image.YCbCrSubsampleRatio{
	image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
	image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410,
}

// drawYCbCr is a region of a random picture, so it may start in the middle of a colour sample.
func drawYCbCr(t *rapid.T) *image.YCbCr {
	side := rapid.IntRange(1, 40)
	w, h := side.Draw(t, "w"), side.Draw(t, "h")
	ratio := rapid.SampledFrom(ratios).Draw(t, "ratio")
	img := image.NewYCbCr(image.Rect(0, 0, w, h), ratio)
	seed := rapid.Uint32().Draw(t, "seed")
	for _, plane := range [][]byte{img.Y, img.Cb, img.Cr} {
		for i := range plane {
			seed = seed*1664525 + 1013904223
			plane[i] = byte(seed >> 24)
		}
	}
	x0, y0 := rapid.IntRange(0, w-1).Draw(t, "x0"), rapid.IntRange(0, h-1).Draw(t, "y0")
	x1, y1 := rapid.IntRange(x0+1, w).Draw(t, "x1"), rapid.IntRange(y0+1, h).Draw(t, "y1")
	return img.SubImage(image.Rect(x0, y0, x1, y1)).(*image.YCbCr)
}

// Every pixel of a turned picture has luma and colour of its source pixel, for every subsampling.
func TestUprightAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := drawYCbCr(t)
		src := rasterOf(full, full.Rect, true)
		orientation := rapid.IntRange(1, 8).Draw(t, "orientation")
		got := upright(src, orientation)
		from, b := src.Bounds(), got.Bounds()
		w, h := from.Dx(), from.Dy()
		if want := (image.Point{w, h}); orientation >= 5 && b.Size() != (image.Point{h, w}) || orientation < 5 && b.Size() != want {
			t.Fatalf("size %v of %v", b.Size(), want)
		}
		for y := range b.Dy() {
			for x := range b.Dx() {
				sx, sy := model(orientation, x, y, w, h)
				if a, b := got.At(b.Min.X+x, b.Min.Y+y), src.At(from.Min.X+sx, from.Min.Y+sy); a != b {
					t.Fatalf("(%d, %d) is %v, want %v", x, y, a, b)
				}
			}
		}
	})
}

// Shrinking keeps the mean of every plane: no sample counts twice or is lost.
func TestShrinkKeepsTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := drawYCbCr(t)
		src := rasterOf(full, full.Rect, true)
		size := src.Bounds().Size()
		w, h := rapid.IntRange(1, size.X).Draw(t, "to w"), rapid.IntRange(1, size.Y).Draw(t, "to h")
		got := shrink(src, w, h)
		if got.Bounds().Size() != (image.Point{w, h}) {
			t.Fatalf("size %v, want %d × %d", got.Bounds(), w, h)
		}
		// Rounding moves each new sample by at most one half.
		if a, b := meanLuma(src), meanLuma(got); math.Abs(a-b) > 0.51 {
			t.Fatalf("mean luma %v became %v", a, b)
		}
	})
}

func meanLuma(img raster) float64 {
	b := img.Bounds()
	var sum float64
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			sum += float64(img.(*image.YCbCr).YCbCrAt(x, y).Y)
		}
	}
	return sum / float64(b.Dx()*b.Dy())
}

// A picture of one colour keeps it in every subsampling and size.
func TestShrinkKeepsPlainColours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := drawYCbCr(t)
		for i := range full.Y {
			full.Y[i] = 201
		}
		for i := range full.Cb {
			full.Cb[i], full.Cr[i] = 13, 251
		}
		src := rasterOf(full, full.Rect, true)
		size := src.Bounds().Size()
		got := shrink(src, rapid.IntRange(1, size.X).Draw(t, "to w"), rapid.IntRange(1, size.Y).Draw(t, "to h"))
		b := got.Bounds()
		want := src.At(src.Bounds().Min.X, src.Bounds().Min.Y)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				if got.At(x, y) != want {
					t.Fatalf("(%d, %d) is %v, want %v", x, y, got.At(x, y), want)
				}
			}
		}
	})
}

// The ends of the limited range become those of the full range, and values outside are clamped.
func TestWidenLimitedRange(t *testing.T) {
	img := image.NewYCbCr(image.Rect(0, 0, 6, 1), image.YCbCrSubsampleRatio444)
	copy(img.Y, []byte{0, 16, 17, 126, 235, 255})
	copy(img.Cb, []byte{0, 16, 128, 129, 240, 255})
	copy(img.Cr, []byte{240, 128, 127, 16, 0, 255})
	widen(img)
	for name, row := range map[string][2][]byte{
		"luma": {img.Y[:6], {0, 0, 1, 128, 255, 255}},
		"blue": {img.Cb[:6], {0, 1, 128, 129, 255, 255}},
		"red":  {img.Cr[:6], {255, 128, 127, 1, 0, 255}},
	} {
		if !bytes.Equal(row[0], row[1]) {
			t.Errorf("%s: %v, want %v", name, row[0], row[1])
		}
	}
}

func FuzzExifOrientation(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"))
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08"))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := exifOrientation(b); got < 1 || got > 8 {
			t.Errorf("orientation %d", got)
		}
	})
}

func TestExifOrientationOfOddBlocks(t *testing.T) {
	entry := func(tag, kind, count, value string) string {
		return "II*\x00\x08\x00\x00\x00\x01\x00" + tag + kind + count + value
	}
	const tag, one = "\x12\x01", "\x01\x00\x00\x00"
	for name, row := range map[string]struct {
		block string
		want  int
	}{
		"short":            {entry(tag, "\x03\x00", one, "\x06\x00\x00\x00"), 6},
		"long":             {entry(tag, "\x04\x00", one, "\x08\x00\x00\x00"), 8},
		"big-endian":       {"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x03\x00\x00", 3},
		"byte":             {entry(tag, "\x01\x00", one, "\x06\x00\x00\x00"), 1},
		"two values":       {entry(tag, "\x03\x00", "\x02\x00\x00\x00", "\x06\x00\x06\x00"), 1},
		"zero":             {entry(tag, "\x03\x00", one, "\x00\x00\x00\x00"), 1},
		"nine":             {entry(tag, "\x03\x00", one, "\x09\x00\x00\x00"), 1},
		"another tag":      {entry("\x13\x01", "\x03\x00", one, "\x06\x00\x00\x00"), 1},
		"cut in the entry": {entry(tag, "\x03\x00", one, "\x06\x00"), 1},
		"offset outside":   {"II*\x00\xff\xff\xff\xff", 1},
		"no order":         {"IM*\x00\x08\x00\x00\x00", 1},
		"nothing":          {"", 1},
	} {
		if got := exifOrientation([]byte(row.block)); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}
