package picture

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// rgb is a colour, 0 to 255 each.
type rgb [3]float64

func (c rgb) scale(f float64) rgb { return rgb{c[0] * f, c[1] * f, c[2] * f} }

func (c rgb) mix(o rgb, part float64) rgb {
	return rgb{c[0] + (o[0]-c[0])*part, c[1] + (o[1]-c[1])*part, c[2] + (o[2]-c[2])*part}
}

type point struct{ x, y float64 }

// affine maps (x, y) to (a x + b y + c, d x + e y + f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) apply(p point) point {
	return point{m.a*p.x + m.b*p.y + m.c, m.d*p.x + m.e*p.y + m.f}
}

// then applies m, then n.
func (m affine) then(n affine) affine {
	return affine{
		n.a*m.a + n.b*m.d, n.a*m.b + n.b*m.e, n.a*m.c + n.b*m.f + n.c,
		n.d*m.a + n.e*m.d, n.d*m.b + n.e*m.e, n.d*m.c + n.e*m.f + n.f,
	}
}

func (m affine) inverse() affine {
	det := m.a*m.e - m.b*m.d
	a, b, d, e := m.e/det, -m.b/det, -m.d/det, m.a/det
	return affine{a, b, -(a*m.c + b*m.f), d, e, -(d*m.c + e*m.f)}
}

// placed scales, turns (degrees, clockwise) and moves a figure with coordinates from about -1 to 1.
func placed(x, y, scale, degrees float64) affine {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return affine{scale * cos, -scale * sin, x, scale * sin, scale * cos, y}
}

// canvas paints figures into a picture, as the shot's camera sees them.
type canvas struct {
	img  *image.RGBA
	size int
	shot shot
	// view maps the scene, 0 to 1 both ways, to pixels.
	view affine
	ras  vector.Rasterizer
	mask []uint8
}

func newCanvas(size int, s shot) *canvas {
	return &canvas{
		img:  image.NewRGBA(image.Rect(0, 0, size, size)),
		size: size,
		shot: s,
		view: s.view().then(placed(0, 0, float64(size), 0)),
	}
}

// backdrop fills the picture with the background's colour, a little darker towards the bottom.
func (c *canvas) backdrop(tone rgb) {
	tone = c.shot.tint(tone)
	for y := range c.size {
		row := c.img.Pix[c.img.PixOffset(0, y):c.img.PixOffset(c.size, y)]
		set(row, c.shot.expose(tone.scale(1.015-0.03*float64(y)/float64(c.size))))
		for done := 4; done < len(row); done *= 2 {
			copy(row[done:], row[:done])
		}
	}
}

// item is a figure at a place in the scene.
type item struct {
	figure figure
	place  affine
	// shadow adds the shadow of a thing that stands on a table.
	shadow bool
}

func (c *canvas) draw(it item) {
	m := it.place.then(c.view)
	if it.shadow {
		for i := range 3 {
			grow := 1.12 - 0.1*float64(i)
			c.fill(oval(0, 1.0, 0.8*grow, 0.13*grow), m, func(point) rgb { return rgb{70, 70, 78} }, 0.09)
		}
	}
	for _, p := range it.figure {
		c.fill(p.outline, m, p.paint, 1)
	}
}

// fill paints the inside of a closed outline. The paint function gets the figure's own coordinates.
func (c *canvas) fill(outline []point, m affine, paint func(point) rgb, opacity float64) {
	onto := make([]point, len(outline))
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for i, p := range outline {
		q := m.apply(p)
		onto[i] = q
		low = point{math.Min(low.x, q.x), math.Min(low.y, q.y)}
		high = point{math.Max(high.x, q.x), math.Max(high.y, q.y)}
	}
	box := image.Rect(int(math.Floor(low.x)), int(math.Floor(low.y)), int(math.Ceil(high.x))+1, int(math.Ceil(high.y))+1)
	seen := box.Intersect(c.img.Rect)
	if seen.Empty() {
		return
	}
	mask := c.cover(onto, box)
	back := m.inverse()
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			a := mask.Pix[mask.PixOffset(x-box.Min.X, y-box.Min.Y)]
			if a == 0 {
				continue
			}
			at := point{float64(x) + 0.5, float64(y) + 0.5}
			colour := c.shot.expose(paint(back.apply(at)))
			pix := c.img.Pix[c.img.PixOffset(x, y):]
			if a == 255 && opacity == 1 {
				set(pix, colour)
				continue
			}
			under := rgb{float64(pix[0]), float64(pix[1]), float64(pix[2])}
			set(pix, under.mix(colour, opacity*float64(a)/255))
		}
	}
}

// cover returns how much of each pixel of the box an outline covers.
func (c *canvas) cover(outline []point, box image.Rectangle) *image.Alpha {
	w, h := box.Dx(), box.Dy()
	if len(c.mask) < w*h {
		c.mask = make([]uint8, w*h)
	}
	mask := &image.Alpha{Pix: c.mask[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}
	c.ras.Reset(w, h)
	c.ras.DrawOp = draw.Src
	for i, p := range outline {
		x, y := float32(p.x-float64(box.Min.X)), float32(p.y-float64(box.Min.Y))
		if i == 0 {
			c.ras.MoveTo(x, y)
		} else {
			c.ras.LineTo(x, y)
		}
	}
	c.ras.ClosePath()
	c.ras.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	return mask
}

func set(pix []uint8, c rgb) {
	_ = pix[3]
	for i := range 3 {
		pix[i] = uint8(min(max(int(c[i]+0.5), 0), 255))
	}
	pix[3] = 255
}
