package picture_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"strconv"
	"testing"

	"golang.org/x/image/draw"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

// changed returns a buyer's copy of a photo: cut by a tenth, shrunk to half, lighter or darker, perhaps mirrored,
// compressed strongly.
func changed(t *testing.T, r *rand.Rand, img image.Image, mirror bool) image.Image {
	t.Helper()
	side := img.Bounds().Dx()
	x, y := r.IntN(side/10+1), r.IntN(side/10+1)
	out := image.NewRGBA(image.Rect(0, 0, side/2, side/2))
	draw.BiLinear.Scale(out, out.Rect, img, image.Rect(x, y, x+side*9/10, y+side*9/10), draw.Src, nil)
	light := 115 - 30*r.IntN(2)
	for i, v := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = uint8(min(int(v)*light/100, 255))
		}
	}
	if mirror {
		straight := *out
		straight.Pix = append([]uint8(nil), out.Pix...)
		for y := range side / 2 {
			for x := range side / 2 {
				out.SetRGBA(x, y, straight.RGBAAt(side/2-1-x, y))
			}
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: 40}); err != nil {
		t.Fatal(err)
	}
	back, err := jpeg.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// TestChangedPhotosFindTheirGoods uses a fifth of the catalogue. sandbox/gallery/measure uses all of it.
func TestChangedPhotosFindTheirGoods(t *testing.T) {
	var offers []*catalog.Offer
	for _, o := range catalog.Embedded() {
		if o.Status == catalog.StatusPublished && o.Look.Goods%5 == 2 {
			offers = append(offers, o)
		}
	}
	var index likeness.Index
	group := map[string]string{}
	for _, o := range offers {
		key := strconv.FormatInt(o.ID, 10)
		group[key] = o.Group
		index.Add(key, likeness.Of(picture.Draw(o.Look, 96)))
	}
	const seed, questions = 20261101, 60
	r := rand.New(rand.NewPCG(seed, 1))
	first, ten := 0, 0
	for i := range questions {
		o := offers[r.IntN(len(offers))]
		found := index.Nearest(likeness.Of(changed(t, r, picture.Draw(o.Look, picture.Side), i%2 == 0)), 10)
		if group[found[0].Key] == o.Group {
			first++
		}
		for _, m := range found {
			if group[m.Key] == o.Group {
				ten++
				break
			}
		}
	}
	if first < questions*95/100 || ten < questions*99/100 {
		t.Errorf("seed %d: of %d changed photos %d found their goods first, %d in the top ten", seed, questions, first, ten)
	}
}

// TestSizeDoesNotMatter: an index of small drawings can be searched with large photos.
func TestSizeDoesNotMatter(t *testing.T) {
	for i, o := range catalog.Embedded() {
		if i%150 != 0 {
			continue
		}
		small, large := likeness.Of(picture.Draw(o.Look, 96)), likeness.Of(picture.Draw(o.Look, picture.Side))
		if got := small.Likeness(large); got < 0.88 {
			t.Errorf("group %s: drawn in two sizes alike by %.2f only", o.Group, got)
		}
	}
}
