// Package measure measures how often a gallery finds the right goods for photos that were changed as on the web: shrunk,
// compressed strongly, in other light, cut and mirrored, all at once.
//
// It compares with the catalogue's own labels, which the search never sees. It is for tests and benchmarks.
package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"

	"golang.org/x/image/draw"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

// Result counts how the questions of a run ended.
type Result struct {
	// Asked is the number of questions. First is the number for which an offer of the right goods group came first, TopTen
	// for which one was among the first ten.
	Asked, First, TopTen int
	// Missed are the offers whose goods were not in the top ten.
	Missed []int64
}

// Percent returns n as a percentage of all questions.
func (r Result) Percent(n int) float64 { return 100 * float64(n) / float64(max(r.Asked, 1)) }

const topTen = 10

// Run asks a gallery with changed copies of the served pictures of random offers on sale. The same seed gives the same
// questions. Every second copy is mirrored.
func Run(ctx context.Context, g *gallery.Gallery, offers []*catalog.Offer, questions int, seed uint64) (Result, error) {
	var onSale []*catalog.Offer
	for _, o := range offers {
		if market.OnSale(o) {
			onSale = append(onSale, o)
		}
	}
	if len(onSale) == 0 {
		return Result{}, errors.New("measure: nothing is on sale")
	}
	r := rand.New(rand.NewPCG(seed, 0))
	reader := uploads.NewReader(imaging.DefaultSendBytes)
	var result Result
	for i := range questions {
		o := onSale[r.IntN(len(onSale))]
		served, err := fetch(ctx, g, o)
		if err != nil {
			return Result{}, err
		}
		changed, err := Change(served, draws(r, i%2 == 1))
		if err != nil {
			return Result{}, err
		}
		asked, err := reader.Read(ctx, changed)
		if err != nil {
			return Result{}, fmt.Errorf("measure: the changed image of %d: %w", o.ID, err)
		}
		nearest, err := g.Nearest(ctx, asked.Fingerprint(), topTen, nil)
		if err != nil {
			return Result{}, err
		}
		result.count(o, nearest)
	}
	return result, nil
}

func (r *Result) count(o *catalog.Offer, nearest []market.Alike) {
	r.Asked++
	for i, n := range nearest {
		if n.Offer.Group != o.Group {
			continue
		}
		if i == 0 {
			r.First++
		}
		r.TopTen++
		return
	}
	r.Missed = append(r.Missed, o.ID)
}

// fetch returns an offer's picture as the gallery serves it.
func fetch(ctx context.Context, g *gallery.Gallery, o *catalog.Offer) (image.Image, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, market.Picture("http://sandbox", o), nil)
	if err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	g.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		return nil, fmt.Errorf("measure: the image of %d: HTTP %d", o.ID, answer.Code)
	}
	return jpeg.Decode(answer.Body)
}

// Changes are the changes of one photo, all applied together.
type Changes struct {
	// Left and Top are the parts of the cut that are taken from the left and the top, 0 to 1. A tenth of each side is cut.
	Left, Top float64
	// Light multiplies brightness.
	Light  float64
	Mirror bool
}

// The strength of the changes.
const (
	scale   = 0.5
	cut     = 0.10
	light   = 0.15
	quality = 40
)

// draws draws changes: a cut at a random place, and lighter or darker by the full amount.
func draws(r *rand.Rand, mirror bool) Changes {
	c := Changes{Left: r.Float64(), Top: r.Float64(), Light: 1 + light, Mirror: mirror}
	if r.IntN(2) == 0 {
		c.Light = 1 - light
	}
	return c
}

// Change cuts a tenth off each side of a picture, shrinks it to half, makes it lighter or darker, mirrors it if asked, and
// encodes it as JPEG.
func Change(img image.Image, c Changes) ([]byte, error) {
	b := img.Bounds()
	w, h := float64(b.Dx()), float64(b.Dy())
	x, y := b.Min.X+int(c.Left*cut*w), b.Min.Y+int(c.Top*cut*h)
	part := image.Rect(x, y, x+int((1-cut)*w), y+int((1-cut)*h))
	out := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(part.Dx())*scale)), max(1, int(float64(part.Dy())*scale))))
	draw.BiLinear.Scale(out, out.Rect, img, part, draw.Src, nil)
	for i, v := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = uint8(min(float64(v)*c.Light, 255))
		}
	}
	if c.Mirror {
		mirror(out)
	}
	var file bytes.Buffer
	err := jpeg.Encode(&file, out, &jpeg.Options{Quality: quality})
	return file.Bytes(), err
}

func mirror(img *image.RGBA) {
	for y := range img.Rect.Dy() {
		for left, right := 0, img.Rect.Dx()-1; left < right; left, right = left+1, right-1 {
			a, b := img.RGBAAt(left, y), img.RGBAAt(right, y)
			img.SetRGBA(left, y, b)
			img.SetRGBA(right, y, a)
		}
	}
}
