package imaging

import (
	"image"
	"math"
)

// widen converts YCbCr samples in place from the limited range (luma 16 to 235, colour 16 to 240) of video formats to
// the full range of JPEG. Go's image.YCbCr stores no range: all its conversions assume the full one. VP8 and JPEG share
// the colour matrix, that of BT.601.
func widen(img *image.YCbCr) {
	luma, colour := stretch(16, 219, 0), stretch(128, 224, 128)
	for i, v := range img.Y {
		img.Y[i] = luma[v]
	}
	for _, plane := range [][]byte{img.Cb, img.Cr} {
		for i, v := range plane {
			plane[i] = colour[v]
		}
	}
}

// stretch is the table of (v - zero) * 255/span + to, rounded and clamped to a byte.
func stretch(zero, span, to float64) *[256]byte {
	var table [256]byte
	for v := range table {
		wide := math.Round((float64(v)-zero)*255/span + to)
		table[v] = byte(min(max(wide, 0), 255))
	}
	return &table
}

// The matrices of ITU-T H.273 other than BT.601, by the weights of red and blue in luma.
var matrices = map[uint16]struct{ red, blue float64 }{
	1: {0.2126, 0.0722}, 4: {0.30, 0.11}, 7: {0.212, 0.087}, 9: {0.2627, 0.0593}, 10: {0.2627, 0.0593},
}

// rematrix converts full-range samples of another colour matrix to BT.601, in place. Greys do not change.
func rematrix(img *image.YCbCr, red, blue float64) {
	green := 1 - red - blue
	// What a step of blue and of red difference adds to BT.601's luma.
	lumaBlue := 0.114*2*(1-blue) - 0.587*2*blue*(1-blue)/green
	lumaRed := 0.299*2*(1-red) - 0.587*2*red*(1-red)/green
	limit := func(v float64) byte { return byte(min(max(math.Round(v), 0), 255)) }
	b := img.Rect
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			at, of := img.YOffset(x, y), img.COffset(x, y)
			img.Y[at] = limit(float64(img.Y[at]) + lumaBlue*(float64(img.Cb[of])-128) + lumaRed*(float64(img.Cr[of])-128))
		}
	}
	for i := range img.Cb {
		cb, cr := float64(img.Cb[i])-128, float64(img.Cr[i])-128
		img.Cb[i] = limit(128 + (cb*(2*(1-blue)-lumaBlue)-cr*lumaRed)/1.772)
		img.Cr[i] = limit(128 + (cr*(2*(1-red)-lumaRed)-cb*lumaBlue)/1.402)
	}
}

// natural converts the output of an HEIC decoder to the range and matrix that the rest of Go expects.
func natural(img image.Image, colours heifColours) {
	switch img := img.(type) {
	case *image.Gray:
		if !colours.full {
			luma := stretch(16, 219, 0)
			for i, v := range img.Pix {
				img.Pix[i] = luma[v]
			}
		}
	case *image.YCbCr:
		if !colours.full {
			widen(img)
		}
		if m, other := matrices[colours.matrix]; other {
			rematrix(img, m.red, m.blue)
		}
	}
}
