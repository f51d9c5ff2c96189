package imaging_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"image/color"
	"image/gif"
	"image/jpeg"
	"slices"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// nearly compares a colour within that many levels.
func nearly(t *testing.T, what string, got, want color.Color, levels int) {
	t.Helper()
	g, w := color.RGBAModel.Convert(got).(color.RGBA), color.RGBAModel.Convert(want).(color.RGBA)
	for _, d := range []int{int(g.R) - int(w.R), int(g.G) - int(w.G), int(g.B) - int(w.B)} {
		if d < -levels || d > levels {
			t.Errorf("%s: %v, want about %v", what, g, w)
			return
		}
	}
}

// webpExif is a lossy WebP of 21 × 13 pixels with an EXIF chunk.
func webpExif(exif []byte) []byte {
	plain := file("lossy.webp")
	canvas := append([]byte("VP8X\x0a\x00\x00\x00\x08\x00\x00\x00"), 20, 0, 0, 12, 0, 0)
	b := append([]byte("RIFF\x00\x00\x00\x00WEBP"), canvas...)
	b = append(b, plain[12:]...)
	b = append(b, "EXIF"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(exif)))
	b = append(b, exif...)
	if len(exif)%2 == 1 {
		b = append(b, 0)
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// Some writers put the prefix "Exif\0\0" where it does not belong, or twice. The photo is turned anyway.
func TestPrefixesBeforeEXIF(t *testing.T) {
	const prefix = "Exif\x00\x00"
	block := tiff(binary.LittleEndian, 6)
	for _, n := range []int{0, 1, 2, 3} {
		exif := append(bytes.Repeat([]byte(prefix), n), block...)
		files := map[string][]byte{
			"png":  insert(pngOf(scene(21, 13, false)), 33, chunk("eXIf", exif)),
			"webp": webpExif(exif),
		}
		if n > 0 {
			files["jpeg"] = insert(jpegOf(scene(21, 13, false), 90), 2, segment(0xe1, exif))
		}
		for name, b := range files {
			photo, err := prepare(b, imaging.Limits{}, imaging.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if photo.Info.Orientation != 6 || photo.Width != 13 || photo.Height != 21 {
				t.Errorf("%s, %d prefixes: orientation %d, sent as %d × %d", name, n, photo.Info.Orientation, photo.Width, photo.Height)
			}
		}
	}
}

// trailer is what a camera maker may write in place of the end-of-image marker.
func trailer() []byte {
	return slices.Concat([]byte{0, 0, 0x30, 0x0a}, []byte("Panorama_Info"+secret), []byte{0xff, 0xd8, 0xff, 0x01, 0xff}, []byte("SEFT"))
}

func TestJPEGWithoutEndMarker(t *testing.T) {
	full := samples()["jpeg"]
	want := must(jpeg.Decode(bytes.NewReader(full)))
	bare := full[:len(full)-2]
	for name, b := range map[string][]byte{
		"nothing":        bare,
		"half a marker":  append(bytes.Clone(bare), 0xff),
		"trailer":        append(bytes.Clone(bare), trailer()...),
		"long trailer":   append(bytes.Clone(bare), bytes.Repeat(trailer(), 5000)...),
		"embedded photo": slices.Concat(bare, []byte{0, 0}, jpegExif(noise(16, 16), 1)),
		"false segment":  slices.Concat(bare, segment(0xc4, []byte{9, 9, 9}), trailer()),
	} {
		photo, err := prepare(b, imaging.Limits{}, imaging.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sent := readAll(t, photo.Open())
		got, err := jpeg.Decode(bytes.NewReader(sent))
		if err != nil || bytes.Contains(sent, []byte(secret)) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for y := range 13 {
			for x := range 21 {
				nearly(t, name, got.At(x, y), want.At(x, y), 24)
			}
		}
	}
}

// Missing pixels are an error with and without a marker.
func TestJPEGWithoutEndMarkerAndPixels(t *testing.T) {
	full := jpegOf(scene(64, 64, false), 90)
	for _, tail := range [][]byte{nil, {0xff, 0xd9}, {0xff}, append([]byte{0xff, 0xe1}, trailer()...)} {
		b := append(bytes.Clone(full[:len(full)-40]), tail...)
		p, err := inspect(b, imaging.Limits{})
		if err == nil {
			_, err = p.Decode(context.Background(), 0)
		}
		if fault.KindOf(err) != fault.ImageUnreadable {
			t.Errorf("ends with %q: %v, want ImageUnreadable", tail, err)
		}
	}
}

// screen sets another screen size in a GIF.
func screen(b []byte, w, h uint16) []byte {
	b = bytes.Clone(b)
	binary.LittleEndian.PutUint16(b[6:], w)
	binary.LittleEndian.PutUint16(b[8:], h)
	return b
}

func TestGIFsThatBrowsersShow(t *testing.T) {
	full := gifOf(1)
	want := must(gif.Decode(bytes.NewReader(full)))
	two := gifOf(2)
	for name, b := range map[string][]byte{
		"no trailer":         full[:len(full)-1],
		"small screen":       screen(full, 5, 4),
		"narrow screen":      screen(full, 5, 13),
		"both":               screen(full[:len(full)-1], 5, 4),
		"second frame short": two[:len(two)-20],
	} {
		p, err := inspect(b, imaging.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := gif.Decode(p.Open())
		if err != nil || got.Bounds() != want.Bounds() || p.Info().Width != 21 || p.Info().Height != 13 {
			t.Errorf("%s: %v, %v", name, p.Info(), err)
			continue
		}
		for y := range 13 {
			for x := range 21 {
				if got.At(x, y) != want.At(x, y) {
					t.Fatalf("%s: (%d, %d) is %v, want %v", name, x, y, got.At(x, y), want.At(x, y))
				}
			}
		}
	}
	// The enlarged screen has the same bounds as any size.
	_, err := inspect(screen(full, 5, 4), imaging.Limits{MaxPixels: 100})
	wantFault(t, err, fault.ImageTooLarge, "the image is 21 × 13 pixels; at most 100 are accepted in total")
}
