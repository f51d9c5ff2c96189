package imaging

import (
	"image"
	"image/color"
)

// A raster is pixels in the form for encoding: *image.YCbCr, or *image.Gray for pictures without colour. Its planes
// take 1.5 to 3 bytes per pixel; RGBA takes four.
type raster interface {
	image.Image
	SubImage(image.Rectangle) image.Image
}

// rasterOf returns the region rect of img as a raster, without a copy if img already is one. Transparency is flattened
// onto white, and anything outside img is white. With opaque, alpha is ignored.
func rasterOf(img image.Image, rect image.Rectangle, opaque bool) raster {
	inside := rect.In(img.Bounds())
	switch img := img.(type) {
	case *image.Gray:
		if inside {
			return img.SubImage(rect).(*image.Gray)
		}
	case *image.YCbCr:
		// Ratios with four luma samples per colour sample have no turned counterpart; they are converted.
		wide := img.SubsampleRatio == image.YCbCrSubsampleRatio411 || img.SubsampleRatio == image.YCbCrSubsampleRatio410
		if inside && !wide {
			return img.SubImage(rect).(*image.YCbCr)
		}
	}
	return convert(img, rect, opaque)
}

// convert flattens and converts two rows at a time into planes with colour at half size both ways. The encoder would do
// the same.
func convert(img image.Image, rect image.Rectangle, opaque bool) *image.YCbCr {
	w, h := rect.Dx(), rect.Dy()
	dst := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	rows := newRowReader(img, rect, opaque)
	above, below := make([]byte, 3*w), make([]byte, 3*w)
	for y := 0; y < h; y += 2 {
		rows.read(rect.Min.Y+y, above)
		luma(dst.Y[y*dst.YStride:], above)
		if y+1 < h {
			rows.read(rect.Min.Y+y+1, below)
			luma(dst.Y[(y+1)*dst.YStride:], below)
		} else {
			copy(below, above)
		}
		co := y / 2 * dst.CStride
		for x := 0; x < w; x += 2 {
			right := min(x+1, w-1)
			r, g, b := 0, 0, 0
			for _, row := range [2][]byte{above, below} {
				r += int(row[3*x]) + int(row[3*right])
				g += int(row[3*x+1]) + int(row[3*right+1])
				b += int(row[3*x+2]) + int(row[3*right+2])
			}
			_, cb, cr := color.RGBToYCbCr(uint8((r+2)/4), uint8((g+2)/4), uint8((b+2)/4))
			dst.Cb[co+x/2], dst.Cr[co+x/2] = cb, cr
		}
	}
	return dst
}

func luma(dst, rgb []byte) {
	for x := 0; 3*x < len(rgb); x++ {
		dst[x], _, _ = color.RGBToYCbCr(rgb[3*x], rgb[3*x+1], rgb[3*x+2])
	}
}

// rowReader reads rows of any image as RGB bytes on white.
type rowReader struct {
	img     image.Image
	rect    image.Rectangle
	opaque  bool
	palette [256][3]byte
}

func newRowReader(img image.Image, rect image.Rectangle, opaque bool) *rowReader {
	r := &rowReader{img: img, rect: rect, opaque: opaque}
	if p, ok := img.(*image.Paletted); ok {
		for i, c := range p.Palette {
			r.palette[i&255] = onWhite64(color.RGBA64Model.Convert(c).(color.RGBA64))
		}
	}
	return r
}

// read fills row with the pixels of the row y.
func (r *rowReader) read(y int, row []byte) {
	in := r.rect.Intersect(r.img.Bounds())
	if in != r.rect {
		for i := range row {
			row[i] = 0xff
		}
		if y < in.Min.Y || y >= in.Max.Y || in.Empty() {
			return
		}
	}
	row = row[3*(in.Min.X-r.rect.Min.X):]
	n := in.Dx()
	switch img := r.img.(type) {
	case *image.Paletted:
		for x, i := range img.Pix[img.PixOffset(in.Min.X, y):][:n] {
			copy(row[3*x:3*x+3], r.palette[i][:])
		}
	case *image.RGBA:
		pix := img.Pix[img.PixOffset(in.Min.X, y):][:4*n]
		for x := 0; x < n; x++ {
			p, d := pix[4*x:4*x+4:4*x+4], row[3*x:3*x+3:3*x+3]
			white := 255 - p[3]
			d[0], d[1], d[2] = p[0]+white, p[1]+white, p[2]+white
		}
	case *image.NRGBA:
		pix := img.Pix[img.PixOffset(in.Min.X, y):][:4*n]
		for x := 0; x < n; x++ {
			p, d := pix[4*x:4*x+4:4*x+4], row[3*x:3*x+3:3*x+3]
			a := p[3]
			if r.opaque {
				a = 255
			}
			d[0], d[1], d[2] = onWhite(p[0], a), onWhite(p[1], a), onWhite(p[2], a)
		}
	case *image.NYCbCrA:
		for x := 0; x < n; x++ {
			at, ct := img.YOffset(in.Min.X+x, y), img.COffset(in.Min.X+x, y)
			red, green, blue := color.YCbCrToRGB(img.Y[at], img.Cb[ct], img.Cr[ct])
			a := img.A[img.AOffset(in.Min.X+x, y)]
			row[3*x], row[3*x+1], row[3*x+2] = onWhite(red, a), onWhite(green, a), onWhite(blue, a)
		}
	case image.RGBA64Image:
		for x := 0; x < n; x++ {
			c := onWhite64(img.RGBA64At(in.Min.X+x, y))
			copy(row[3*x:3*x+3], c[:])
		}
	default:
		for x := 0; x < n; x++ {
			c := onWhite64(color.RGBA64Model.Convert(img.At(in.Min.X+x, y)).(color.RGBA64))
			copy(row[3*x:3*x+3], c[:])
		}
	}
}

// onWhite blends a colour with alpha onto white.
func onWhite(c, a byte) byte {
	return byte((uint32(c)*uint32(a) + 255*(255-uint32(a)) + 127) / 255)
}

// onWhite64 blends a premultiplied colour onto white.
func onWhite64(c color.RGBA64) [3]byte {
	white := 0xffff - uint32(c.A)
	return [3]byte{byte((uint32(c.R) + white) >> 8), byte((uint32(c.G) + white) >> 8), byte((uint32(c.B) + white) >> 8)}
}
