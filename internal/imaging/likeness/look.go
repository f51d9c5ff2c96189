package likeness

import "math"

// look is what a comparison needs to know of a thumbnail; it follows from the thumbnail and the frame alone.
type look struct {
	thumb *raster
	// mini is the thumbnail at most miniSide large, mini pixels per of the thumbnail's.
	mini    *raster
	perMini float64
	frame   box
	back    backdrop
	// content marks the thumbnail's pixels that are not backdrop, as 1; all if there is no backdrop.
	content []float32
	// boxes are where the goods may be: all content first, then parts of it.
	boxes []box
}

const miniSide = 32

// look prepares a thumbnail for comparisons.
func (r *raster) look(frame box) look {
	v := look{thumb: r, frame: frame, mini: r, perMini: 1}
	if long := max(r.w, r.h); long > miniSide {
		v.perMini = float64(long) / miniSide
		w, h := max(int(math.Round(float64(r.w)/v.perMini)), 1), max(int(math.Round(float64(r.h)/v.perMini)), 1)
		v.mini = r.resample(window{step: v.perMini, w: w}, window{step: v.perMini, w: h})
	}
	v.back = r.backdropOf(r.frame())
	v.content = make([]float32, r.w*r.h)
	mask := r.content(r.frame(), v.back)
	for i := range v.content {
		if mask == nil || mask[i] {
			v.content[i] = 1
		}
	}
	v.boxes = r.boxes(mask, frame)
	return v
}

// boxes finds where the goods may be.
func (r *raster) boxes(mask []bool, frame box) []box {
	whole := r.frame()
	var out []box
	add := func(b box) {
		for _, known := range out {
			if known.near(b, 0.02*max(whole.w(), whole.h())) {
				return
			}
		}
		if max(b.w(), b.h()) >= 8 && len(out) < 9 {
			out = append(out, b)
		}
	}
	if mask == nil {
		add(whole)
		add(frame.within(whole))
	} else {
		if b, ok := bounds(mask, r.w, whole); ok {
			add(b)
			r.addInner(b, add)
		}
		for _, b := range islands(mask, r.w, 3) {
			add(b)
			r.addInner(b, add)
		}
	}
	// The quarters of a collage.
	middle := [2]float64{math.Round((frame.x0 + frame.x1) / 2), math.Round((frame.y0 + frame.y1) / 2)}
	for quarter := range 4 {
		part := box{0, 0, middle[0], middle[1]}
		if quarter%2 == 1 {
			part.x0, part.x1 = middle[0], whole.x1
		}
		if quarter/2 == 1 {
			part.y0, part.y1 = middle[1], whole.y1
		}
		part = part.within(whole)
		if part.w() < 12 || part.h() < 12 {
			continue
		}
		if mask == nil {
			add(part)
		} else if b, ok := bounds(mask, r.w, part); ok {
			add(b)
		}
	}
	return out
}

// addInner adds what is inside a frame: the content of a region whose edge has one colour.
func (r *raster) addInner(b box, add func(box)) {
	inner := box{b.x0 + 1, b.y0 + 1, b.x1 - 1, b.y1 - 1}
	if inner.w() < 12 || inner.h() < 12 {
		return
	}
	for range 2 {
		mask := r.content(inner, r.backdropOf(inner))
		if mask == nil {
			return
		}
		content, ok := bounds(mask, r.w, inner)
		if !ok || content.w() < 12 || content.h() < 12 {
			return
		}
		add(content)
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

// mirrored is the look of the mirrored picture.
func (v *look) mirrored() look {
	w := float64(v.thumb.w)
	flip := func(b box) box { return box{w - b.x1, b.y0, w - b.x0, b.y1} }
	m := look{
		thumb: v.thumb.mirrored(), mini: v.mini.mirrored(), perMini: v.perMini, frame: flip(v.frame), back: v.back,
		content: mirroredPlane(v.content, v.thumb.w),
	}
	for _, b := range v.boxes {
		m.boxes = append(m.boxes, flip(b))
	}
	return m
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
