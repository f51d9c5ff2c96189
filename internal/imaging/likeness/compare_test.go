package likeness_test

import (
	"errors"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

func TestCopiesAreTheSamePhoto(t *testing.T) {
	plain := change{scale: 1, quality: 85, light: 1}
	with := func(f func(*change)) change {
		c := plain
		f(&c)
		return c
	}
	for name, c := range map[string]change{
		"recompressed":    with(func(c *change) { c.quality = 30 }),
		"a fifth as wide": with(func(c *change) { c.scale = 0.2 }),
		"twice as large":  with(func(c *change) { c.scale = 2 }),
		"lighter":         with(func(c *change) { c.light = 1.2 }),
		"darker":          with(func(c *change) { c.light = 0.8 }),
		"mirrored":        with(func(c *change) { c.mirror = true }),
		"cropped":         with(func(c *change) { c.crop, c.cropX, c.cropY = 0.15, 0.2, 0.9 }),
		"all of them":     {scale: 0.5, quality: 40, light: 0.85, crop: 0.1, cropX: 0.7, cropY: 0.3, mirror: true},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(16, 1))
			for i := range 4 {
				photo := newGoods(r).photo(r, 320)
				m := likeness.Compare(likeness.TakePrint(photo), likeness.TakePrint(c.apply(t, photo)))
				if m.Score < likeness.SamePhoto || m.Score > 1 {
					t.Errorf("goods %d: score %.3f, want at least %.2f", i, m.Score, likeness.SamePhoto)
				}
			}
		})
	}
}

func TestOtherGoodsAreNotTheSamePhoto(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 2))
	var prints []*likeness.Print
	for range 12 {
		prints = append(prints, likeness.TakePrint(newGoods(r).photo(r, 240)))
	}
	for i, p := range prints {
		for j, q := range prints[:i] {
			if m := likeness.Compare(p, q); m.Score >= likeness.SamePhoto {
				t.Errorf("goods %d and %d: score %.3f, want less than %.2f", i, j, m.Score, likeness.SamePhoto)
			}
		}
	}
}

func TestPicturesWithoutContentHaveNoPrint(t *testing.T) {
	for name, img := range map[string]image.Image{
		"nothing":      image.NewRGBA(image.Rectangle{}),
		"a pixel":      image.NewGray(image.Rect(0, 0, 1, 1)),
		"a line":       image.NewGray(image.Rect(0, 0, 500, 1)),
		"an even area": image.NewGray(image.Rect(0, 0, 200, 200)),
		"glass":        image.NewNRGBA(image.Rect(0, 0, 200, 200)),
	} {
		if p := likeness.TakePrint(img); p != nil {
			t.Errorf("%s has a print", name)
		}
	}
	p := likeness.TakePrint(newGoods(rand.New(rand.NewPCG(16, 3))).photo(rand.New(rand.NewPCG(16, 3)), 200))
	for _, m := range []likeness.Match{likeness.Compare(nil, p), likeness.Compare(p, nil), likeness.Compare(nil, nil)} {
		if m != (likeness.Match{}) {
			t.Errorf("without a print: %+v, want no match", m)
		}
	}
}

