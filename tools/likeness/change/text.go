package change

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// face is a bold font of a height in pixels.
func face(height float64) font.Face {
	parsed, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic(err) // The font is part of the library.
	}
	made, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: max(height, 4), DPI: 72})
	if err != nil {
		panic(err)
	}
	return made
}

// write draws text with its left end on a baseline.
func write(img draw.Image, ink color.Color, f font.Face, x, y int, text string) {
	d := font.Drawer{Dst: img, Src: image.NewUniform(ink), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

func pick(dice *rand.Rand, from ...string) string { return from[dice.IntN(len(from))] }

// band covers a strip at the upper or lower edge with text, as sellers do for a sale.
func band(dice *rand.Rand, img *image.RGBA) *image.RGBA {
	out := clone(img)
	w, h := out.Rect.Dx(), out.Rect.Dy()
	high := int(float64(h) * (0.1 + 0.06*dice.Float64()))
	strip := image.Rect(0, 0, w, high)
	if dice.IntN(2) == 0 {
		strip = strip.Add(image.Pt(0, h-high))
	}
	draw.Draw(out, strip, image.NewUniform(bright(dice)), image.Point{}, draw.Src)
	text := pick(dice, "SALE -50%", "FACTORY DIRECT", "NEW 2026", "WHOLESALE", "24 h SHIPPING") + pick(dice, "", " * OEM ODM", " * MOQ 2")
	write(out, color.White, face(0.62*float64(high)), w/30, strip.Max.Y-high/4, text)
	return out
}

// watermark repeats a half-transparent name in slanting lines.
func watermark(dice *rand.Rand, img *image.RGBA) *image.RGBA {
	out := clone(img)
	w, h := out.Rect.Dx(), out.Rect.Dy()
	height := float64(w) * (0.04 + 0.03*dice.Float64())
	grey := byte(60 + 120*dice.IntN(2))
	alpha := 70 + dice.IntN(50)
	ink := color.NRGBA{grey, grey, grey, byte(alpha)}
	name := pick(dice, "YIWU TRADE", "shop8866", "HUAQIANG", "GOODSELLER")
	letters := face(height)
	step := int(height * 3.2)
	for row, y := 0, step/2; y < h+step; row, y = row+1, y+step {
		x := -(row % 2) * int(height*3)
		for x < w {
			write(out, ink, letters, x, y-x/6, name)
			x += int(height * float64(len(name)))
		}
	}
	return out
}

// priceTag covers a corner with a disc or a box that has a price on it.
func priceTag(dice *rand.Rand, img *image.RGBA) *image.RGBA {
	out := clone(img)
	w, h := out.Rect.Dx(), out.Rect.Dy()
	wide := int(float64(min(w, h)) * (0.18 + 0.08*dice.Float64()))
	corner := dice.IntN(4)
	box := image.Rect(0, 0, wide, wide).Add(image.Pt(corner%2*(w-wide), corner/2*(h-wide)))
	ink := bright(dice)
	if dice.IntN(2) == 0 {
		box.Min.Y += wide / 3 * (corner / 2)
		box.Max.Y -= wide / 3 * (1 - corner/2)
		draw.Draw(out, box, image.NewUniform(ink), image.Point{}, draw.Src)
	} else {
		middle := box.Min.Add(box.Max).Div(2)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				if math.Hypot(float64(x-middle.X), float64(y-middle.Y)) <= float64(wide)/2 {
					out.SetRGBA(x, y, ink)
				}
			}
		}
	}
	price := fmt.Sprintf("¥%d.%d", 3+dice.IntN(90), dice.IntN(10))
	write(out, color.White, face(0.3*float64(wide)), box.Min.X+wide/8, (box.Min.Y+box.Max.Y)/2+wide/10, price)
	return out
}
