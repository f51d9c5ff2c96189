package imaging_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

func TestReasons(t *testing.T) {
	half := &imaging.Box{X1: 0.5, Y1: 1}
	for name, row := range map[string]struct {
		file   []byte
		limits imaging.Limits
		opts   imaging.Options
		before imaging.Reason // by the headers
		after  imaging.Reason // by the pixels
		format imaging.Format
		w, h   int
	}{
		"jpeg":            {samples()["jpeg"], imaging.Limits{}, imaging.Options{}, 0, 0, imaging.JPEG, 21, 13},
		"png":             {samples()["png"], imaging.Limits{}, imaging.Options{}, 0, 0, imaging.PNG, 21, 13},
		"webp":            {samples()["webp lossy"], imaging.Limits{}, imaging.Options{}, imaging.Foreign, imaging.Foreign, imaging.JPEG, 21, 13},
		"gif":             {samples()["gif animated"], imaging.Limits{}, imaging.Options{}, imaging.Foreign, imaging.Foreign, imaging.JPEG, 21, 13},
		"turned":          {samples()["jpeg exif"], imaging.Limits{}, imaging.Options{}, imaging.Turned, imaging.Turned, imaging.JPEG, 13, 21},
		"turned webp":     {samples()["webp exif"], imaging.Limits{}, imaging.Options{}, imaging.Turned | imaging.Foreign, imaging.Turned | imaging.Foreign, imaging.JPEG, 13, 21},
		"png not taken":   {samples()["png"], imaging.Limits{OnlyJPEG: true}, imaging.Options{}, imaging.Foreign, imaging.Foreign, imaging.JPEG, 21, 13},
		"see-through":     {samples()["png alpha"], imaging.Limits{}, imaging.Options{}, imaging.Transparent, imaging.Transparent, imaging.JPEG, 21, 13},
		"lossless alpha":  {samples()["webp lossless alpha"], imaging.Limits{}, imaging.Options{}, imaging.Transparent | imaging.Foreign, imaging.Transparent | imaging.Foreign, imaging.JPEG, 21, 13},
		"lossy alpha":     {samples()["webp lossy alpha"], imaging.Limits{}, imaging.Options{}, imaging.Transparent | imaging.Foreign, imaging.Transparent | imaging.Foreign, imaging.JPEG, 21, 13},
		"opaque alpha":    {rawRGBA(scene(21, 13, false)), imaging.Limits{}, imaging.Options{}, imaging.Transparent, 0, imaging.PNG, 21, 13},
		"too many bytes":  {pngOf(noise(64, 64)), imaging.Limits{SendBytes: 8000}, imaging.Options{}, imaging.Oversize, imaging.Oversize, imaging.JPEG, 64, 64},
		"cropped":         {samples()["jpeg"], imaging.Limits{}, imaging.Options{Crop: half}, imaging.Cropped, imaging.Cropped, imaging.JPEG, 11, 13},
		"cropped, turned": {samples()["jpeg exif"], imaging.Limits{}, imaging.Options{Crop: half}, imaging.Cropped | imaging.Turned, imaging.Cropped | imaging.Turned, imaging.JPEG, 7, 21},
		"all of it":       {samples()["jpeg"], imaging.Limits{}, imaging.Options{Crop: &imaging.Box{X1: 1, Y1: 1}}, 0, 0, imaging.JPEG, 21, 13},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := inspect(row.file, row.limits)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Reasons(row.opts); got != row.before {
				t.Errorf("reasons by header: %v, want %v", got, row.before)
			}
			photo, err := p.Prepare(context.Background(), row.opts)
			if err != nil {
				t.Fatal(err)
			}
			if photo.Reasons != row.after || photo.Format != row.format || photo.Width != row.w || photo.Height != row.h {
				t.Errorf("got %v, %v, %d × %d, want %v, %v, %d × %d", photo.Reasons, photo.Format, photo.Width, photo.Height,
					row.after, row.format, row.w, row.h)
			}
			if photo.SHA256 != sha256.Sum256(row.file) {
				t.Error("the hash is not that of the original")
			}
			once, twice := readAll(t, photo.Open()), readAll(t, photo.Open())
			if !bytes.Equal(once, twice) || int64(len(once)) != photo.Size() || imaging.Sniff(once) != row.format {
				t.Errorf("read %d and %d bytes, size %d, %v", len(once), len(twice), photo.Size(), imaging.Sniff(once))
			}
			second, err := inspect(once, row.limits)
			if err != nil || second.Info().Width != row.w || second.Info().Height != row.h {
				t.Errorf("the sent image is not complete or has another size: %v", err)
			}
		})
	}
}

