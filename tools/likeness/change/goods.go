package change

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"

	xdraw "golang.org/x/image/draw"
)

// noticed is the mean difference of brightness and two colours, together 0..441, from which people see two colours side by
// side as different.
const noticed = 22

// Recoloured is the goods in another colour with the same shape, light and texture. ok is false when the goods are such that
// the colour would hardly differ.
func Recoloured(dice *rand.Rand, goods *image.NRGBA) (out *image.NRGBA, ok bool) {
	angle := (80 + 200*dice.Float64()) * math.Pi / 180
	sin, cos := math.Sincos(angle)
	// Goods without colour are dyed.
	dyeBlue, dyeRed := 42*sin, 42*cos
	colourless := chroma(goods) < 14
	out = recolour(goods, func(y, cb, cr float64) (float64, float64, float64) {
		if colourless {
			return y, cb + dyeBlue, cr + dyeRed
		}
		return y, cb*cos - cr*sin, cb*sin + cr*cos
	})
	return out, apart(goods, out) >= noticed
}

// InDark makes two pictures of dark goods: black, and another dark colour.
func InDark(dice *rand.Rand, goods *image.NRGBA) (black, coloured *image.NRGBA, ok bool) {
	sin, cos := math.Sincos(2 * math.Pi * dice.Float64())
	black = recolour(goods, func(y, _, _ float64) (float64, float64, float64) { return 12 + 0.3*y, 0, 0 })
	coloured = recolour(goods, func(y, _, _ float64) (float64, float64, float64) { return 24 + 0.32*y, 34 * sin, 34 * cos })
	return black, coloured, apart(black, coloured) >= noticed
}

// recolour maps every visible pixel's brightness (0..255) and two colours (-128..127).
func recolour(goods *image.NRGBA, f func(y, cb, cr float64) (float64, float64, float64)) *image.NRGBA {
	out := image.NewNRGBA(goods.Rect)
	copy(out.Pix, goods.Pix)
	for i := 0; i < len(out.Pix); i += 4 {
		if out.Pix[i+3] == 0 {
			continue
		}
		y, cb, cr := color.RGBToYCbCr(out.Pix[i], out.Pix[i+1], out.Pix[i+2])
		fy, fb, fr := f(float64(y), float64(cb)-128, float64(cr)-128)
		out.Pix[i], out.Pix[i+1], out.Pix[i+2] = color.YCbCrToRGB(clamp(fy), clamp(fb+128), clamp(fr+128))
	}
	return out
}

func clamp(v float64) byte { return byte(min(max(v+0.5, 0), 255)) }

// chroma is the mean strength of the colours that can be seen.
func chroma(goods *image.NRGBA) float64 {
	var sum, n float64
	for i := 0; i < len(goods.Pix); i += 4 {
		if goods.Pix[i+3] > 128 {
			_, cb, cr := color.RGBToYCbCr(goods.Pix[i], goods.Pix[i+1], goods.Pix[i+2])
			sum += math.Hypot(float64(cb)-128, float64(cr)-128)
			n++
		}
	}
	return sum / max(n, 1)
}

// apart is the mean difference of two pictures of one size over what can be seen.
func apart(a, b *image.NRGBA) float64 {
	var sum, n float64
	for i := 0; i < len(a.Pix); i += 4 {
		if a.Pix[i+3] > 128 {
			ay, ab, ar := color.RGBToYCbCr(a.Pix[i], a.Pix[i+1], a.Pix[i+2])
			by, bb, br := color.RGBToYCbCr(b.Pix[i], b.Pix[i+1], b.Pix[i+2])
			y, cb, cr := float64(ay)-float64(by), float64(ab)-float64(bb), float64(ar)-float64(br)
			sum += math.Sqrt(y*y + cb*cb + cr*cr)
			n++
		}
	}
	return sum / max(n, 1)
}

const (
	// printShare is the side of a print as a share of the goods' shorter side.
	printShare = 0.56
	// leastPrint is the part of the goods that a print covers at least. Less is a label.
	leastPrint = 0.08
)

// Blank reports whether goods have an even area in the middle that a print can be put on.
func Blank(goods *image.NRGBA) bool {
	area := printArea(goods.Rect, printShare)
	var sum, squares, n float64
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c := goods.NRGBAAt(x, y)
			if c.A < 250 {
				return false
			}
			v := 0.299*float64(c.R) + 0.587*float64(c.G) + 0.114*float64(c.B)
			sum, squares, n = sum+v, squares+v*v, n+1
		}
	}
	mean := sum / max(n, 1)
	return n > 0 && mean > 60 && math.Sqrt(max(squares/n-mean*mean, 0)) < 30
}

// printArea is the square in the middle whose side is a share of the shorter side.
func printArea(b image.Rectangle, share float64) image.Rectangle {
	side := int(float64(min(b.Dx(), b.Dy())) * share)
	return image.Rect(0, 0, side, side).Add(b.Min).Add(image.Pt((b.Dx()-side)/2, (b.Dy()-side)/2))
}

// Printed prints a motif into the middle of blank goods. Light and texture of the goods stay visible. ok is false when the motif
// would cover too little of the goods.
func Printed(goods, motif *image.NRGBA) (out *image.NRGBA, ok bool) {
	out = image.NewNRGBA(goods.Rect)
	copy(out.Pix, goods.Pix)
	area := printArea(goods.Rect, printShare)
	covered, shown := 0.0, 0.0
	ink := image.NewNRGBA(out.Rect)
	xdraw.CatmullRom.Scale(ink, within(area, motif.Rect), motif, motif.Rect, draw.Src, nil)
	for i := 0; i < len(out.Pix); i += 4 {
		alpha := float64(ink.Pix[i+3]) / 255
		covered, shown = covered+alpha, shown+float64(out.Pix[i+3])/255
		if alpha == 0 {
			continue
		}
		light := (0.299*float64(out.Pix[i]) + 0.587*float64(out.Pix[i+1]) + 0.114*float64(out.Pix[i+2])) / 255
		for c := range 3 {
			inked := float64(ink.Pix[i+c]) * (0.35 + 0.65*light)
			out.Pix[i+c] = clamp(float64(out.Pix[i+c])*(1-alpha) + inked*alpha)
		}
	}
	return out, covered >= leastPrint*shown
}
