package corpus

import (
	"image"
	"math"
)

// view is a direction to look from, in degrees.
type view struct{ yaw, pitch float64 }

const (
	// renderSide is the side of the raster that a model is drawn on. It is shrunk afterwards, which smooths edges.
	renderSide = Side * 3 / 2
	// ambient is the part of the light that comes from everywhere.
	ambient = 0.45
	// transparent is the opacity below which a surface is not drawn: glass.
	transparent = 0.35
)

// render draws the model with parallel rays, a z-buffer and Lambert's shading. What it does not cover is transparent.
func (m *model) render(v view) *image.NRGBA {
	turned, low, high := m.turned(v)
	scale := (renderSide - 4) / max(high.x-low.x, high.y-low.y, 1e-9)
	for i := range turned {
		for j := range turned[i].corners {
			at := &turned[i].corners[j].at
			at.x, at.y = (at.x-low.x)*scale+2, (high.y-at.y)*scale+2
		}
	}
	r := &raster{
		img:   image.NewNRGBA(image.Rect(0, 0, renderSide, renderSide)),
		depth: make([]float64, renderSide*renderSide),
	}
	for i := range r.depth {
		r.depth[i] = math.Inf(-1)
	}
	for i := range turned {
		if turned[i].surface.opacity >= transparent {
			r.fill(&turned[i], shade(&m.triangles[i], v))
		}
	}
	return r.img
}

// turned gives the triangles as seen from a direction, z towards the viewer, and their extent.
func (m *model) turned(v view) (all []triangle, low, high point) {
	low = point{math.Inf(1), math.Inf(1), math.Inf(1)}
	high = point{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	all = make([]triangle, len(m.triangles))
	for i, t := range m.triangles {
		for j := range t.corners {
			at := t.corners[j].at.turn(v)
			t.corners[j].at = at
			low = point{min(low.x, at.x), min(low.y, at.y), min(low.z, at.z)}
			high = point{max(high.x, at.x), max(high.y, at.y), max(high.z, at.z)}
		}
		all[i] = t
	}
	return all, low, high
}

func (p point) turn(v view) point {
	sin, cos := math.Sincos(v.yaw * math.Pi / 180)
	p.x, p.z = p.x*cos+p.z*sin, p.z*cos-p.x*sin
	sin, cos = math.Sincos(v.pitch * math.Pi / 180)
	p.y, p.z = p.y*cos-p.z*sin, p.y*sin+p.z*cos
	return p
}

func (p point) minus(q point) point { return point{p.x - q.x, p.y - q.y, p.z - q.z} }

// shade is how much light a triangle reflects, 0..1. The light comes from the upper left, behind the viewer.
func shade(t *triangle, v view) float64 {
	a := t.corners[1].at.minus(t.corners[0].at)
	b := t.corners[2].at.minus(t.corners[0].at)
	n := point{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x}.turn(v)
	length := math.Sqrt(n.x*n.x + n.y*n.y + n.z*n.z)
	if length == 0 {
		return ambient
	}
	if n.z < 0 { // the back of a surface is as visible as its front
		n = point{-n.x, -n.y, -n.z}
	}
	const lx, ly, lz = -0.45, 0.6, 0.66
	return ambient + (1-ambient)*max((n.x*lx+n.y*ly+n.z*lz)/length, 0)
}

type raster struct {
	img   *image.NRGBA
	depth []float64
}

// fill draws a triangle whose corners are in pixels.
func (r *raster) fill(t *triangle, light float64) {
	a, b, c := &t.corners[0], &t.corners[1], &t.corners[2]
	area := (b.at.x-a.at.x)*(c.at.y-a.at.y) - (b.at.y-a.at.y)*(c.at.x-a.at.x)
	if area == 0 {
		return
	}
	x0, x1 := max(int(min(a.at.x, b.at.x, c.at.x)), 0), min(int(max(a.at.x, b.at.x, c.at.x))+1, renderSide)
	y0, y1 := max(int(min(a.at.y, b.at.y, c.at.y)), 0), min(int(max(a.at.y, b.at.y, c.at.y))+1, renderSide)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			px, py := float64(x)+0.5, float64(y)+0.5
			// The three weights say where the pixel lies between the corners.
			wb := ((px-a.at.x)*(c.at.y-a.at.y) - (py-a.at.y)*(c.at.x-a.at.x)) / area
			wc := ((b.at.x-a.at.x)*(py-a.at.y) - (b.at.y-a.at.y)*(px-a.at.x)) / area
			wa := 1 - wb - wc
			if wa < 0 || wb < 0 || wc < 0 {
				continue
			}
			z := wa*a.at.z + wb*b.at.z + wc*c.at.z
			if z <= r.depth[y*renderSide+x] {
				continue
			}
			r.depth[y*renderSide+x] = z
			red, green, blue := t.surface.colour(wa*a.u+wb*b.u+wc*c.u, wa*a.v+wb*b.v+wc*c.v)
			pix := r.img.Pix[r.img.PixOffset(x, y):]
			pix[0], pix[1], pix[2], pix[3] = level(red*light), level(green*light), level(blue*light), 255
		}
	}
}

// colour is the colour, 0..1, at a place of the texture, which repeats.
func (s *surface) colour(u, v float64) (r, g, b float64) {
	if s.texture == nil {
		return s.r, s.g, s.b
	}
	w, h := s.texture.Rect.Dx(), s.texture.Rect.Dy()
	x, y := int((u-math.Floor(u))*float64(w)), int((1-v+math.Floor(v))*float64(h))
	pix := s.texture.Pix[s.texture.PixOffset(min(x, w-1), min(y, h-1)):]
	return float64(pix[0]) / 255, float64(pix[1]) / 255, float64(pix[2]) / 255
}

func level(v float64) byte { return byte(min(max(v*255+0.5, 0), 255)) }