func TestPrintsHoldTheirRules(t *testing.T) {
	var prints []*likeness.Print
	for i := range uint64(8) {
		r := rand.New(rand.NewPCG(i/2, 4))
		goods := newGoods(r)
		for range 2 {
			// One is another shot of the goods, or a copy of it.
			prints = append(prints, likeness.TakePrint(combined(r, i%2 == 0).apply(t, goods.photo(r, 200))))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p, q := rapid.SampledFrom(prints).Draw(t, "p"), rapid.SampledFrom(prints).Draw(t, "q")
		straight, back := likeness.Compare(p, q), likeness.Compare(q, p)
		if straight.Score != back.Score || straight.Score < 0 || straight.Score > 1 {
			t.Fatalf("p to q %v, q to p %v", straight.Score, back.Score)
		}
		if self := likeness.Compare(p, p); self.Score != 1 || self.Mirrored {
			t.Fatalf("p to p %+v, want score 1, not mirrored", self)
		}
		b, err := p.AppendBinary([]byte("head"))
		if err != nil || string(b[:4]) != "head" || len(b)-4 > likeness.PrintBytesMax {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		parsed, err := likeness.ParsePrint(b[4:])
		if err != nil {
			t.Fatal(err)
		}
		if m := likeness.Compare(parsed, q); m != straight {
			t.Fatalf("parsed: %+v, want %+v", m, straight)
		}
	})
}

func TestParsePrintRefusesWhatIsNone(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 5))
	good, err := likeness.TakePrint(newGoods(r).photo(r, 200)).AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(good)
	other[0]++
	for name, b := range map[string][]byte{
		"nothing": nil, "short": good[:len(good)/2], "long": append(slices.Clone(good), make([]byte, likeness.PrintBytesMax)...), "version": other,
	} {
		if _, err := likeness.ParsePrint(b); !errors.Is(err, likeness.ErrPrint) {
			t.Errorf("%s: %v, want ErrPrint", name, err)
		}
	}
}

func FuzzParsePrint(f *testing.F) {
	r := rand.New(rand.NewPCG(16, 6))
	known := likeness.TakePrint(newGoods(r).photo(r, 200))
	good, err := known.AppendBinary(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:40])
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := likeness.ParsePrint(b)
		if err != nil {
			return
		}
		if m := likeness.Compare(p, known); !(m.Score >= 0 && m.Score <= 1) {
			t.Fatalf("score %v", m.Score)
		}
		if back, err := p.AppendBinary(nil); err != nil || !slices.Equal(back, b) {
			t.Fatalf("the print changed (%v)", err)
		}
	})
}

func BenchmarkTakePrint(b *testing.B) {
	r := rand.New(rand.NewPCG(16, 7))
	photo := newGoods(r).photo(r, 640)
	for b.Loop() {
		likeness.TakePrint(photo)
	}
}

func BenchmarkCompare(b *testing.B) {
	r := rand.New(rand.NewPCG(16, 8))
	p, q := likeness.TakePrint(newGoods(r).photo(r, 640)), likeness.TakePrint(newGoods(r).photo(r, 640))
	for b.Loop() {
		likeness.Compare(p, q)
	}
}

// The same goods with another print, and in another colour, are other goods.
func TestVariantsAreNotTheSamePhoto(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 9))
	for i := range 6 {
		plain := goods{body: shape{box: true, x: 0.5, y: 0.5, rx: 0.3, ry: 0.38, colour: [3]float64{200, 200, 190}}}
		printed, other, red := plain, plain, plain
		mark := func(x, y, size float64, colour [3]float64) shape {
			return shape{box: r.IntN(2) == 0, x: x, y: y, rx: size, ry: size * 0.8, turn: 3 * r.Float64(), colour: colour}
		}
		printed.marks = []shape{mark(0.45, 0.45, 0.1, [3]float64{20, 40, 160}), mark(0.56, 0.52, 0.05, [3]float64{200, 30, 30})}
		other.marks = []shape{mark(0.52, 0.42, 0.05, [3]float64{30, 120, 40}), mark(0.48, 0.55, 0.09, [3]float64{230, 120, 0})}
		red.body.colour = [3]float64{200, 60, 60}
		seed := r.Uint64()
		take := func(g goods) *likeness.Print {
			return likeness.TakePrint(g.photo(rand.New(rand.NewPCG(seed, 1)), 320))
		}
		for name, pair := range map[string][2]goods{
			"another print": {printed, other}, "no print": {printed, plain}, "another colour": {plain, red},
		} {
			if m := likeness.Compare(take(pair[0]), take(pair[1])); m.Score >= likeness.SamePhoto {
				t.Errorf("goods %d, %s: score %.3f, want less than %.2f", i, name, m.Score, likeness.SamePhoto)
			}
		}
	}
}
