// Command pairs draws the pairs of pictures that the pages about the strategies show (docs/strategies). Everything on them is
// drawn by it.
//
//	go run ./tools/likeness/pairs DIR
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"

	xdraw "golang.org/x/image/draw"

	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/change"
	"github.com/zhaohuo-dev/zhaohuo/tools/likeness/corpus"
)

// pair is a picture and another that is compared with it.
type pair struct {
	name string
	// same: both are one photo. alike: their goods look alike, as those of one photo always do.
	same, alike bool
	a, b        image.Image
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pairs DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "pairs:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	all, err := pairs()
	if err != nil {
		return err
	}
	for _, p := range all {
		encoded, err := p.picture()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, p.name+".jpg"), encoded, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// pairs draws all pairs. The first picture is always the same mug with a star.
func pairs() ([]pair, error) {
	red, blue := [3]float64{0.95, 0.5, 0.42}, [3]float64{0.45, 0.62, 0.95}
	first, err := shot(red, 1.9, 0, 14, star())
	if err != nil {
		return nil, err
	}
	var all []pair
	for _, g := range []struct {
		name       string
		alike      bool
		colour     [3]float64
		height     float64
		yaw, pitch float64
		motif      *image.NRGBA
	}{
		{"other-shot", false, red, 1.9, 140, 30, nil},
		{"other-print", true, red, 1.9, 0, 14, moon()},
		{"other-colour", false, blue, 1.9, 0, 14, star()},
		{"other-goods", false, red, 1.15, -150, 14, nil},
	} {
		img, err := shot(g.colour, g.height, g.yaw, g.pitch, g.motif)
		if err != nil {
			return nil, err
		}
		all = append(all, pair{g.name, false, g.alike, first, img})
	}
	others := []*image.RGBA{}
	for _, p := range all[1:] {
		others = append(others, p.b.(*image.RGBA))
	}
	for _, c := range change.All() {
		name, shown := map[string]string{
			"15 % of each side cut off": "cut", "mirrored": "mirrored", "text band": "text-band", "watermark": "watermark", "a quarter of a collage": "collage",
		}[c.Name]
		if !shown {
			continue
		}
		img, err := c.Apply(rand.New(rand.NewPCG(5, 8)), first, others)
		if err != nil {
			return nil, err
		}
		all = append(all, pair{name, true, true, first, img})
	}
	return all, nil
}

// shot is a mug on white; motif may be nil.
func shot(colour [3]float64, height, yaw, pitch float64, motif *image.NRGBA) (*image.RGBA, error) {
	goods, err := mug(colour, height, yaw, pitch)
	if err != nil {
		return nil, err
	}
	if motif != nil {
		goods, _ = change.Printed(goods, motif)
	}
	return corpus.OnWhite(goods), nil
}

// picture puts both beside each other.
func (p pair) picture() ([]byte, error) {
	const side, gap = 220, 12
	out := image.NewRGBA(image.Rect(0, 0, 2*side+gap, side))
	draw.Draw(out, out.Rect, image.Black, image.Point{}, draw.Src)
	for i, img := range []image.Image{p.a, p.b} {
		b := img.Bounds()
		long := max(b.Dx(), b.Dy())
		cell := image.Rect(0, 0, b.Dx()*side/long, b.Dy()*side/long).Add(image.Pt(i*(side+gap), 0))
		xdraw.CatmullRom.Scale(out, cell, img, b, draw.Src, nil)
	}
	var encoded bytes.Buffer
	err := jpeg.Encode(&encoded, out, &jpeg.Options{Quality: 82})
	return encoded.Bytes(), err
}
