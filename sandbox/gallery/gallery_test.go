package gallery_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

var quiet = slog.New(slog.DiscardHandler)

func open(t testing.TB, offers []*catalog.Offer, log *slog.Logger) *gallery.Gallery {
	t.Helper()
	g := gallery.New(offers, log)
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// some makes forty drawn offers, a few of which are not on sale. Their looks are not those of the built-in catalogue.
func some() (offers []*catalog.Offer, onSale int) {
	for _, o := range catalog.Embedded() {
		if o.Kind == "backpacks" && len(offers) < 40 {
			o.Look.Shot++
			if len(offers)%9 == 8 {
				o.Status = "expired"
			}
			offers = append(offers, o)
		}
	}
	for _, o := range offers {
		if market.OnSale(o) {
			onSale++
		}
	}
	return offers, onSale
}

func TestNearestAgainstModel(t *testing.T) {
	offers, onSale := some()
	g := open(t, offers, quiet)
	if g.Len() != onSale || onSale == len(offers) {
		t.Fatalf("Len %d, want %d of %d", g.Len(), onSale, len(offers))
	}
	asked := likeness.Of(picture.Draw(offers[0].Look, 200))
	all, err := g.Nearest(t.Context(), asked, 1000, nil)
	if err != nil || len(all) != onSale {
		t.Fatalf("%d offers, want %d: %v", len(all), onSale, err)
	}
	for i, a := range all {
		want := asked.Likeness(likeness.Of(picture.Draw(a.Offer.Look, 96)))
		if a.Likeness != want || i > 0 && want > all[i-1].Likeness || !market.OnSale(a.Offer) {
			t.Errorf("place %d: %d alike by %v, want %v", i, a.Offer.ID, a.Likeness, want)
		}
	}
	few, err := g.Nearest(t.Context(), asked, 5, func(id int64) bool { return id%2 == 0 })
	if err != nil || len(few) != 5 {
		t.Fatalf("%d offers, want 5: %v", len(few), err)
	}
	next := 0
	for _, a := range all {
		if a.Offer.ID%2 == 0 && next < len(few) {
			if few[next] != a {
				t.Errorf("place %d of the even: %v, want %v", next, few[next], a)
			}
			next++
		}
	}
}

// Concurrent first searches share one indexing of the pictures. A caller whose context ends does not wait for it.
func TestNearestWaitsAndLeaves(t *testing.T) {
	offers, _ := some()
	g := open(t, offers, quiet)
	gone, leave := context.WithCancel(t.Context())
	leave()
	asked := likeness.Of(picture.Draw(offers[0].Look, 96))
	if _, err := g.Nearest(gone, asked, 1, nil); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if found, err := g.Nearest(t.Context(), asked, 1, nil); err != nil || found[0].Offer.Group != offers[0].Group {
				t.Errorf("%v, %v", found, err)
			}
		})
	}
	all.Wait()
	closed := gallery.New(offers, quiet)
	closed.Warm()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := closed.Nearest(t.Context(), asked, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("closed: %v", err)
	}
}

// The pictures of the built-in catalogue are not drawn for a search: their fingerprints are there. An own offer beside them is
// drawn. The nearest to a picture is the picture itself.
func TestBuiltInCatalogueIsReady(t *testing.T) {
	offers := catalog.Embedded()
	own := *offers[0]
	own.ID, own.Look.Shot, own.Status = 1, own.Look.Shot+1, catalog.StatusPublished
	var log bytes.Buffer
	g := open(t, append(offers, &own), slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for _, o := range []*catalog.Offer{&own, offers[1000], offers[4000]} {
		found, err := g.Nearest(t.Context(), likeness.Of(picture.Draw(o.Look, 96)), 1, nil)
		if err != nil || found[0].Offer.Look != o.Look || found[0].Likeness < 0.999 {
			t.Errorf("offer %d: %v, %v", o.ID, found, err)
		}
	}
	if logged := log.String(); !strings.Contains(logged, "made_now=1 ") {
		t.Errorf("log: %s", logged)
	}
}

// shades makes a picture that differs from that of every other number.
func shades(n int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, 160, 120))
	for y := range 120 {
		for x := range 160 {
			wave := math.Sin(float64(x*(n+1))/30) * math.Cos(float64(y*(4-n))/20)
			img.SetNRGBA(x, y, color.NRGBA{uint8(128 + 120*wave), uint8(40*n + 80), uint8(x + 20*n), uint8(255 - 200*(x/80)*(n%2))})
		}
	}
	return img
}

// shop writes a catalogue of photos to a folder and loads it.
func shop(t *testing.T) []*catalog.Offer {
	t.Helper()
	dir := t.TempDir()
	lines := "id,title,supplier,image\n"
	for n := range 4 {
		name := strconv.Itoa(n) + ".png"
		var b bytes.Buffer
		var err error
		if n == 2 {
			name = "2.jpg"
			err = jpeg.Encode(&b, shades(n), nil)
			// A comment such as a camera might write.
			b = *bytes.NewBuffer(append([]byte("\xff\xd8\xff\xfe\x00\x0esecret place"), b.Bytes()[2:]...))
		} else {
			err = png.Encode(&b, shades(n))
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		lines += strconv.Itoa(n+1) + ",货,厂," + name + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "offers.csv"), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	offers, err := catalog.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return offers
}

func TestOwnPhotos(t *testing.T) {
	offers := shop(t)
	// After the list is read, one photo is deleted and one is damaged.
	if err := os.Remove(offers[3].PhotoPath); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(offers[1].PhotoPath)
	if err == nil {
		err = os.WriteFile(offers[1].PhotoPath, content[:len(content)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	g := open(t, offers, slog.New(slog.NewTextHandler(&log, nil)))
	for _, n := range []int{0, 2} {
		found, err := g.Nearest(t.Context(), likeness.Of(shades(n)), 10, nil)
		if err != nil || len(found) != 4 {
			t.Fatalf("%v, %v", found, err)
		}
		if found[0].Offer != offers[n] || found[0].Likeness < 0.9 || found[2].Likeness != 0 || found[3].Likeness != 0 {
			t.Errorf("photo %d: %v", n, found)
		}
		p, err := g.Photo(t.Context(), int64(n+1))
		if err != nil || p.Width != 160 || p.Height != 120 {
			t.Errorf("photo %d: %v, %v", n, p, err)
		}
	}
	if logged := log.String(); strings.Count(logged, "cannot be read") != 2 || !strings.Contains(logged, "1.png") || !strings.Contains(logged, "3.png") {
		t.Errorf("log: %s", logged)
	}
	for n, want := range []int{200, 404, 200, 404} {
		for range 2 { // once from the file, once from memory
			answer := httptest.NewRecorder()
			g.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/img/"+strconv.Itoa(n+1)+".jpg", nil))
			if answer.Code != want {
				t.Fatalf("photo %d: HTTP %d, want %d", n, answer.Code, want)
			}
			if want != 200 {
				if _, err := g.Photo(t.Context(), int64(n+1)); !errors.Is(err, market.ErrNoPicture) {
					t.Errorf("photo %d: %v", n, err)
				}
				continue
			}
			if strings.Contains(answer.Body.String(), "secret") {
				t.Errorf("photo %d: served with its comment", n)
			}
			img, err := jpeg.Decode(answer.Body)
			if err != nil || img.Bounds() != image.Rect(0, 0, 160, 120) {
				t.Errorf("photo %d: %v", n, err)
			}
		}
	}
	if _, err := g.Photo(t.Context(), 99); !errors.Is(err, market.ErrNoPicture) {
		t.Errorf("unknown: %v", err)
	}
}
