package likeness

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// corner is a point that is found again in a copy of the picture, with a description of its surroundings.
type corner struct {
	// x and y are in pixels of the fine raster, at most fineSide.
	x, y uint8
	// level is the size of the surroundings: level n is levelStep^n times as large as level 0.
	level uint8
	// bits are the signs of 256 differences of brightness (BRIEF). The second half has the mirrored places of the first,
	// so that exchanging the halves describes the mirrored picture.
	bits [4]uint64
}

const (
	cornersMax = 96
	levels     = 6
	levelStep  = 4.0 / 3
	// patch is how far the described surroundings reach, in pixels of the level.
	patch = 12
	// surely is how much darker one place must be than the other for its bit.
	surely = 2
)

func (c *corner) mirrored() [4]uint64 { return [4]uint64{c.bits[2], c.bits[3], c.bits[0], c.bits[1]} }

func differ(a, b *[4]uint64) int {
	return bits.OnesCount64(a[0]^b[0]) + bits.OnesCount64(a[1]^b[1]) + bits.OnesCount64(a[2]^b[2]) + bits.OnesCount64(a[3]^b[3])
}

// layer is one level of the pyramid: luma only.
type layer struct {
	w, h int
	pix  []float32
	// scale is the number of the fine raster's pixels per pixel of the layer.
	scale float64
}

// pyramid shrinks the luma of a raster step by step.
func (r *raster) pyramid() []layer {
	out := []layer{{w: r.w, h: r.h, pix: r.planes[luma], scale: 1}}
	scale := 1.0
	for len(out) < levels {
		scale *= levelStep
		w, h := int(float64(r.w)/scale), int(float64(r.h)/scale)
		if min(w, h) < 2*patch+8 {
			break
		}
		last := out[len(out)-1]
		next := layer{w: w, h: h, pix: make([]float32, w*h), scale: scale}
		step := scale / last.scale
		resamplePlane(next.pix, last.pix, last.w, window{step: step, w: w}.triangle(last.w), window{step: step, w: h}.triangle(last.h))
		out = append(out, next)
	}
	return out
}

// corners finds the strongest corners of a raster, spread over it and over the levels.
func (r *raster) corners() []corner {
	pattern := newPattern()
	pyramid := r.pyramid()
	var found []corner
	var area, used float64
	for _, l := range pyramid {
		area += float64(l.w * l.h)
	}
	for n, l := range pyramid {
		used += float64(l.w * l.h)
		quota := int(cornersMax*used/area+0.5) - len(found)
		smooth := l.blur()
		for _, p := range l.strongest(quota) {
			c := corner{
				x:     uint8(min(float64(p.x)*l.scale+l.scale/2, 255)),
				y:     uint8(min(float64(p.y)*l.scale+l.scale/2, 255)),
				level: uint8(n), bits: pattern.describe(smooth, l.w, p.x, p.y),
			}
			found = append(found, c)
		}
	}
	return found
}

// spot is a candidate for a corner.
type spot struct {
	x, y  int
	score float32
}

// strongest are the n strongest corners of a layer. Each part of the layer may have its share only, so that a strip of
// text does not take all; what is left over goes to the strongest rest.
func (l *layer) strongest(n int) []spot {
	const across = 5
	if n <= 0 {
		return nil
	}
	spots := l.fast()
	slices.SortFunc(spots, func(a, b spot) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
	})
	var taken [across * across]int
	share := n/10 + 1
	var first, rest []spot
	for _, s := range spots {
		cell := s.y*across/l.h*across + s.x*across/l.w
		if taken[cell] < share && len(first) < n {
			taken[cell]++
			first = append(first, s)
		} else if len(rest) < n {
			rest = append(rest, s)
		}
	}
	return append(first, rest[:min(len(rest), n-len(first))]...)
}

// ring is the circle of 16 pixels that FAST compares with its centre.
func ring(stride int) [16]int {
	return [16]int{
		-3 * stride, -3*stride + 1, -2*stride + 2, -stride + 3, 3, stride + 3, 2*stride + 2, 3*stride + 1,
		3 * stride, 3*stride - 1, 2*stride - 2, stride - 3, -3, -stride - 3, -2*stride - 2, -3*stride - 1,
	}
}

