package change

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// shaded is a picture with a gradient, a darker disc and a light corner, so that every change can be seen.
func shaded(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(60 + 150*x/w), uint8(60 + 150*y/h), 120, 255}
			if math.Hypot(float64(x-w/2), float64(y-h/2)) < float64(min(w, h))/4 {
				c = color.RGBA{90, 40, 30, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// difference is the mean difference of two pictures of one size, per colour and pixel.
func difference(a, b image.Image) float64 {
	var sum, n float64
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			for _, d := range [3]float64{float64(ar) - float64(br), float64(ag) - float64(bg), float64(ab) - float64(bb)} {
				sum, n = sum+math.Abs(d)/257, n+1
			}
		}
	}
	return sum / n
}

func TestChangesFollowFromTheDice(t *testing.T) {
	img, others := shaded(200, 160), []*image.RGBA{shaded(160, 200), shaded(100, 100), shaded(50, 90)}
	for _, c := range All() {
		t.Run(c.Name, func(t *testing.T) {
			a, errA := c.Apply(rand.New(rand.NewPCG(1, 2)), img, others)
			b, errB := c.Apply(rand.New(rand.NewPCG(1, 2)), img, others)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if a.Bounds() != b.Bounds() || difference(a, b) != 0 {
				t.Error("the same dice made two different copies")
			}
			if a.Bounds() == img.Bounds() && difference(a, img) == 0 {
				t.Error("nothing was changed")
			}
			if difference(img, shaded(200, 160)) != 0 {
				t.Error("the original was changed")
			}
		})
	}
}

func TestSizesOfCopies(t *testing.T) {
	img := shaded(200, 100)
	dice := rand.New(rand.NewPCG(1, 2))
	for name, row := range map[string]struct {
		change plain
		want   image.Point
	}{
		"half the size":          {scale(0.5), image.Pt(100, 50)},
		"twice the size":         {scale(2), image.Pt(400, 200)},
		"30 % of each side gone": {crop(0.3), image.Pt(140, 70)},
		"mirrored":               {mirror, image.Pt(200, 100)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := row.change(dice, img).Rect.Size(); got != row.want {
				t.Errorf("the copy is %v, want %v", got, row.want)
			}
		})
	}
	if got := mirror(dice, mirror(dice, img)); difference(got, img) != 0 {
		t.Error("mirrored twice is another picture")
	}
}

// goods is a square of one colour on a transparent ground.
func goods(c color.NRGBA) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for y := range 100 {
		for x := range 100 {
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func TestRecolouredGoodsLookDifferent(t *testing.T) {
	for name, c := range map[string]color.NRGBA{
		"red": {200, 40, 40, 255}, "grey": {128, 128, 128, 255}, "black": {20, 20, 20, 255},
	} {
		t.Run(name, func(t *testing.T) {
			plain := goods(c)
			if other, ok := Recoloured(rand.New(rand.NewPCG(3, 4)), plain); ok != (apart(plain, other) >= noticed) {
				t.Errorf("ok is %v for a difference of %.1f", ok, apart(plain, other))
			}
			black, coloured, ok := InDark(rand.New(rand.NewPCG(3, 4)), plain)
			if !ok || apart(black, coloured) < noticed {
				t.Errorf("black and dark differ by %.1f", apart(black, coloured))
			}
		})
	}
}

func TestPrintOnBlankGoods(t *testing.T) {
	blank := goods(color.NRGBA{220, 220, 220, 255})
	if !Blank(blank) {
		t.Error("an even area is not blank")
	}
	if Blank(goods(color.NRGBA{220, 220, 220, 100})) {
		t.Error("goods that can be seen through are blank")
	}
	printed, ok := Printed(blank, goods(color.NRGBA{200, 0, 0, 255}))
	if c := printed.NRGBAAt(50, 50); !ok || c.R < 100 || c.G > 20 {
		t.Errorf("the middle is %v (%v), want the print", c, ok)
	}
	if c := printed.NRGBAAt(2, 2); c != (color.NRGBA{220, 220, 220, 255}) {
		t.Errorf("the corner is %v, want the goods", c)
	}
	if _, ok := Printed(blank, image.NewNRGBA(image.Rect(0, 0, 50, 50))); ok {
		t.Error("a print that cannot be seen counts")
	}
}
