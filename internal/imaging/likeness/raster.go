package likeness

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// raster is a picture in the three planes of JPEG, row by row: luma 0..255, and blue and red chroma around 0.
type raster struct {
	w, h   int
	planes [3][]float32
}

const (
	luma = iota
	blue
	red
)

func newRaster(w, h int) *raster {
	r := &raster{w: w, h: h}
	for c := range r.planes {
		r.planes[c] = make([]float32, w*h)
	}
	return r
}

// toChroma converts a colour on white, 0..255.
func toChroma(r, g, b float32) (y, cb, cr float32) {
	return 0.299*r + 0.587*g + 0.114*b, -0.168736*r - 0.331264*g + 0.5*b, 0.5*r - 0.418688*g - 0.081312*b
}

// reduce reads a region of a picture and shrinks it until its long side is at most side. It never enlarges. Transparency
// counts as white. Of each block of pixels samples × samples are read; about every one if there are few. The second value
// is the number of the picture's pixels per pixel of the raster.
func reduce(img image.Image, region image.Rectangle, side, samples int) (*raster, float64) {
	long := max(region.Dx(), region.Dy())
	// First whole blocks of pixels are averaged, which is fast; then the rest is resampled exactly.
	block := max(long/side, 1)
	r := readBlocks(img, region, block, max(block/samples, 1))
	if max(r.w, r.h) <= side {
		return r, float64(block)
	}
	step := float64(max(r.w, r.h)) / float64(side)
	w, h := max(int(math.Round(float64(r.w)/step)), 1), max(int(math.Round(float64(r.h)/step)), 1)
	return r.resample(window{step: step, w: w}, window{step: step, w: h}), step * float64(block)
}

// readBlocks averages blocks of block × block pixels, of which it reads every stride-th. The rest at the right and at the
// bottom is left out.
func readBlocks(img image.Image, region image.Rectangle, block, stride int) *raster {
	w, h := max(region.Dx()/block, 1), max(region.Dy()/block, 1)
	out := newRaster(w, h)
	at := columnsOf(region, block, stride)
	read := lineReader(img, at)
	line := make([][3]float32, len(at))
	for y := range h {
		sums := [3][]float32{}
		for c := range sums {
			sums[c] = out.planes[c][y*w : (y+1)*w]
		}
		rows := 0
		for dy := 0; dy < block && y*block+dy < region.Dy(); dy += stride {
			read(region.Min.Y+y*block+dy, line)
			addBlocks(sums, line)
			rows++
		}
		for c := range sums {
			for x := range sums[c] {
				sums[c][x] /= float32(rows)
			}
		}
	}
	return out
}

// columnsOf lists the columns of a picture that are read, as many for each block.
func columnsOf(region image.Rectangle, block, stride int) []int {
	var at []int
	for x := range max(region.Dx()/block, 1) {
		for dx := 0; dx < block && x*block+dx < region.Dx(); dx += stride {
			at = append(at, region.Min.X+x*block+dx)
		}
	}
	return at
}

// addBlocks adds the mean of each block of a line to the sums.
func addBlocks(sums [3][]float32, line [][3]float32) {
	per := len(line) / len(sums[luma])
	for x := range sums[luma] {
		var sum [3]float32
		for _, p := range line[x*per : (x+1)*per] {
			sum[luma] += p[luma]
			sum[blue] += p[blue]
			sum[red] += p[red]
		}
		for c := range sum {
			sums[c][x] += sum[c] / float32(per)
		}
	}
}

// lineReader returns a function that reads a row's pixels in the given columns, without an allocation per pixel.
func lineReader(img image.Image, at []int) func(y int, line [][3]float32) {
	set := func(p *[3]float32, r, g, b float32) { p[luma], p[blue], p[red] = toChroma(r, g, b) }
	switch img := img.(type) {
	case *image.YCbCr:
		return readYCbCr(img, at)
	case *image.RGBA:
		return func(y int, line [][3]float32) {
			pix := img.Pix[img.PixOffset(img.Rect.Min.X, y):]
			for i, x := range at {
				p := pix[4*(x-img.Rect.Min.X):][:4]
				white := 255 - float32(p[3])
				set(&line[i], float32(p[0])+white, float32(p[1])+white, float32(p[2])+white)
			}
		}
	case *image.NRGBA:
		return func(y int, line [][3]float32) {
			pix := img.Pix[img.PixOffset(img.Rect.Min.X, y):]
			for i, x := range at {
				p := pix[4*(x-img.Rect.Min.X):][:4]
				a, white := float32(p[3])/255, 255-float32(p[3])
				set(&line[i], float32(p[0])*a+white, float32(p[1])*a+white, float32(p[2])*a+white)
			}
		}
	case image.RGBA64Image:
		return func(y int, line [][3]float32) {
			for i, x := range at {
				r, g, b := onWhite(img.RGBA64At(x, y))
				set(&line[i], float32(r), float32(g), float32(b))
			}
		}
	}
	return func(y int, line [][3]float32) {
		for i, x := range at {
			r, g, b, a := img.At(x, y).RGBA()
			red, green, blue := onWhite(color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)})
			set(&line[i], float32(red), float32(green), float32(blue))
		}
	}
}

