package likeness_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
)

// goods is a drawn product: a body with a few marks, in its own colours.
type goods struct {
	body  shape
	marks []shape
}

// shape is a rotated ellipse or box in a colour; positions and radii are shares of the picture's side.
type shape struct {
	box          bool
	x, y, rx, ry float64
	turn         float64
	colour       [3]float64
}

func newGoods(r *rand.Rand) goods {
	colour := func() [3]float64 { return [3]float64{r.Float64() * 255, r.Float64() * 255, r.Float64() * 255} }
	g := goods{body: shape{
		box: r.IntN(2) == 0, x: 0.5, y: 0.5, rx: 0.2 + 0.2*r.Float64(), ry: 0.2 + 0.2*r.Float64(),
		turn: r.Float64() * math.Pi, colour: colour(),
	}}
	for range 3 + r.IntN(5) {
		g.marks = append(g.marks, shape{
			box: r.IntN(2) == 0, x: 0.25 + 0.5*r.Float64(), y: 0.25 + 0.5*r.Float64(),
			rx: 0.03 + 0.12*r.Float64(), ry: 0.03 + 0.12*r.Float64(), turn: r.Float64() * math.Pi, colour: colour(),
		})
	}
	return g
}

func (s shape) covers(x, y float64) bool {
	sin, cos := math.Sincos(s.turn)
	dx, dy := x-s.x, y-s.y
	u, v := (dx*cos+dy*sin)/s.rx, (dy*cos-dx*sin)/s.ry
	if s.box {
		return math.Abs(u) < 1 && math.Abs(v) < 1
	}
	return u*u+v*v < 1
}

// photo draws the product like one supplier's photo: on a light background, with some variation of distance, position
// and light.
func (g goods) photo(r *rand.Rand, side int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	zoom, dx, dy := 0.95+0.1*r.Float64(), 0.03*(r.Float64()-0.5), 0.03*(r.Float64()-0.5)
	light := 0.92 + 0.12*r.Float64()
	back := [3]float64{225 + 30*r.Float64(), 225 + 30*r.Float64(), 225 + 30*r.Float64()}
	for py := range side {
		for px := range side {
			x := (float64(px)/float64(side)-0.5)/zoom + 0.5 + dx
			y := (float64(py)/float64(side)-0.5)/zoom + 0.5 + dy
			c := back
			if g.body.covers(x, y) {
				c = g.body.colour
				for _, m := range g.marks {
					if m.covers(x, y) {
						c = m.colour
					}
				}
			}
			shade := light * (1 - 0.15*y)
			img.SetRGBA(px, py, color.RGBA{R: clip(c[0] * shade), G: clip(c[1] * shade), B: clip(c[2] * shade), A: 255})
		}
	}
	return img
}

func clip(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

// change is what happens to a photo before somebody searches with it.
type change struct {
	scale   float64
	quality int
	light   float64
	crop    float64 // how much of each side is cut
	cropX   float64 // which part stays: 0 the left, 1 the right
	cropY   float64
	mirror  bool
}

func (c change) apply(t testing.TB, src image.Image) image.Image {
	t.Helper()
	b := src.Bounds()
	lostX, lostY := c.crop*float64(b.Dx()), c.crop*float64(b.Dy())
	from := image.Pt(int(lostX*c.cropX), int(lostY*c.cropY))
	rect := image.Rectangle{Min: from, Max: from.Add(image.Pt(b.Dx()-int(lostX), b.Dy()-int(lostY)))}
	w, h := int(float64(rect.Dx())*c.scale), int(float64(rect.Dy())*c.scale)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, rect.Add(b.Min), draw.Src, nil)
	for y := range h {
		row := dst.Pix[y*dst.Stride:][:4*w]
		for i := range row {
			if i%4 != 3 {
				row[i] = clip(float64(row[i]) * c.light)
			}
		}
		if c.mirror {
			for x := range w / 2 {
				for k := range 4 {
					row[4*x+k], row[4*(w-1-x)+k] = row[4*(w-1-x)+k], row[4*x+k]
				}
			}
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, dst, &jpeg.Options{Quality: c.quality}); err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(&buf)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// combined is all changes at once, with random light and crop position.
func combined(r *rand.Rand, mirror bool) change {
	light := 0.85
	if r.IntN(2) == 0 {
		light = 1.15
	}
	return change{
		scale: 0.5, quality: 40, light: light, crop: 0.1, cropX: r.Float64(), cropY: r.Float64(), mirror: mirror,
	}
}