// fast finds the corners of a layer by FAST (nine neighbouring pixels of the ring all brighter or all darker than the
// centre), scores them by Harris and keeps local maxima.
func (l *layer) fast() []spot {
	const threshold = 12
	circle := ring(l.w)
	scores := make([]float32, l.w*l.h)
	var at []int
	for y := patch; y < l.h-patch; y++ {
		for x := patch; x < l.w-patch; x++ {
			i := y*l.w + x
			if l.isCorner(i, &circle, threshold) {
				if score := l.harris(i); score > 0 {
					scores[i] = score
					at = append(at, i)
				}
			}
		}
	}
	var out []spot
	for _, i := range at {
		highest := true
		for _, d := range [8]int{-l.w - 1, -l.w, -l.w + 1, -1, 1, l.w - 1, l.w, l.w + 1} {
			if scores[i+d] > scores[i] || scores[i+d] == scores[i] && d < 0 {
				highest = false
				break
			}
		}
		if highest {
			out = append(out, spot{i % l.w, i / l.w, scores[i]})
		}
	}
	return out
}

func (l *layer) isCorner(i int, circle *[16]int, threshold float32) bool {
	centre := l.pix[i]
	high, low := centre+threshold, centre-threshold
	// Nine of sixteen in a row hold at least two of the four main points.
	up, down := 0, 0
	for k := 0; k < 16; k += 4 {
		switch v := l.pix[i+circle[k]]; {
		case v > high:
			up++
		case v < low:
			down++
		}
	}
	if up < 2 && down < 2 {
		return false
	}
	var brighter, darker uint32
	for k, d := range circle {
		switch v := l.pix[i+d]; {
		case v > high:
			brighter |= 1 << k
		case v < low:
			darker |= 1 << k
		}
	}
	return nineInARow(brighter) || nineInARow(darker)
}

// nineInARow reports nine set bits in a row in a circle of sixteen.
func nineInARow(v uint32) bool {
	v |= v << 16
	eight := v & (v >> 1)
	eight &= eight >> 2
	eight &= eight >> 4
	return eight&(v>>8) != 0
}

// harris is the response of Harris and Stephens over 7 × 7 pixels.
func (l *layer) harris(i int) float32 {
	var xx, yy, xy float32
	for dy := -3; dy <= 3; dy++ {
		row := i + dy*l.w
		for dx := -3; dx <= 3; dx++ {
			at := row + dx
			gx, gy := l.pix[at+1]-l.pix[at-1], l.pix[at+l.w]-l.pix[at-l.w]
			xx += gx * gx
			yy += gy * gy
			xy += gx * gy
		}
	}
	return xx*yy - xy*xy - 0.04*(xx+yy)*(xx+yy)
}

// blur smooths a layer for the comparisons of single pixels: twice a 3 × 3 triangle.
func (l *layer) blur() []float32 {
	out := slices.Clone(l.pix)
	row := make([]float32, l.w)
	for range 2 {
		for y := range l.h {
			line := out[y*l.w : (y+1)*l.w]
			copy(row, line)
			for x := 1; x < l.w-1; x++ {
				line[x] = (row[x-1] + 2*row[x] + row[x+1]) / 4
			}
		}
		above := slices.Clone(out[:l.w])
		for y := 1; y < l.h-1; y++ {
			line, below := out[y*l.w:(y+1)*l.w], out[(y+1)*l.w:(y+2)*l.w]
			for x := range line {
				v := line[x]
				line[x] = (above[x] + 2*v + below[x]) / 4
				above[x] = v
			}
		}
	}
	return out
}

// pattern holds the pairs of places that are compared: x and y of the first, x and y of the second.
type pattern [256][4]int

// newPattern draws the same pairs each time. They are part of the binary form's version.
func newPattern() *pattern {
	r := rand.New(rand.NewPCG(16, 88)) // #nosec G404 -- the pattern must be the same each time
	place := func() int {
		// The sum of three evenly drawn numbers lies near the middle more often.
		return r.IntN(9) + r.IntN(9) + r.IntN(9) - patch
	}
	var p pattern
	for i := range 128 {
		p[i] = [4]int{place(), place(), place(), place()}
		p[i+128] = [4]int{-p[i][0], p[i][1], -p[i][2], p[i][3]}
	}
	return &p
}

func (p *pattern) describe(smooth []float32, stride, x, y int) [4]uint64 {
	var out [4]uint64
	at := y*stride + x
	for i, pair := range p {
		if smooth[at+pair[1]*stride+pair[0]]+surely < smooth[at+pair[3]*stride+pair[2]] {
			out[i/64] |= 1 << (i % 64)
		}
	}
	return out
}
