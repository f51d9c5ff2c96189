package likeness

import (
	"image"
	"image/color"
	"math"
)

const (
	grid = 64 // the picture is first averaged to grid × grid
	freq = 32 // the frequencies are taken from freq × freq
	low  = 8  // of which the lowest low × low are used

	// maxSamples bounds how many pixels are sampled each way, so that a large picture takes no longer than a small one.
	maxSamples = 640

	// clearly is how large a frequency must be, relative to the mean, for its sign to count.
	clearly = 0.12
)

// crop is a region of a picture: its sides as a share of the picture's, and its position (0 at the left or top, 1 at
// the right or bottom).
type crop struct{ share, x, y float64 }

// parts are the regions of the views. The full picture comes first; the set is closed under mirroring.
var parts = [crops]crop{
	{1, 0.5, 0.5},
	{0.9, 0.5, 0.5},
	{0.8, 0.5, 0.5},
	{0.9, 0, 0},
	{0.9, 1, 0},
	{0.9, 0, 1},
	{0.9, 1, 1},
	{0.9, 0.5, 0},
	{0.9, 0, 0.5},
	{0.9, 1, 0.5},
	{0.9, 0.5, 1},
}

// Of computes the fingerprint of a picture. Transparency counts as white. A picture without pixels has the zero
// fingerprint.
func Of(img image.Image) Fingerprint {
	var p Fingerprint
	if img.Bounds().Empty() {
		return p
	}
	g, waves := sample(img), newWaves()
	for i, part := range parts {
		p.views[i] = g.view(part, waves)
	}
	return p
}

// averages is a picture averaged to grid × grid: luminance and two colours, each about 0..255.
type averages [3][grid * grid]float64

// sample averages the pixels of each cell of the grid. In a picture smaller than the grid, several cells share a pixel.
func sample(img image.Image) *averages {
	b := img.Bounds()
	nx, ny := samples(b.Dx()), samples(b.Dy())
	var sum averages
	var count [grid * grid]float64
	at := pixels(img)
	for j := range ny {
		y := b.Min.Y + (2*j+1)*b.Dy()/(2*ny)
		row := j * grid / ny * grid
		for i := range nx {
			r, g, bl := at(b.Min.X+(2*i+1)*b.Dx()/(2*nx), y)
			cell := row + i*grid/nx
			sum[0][cell] += 0.299*r + 0.587*g + 0.114*bl
			sum[1][cell] += -0.168736*r - 0.331264*g + 0.5*bl
			sum[2][cell] += 0.5*r - 0.418688*g - 0.081312*bl
			count[cell]++
		}
	}
	for cell, n := range count {
		for c := range sum {
			sum[c][cell] /= n
		}
	}
	return &sum
}

// samples is the number of samples along a side: equally many in each cell; about every pixel if there are few.
func samples(side int) int {
	return grid * min((side+grid-1)/grid, maxSamples/grid)
}

// pixels reads red, green and blue (0..255) on white, without an allocation per pixel.
func pixels(img image.Image) func(x, y int) (r, g, b float64) {
	switch img := img.(type) {
	case *image.YCbCr:
		return func(x, y int) (float64, float64, float64) {
			yo, co := img.YOffset(x, y), img.COffset(x, y)
			r, g, b := color.YCbCrToRGB(img.Y[yo], img.Cb[co], img.Cr[co])
			return float64(r), float64(g), float64(b)
		}
	case image.RGBA64Image:
		return func(x, y int) (float64, float64, float64) { return onWhite(img.RGBA64At(x, y)) }
	}
	return func(x, y int) (float64, float64, float64) {
		r, g, b, a := img.At(x, y).RGBA()
		return onWhite(color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)})
	}
}

func onWhite(c color.RGBA64) (r, g, b float64) {
	white := 0xffff - float64(c.A)
	return (float64(c.R) + white) / 257, (float64(c.G) + white) / 257, (float64(c.B) + white) / 257
}

// view describes one part of the picture.
func (g *averages) view(part crop, waves *base) view {
	var v view
	fine := resample(&g[0], part, freq)
	v.rises, v.falls = waves.signs(fine)
	mean, spread := moments(fine)
	// Light scales all three by one factor. Contrast is normalised too, within bounds.
	gain := 128 / math.Max(mean, 32)
	contrast := 48 / math.Max(spread, 16)
	planes := [3][]float64{resample(&g[0], part, cells), resample(&g[1], part, cells), resample(&g[2], part, cells)}
	for i := range cells * cells {
		v.layout[3*i] = toByte(128 + (planes[0][i]-mean)*contrast)
		v.layout[3*i+1] = toByte(128 + planes[1][i]*gain)
		v.layout[3*i+2] = toByte(128 + planes[2][i]*gain)
	}
	return v
}

func toByte(v float64) byte { return byte(math.Min(math.Max(v+0.5, 0), 255)) }

func moments(v []float64) (mean, spread float64) {
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for _, x := range v {
		spread += (x - mean) * (x - mean)
	}
	return mean, math.Sqrt(spread / float64(len(v)))
}

// resample averages a region of the grid to n × n, weighting cut cells by their share.
func resample(src *[grid * grid]float64, part crop, n int) []float64 {
	left, top := grid*(1-part.share)*part.x, grid*(1-part.share)*part.y
	step := grid * part.share / float64(n)
	rows := make([]float64, grid*n) // n columns, grid rows
	for y := range grid {
		for x := range n {
			rows[y*n+x] = stretch(src[y*grid:(y+1)*grid], 1, left+float64(x)*step, step)
		}
	}
	out := make([]float64, n*n)
	for x := range n {
		for y := range n {
			out[y*n+x] = stretch(rows[x:], n, top+float64(y)*step, step)
		}
	}
	return out
}

// stretch averages [from, from+length) of values that are stride apart.
func stretch(v []float64, stride int, from, length float64) float64 {
	to := min(from+length, grid)
	first, last := int(from), int(to)
	if first == last {
		return v[first*stride]
	}
	sum := (float64(first+1) - from) * v[first*stride]
	for i := first + 1; i < last; i++ {
		sum += v[i*stride]
	}
	if rest := to - float64(last); rest > 0 {
		sum += rest * v[last*stride]
	}
	return sum / length
}

// signs are the signs of the lowest frequencies (DCT-II) of a freq × freq picture, except the constant one and those
// near zero.
func (b *base) signs(v []float64) (rises, falls uint64) {
	var half [low * freq]float64 // horizontal frequency u of the row y at y*low+u
	for y := range freq {
		for u := range low {
			var sum float64
			for x := range freq {
				sum += v[y*freq+x] * b[u][x]
			}
			half[y*low+u] = sum
		}
	}
	var full [low * low]float64
	var power float64
	for w := range low {
		for u := range low {
			var sum float64
			for y := range freq {
				sum += half[y*low+u] * b[w][y]
			}
			if u+w > 0 {
				full[w*low+u] = sum
				power += sum * sum
			}
		}
	}
	least := clearly * math.Sqrt(power/(low*low))
	for i, sum := range full {
		switch {
		case sum > least:
			rises |= 1 << i
		case sum < -least:
			falls |= 1 << i
		}
	}
	return rises, falls
}

// base holds the waves of the DCT-II: [frequency][position].
type base [low][freq]float64

func newWaves() *base {
	var b base
	for u := range b {
		for x := range b[u] {
			b[u][x] = math.Cos(math.Pi * float64(u) * (float64(x) + 0.5) / freq)
		}
	}
	return &b
}