func TestTransparencyBecomesWhite(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			img.SetNRGBA(x, y, color.NRGBA{R: 200, A: uint8(255 * (x / 16))}) // left transparent, right red
		}
	}
	photo, err := prepare(pngOf(img), imaging.Limits{}, imaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := must(jpeg.Decode(photo.Open()))
	near(t, "left", got.At(4, 16), color.RGBA{255, 255, 255, 255})
	near(t, "right", got.At(28, 16), color.RGBA{200, 0, 0, 255})
}

func near(t *testing.T, what string, got, want color.Color) {
	t.Helper()
	r, g, b, _ := got.RGBA()
	wr, wg, wb, _ := want.RGBA()
	for _, d := range []int{int(r) - int(wr), int(g) - int(wg), int(b) - int(wb)} {
		if d < -8<<8 || d > 8<<8 {
			t.Errorf("%s: %v, want about %v", what, got, want)
			return
		}
	}
}

// The expected values are EXIF's table: where the stored row 0 and column 0 are on the upright picture.
func TestOrientationIsExact(t *testing.T) {
	const w, h = 5, 3
	stored := image.NewGray(image.Rect(0, 0, w, h))
	for i := range stored.Pix {
		stored.Pix[i] = uint8(10 * i)
	}
	at := func(x, y int) uint8 { return stored.GrayAt(x, y).Y }
	for orientation, corners := range map[int]struct{ topLeft, topRight, bottomLeft uint8 }{
		1: {at(0, 0), at(4, 0), at(0, 2)},
		2: {at(4, 0), at(0, 0), at(4, 2)},
		3: {at(4, 2), at(0, 2), at(4, 0)},
		4: {at(0, 2), at(4, 2), at(0, 0)},
		5: {at(0, 0), at(0, 2), at(4, 0)},
		6: {at(0, 2), at(0, 0), at(4, 2)},
		7: {at(4, 2), at(4, 0), at(0, 2)},
		8: {at(4, 0), at(4, 2), at(0, 0)},
	} {
		p, err := inspect(pngExif(stored, orientation), imaging.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		img := must(p.Decode(context.Background(), 0))
		ww, hh := p.Info().Upright()
		if img.Bounds() != image.Rect(0, 0, ww, hh) || (orientation < 5) != (ww == w && hh == h) {
			t.Fatalf("%d: %v of %d × %d", orientation, img.Bounds(), ww, hh)
		}
		gray := img.(*image.Gray)
		got := [3]uint8{gray.GrayAt(0, 0).Y, gray.GrayAt(ww-1, 0).Y, gray.GrayAt(0, hh-1).Y}
		if want := [3]uint8{corners.topLeft, corners.topRight, corners.bottomLeft}; got != want {
			t.Errorf("%d: corners %v, want %v", orientation, got, want)
		}
		if sorted := slices.Sorted(slices.Values(gray.Pix)); !slices.Equal(sorted, stored.Pix) {
			t.Errorf("%d: pixels were lost: %v", orientation, gray.Pix)
		}
	}
}

func TestCropIsExact(t *testing.T) {
	// A box on the upright picture means the same pixels for every stored orientation.
	upright := image.NewGray(image.Rect(0, 0, 40, 20))
	for i := range upright.Pix {
		upright.Pix[i] = uint8(8 * (i % 40 / 8))
	}
	for box, want := range map[imaging.Box]image.Point{
		{X0: 0.2, Y0: 0, X1: 0.4, Y1: 1}:         {8, 20},
		{X0: 0, Y0: 0, X1: 0.01, Y1: 0.01}:       {1, 1},
		{X0: 0.99, Y0: 0.99, X1: 1, Y1: 1}:       {1, 1},
		{X0: 0.26, Y0: 0.26, X1: 0.49, Y1: 0.49}: {10, 5},
	} {
		photo, err := prepare(pngOf(upright), imaging.Limits{}, imaging.Options{Crop: &box})
		if err != nil {
			t.Fatal(err)
		}
		if got := image.Pt(photo.Width, photo.Height); got != want {
			t.Errorf("%v: %v, want %v", box, got, want)
		}
	}
	stripe := &imaging.Box{X0: 0.2, Y0: 0, X1: 0.4, Y1: 1} // all of it is 8
	for orientation := 1; orientation <= 8; orientation++ {
		photo, err := prepare(pngExif(stored(upright, orientation), orientation), imaging.Limits{}, imaging.Options{Crop: stripe})
		if err != nil {
			t.Fatal(err)
		}
		img := must(jpeg.Decode(photo.Open())).(*image.Gray)
		for i, v := range img.Pix[:8] {
			if v < 6 || v > 10 || img.Bounds().Dx() != 8 {
				t.Fatalf("orientation %d: pixel %d is %d of %v, want 8", orientation, i, v, img.Bounds())
			}
		}
	}
	for _, box := range []imaging.Box{{}, {X0: 0.5, X1: 0.5, Y1: 1}, {X0: 0.6, X1: 0.5, Y1: 1}, {X0: -0.1, X1: 1, Y1: 1}, {X1: 1.1, Y1: 1}, {X0: math.NaN(), X1: 1, Y1: 1}, {X1: math.Inf(1), Y1: 1}} {
		if _, err := prepare(pngOf(upright), imaging.Limits{}, imaging.Options{Crop: &box}); fault.KindOf(err) != fault.InvalidField {
			t.Errorf("%v: %v, want InvalidField", box, err)
		}
	}
}

// stored is the file that a camera in that orientation would save for an upright picture.
func stored(upright *image.Gray, orientation int) *image.Gray {
	w, h := upright.Rect.Dx(), upright.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewGray(size)
	for y := range size.Max.Y {
		for x := range size.Max.X {
			from := [9]image.Point{
				1: {x, y}, 2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {w - 1 - y, x}, 7: {w - 1 - y, h - 1 - x}, 8: {y, h - 1 - x},
			}[orientation]
			out.SetGray(x, y, upright.GrayAt(from.X, from.Y))
		}
	}
	return out
}

func TestFitsTheUpstream(t *testing.T) {
	hard := pngOf(noise(300, 200))
	for _, limit := range []int64{4 << 10, 8 << 10, 20_000, 40_000, 60_000, 100_000} {
		photo, err := prepare(hard, imaging.Limits{SendBytes: limit}, imaging.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if photo.Size() > limit || photo.Size() < limit*3/4 && photo.Quality < 92 {
			t.Errorf("at most %d: %d bytes at quality %d", limit, photo.Size(), photo.Quality)
		}
		if photo.Width > 300 || photo.Height > 200 || photo.Quality < 70 || photo.Quality > 92 {
			t.Errorf("at most %d: %d × %d at quality %d", limit, photo.Width, photo.Height, photo.Quality)
		}
		if scaled := photo.Width < 300; scaled && math.Abs(float64(photo.Width)/float64(photo.Height)-1.5) > 0.05 {
			t.Errorf("at most %d: %d × %d is another shape", limit, photo.Width, photo.Height)
		}
	}
	// Tall enough for sizes to be estimated from strips.
	photo, err := prepare(jpegOf(noise(200, 1600), 98), imaging.Limits{SendBytes: 150_000}, imaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if photo.Size() > 150_000 || photo.Size() < 130_000 || photo.Reasons != imaging.Oversize {
		t.Errorf("%d bytes for %v, want just below 150000", photo.Size(), photo.Reasons)
	}
	// One row of pixels cannot be scaled down.
	photo, err = prepare(pngOf(noise(4000, 1)), imaging.Limits{SendBytes: 4 << 10}, imaging.Options{})
	if err != nil || photo.Height != 1 || photo.Size() > 4<<10 {
		t.Errorf("%v, %v", photo, err)
	}
}

func TestColourProfileIsCarriedOn(t *testing.T) {
	icc := segment(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), "a wide profile"...))
	photo, err := prepare(insert(jpegExif(scene(21, 13, false), 6), 2, icc), imaging.Limits{}, imaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := readAll(t, photo.Open())
	if !bytes.HasPrefix(b, append([]byte{0xff, 0xd8}, icc...)) || bytes.Contains(b, []byte(secret)) {
		t.Errorf("starts %q", b[:60])
	}
	if img, err := jpeg.Decode(bytes.NewReader(b)); err != nil || img.Bounds().Dx() != 13 {
		t.Error(err)
	}
}

func TestKnownHashIsReused(t *testing.T) {
	sum := [sha256.Size]byte{1, 2, 3}
	photo, err := prepare(samples()["jpeg"], imaging.Limits{}, imaging.Options{SHA256: &sum})
	if err != nil || photo.SHA256 != sum {
		t.Errorf("%x, %v", photo.SHA256, err)
	}
}

// The structure is complete, the pixels are not: only decoding can notice.
func TestUndecodablePixels(t *testing.T) {
	b := insert(pngHeader(4, 4)[:33], 33, chunk("eXIf", tiff(binary.BigEndian, 6)), chunk("IDAT", []byte("no zlib")), chunk("IEND", nil))
	p, err := inspect(b, imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Prepare(context.Background(), imaging.Options{})
	wantFault(t, err, fault.ImageUnreadable, "the PNG image is damaged: its pixels cannot be decoded")
}

// A source that fails after inspection is not a damaged picture.
func TestSourceBreaksLater(t *testing.T) {
	b := samples()["jpeg exif"]
	src := &fragile{b: b}
	p, err := imaging.Inspect(context.Background(), src, int64(len(b)), imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	src.err = errors.New("disk gone")
	for name, opts := range map[string]imaging.Options{"hashing": {}, "decoding": {SHA256: new([sha256.Size]byte)}} {
		if _, err := p.Prepare(context.Background(), opts); !errors.Is(err, src.err) || fault.KindOf(err) != fault.Internal {
			t.Errorf("%s: %v, want the source's own error", name, err)
		}
	}
	src.err = io.EOF
	if _, err := io.ReadAll(p.Open()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a source that became shorter: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Prepare(ctx, imaging.Options{SHA256: new([sha256.Size]byte)}); fault.KindOf(err) != fault.CallerGone {
		t.Errorf("cancelled: %v, want CallerGone", err)
	}
}

type fragile struct {
	b   []byte
	err error
}

func (f *fragile) ReadAt(p []byte, at int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return bytes.NewReader(f.b).ReadAt(p, at)
}

func TestDecodeShrinks(t *testing.T) {
	p, err := inspect(jpegExif(scene(400, 200, false), 6), imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	img := must(p.Decode(context.Background(), 100))
	if img.Bounds().Size() != image.Pt(50, 100) {
		t.Fatalf("%v, want 50 × 100", img.Bounds())
	}
	near(t, "the red corner, turned", img.At(40, 90), color.RGBA{250, 30, 20, 255})
}

func TestReasonNames(t *testing.T) {
	got := fmt.Sprint(imaging.Reason(0), imaging.Turned|imaging.Oversize, imaging.Transparent|imaging.Foreign|imaging.Cropped)
	if want := "none turned,oversize transparent,foreign,cropped"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
