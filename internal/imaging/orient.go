package imaging

import "image"

// turn is an EXIF orientation as steps from the upright picture to the stored one: swap the axes, then mirror each. It
// means "the upright pixel (x, y) is the stored pixel ...".
type turn struct{ swap, flipX, flipY bool }

var turns = [9]turn{
	2: {flipX: true},
	3: {flipX: true, flipY: true},
	4: {flipY: true},
	5: {swap: true},
	6: {swap: true, flipY: true},
	7: {swap: true, flipX: true, flipY: true},
	8: {swap: true, flipX: true},
}

// upright turns a raster by an EXIF orientation; 1 returns it as it is.
func upright(img raster, orientation int) raster {
	t := turns[orientation]
	if t == (turn{}) {
		return img
	}
	switch img := img.(type) {
	case *image.Gray:
		w, h := img.Rect.Dx(), img.Rect.Dy()
		dst := image.NewGray(t.rect(image.Rect(0, 0, w, h), image.Point{}))
		t.plane(plane{dst.Pix, dst.Stride}, plane{img.Pix, img.Stride}, w, h)
		return dst
	case *image.YCbCr:
		return t.ycbcr(img)
	}
	return img
}

// plane is one sample plane; its first sample is pix[0].
type plane struct {
	pix    []byte
	stride int
}

// plane turns a plane of w × h samples.
func (t turn) plane(dst, src plane, w, h int) {
	if !t.swap {
		for y := 0; y < h; y++ {
			sy := y
			if t.flipY {
				sy = h - 1 - y
			}
			to, from := dst.pix[y*dst.stride:][:w], src.pix[sy*src.stride:][:w]
			if !t.flipX {
				copy(to, from)
				continue
			}
			for x := range to {
				to[x] = from[w-1-x]
			}
		}
		return
	}
	// With swapped axes one side is accessed out of order; small tiles keep both sides in cache.
	const tile = 32
	for ty := 0; ty < w; ty += tile {
		for tx := 0; tx < h; tx += tile {
			t.tile(dst, src, w, h, image.Rect(tx, ty, min(tx+tile, h), min(ty+tile, w)))
		}
	}
}

// tile turns the part of a swapped plane that goes to area.
func (t turn) tile(dst, src plane, w, h int, area image.Rectangle) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		sx := y
		if t.flipX {
			sx = w - 1 - y
		}
		for x := area.Min.X; x < area.Max.X; x++ {
			sy := x
			if t.flipY {
				sy = h - 1 - x
			}
			dst.pix[y*dst.stride+x] = src.pix[sy*src.stride+sx]
		}
	}
}

// rect places a turned picture so that its colour samples cover the same pixels as before. grid is the pixels per
// colour sample: a mirrored picture of odd width starts in the middle of a sample.
func (t turn) rect(r image.Rectangle, grid image.Point) image.Rectangle {
	x0, x1 := t.span(r.Min.X, r.Max.X, grid.X, t.flipX)
	y0, y1 := t.span(r.Min.Y, r.Max.Y, grid.Y, t.flipY)
	if t.swap {
		return image.Rect(y0, x0, y1, x1)
	}
	return image.Rect(x0, y0, x1, y1)
}

// span places one axis: [from, to) within complete colour samples, counted from the other end if mirrored.
func (turn) span(from, to, grid int, flip bool) (int, int) {
	if grid <= 1 {
		return 0, to - from
	}
	offset := from % grid
	if flip {
		offset = (grid - to%grid) % grid
	}
	return offset, offset + to - from
}

var gridOf = map[image.YCbCrSubsampleRatio]image.Point{
	image.YCbCrSubsampleRatio444: {X: 1, Y: 1},
	image.YCbCrSubsampleRatio422: {X: 2, Y: 1},
	image.YCbCrSubsampleRatio420: {X: 2, Y: 2},
	image.YCbCrSubsampleRatio440: {X: 1, Y: 2},
}

func (t turn) ycbcr(img *image.YCbCr) *image.YCbCr {
	grid := gridOf[img.SubsampleRatio]
	ratio := img.SubsampleRatio
	if t.swap {
		switch ratio {
		case image.YCbCrSubsampleRatio422:
			ratio = image.YCbCrSubsampleRatio440
		case image.YCbCrSubsampleRatio440:
			ratio = image.YCbCrSubsampleRatio422
		}
	}
	dst := image.NewYCbCr(t.rect(img.Rect, grid), ratio)
	from := img.Rect.Min
	yo, co := img.YOffset(from.X, from.Y), img.COffset(from.X, from.Y)
	t.plane(plane{dst.Y, dst.YStride}, plane{img.Y[yo:], img.YStride}, img.Rect.Dx(), img.Rect.Dy())
	cw, ch := colourSize(img)
	t.plane(plane{dst.Cb, dst.CStride}, plane{img.Cb[co:], img.CStride}, cw, ch)
	t.plane(plane{dst.Cr, dst.CStride}, plane{img.Cr[co:], img.CStride}, cw, ch)
	return dst
}

// colourSize is the number of columns and rows of colour samples that a picture's rectangle touches.
func colourSize(img *image.YCbCr) (w, h int) {
	grid := gridOf[img.SubsampleRatio]
	w = (img.Rect.Max.X+grid.X-1)/grid.X - img.Rect.Min.X/grid.X
	h = (img.Rect.Max.Y+grid.Y-1)/grid.Y - img.Rect.Min.Y/grid.Y
	return w, h
}
