package picture

import (
	"image"
	"math"
	"slices"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

func pixels(t testing.TB, look catalog.Look, size int) []uint8 {
	t.Helper()
	img, ok := Draw(look, size).(*image.RGBA)
	if !ok || img.Rect != image.Rect(0, 0, size, size) {
		t.Fatalf("%+v: drew %T of %v", look, img, img.Bounds())
	}
	return img.Pix
}

func TestDrawDependsOnLookAlone(t *testing.T) {
	look := catalog.Look{Kind: "socks", Colour: "blue", Goods: 77<<16 | 3, Shot: 5}
	first := pixels(t, look, 96)
	if !slices.Equal(first, pixels(t, look, 96)) {
		t.Error("the same look gave two images")
	}
	for name, change := range map[string]func(*catalog.Look){
		"kind":    func(l *catalog.Look) { l.Kind = "caps" },
		"colour":  func(l *catalog.Look) { l.Colour = "red" },
		"seed":    func(l *catalog.Look) { l.Goods += 1 << 16 },
		"ordinal": func(l *catalog.Look) { l.Goods++ },
		"shot":    func(l *catalog.Look) { l.Shot++ },
	} {
		other := look
		change(&other)
		if slices.Equal(first, pixels(t, other, 96)) {
			t.Errorf("another %s gave the same image", name)
		}
	}
}

func TestDrawRefusesNoSize(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an image of size 0 was drawn")
		}
	}()
	Draw(catalog.Look{}, 0)
}

// TestEveryKindHasItsDrawing compares the kinds of the catalogue with the drawings.
func TestEveryKindHasItsDrawing(t *testing.T) {
	kinds := map[string]bool{}
	for _, o := range catalog.Embedded() {
		kinds[o.Kind] = true
		if !slices.ContainsFunc(bodies, func(b body) bool { return b.name == o.Look.Colour }) {
			t.Errorf("colour %s of offer %d is not in the palette", o.Look.Colour, o.ID)
		}
	}
	for k := range kinds {
		if figures[k] == nil {
			t.Errorf("kind %s has no drawing", k)
		}
	}
	if len(kinds) != len(figures) {
		t.Errorf("%d kinds, %d drawings", len(kinds), len(figures))
	}
}

// TestFiguresFillTheirFrame: a figure outside of -1 to 1 would be cut off, and a small one could not be told from the
// background.
func TestFiguresFillTheirFrame(t *testing.T) {
	for kind, paint := range figures {
		for form := range forms {
			f := &draft{design: design{kind: kind, form: form, slim: 1, palette: newPalette("red", &dice{1})}}
			paint(f)
			low, high := point{9, 9}, point{-9, -9}
			for _, p := range f.figure {
				if len(p.outline) < 3 {
					t.Errorf("%s %d: an outline of %d points", kind, form, len(p.outline))
				}
				for _, q := range p.outline {
					low = point{math.Min(low.x, q.x), math.Min(low.y, q.y)}
					high = point{math.Max(high.x, q.x), math.Max(high.y, q.y)}
				}
			}
			w, h := high.x-low.x, high.y-low.y
			if low.x < -1.15 || low.y < -1.15 || high.x > 1.15 || high.y > 1.15 || math.Max(w, h) < 1.5 || math.Min(w, h) < 0.55 {
				t.Errorf("%s %d: reaches from %.2f to %.2f", kind, form, low, high)
			}
		}
	}
}

// TestDecoysAreShownDifferently: goods of one kind and colour have neighbouring numbers. No two of them have the same
// arrangement or pattern.
func TestDecoysAreShownDifferently(t *testing.T) {
	type cell struct{ kind, colour string }
	seen := map[cell]map[int]string{}
	for _, o := range catalog.Embedded() {
		if o.Status != catalog.StatusPublished {
			continue
		}
		d, c := newDesign(o.Look), cell{o.Kind, o.Look.Colour}
		if seen[c] == nil {
			seen[c] = map[int]string{}
		}
		for _, key := range []int{d.arrangement, 100 + d.pattern} {
			if other, ok := seen[c][key]; ok && other != o.Group {
				t.Fatalf("goods %s and %s share design %d", other, o.Group, key)
			}
			seen[c][key] = o.Group
		}
	}
}

func TestAccentsStandOut(t *testing.T) {
	for _, b := range bodies {
		for seed := range uint64(200) {
			p := newPalette(b.name, &dice{seed})
			if distance(p.body, p.first) <= 110 || distance(p.body, p.second) <= 110 || distance(p.first, p.second) <= 110 {
				t.Errorf("%s, seed %d: %v", b.name, seed, p)
			}
		}
	}
}

func TestGeometry(t *testing.T) {
	m := placed(3, 4, 2, 90)
	if p := m.apply(point{1, 0}); math.Hypot(p.x-3, p.y-6) > 1e-9 {
		t.Errorf("(1, 0) turned and moved is %v, want (3, 6)", p)
	}
	p := point{0.3, -0.7}
	if q := m.inverse().apply(m.apply(p)); math.Hypot(p.x-q.x, p.y-q.y) > 1e-9 {
		t.Errorf("there and back is %v, want %v", q, p)
	}
	n := placed(-1, 2, 0.5, 30)
	a, b := m.then(n).apply(p), n.apply(m.apply(p))
	if math.Hypot(a.x-b.x, a.y-b.y) > 1e-9 {
		t.Errorf("composed %v, one after the other %v", a, b)
	}
}

func FuzzDraw(f *testing.F) {
	f.Add("socks", "blue", uint64(1), uint64(2), uint8(40))
	f.Add("", "", uint64(0), uint64(0), uint8(0))
	f.Add("no such kind", "no such colour", ^uint64(0), ^uint64(0), uint8(255))
	f.Fuzz(func(t *testing.T, kind, colour string, goods, shot uint64, size uint8) {
		pix := pixels(t, catalog.Look{Kind: kind, Colour: colour, Goods: goods, Shot: shot}, int(size%64)+1)
		for i := 3; i < len(pix); i += 4 {
			if pix[i] != 255 {
				t.Fatalf("pixel %d is not opaque", i/4)
			}
		}
	})
}

func BenchmarkDraw(b *testing.B) {
	offers := catalog.Embedded()
	for _, size := range []int{96, 256, 400} {
		b.Run(map[int]string{96: "96px", 256: "256px", 400: "400px"}[size], func(b *testing.B) {
			i := 0
			for b.Loop() {
				Draw(offers[i%len(offers)].Look, size)
				i += 7
			}
		})
	}
}
