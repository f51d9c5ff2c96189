package imaging_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// secret is a text in metadata that must not be sent.
const secret = "GPSMARKER"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// scene is a small picture with smooth and sharp parts; alpha decreases from left to right if requested.
func scene(w, h int, alpha bool) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{R: uint8(x * 255 / w), G: uint8(y * 255 / h), B: uint8(200 - x*100/w), A: 255}
			if x >= w/2 && y < h/2 {
				c = color.NRGBA{R: 250, G: 30, B: 20, A: 255}
			}
			if alpha {
				c.A = uint8(255 - x*255/w)
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// noise is a picture that compresses badly.
func noise(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	state := uint32(1)
	for i := range img.Pix {
		state = state*1664525 + 1013904223
		img.Pix[i] = byte(state >> 24)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

func jpegOf(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// gifOf has one frame or two.
func gifOf(frames int) []byte {
	all := &gif.GIF{}
	for range frames {
		img := image.NewPaletted(image.Rect(0, 0, 21, 13), color.Palette{color.Black, color.White, color.RGBA{R: 200, A: 255}})
		for i := range img.Pix {
			img.Pix[i] = uint8(i % 3)
		}
		all.Image, all.Delay = append(all.Image, img), append(all.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, all); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// file is a WebP from testdata, made with cwebp and webpmux from scene(21, 13).
func file(name string) []byte { return must(os.ReadFile(filepath.Join("testdata", name))) }

// insert puts b into file at an offset.
func insert(file []byte, at int, b ...[]byte) []byte {
	out := bytes.Clone(file[:at])
	for _, piece := range b {
		out = append(out, piece...)
	}
	return append(out, file[at:]...)
}

func segment(marker byte, body []byte) []byte {
	n := len(body) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, body...)
}

func chunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// rawRGBA is a PNG that always has an alpha channel; the standard encoder drops an opaque one.
func rawRGBA(img *image.NRGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var data bytes.Buffer
	z := zlib.NewWriter(&data)
	for y := range h {
		must(z.Write([]byte{0}))
		must(z.Write(img.Pix[y*img.Stride:][:4*w]))
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0))...)
	return append(append(b, chunk("IDAT", data.Bytes())...), chunk("IEND", nil)...)
}

// tiff is an EXIF block with a secret description and an orientation.
func tiff(order binary.AppendByteOrder, orientation int) []byte {
	head := "II*\x00"
	if order.String() == binary.BigEndian.String() {
		head = "MM\x00*"
	}
	b := order.AppendUint32([]byte(head), 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010e)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, uint32(len(secret)))
	b = order.AppendUint32(b, uint32(8+2+2*12+4))
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, uint16(orientation))
	b = order.AppendUint16(b, 0)
	b = order.AppendUint32(b, 0)
	return append(b, secret...)
}

func exifSegment(orientation int) []byte {
	return segment(0xe1, append([]byte("Exif\x00\x00"), tiff(binary.BigEndian, orientation)...))
}

// jpegExif is a JPEG with an EXIF orientation.
func jpegExif(img image.Image, orientation int) []byte {
	return insert(jpegOf(img, 90), 2, exifSegment(orientation))
}

// pngExif is a PNG with an EXIF orientation.
func pngExif(img image.Image, orientation int) []byte {
	return insert(pngOf(img), 33, chunk("eXIf", tiff(binary.LittleEndian, orientation)))
}

// samples are complete files of every supported kind.
func samples() map[string][]byte {
	return map[string][]byte{
		"jpeg":                jpegOf(scene(21, 13, false), 90),
		"jpeg gray":           jpegOf(image.NewGray(image.Rect(0, 0, 9, 7)), 90),
		"jpeg exif":           jpegExif(scene(21, 13, false), 6),
		"png":                 pngOf(scene(21, 13, false)),
		"png alpha":           pngOf(scene(21, 13, true)),
		"png exif":            pngExif(scene(21, 13, false), 8),
		"gif":                 gifOf(1),
		"gif animated":        gifOf(2),
		"webp lossy":          file("lossy.webp"),
		"webp lossless":       file("lossless.webp"),
		"webp lossy alpha":    file("lossy-alpha.webp"),
		"webp lossless alpha": file("lossless-alpha.webp"),
		"webp exif":           file("lossy-exif6.webp"),
	}
}

func inspect(b []byte, limits imaging.Limits) (*imaging.Picture, error) {
	return imaging.Inspect(context.Background(), bytes.NewReader(b), int64(len(b)), limits)
}

func prepare(b []byte, limits imaging.Limits, opts imaging.Options) (*imaging.Photo, error) {
	return imaging.Prepare(context.Background(), bytes.NewReader(b), int64(len(b)), limits, opts)
}

func readAll(t testing.TB, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// wantFault checks kind and detail of a fault.
func wantFault(t testing.TB, err error, kind fault.Kind, detail string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind || f.Detail != detail {
		t.Errorf("got %v\nwant %v: %s", err, kind, detail)
	}
}
