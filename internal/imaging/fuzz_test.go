package imaging_test

import (
	"bytes"
	"context"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"testing"

	"golang.org/x/image/webp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// small keeps fuzzed pictures cheap to decode.
var small = imaging.Limits{MaxBytes: 1 << 20, MaxPixels: 1 << 16, MaxSide: 1 << 12, SendBytes: 8 << 10}

func addSamples(f *testing.F) {
	for _, b := range samples() {
		f.Add(b)
		f.Add(append(bytes.Clone(b), "PK\x03\x04"...))
	}
	f.Add(file("animated.webp"))
	f.Add([]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"))
	f.Add([]byte("GIF89a/*\x01\x00\x01\x00\x00*/=1;alert(1)//"))
	f.Add(jpegHeader(65535, 65535))
	f.Add(pngHeader(65535, 65535))
}

var decoders = map[imaging.Format]func(io.Reader) (image.Image, error){
	imaging.JPEG: jpeg.Decode, imaging.PNG: png.Decode, imaging.GIF: gif.Decode, imaging.WebP: webp.Decode,
}

// Every input gives a typed fault, or a picture whose cut form is complete, has the same header and nothing left to
// cut.
func FuzzInspect(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := inspect(b, small)
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.ImageUnreadable && kind != fault.ImageTooLarge {
				t.Fatalf("%v is not an image fault", err)
			}
			return
		}
		if got := imaging.Sniff(b); got != p.Info().Format {
			t.Fatalf("sniffed %v, inspected %v", got, p.Info().Format)
		}
		cut := readAll(t, p.Open())
		second, err := inspect(cut, small)
		if err != nil {
			t.Fatalf("the cut image is refused: %v", err)
		}
		info := second.Info()
		if info.Format == imaging.HEIC || info.Format == imaging.AVIF {
			info.Orientation = 1 // HEIC and AVIF are not cut, because they are never sent
		}
		if info.Trailing != 0 || info.Orientation != 1 || info.Width != p.Info().Width || info.Height != p.Info().Height || info.Alpha != p.Info().Alpha {
			t.Fatalf("%+v became %+v", p.Info(), info)
		}
		if twice := readAll(t, second.Open()); !bytes.Equal(cut, twice) {
			t.Fatalf("cutting again changes\n%q to\n%q", cut, twice)
		}
	})
}

// Removing metadata never changes a pixel.
func FuzzCutKeepsPixels(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := inspect(b, small)
		if err != nil {
			return
		}
		decode := decoders[p.Info().Format]
		if decode == nil {
			return // HEIC and AVIF are not cut
		}
		want, err := decode(bytes.NewReader(b))
		if err != nil {
			return
		}
		got, err := decode(p.Open())
		if err != nil {
			t.Fatalf("the original decodes, the cut image does not: %v", err)
		}
		if got.Bounds() != want.Bounds() {
			t.Fatalf("%v became %v", want.Bounds(), got.Bounds())
		}
		for y := want.Bounds().Min.Y; y < want.Bounds().Max.Y; y++ {
			for x := want.Bounds().Min.X; x < want.Bounds().Max.X; x++ {
				if got.At(x, y) != want.At(x, y) {
					t.Fatalf("(%d, %d): %v became %v", x, y, want.At(x, y), got.At(x, y))
				}
			}
		}
	})
}

// The sent picture is always complete, within the limits, and without metadata.
func FuzzPrepare(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		photo, err := imaging.Prepare(context.Background(), bytes.NewReader(b), int64(len(b)), small, imaging.Options{})
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.ImageUnreadable && kind != fault.ImageTooLarge {
				t.Fatalf("%v is not an image fault", err)
			}
			return
		}
		sent := readAll(t, photo.Open())
		p, err := inspect(sent, small)
		if err != nil || int64(len(sent)) > small.SendBytes || p.Info().Orientation != 1 || p.Info().Trailing != 0 {
			t.Fatalf("%d bytes are sent, %v", len(sent), err)
		}
		if p.Info().Format != imaging.JPEG && p.Info().Format != imaging.PNG {
			t.Fatalf("%v is sent", p.Info().Format)
		}
	})
}
