package likeness_test

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
)

func TestLikenessOfOneChange(t *testing.T) {
	plain := change{scale: 1, quality: 90, light: 1}
	with := func(f func(*change)) change {
		c := plain
		f(&c)
		return c
	}
	for name, row := range map[string]struct {
		change change
		least  float64 // over all drawn products
	}{
		"compressed":     {with(func(c *change) { c.quality = 40 }), 0.7},
		"half the size":  {with(func(c *change) { c.scale = 0.5 }), 0.7},
		"mirrored":       {with(func(c *change) { c.mirror = true }), 0.8},
		"darker":         {with(func(c *change) { c.light = 0.85 }), 0.8},
		"lighter":        {with(func(c *change) { c.light = 1.15 }), 0.6},
		"cut all around": {with(func(c *change) { c.crop, c.cropX, c.cropY = 0.1, 0.5, 0.5 }), 0.7},
		"cut at a side":  {with(func(c *change) { c.crop, c.cropX, c.cropY = 0.1, 0, 0.5 }), 0.7},
		"cut, mirrored":  {with(func(c *change) { c.crop, c.cropX, c.cropY, c.mirror = 0.1, 1, 1, true }), 0.65},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 1))
			for i := range 40 {
				photo := newGoods(r).photo(r, 160)
				got := likeness.Of(photo).Likeness(likeness.Of(row.change.apply(t, photo)))
				if got < row.least || got > 1 {
					t.Errorf("goods %d: likeness %.3f, want at least %.2f", i, got, row.least)
				}
			}
		})
	}
}

func TestDifferentProductsAreLessAlikeThanCopies(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 2))
	var fingerprints []likeness.Fingerprint
	for range 200 {
		fingerprints = append(fingerprints, likeness.Of(newGoods(r).photo(r, 96)))
	}
	alike := 0
	for i, a := range fingerprints {
		for _, b := range fingerprints[:i] {
			if a.Likeness(b) >= likeness.LooksAlike {
				alike++
			}
		}
	}
	if pairs := 200 * 199 / 2; alike*20 > pairs {
		t.Errorf("%d of %d pairs of different products look alike, want at most one in 20", alike, pairs)
	}
}

// The measure that the project promises, on products drawn for this test.
func TestNearestUnderCombinedChanges(t *testing.T) {
	const groups, offers, asked = 200, 3, 100
	r := rand.New(rand.NewPCG(7, 5))
	var x likeness.Index
	var questions []image.Image
	for g := range groups {
		thing := newGoods(r)
		for o := range offers {
			photo := thing.photo(r, 112)
			x.Add(fmt.Sprintf("%d/%d", g, o), likeness.Of(photo))
			if o == 0 && g < asked {
				questions = append(questions, combined(r, g%2 == 0).apply(t, photo))
			}
		}
	}
	first, ten := 0, 0
	for g, img := range questions {
		page := x.Nearest(likeness.Of(img), 10)
		rank := slices.IndexFunc(page, func(m likeness.Neighbour) bool { return strings.HasPrefix(m.Key, fmt.Sprintf("%d/", g)) })
		if rank == 0 {
			first++
		}
		if rank >= 0 {
			ten++
		}
	}
	t.Logf("of %d: first %d, in the top ten %d", asked, first, ten)
	if first*100 < asked*95 || ten*100 < asked*99 {
		t.Errorf("of %d: first %d (want 95 %%), in the top ten %d (want 99 %%)", asked, first, ten)
	}
}

func TestFingerprintsOfUnusualPictures(t *testing.T) {
	paint := func(img interface {
		image.Image
		Set(x, y int, c color.Color)
	},
	) image.Image {
		b := img.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				img.Set(x, y, color.NRGBA{R: uint8(3 * x), G: uint8(2 * y), B: 90, A: 255})
			}
		}
		return img
	}
	full := image.Rect(0, 0, 70, 90)
	like := likeness.Of(paint(image.NewRGBA(full)))
	for name, img := range map[string]image.Image{
		"NRGBA":   paint(image.NewNRGBA(full)),
		"RGBA64":  paint(image.NewRGBA64(full)),
		"shifted": paint(image.NewNRGBA(full)).(*image.NRGBA).SubImage(full),
		"generic": struct{ image.Image }{paint(image.NewNRGBA(full))},
	} {
		if got := likeness.Of(img); got != like {
			t.Errorf("%s: the fingerprint differs from that of the same image as RGBA (likeness %.3f)", name, got.Likeness(like))
		}
	}
	if got := likeness.Of(image.NewRGBA(image.Rectangle{})); !got.IsZero() {
		t.Errorf("no pixels: fingerprint %v, want the zero fingerprint", got)
	}
	if got := (likeness.Fingerprint{}).Likeness(likeness.Fingerprint{}); got != 0 {
		t.Errorf("two zero fingerprints: likeness %v, want 0", got)
	}
	for _, size := range []image.Point{{1, 1}, {1, 500}, {500, 1}, {3, 2}} {
		p := likeness.Of(image.NewGray(image.Rectangle{Max: size}))
		if got := p.Likeness(p); p.IsZero() || got != 1 {
			t.Errorf("%v: likeness to itself %v, want 1", size, got)
		}
	}
	glass := likeness.Of(image.NewNRGBA(full))
	white := image.NewRGBA(full)
	for i := range white.Pix {
		white.Pix[i] = 255
	}
	if got := glass.Likeness(likeness.Of(white)); got != 1 {
		t.Errorf("transparent and white: likeness %v, want 1", got)
	}
}

