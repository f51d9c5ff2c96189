package imaging

import "image"

// shrink scales a raster down to w × h pixels by area averaging: every sample counts by its exact share, so nothing
// aliases at any ratio. It never enlarges. (Sharper kernels such as Catmull-Rom gain little when shrinking, need RGBA,
// and overshoot at edges, which compresses worse.)
func shrink(img raster, w, h int) raster {
	size := img.Bounds().Size()
	if w >= size.X && h >= size.Y {
		return img
	}
	switch img := img.(type) {
	case *image.Gray:
		dst := image.NewGray(image.Rect(0, 0, w, h))
		window := axisPair{x: axis{0, float64(size.X), size.X}, y: axis{0, float64(size.Y), size.Y}}
		average(plane{dst.Pix, dst.Stride}, w, h, plane{img.Pix, img.Stride}, window)
		return dst
	case *image.YCbCr:
		return shrinkYCbCr(img, w, h)
	}
	return img
}

func shrinkYCbCr(img *image.YCbCr, w, h int) *image.YCbCr {
	dst := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	from, size := img.Rect.Min, img.Rect.Size()
	yo, co := img.YOffset(from.X, from.Y), img.COffset(from.X, from.Y)
	window := axisPair{x: axis{0, float64(size.X), size.X}, y: axis{0, float64(size.Y), size.Y}}
	average(plane{dst.Y, dst.YStride}, w, h, plane{img.Y[yo:], img.YStride}, window)

	grid := gridOf[img.SubsampleRatio]
	sw, sh := colourSize(img)
	cw, ch := (w+1)/2, (h+1)/2
	window = axisPair{
		x: colourAxis(from.X, size.X, grid.X, sw, w),
		y: colourAxis(from.Y, size.Y, grid.Y, sh, h),
	}
	average(plane{dst.Cb, dst.CStride}, cw, ch, plane{img.Cb[co:], img.CStride}, window)
	average(plane{dst.Cr, dst.CStride}, cw, ch, plane{img.Cr[co:], img.CStride}, window)
	return dst
}

// axis is the range [from, to) of n samples that is mapped to a new axis.
type axis struct {
	from, to float64
	n        int
}

type axisPair struct{ x, y axis }

// colourAxis is the range of colour samples under all new colour samples, two new pixels each. It may start in the
// middle of a sample; it ends where a last half-used new sample ends.
func colourAxis(from, size, grid, samples, target int) axis {
	start := float64(from%grid) / float64(grid)
	covered := float64((target+1)/2*2) * float64(size) / float64(target) / float64(grid)
	return axis{start, min(start+covered, float64(samples)), samples}
}

// share is the weight of an old sample in a new one.
type share struct {
	first   int
	weights []float32
}

// shares divides an axis into n equal ranges.
func (a axis) shares(n int) []share {
	out := make([]share, n)
	step := (a.to - a.from) / float64(n)
	for i := range out {
		lo := a.from + float64(i)*step
		hi := lo + step
		first := min(max(int(lo), 0), a.n-1)
		last := min(max(int(hi), first), a.n-1)
		if last > first && float64(last) >= hi {
			last--
		}
		s := share{first: first, weights: make([]float32, last-first+1)}
		var sum float64
		for j := range s.weights {
			at := float64(first + j)
			sum += max(min(hi, at+1)-max(lo, at), 0)
		}
		for j := range s.weights {
			at := float64(first + j)
			if sum > 0 {
				s.weights[j] = float32(max(min(hi, at+1)-max(lo, at), 0) / sum)
			} else {
				s.weights[j] = 1 / float32(len(s.weights))
			}
		}
		out[i] = s
	}
	return out
}

// average fills w × h samples of dst. It reads a row of old samples once for each new row it touches.
func average(dst plane, w, h int, src plane, window axisPair) {
	columns, rows := window.x.shares(w), window.y.shares(h)
	line := make([]float32, window.x.n)
	for y, row := range rows {
		clear(line)
		for j, weight := range row.weights {
			from := src.pix[(row.first+j)*src.stride:][:len(line)]
			for x, v := range from {
				line[x] += weight * float32(v)
			}
		}
		to := dst.pix[y*dst.stride:][:w]
		for x := range to {
			var v float32
			for j, weight := range columns[x].weights {
				v += weight * line[columns[x].first+j]
			}
			to[x] = uint8(min(max(v+0.5, 0), 255))
		}
	}
}
