package main

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"
	"testing/fstest"

	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// mug draws a mug from a side. Its colour is red, green and blue, 0..1. A taller mug is other goods.
func mug(colour [3]float64, height, yaw, pitch float64) (*image.NRGBA, error) {
	var m mesh
	m.material("body")
	m.tube(1, height)
	m.material("inside")
	m.disc(0.97, height*0.98)
	m.material("body")
	m.handle(height)
	files := fstest.MapFS{
		"mug.obj": {Data: []byte(m.text())},
		"mug.mtl": {Data: fmt.Appendf(nil, "newmtl body\nKd %g %g %g\nnewmtl inside\nKd %g %g %g\n",
			colour[0], colour[1], colour[2], 0.6*colour[0], 0.6*colour[1], 0.6*colour[2])},
	}
	return corpus.Draw(files, "mug.obj", yaw, pitch)
}

// mesh writes an OBJ model.
type mesh struct {
	lines  []string
	points int
}

func (m *mesh) text() string { return "mtllib mug.mtl\n" + strings.Join(m.lines, "\n") + "\n" }

func (m *mesh) material(name string) { m.lines = append(m.lines, "usemtl "+name) }

// quad adds a face with four corners.
func (m *mesh) quad(corners ...[3]float64) {
	for _, c := range corners {
		m.lines = append(m.lines, fmt.Sprintf("v %g %g %g", c[0], c[1], c[2]))
	}
	m.points += 4
	m.lines = append(m.lines, fmt.Sprintf("f %d %d %d %d", m.points-3, m.points-2, m.points-1, m.points))
}

// parts is how many flat parts a round thing has.
const parts = 72

func around(i int) (sin, cos float64) { return math.Sincos(2 * math.Pi * float64(i) / parts) }

func (m *mesh) tube(radius, height float64) {
	for i := range parts {
		s0, c0 := around(i)
		s1, c1 := around(i + 1)
		m.quad([3]float64{radius * c0, 0, radius * s0}, [3]float64{radius * c1, 0, radius * s1},
			[3]float64{radius * c1, height, radius * s1}, [3]float64{radius * c0, height, radius * s0})
	}
}

func (m *mesh) disc(radius, y float64) {
	for i := range parts {
		s0, c0 := around(i)
		s1, c1 := around(i + 1)
		m.quad([3]float64{0, y, 0}, [3]float64{radius * c0, y, radius * s0}, [3]float64{radius * c1, y, radius * s1}, [3]float64{0, y, 0})
	}
}

// handle adds half a ring at the right.
func (m *mesh) handle(height float64) {
	const thick = 0.12
	ring := func(i, j int) [3]float64 {
		s, c := math.Sincos(math.Pi * (float64(i)/parts - 0.5))
		ts, tc := around(j)
		r := 0.34*height + thick*tc
		return [3]float64{0.95 + r*c, height/2 + r*s, thick * ts}
	}
	for i := range parts {
		for j := range parts {
			m.quad(ring(i, j), ring(i+1, j), ring(i+1, j+1), ring(i, j+1))
		}
	}
}

// star is a motif to print on a mug.
func star() *image.NRGBA {
	return printOf(color.NRGBA{240, 180, 0, 255}, func(x, y float64) bool {
		turn := math.Mod(math.Atan2(x, -y)+2*math.Pi, 2*math.Pi/5) - math.Pi/5
		return math.Hypot(x, y)*math.Cos(math.Pi/5-math.Abs(turn)+0.63) < 0.36
	})
}

// moon is another.
func moon() *image.NRGBA {
	return printOf(color.NRGBA{30, 60, 160, 255}, func(x, y float64) bool {
		return math.Hypot(x, y) < 0.95 && math.Hypot(x-0.45, y+0.2) > 0.75
	})
}

// printOf colours the places, -1..1 in both directions, that belong to a shape.
func printOf(ink color.NRGBA, shape func(x, y float64) bool) *image.NRGBA {
	const side = 300
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			if shape(2*float64(x)/side-1, 2*float64(y)/side-1) {
				img.SetNRGBA(x, y, ink)
			}
		}
	}
	return img
}