// readYCbCr is lineReader for what JPEG decodes to. It computes where the columns are once.
func readYCbCr(img *image.YCbCr, at []int) func(y int, line [][3]float32) {
	left, top := img.Rect.Min.X, img.Rect.Min.Y
	columns := make([][2]int, len(at))
	for i, x := range at {
		columns[i] = [2]int{img.YOffset(x, top) - img.YOffset(left, top), img.COffset(x, top) - img.COffset(left, top)}
	}
	return func(y int, line [][3]float32) {
		bright, chroma := img.Y[img.YOffset(left, y):], img.COffset(left, y)
		cb, cr := img.Cb[chroma:], img.Cr[chroma:]
		for i, c := range columns {
			line[i] = [3]float32{float32(bright[c[0]]), float32(cb[c[1]]) - 128, float32(cr[c[1]]) - 128}
		}
	}
}

// window is one side of a resampling: w pixels, the first of which begins at from, each step pixels of the source long. A
// negative step reads backwards, which mirrors.
type window struct {
	from, step float64
	w          int
}

// taps are the weights of a window's pixels: each has n neighbours in the source from first on.
type taps struct {
	n       int
	first   []int
	weights []float32
}

// triangle makes the taps of a window over size source pixels: a triangle as wide as a step, and at least two pixels.
// Outside, the edge goes on.
func (v window) triangle(size int) taps {
	half := math.Max(math.Abs(v.step), 1)
	n := min(int(math.Ceil(2*half)), size)
	t := taps{n: n, first: make([]int, v.w), weights: make([]float32, v.w*n)}
	for i := range v.w {
		centre := v.from + (float64(i)+0.5)*v.step - 0.5
		low := int(math.Ceil(centre - half))
		t.first[i] = min(max(low, 0), size-n)
		weights := t.weights[i*n : (i+1)*n]
		var sum float32
		for j := low; float64(j) < centre+half; j++ {
			share := float32(1 - math.Abs(float64(j)-centre)/half)
			at := min(max(j, 0), size-1) - t.first[i]
			weights[min(max(at, 0), n-1)] += share
			sum += share
		}
		for k := range weights {
			weights[k] /= sum
		}
	}
	return t
}

// span is the first pixel that the taps read, and the one behind the last.
func (t taps) span() (low, high int) { return slices.Min(t.first), slices.Max(t.first) + t.n }

// resample samples a raster at the crossings of two windows.
func (r *raster) resample(x, y window) *raster {
	out := newRaster(x.w, y.w)
	across, down := x.triangle(r.w), y.triangle(r.h)
	for c := range r.planes {
		resamplePlane(out.planes[c], r.planes[c], r.w, across, down)
	}
	return out
}

// resamplePlane is resample for one plane; dst has a pixel for each pair of taps.
func resamplePlane(dst, src []float32, stride int, across, down taps) {
	w, h := len(across.first), len(down.first)
	low, high := down.span()
	rows := make([]float32, (high-low)*w)
	for y := low; y < high; y++ {
		line, row := src[y*stride:(y+1)*stride], rows[(y-low)*w:(y-low+1)*w]
		for i, first := range across.first {
			weights := across.weights[i*across.n : (i+1)*across.n]
			part := line[first : first+len(weights)]
			var sum float32
			for k, weight := range weights {
				sum += weight * part[k]
			}
			row[i] = sum
		}
	}
	for j := range h {
		row := dst[j*w : (j+1)*w]
		clear(row)
		for k, weight := range down.weights[j*down.n : (j+1)*down.n] {
			if weight == 0 {
				continue
			}
			from := rows[(down.first[j]-low+k)*w:][:len(row)]
			for i := range row {
				row[i] += weight * from[i]
			}
		}
	}
}

// pixel is a colour, and the share of goods in it. Resampling four values at once takes little longer than one.
type pixel [4]float32

// ofGoods is the share of goods in a pixel, 0..1.
const ofGoods = 3

// resamplePixels is resamplePlane for pixels. It uses rows as room if that is enough, and returns what it used.
func resamplePixels(dst, src []pixel, stride int, across, down taps, rows []pixel) []pixel {
	w, h := len(across.first), len(down.first)
	low, high := down.span()
	rows = slices.Grow(rows[:0], (high-low)*w)[:(high-low)*w]
	for y := low; y < high; y++ {
		line, row := src[y*stride:(y+1)*stride], rows[(y-low)*w:(y-low+1)*w]
		for i, first := range across.first {
			weights := across.weights[i*across.n : (i+1)*across.n]
			var sum pixel
			for k, p := range line[first:][:len(weights)] {
				weight := weights[k]
				sum[0] += weight * p[0]
				sum[1] += weight * p[1]
				sum[2] += weight * p[2]
				sum[3] += weight * p[3]
			}
			row[i] = sum
		}
	}
	for j := range h {
		row := dst[j*w : (j+1)*w]
		clear(row)
		for k, weight := range down.weights[j*down.n : (j+1)*down.n] {
			if weight == 0 {
				continue
			}
			from := rows[(down.first[j]-low+k)*w:][:len(row)]
			for i := range row {
				to, p := &row[i], &from[i]
				to[0] += weight * p[0]
				to[1] += weight * p[1]
				to[2] += weight * p[2]
				to[3] += weight * p[3]
			}
		}
	}
	return rows
}
