package likeness

import (
	"math"
	"slices"
)

// look is what a comparison needs to know of a thumbnail; it follows from the thumbnail and the frame alone.
type look struct {
	thumb *raster
	// half is the thumbnail at half the size, for the first rounds of aligning.
	half  *raster
	frame box
	// content is 1 where the thumbnail shows goods, and 0 outside of them; 1 everywhere if there is no backdrop.
	content []float32
	// boxes are where the goods may be: all content first, then parts of it.
	boxes []box
	// minis are small copies, for choosing among many placings.
	minis [minis]mini
}

// look prepares a thumbnail for comparisons.
func (r *raster) look(frame box) look {
	half := r.resample(window{step: 2, w: max(r.w/2, 1)}, window{step: 2, w: max(r.h/2, 1)})
	mask := r.content(r.frame(), r.backdropOf(r.frame()))
	v := look{thumb: r, half: half, frame: frame, content: hull(mask, r.w, r.h)}
	for _, p := range r.places(mask, frame) {
		v.boxes = append(v.boxes, p.box)
	}
	for n := range v.minis {
		v.minis[n] = half.mini(max(r.w, r.h), n)
	}
	return v
}

// hull fills what lies between marked pixels both in its row and in its column, so that the inside of white goods on white
// counts as goods. Without a mask everything does.
func hull(mask []bool, w, h int) []float32 {
	out := make([]float32, w*h)
	if mask == nil {
		for i := range out {
			out[i] = 1
		}
		return out
	}
	first, last := make([]int, w), make([]int, w)
	for x := range first {
		first[x], last[x] = h, -1
	}
	for i, marked := range mask {
		if marked {
			x, y := i%w, i/w
			first[x], last[x] = min(first[x], y), max(last[x], y)
		}
	}
	for y := range h {
		row := mask[y*w : (y+1)*w]
		left, right := slices.Index(row, true), w-1
		if left < 0 {
			continue
		}
		for !row[right] {
			right--
		}
		for x := left; x <= right; x++ {
			if first[x] <= y && y <= last[x] {
				out[y*w+x] = 1
			}
		}
	}
	return out
}

// place is where goods may be: a box, and the marked pixels in it; no mask if all of the box counts.
type place struct {
	box  box
	mask []bool
}

const (
	placesMax = 12
	// strip is the share of a picture's height that a text band may cover.
	strip = 0.18
)

// places lists where the goods may be, given the pixels that are not backdrop: all content first.
func (r *raster) places(mask []bool, frame box) []place {
	full := r.frame()
	var out []place
	add := func(p place) {
		long := max(p.box.w(), p.box.h())
		known := slices.ContainsFunc(out, func(o place) bool { return o.box.near(p.box, 0.02*max(full.w(), full.h())) })
		if !known && long >= 8 && len(out) < placesMax {
			out = append(out, p)
		}
	}
	// addIn adds what is marked in a part of the raster.
	addIn := func(part box) {
		if part = part.within(full); part.w() < 12 || part.h() < 12 {
			return
		}
		if mask == nil {
			add(place{part, nil})
		} else if b, ok := bounds(mask, r.w, part); ok {
			add(place{b, mask})
		}
	}
	addIn(full)
	if len(out) > 0 {
		r.addInner(out[0].box, add)
	}
	// Without a text band above or below.
	high := strip * frame.h()
	addIn(box{0, math.Round(frame.y0 + high), full.x1, full.y1})
	addIn(box{0, 0, full.x1, math.Round(frame.y1 - high)})
	if mask != nil {
		for _, b := range islands(mask, r.w, 2) {
			add(place{b, mask})
			r.addInner(b, add)
		}
	}
	// The quarters of a collage.
	x, y := math.Round((frame.x0+frame.x1)/2), math.Round((frame.y0+frame.y1)/2)
	addIn(box{0, 0, x, y})
	addIn(box{x, 0, full.x1, y})
	addIn(box{0, y, x, full.y1})
	addIn(box{x, y, full.x1, full.y1})
	return out
}

// addInner adds what is inside a frame: the content of a region whose edge has one colour.
func (r *raster) addInner(b box, add func(place)) {
	inner := box{b.x0 + 1, b.y0 + 1, b.x1 - 1, b.y1 - 1}
	for range 2 {
		if inner.w() < 12 || inner.h() < 12 {
			return
		}
		mask := r.content(inner, r.backdropOf(inner))
		if mask == nil {
			return
		}
		content, ok := bounds(mask, r.w, inner)
		if !ok || content.w() < 12 || content.h() < 12 {
			return
		}
		add(place{content, mask})
		inner = box{content.x0 + 1, content.y0 + 1, content.x1 - 1, content.y1 - 1}
	}
}

func (b box) near(c box, d float64) bool {
	return math.Abs(b.x0-c.x0) <= d && math.Abs(b.x1-c.x1) <= d && math.Abs(b.y0-c.y0) <= d && math.Abs(b.y1-c.y1) <= d
}

func (b box) within(c box) box {
	return box{
		min(max(b.x0, c.x0), c.x1), min(max(b.y0, c.y0), c.y1),
		min(max(b.x1, c.x0), c.x1), min(max(b.y1, c.y0), c.y1),
	}
}

// mirrored is the look of the mirrored picture, as far as proposals need it; fill adds the rest.
func (v *look) mirrored() look {
	w := float64(v.thumb.w)
	flip := func(b box) box { return box{w - b.x1, b.y0, w - b.x0, b.y1} }
	m := look{thumb: &raster{w: v.thumb.w, h: v.thumb.h}, frame: flip(v.frame)}
	for _, b := range v.boxes {
		m.boxes = append(m.boxes, flip(b))
	}
	for n := range v.minis {
		m.minis[n] = v.minis[n].mirrored()
	}
	return m
}

// fill adds to a mirrored look what aligning and verifying need.
func (v *look) fill(plain *look) {
	if v.half == nil {
		v.thumb, v.half = plain.thumb.mirrored(), plain.half.mirrored()
		v.content = mirroredPlane(plain.content, plain.thumb.w)
	}
}

func (r *raster) mirrored() *raster {
	m := &raster{w: r.w, h: r.h}
	for c := range r.planes {
		m.planes[c] = mirroredPlane(r.planes[c], r.w)
	}
	return m
}

func mirroredPlane(src []float32, stride int) []float32 {
	out := make([]float32, len(src))
	for i := range src {
		x := i % stride
		out[i-x+stride-1-x] = src[i]
	}
	return out
}
