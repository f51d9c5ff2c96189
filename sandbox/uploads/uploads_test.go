package uploads_test

import (
	"image"
	"image/color"
	"image/draw"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

func TestParseRegion(t *testing.T) {
	for text, want := range map[string]*uploads.Region{
		"266,799,48,581": {X0: 266, X1: 799, Y0: 48, Y1: 581}, // the published sample: a square
		" 0, 1 ,0,1":     {X1: 1, Y1: 1},
		"":               nil, "1,2,3": nil, "1,2,3,4,5": nil, "2,1,0,1": nil, "0,1,1,1": nil, "-1,1,0,1": nil, "a,1,0,1": nil, "0,9999999,0,1": nil,
	} {
		got, ok := uploads.ParseRegion(text)
		if ok != (want != nil) || ok && got != *want {
			t.Errorf("%q: %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestRegions(t *testing.T) {
	blank := image.NewRGBA(image.Rect(0, 0, 480, 240))
	draw.Draw(blank, blank.Rect, image.NewUniform(color.Gray{240}), image.Point{}, draw.Src)
	if diff := cmp.Diff([]uploads.Region{{X1: 480, Y1: 240}}, uploads.New(blank).Regions()); diff != "" {
		t.Errorf("blank (-want +got):\n%s", diff)
	}
	two := image.NewRGBA(blank.Rect)
	copy(two.Pix, blank.Pix)
	for _, thing := range []image.Rectangle{image.Rect(40, 50, 140, 200), image.Rect(300, 100, 340, 140), image.Rect(200, 10, 204, 14)} {
		draw.Draw(two, thing, image.NewUniform(color.RGBA{200, 30, 30, 255}), image.Point{}, draw.Src)
	}
	p := uploads.New(two)
	want := []uploads.Region{{X0: 40, X1: 140, Y0: 50, Y1: 200}, {X0: 300, X1: 340, Y0: 100, Y1: 140}}
	if diff := cmp.Diff(want, p.Regions()); diff != "" {
		t.Errorf("two things and a speck (-want +got):\n%s", diff)
	}
	if got, want := p.Square(want[0]), (uploads.Region{X0: 15, X1: 165, Y0: 50, Y1: 200}); got != want {
		t.Errorf("square %v, want %v", got, want)
	}
}

// A square has equal sides, lies within the photo and covers as much of the region as it can.
func TestSquare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := func(name string, low, high int) int { return rapid.IntRange(low, high).Draw(t, name) }
		w, h := n("w", 1, 400), n("h", 1, 400)
		p := uploads.New(image.NewGray(image.Rect(0, 0, w, h)))
		r := uploads.Region{X0: n("x0", 0, w-1), Y0: n("y0", 0, h-1)}
		r.X1, r.Y1 = n("x1", r.X0+1, w), n("y1", r.Y0+1, h)
		s := p.Square(r)
		side := min(max(r.X1-r.X0, r.Y1-r.Y0), w, h)
		if s.X1-s.X0 != side || s.Y1-s.Y0 != side || s.X0 < 0 || s.Y0 < 0 || s.X1 > w || s.Y1 > h {
			t.Fatalf("%v of %d × %d: %v", r, w, h, s)
		}
		if back, ok := uploads.ParseRegion(s.String()); !ok || back != s {
			t.Fatalf("%v is read as %v", s, back)
		}
	})
}

// Compares the store with a simple model: it keeps the newest photos up to the limit, each for its life and its app.
func TestStore(t *testing.T) {
	const most, life = 3, time.Minute
	type entry struct {
		id, app string
		photo   *uploads.Photo
		until   time.Time
	}
	rapid.Check(t, func(t *rapid.T) {
		store := uploads.NewStore(most, life)
		var model, all []entry
		now := time.Unix(0, 0)
		t.Repeat(map[string]func(*rapid.T){
			"keep": func(t *rapid.T) {
				e := entry{app: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "app"), photo: new(uploads.Photo), until: now.Add(life)}
				e.id = store.Keep(now, e.app, e.photo)
				model, all = append(model, e), append(all, e)
				model = model[max(0, len(model)-most):]
			},
			"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "s")) * time.Second) },
			"forget": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				e := rapid.SampledFrom(all).Draw(t, "which")
				store.Forget(e.app, e.id)
				for i := range model {
					if model[i].id == e.id {
						model = append(model[:i:i], model[i+1:]...)
						break
					}
				}
			},
			"": func(t *rapid.T) {
				for _, e := range all {
					var want *uploads.Photo
					for _, m := range model {
						if m.id == e.id && now.Before(m.until) {
							want = m.photo
						}
					}
					if got, ok := store.Find(now, e.app, e.id); ok != (want != nil) || ok && got != want {
						t.Fatalf("%s: %v, want %v", e.id, ok, want != nil)
					}
					if _, ok := store.Find(now, "c", e.id); ok {
						t.Fatalf("%s is found by another app", e.id)
					}
				}
			},
		})
	})
}
