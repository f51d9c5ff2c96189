// Package change changes pictures as sellers do who share one shot, and makes pictures of other goods that are hard to tell
// apart. Everything follows from the source of random numbers that is handed in.
package change

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
)

// Change makes a copy of a shot.
type Change struct {
	Name string
	// Promise is the part of the copies that must be recognised; 0 if nothing is promised.
	Promise float64
	// Quality is that of the JPEG that the copy is encoded as.
	Quality int
	// Others is how many further shots the change needs.
	Others int
	apply  func(dice *rand.Rand, img *image.RGBA, others []*image.RGBA) *image.RGBA
}

// Apply makes the copy, as it is after encoding and decoding.
func (c *Change) Apply(dice *rand.Rand, img *image.RGBA, others []*image.RGBA) (image.Image, error) {
	changed, err := Encoded(c.apply(dice, img, others), c.Quality)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Name, err)
	}
	return changed, nil
}

// Encoded is a picture after it was encoded as a JPEG and decoded.
func Encoded(img image.Image, quality int) (image.Image, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return jpeg.Decode(&b)
}

const (
	usual  = 85 // quality of the JPEG of a copy, where it is not the change itself
	easy   = 0.97
	harder = 0.9
)

// plain are changes that do not look at other shots.
type plain func(dice *rand.Rand, img *image.RGBA) *image.RGBA

func alone(name string, promise float64, quality int, f plain) Change {
	return Change{name, promise, quality, 0, func(dice *rand.Rand, img *image.RGBA, _ []*image.RGBA) *image.RGBA { return f(dice, img) }}
}

func same(_ *rand.Rand, img *image.RGBA) *image.RGBA { return img }

// All lists the changes. After each the goods are still shown by the same shot.
func All() []Change {
	return []Change{
		alone("size × 0.2", easy, usual, scale(0.2)),
		alone("size × 0.5", easy, usual, scale(0.5)),
		alone("size × 2", easy, usual, scale(2)),
		alone("JPEG quality 30", easy, 30, same),
		alone("JPEG quality 60", easy, 60, same),
		alone("JPEG quality 90", easy, 90, same),
		alone("half size, JPEG quality 40", easy, 40, scale(0.5)),
		alone("20 % darker", easy, usual, light(0.8)),
		alone("20 % lighter", easy, usual, light(1.2)),
		alone("mirrored", easy, usual, mirror),
		alone("5 % of each side cut off", easy, usual, crop(0.05)),
		alone("15 % of each side cut off", easy, usual, crop(0.15)),
		alone("30 % of each side cut off", harder, usual, crop(0.3)),
		alone("text band", harder, usual, band),
		alone("watermark", harder, usual, watermark),
		alone("border", harder, usual, border),
		alone("price tag", harder, usual, priceTag),
		{"a quarter of a collage", harder, usual, 3, collage},
		alone("three changes at once", harder, 60, three),
	}
}

// Three makes a copy with three changes at once.
func Three(dice *rand.Rand, img *image.RGBA) (image.Image, error) {
	return Encoded(three(dice, img), 60)
}

// three combines changes, each of another nature.
func three(dice *rand.Rand, img *image.RGBA) *image.RGBA {
	kinds := [][]plain{
		{crop(0.05), crop(0.1), crop(0.15)},
		{scale(0.35), scale(0.5), scale(1.5)},
		{light(0.8), light(0.9), light(1.1), light(1.2)},
		{mirror},
		{band, watermark, priceTag},
		{border},
	}
	order := dice.Perm(len(kinds))[:3]
	for i := range kinds {
		// In the order of the list: a border comes last, as it would.
		for _, chosen := range order {
			if chosen == i {
				img = kinds[i][dice.IntN(len(kinds[i]))](dice, img)
			}
		}
	}
	return img
}

func scale(by float64) plain {
	return func(_ *rand.Rand, img *image.RGBA) *image.RGBA {
		w, h := int(float64(img.Rect.Dx())*by+0.5), int(float64(img.Rect.Dy())*by+0.5)
		return resized(img, max(w, 1), max(h, 1))
	}
}

func resized(img *image.RGBA, w, h int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	xdraw.CatmullRom.Scale(out, out.Rect, img, img.Rect, draw.Src, nil)
	return out
}

func light(by float64) plain {
	return func(_ *rand.Rand, img *image.RGBA) *image.RGBA {
		out := clone(img)
		for i := range out.Pix {
			if i%4 != 3 {
				out.Pix[i] = byte(min(float64(out.Pix[i])*by+0.5, 255))
			}
		}
		return out
	}
}

func mirror(_ *rand.Rand, img *image.RGBA) *image.RGBA {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			copy(out.Pix[out.PixOffset(w-1-x, y):][:4], img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):][:4])
		}
	}
	return out
}

// crop cuts a share of the width and of the height, and keeps a part at a random place.
func crop(share float64) plain {
	return func(dice *rand.Rand, img *image.RGBA) *image.RGBA {
		b := img.Rect
		cutX, cutY := int(float64(b.Dx())*share), int(float64(b.Dy())*share)
		x, y := dice.IntN(cutX+1), dice.IntN(cutY+1)
		kept := image.Rect(x, y, x+b.Dx()-cutX, y+b.Dy()-cutY).Add(b.Min)
		out := image.NewRGBA(image.Rect(0, 0, kept.Dx(), kept.Dy()))
		draw.Draw(out, out.Rect, img, kept.Min, draw.Src)
		return out
	}
}

// border puts a coloured frame around the picture.
func border(dice *rand.Rand, img *image.RGBA) *image.RGBA {
	wide := int(float64(img.Rect.Dx()) * (0.03 + 0.05*dice.Float64()))
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx()+2*wide, img.Rect.Dy()+2*wide))
	draw.Draw(out, out.Rect, image.NewUniform(bright(dice)), image.Point{}, draw.Src)
	draw.Draw(out, img.Rect.Sub(img.Rect.Min).Add(image.Pt(wide, wide)), img, img.Rect.Min, draw.Src)
	return out
}

// collage makes the picture one of four.
func collage(dice *rand.Rand, img *image.RGBA, others []*image.RGBA) *image.RGBA {
	const side, gap = 640, 8
	out := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	place := dice.IntN(4)
	for i := range 4 {
		shown := img
		if i != place {
			shown, others = others[0], others[1:]
		}
		cell := image.Rect(0, 0, (side-gap)/2, (side-gap)/2).Add(image.Pt(i%2*(side+gap)/2, i/2*(side+gap)/2))
		xdraw.CatmullRom.Scale(out, within(cell, shown.Rect), shown, shown.Rect, draw.Over, nil)
	}
	return out
}

// within is the largest rectangle of a picture's proportions in the middle of a cell.
func within(cell, img image.Rectangle) image.Rectangle {
	w, h := cell.Dx(), cell.Dx()*img.Dy()/img.Dx()
	if h > cell.Dy() {
		w, h = cell.Dy()*img.Dx()/img.Dy(), cell.Dy()
	}
	return image.Rect(0, 0, w, h).Add(cell.Min).Add(image.Pt((cell.Dx()-w)/2, (cell.Dy()-h)/2))
}

func bright(dice *rand.Rand) color.RGBA {
	colours := []color.RGBA{
		{220, 30, 40, 255}, {250, 120, 0, 255}, {255, 210, 0, 255}, {20, 130, 70, 255}, {20, 90, 200, 255}, {20, 20, 20, 255}, {235, 70, 150, 255},
	}
	return colours[dice.IntN(len(colours))]
}

func clone(img *image.RGBA) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, img.Rect.Dx(), img.Rect.Dy()))
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	return out
}
