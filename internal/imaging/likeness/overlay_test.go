package likeness_test

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

// fill paints a rectangle that is given in shares of the picture's sides.
func fill(img *image.RGBA, x0, y0, x1, y1 float64, c color.RGBA) {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	draw.Draw(img, image.Rect(int(x0*w), int(y0*h), int(x1*w), int(y1*h)), image.NewUniform(c), image.Point{}, draw.Src)
}

func copied(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(img.Rect)
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	return out
}

// collage shows four pictures.
func collage(all [4]*image.RGBA) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, 400, 400))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	for i, img := range all {
		cell := image.Rect(0, 0, 196, 196).Add(image.Pt(i%2*204, i/2*204))
		draw.ApproxBiLinear.Scale(out, cell, img, img.Rect, draw.Src, nil)
	}
	return out
}

// What sellers lay over a photo, or put it in, leaves it the same photo.
func TestOverlaidCopiesAreTheSamePhoto(t *testing.T) {
	red, blue := color.RGBA{220, 30, 40, 255}, color.RGBA{20, 90, 200, 255}
	r := rand.New(rand.NewPCG(16, 20))
	for name, overlay := range map[string]func(img *image.RGBA) *image.RGBA{
		"a band above": func(img *image.RGBA) *image.RGBA { fill(img, 0, 0, 1, 0.16, red); return img },
		"a band below": func(img *image.RGBA) *image.RGBA { fill(img, 0, 0.86, 1, 1, blue); return img },
		"a tag":        func(img *image.RGBA) *image.RGBA { fill(img, 0.75, 0, 1, 0.22, red); return img },
		"a border": func(img *image.RGBA) *image.RGBA {
			for _, b := range [4][4]float64{{0, 0, 1, 0.05}, {0, 0.95, 1, 1}, {0, 0, 0.05, 1}, {0.95, 0, 1, 1}} {
				fill(img, b[0], b[1], b[2], b[3], blue)
			}
			return img
		},
		"a collage": func(img *image.RGBA) *image.RGBA {
			return collage([4]*image.RGBA{newGoods(r).photo(r, 200), img, newGoods(r).photo(r, 200), newGoods(r).photo(r, 200)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			for i := range 4 {
				photo := newGoods(r).photo(r, 320)
				m := likeness.Compare(likeness.TakePrint(photo), likeness.TakePrint(overlay(copied(photo))))
				if m.Score < likeness.SamePhoto {
					t.Errorf("goods %d: score %.3f, want at least %.2f: %+v", i, m.Score, likeness.SamePhoto, m.Evidence)
				}
			}
		})
	}
}

// A scene that two photos share does not make their goods the same.
func TestGoodsInOneSceneAreNotTheSamePhoto(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 21))
	for i := range 6 {
		var scene goods
		for range 60 {
			scene.marks = append(scene.marks, shape{
				box: r.IntN(2) == 0, x: r.Float64(), y: r.Float64(), rx: 0.03 + 0.08*r.Float64(), ry: 0.03 + 0.08*r.Float64(),
				turn: 3 * r.Float64(), colour: [3]float64{255 * r.Float64(), 255 * r.Float64(), 255 * r.Float64()},
			})
		}
		scene.body = shape{box: true, x: 0.5, y: 0.5, rx: 2, ry: 2, colour: [3]float64{120, 130, 110}}
		seed := r.Uint64()
		take := func(g goods) *likeness.Print {
			in := scene
			in.marks = append(append(append([]shape{}, scene.marks...), g.body), g.marks...)
			return likeness.TakePrint(in.photo(rand.New(rand.NewPCG(seed, 1)), 320))
		}
		if m := likeness.Compare(take(newGoods(r)), take(newGoods(r))); m.Score >= likeness.SamePhoto {
			t.Errorf("scene %d: score %.3f, want less than %.2f: %+v", i, m.Score, likeness.SamePhoto, m.Evidence)
		}
	}
}