func drawFingerprint(t *rapid.T, label string) likeness.Fingerprint {
	b := rapid.SliceOfN(rapid.Byte(), likeness.FingerprintBytes, likeness.FingerprintBytes).Draw(t, label)
	b[0] = 2
	var p likeness.Fingerprint
	if err := p.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBinaryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawFingerprint(t, "fingerprint")
		b, err := p.MarshalBinary()
		if err != nil || len(b) != likeness.FingerprintBytes {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		var back likeness.Fingerprint
		if err := back.UnmarshalBinary(b); err != nil || back != p {
			t.Fatalf("the fingerprint changed (%v)", err)
		}
	})
	var p likeness.Fingerprint
	good, _ := p.MarshalBinary()
	other := slices.Clone(good)
	other[0]++
	for name, b := range map[string][]byte{"nothing": nil, "short": good[1:], "long": append(slices.Clone(good), 0), "version": other} {
		if err := p.UnmarshalBinary(b); !errors.Is(err, likeness.ErrFingerprint) {
			t.Errorf("%s: %v, want ErrFingerprint", name, err)
		}
	}
}

func TestLikenessIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawFingerprint(t, "a"), drawFingerprint(t, "b")
		straight, back := a.Likeness(b), b.Likeness(a)
		if straight != back || straight < 0 || straight > 1 || a.Likeness(a) != 1 {
			t.Fatalf("a to b %v, b to a %v, a to a %v", straight, back, a.Likeness(a))
		}
	})
}

// Nearest skips what cannot be in the result; the model compares everything and sorts.
func TestNearestAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) likeness.Fingerprint { return drawFingerprint(t, "p") }), 1, 4).Draw(t, "pool")
		n := rapid.IntRange(0, 12).Draw(t, "fingerprints")
		var x likeness.Index
		best := map[string]float64{}
		asked := drawFingerprint(t, "asked")
		for range n {
			key := rapid.StringMatching("[a-d]").Draw(t, "key")
			p := pool[rapid.IntRange(0, len(pool)-1).Draw(t, "which")]
			x.Add(key, p)
			best[key] = max(best[key], asked.Likeness(p))
		}
		var want []likeness.Neighbour
		for key, like := range best {
			want = append(want, likeness.Neighbour{Key: key, Likeness: like})
		}
		slices.SortFunc(want, func(a, b likeness.Neighbour) int {
			if a.Likeness != b.Likeness {
				if a.Likeness > b.Likeness {
					return -1
				}
				return 1
			}
			return strings.Compare(a.Key, b.Key)
		})
		page := rapid.IntRange(-1, 6).Draw(t, "page")
		unwanted := rapid.SampledFrom([]string{"", "", "a", "bd"}).Draw(t, "unwanted")
		want = slices.DeleteFunc(want, func(m likeness.Neighbour) bool { return strings.Contains(unwanted, m.Key) })
		want = want[:min(max(page, 0), len(want))]
		got := x.Nearest(asked, page)
		if unwanted != "" {
			got = x.NearestOf(asked, page, func(key string) bool { return !strings.Contains(unwanted, key) })
		}
		if len(got) == 0 && len(want) == 0 {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if x.Len() != n {
			t.Fatalf("%d fingerprints, want %d", x.Len(), n)
		}
	})
}

func BenchmarkNearestOf3000(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 3))
	var x likeness.Index
	var p likeness.Fingerprint
	for i := range 3000 {
		p = likeness.Of(newGoods(r).photo(r, 64))
		x.Add(fmt.Sprint(i), p)
	}
	for b.Loop() {
		x.Nearest(p, 20)
	}
}

// The pictures are as a shop sends them: decoded from JPEG, 640 pixels. One has a backdrop, and the other none.
func BenchmarkOf(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 4))
	plain := change{scale: 1, quality: 90, light: 1}
	goods := newGoods(r).photo(r, 640)
	scene := image.NewRGBA(goods.Rect)
	for i := range scene.Pix {
		scene.Pix[i] = uint8(i*7 + i/2560*3)
	}
	for name, img := range map[string]image.Image{"goods": plain.apply(b, goods), "scene": plain.apply(b, scene)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				likeness.Of(img)
			}
		})
	}
}

func BenchmarkLikeness(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 6))
	p, q := likeness.Of(newGoods(r).photo(r, 160)), likeness.Of(newGoods(r).photo(r, 160))
	for b.Loop() {
		p.Likeness(q)
	}
}
