package imaging

import (
	"image"
	"math"
)

// widen turns YCbCr samples of the limited range (luma 16 to 235, colour 16 to 240), in which video formats store pictures,
// into the full range of JPEG, in place. Go's image.YCbCr has no range of its own: all its conversions mean the full one.
// The colour matrix of VP8 and of JPEG is the same, that of BT.601.
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

// stretch is the table of (v - zero) * 255/span + to, rounded and cut to a byte.
func stretch(zero, span, to float64) *[256]byte {
	var table [256]byte
	for v := range table {
		wide := math.Round((float64(v)-zero)*255/span + to)
		table[v] = byte(min(max(wide, 0), 255))
	}
	return &table
}
