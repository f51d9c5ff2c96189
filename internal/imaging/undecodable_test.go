package imaging_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	tiffs "golang.org/x/image/tiff"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// inks is a CMYK JPEG of 8 × 8 pixels in one tone, without the Adobe segment.
func inks() []byte {
	tables := jpegOf(image.NewGray(image.Rect(0, 0, 8, 8)), 90)
	tables = tables[2:bytes.Index(tables, []byte{0xff, 0xc0})]
	codes := jpegOf(image.NewGray(image.Rect(0, 0, 8, 8)), 90)
	codes = codes[bytes.Index(codes, []byte{0xff, 0xc4}):bytes.Index(codes, []byte{0xff, 0xda})]
	frame, scan := []byte{8, 0, 8, 0, 8, 4}, []byte{4}
	for id := range byte(4) {
		frame = append(frame, id+1, 0x11, 0)
		scan = append(scan, id+1, 0)
	}
	// Each colour's block is "no difference, end of block": 00 1010.
	return slices.Concat([]byte{0xff, 0xd8}, tables, segment(0xc0, frame), codes, segment(0xda, append(scan, 0, 63, 0)),
		[]byte{0x28, 0xa2, 0x8a, 0xff, 0xd9})
}

// box is a box of an ISO base media file.
func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), []byte(kind), body)
}

// TestUndecodableIsNotDamaged: a format without a decoder, or a pixel format that a decoder does not know, is reported
// as not supported, not as damaged. A truncated picture of any kind is reported as damaged.
func TestUndecodableIsNotDamaged(t *testing.T) {
	const notOne = "this is not an image in a supported format; supported are JPEG, PNG, WebP, GIF, HEIC and AVIF"
	var asTIFF, asBMP bytes.Buffer
	for _, err := range []error{tiffs.Encode(&asTIFF, scene(21, 13, false), nil), bmp.Encode(&asBMP, scene(21, 13, false))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	deep := jpegHeader(16, 16)
	deep[bytes.Index(deep, []byte{0xff, 0xc0})+4] = 12
	five := slices.Concat([]byte{0xff, 0xd8}, segment(0xc0, slices.Concat([]byte{8, 0, 8, 0, 8, 5}, bytes.Repeat([]byte{1, 0x11, 0}, 5))))
	lossless := jpegHeader(16, 16)
	lossless[bytes.Index(lossless, []byte{0xff, 0xc0})+1] = 0xc3
	full := avifOf(t, scene(32, 32, false))
	other := bytes.ReplaceAll(full, []byte("avif"), []byte("heic"))
	for name, row := range map[string]struct {
		file   []byte
		detail string
	}{
		"TIFF":                     {asTIFF.Bytes(), notOne},
		"TIFF, big-endian":         {[]byte("MM\x00\x2a\x00\x00\x00\x08" + strings.Repeat("\x00", 64)), notOne},
		"BMP":                      {asBMP.Bytes(), notOne},
		"JPEG XL":                  {append([]byte{0xff, 0x0a}, make([]byte, 64)...), notOne},
		"JPEG XL in a box":         {slices.Concat(box("JXL ", []byte("\r\n\x87\n")), box("ftyp", []byte("jxl \x00\x00\x00\x00jxl "))), notOne},
		"JPEG 2000":                {slices.Concat(box("jP  ", []byte("\r\n\x87\n")), box("ftyp", []byte("jp2 \x00\x00\x00\x00jp2 "))), notOne},
		"JPEG XR":                  {[]byte("II\xbc\x01" + strings.Repeat("\x00", 64)), notOne},
		"icon":                     {[]byte("\x00\x00\x01\x00\x01\x00" + strings.Repeat("\x00", 64)), notOne},
		"Photoshop":                {[]byte("8BPS\x00\x01" + strings.Repeat("\x00", 64)), notOne},
		"PostScript":               {[]byte("%!PS-Adobe-3.0 EPSF-3.0\n"), notOne},
		"QOI":                      {[]byte("qoif\x00\x00\x00\x01\x00\x00\x00\x01\x03\x00"), notOne},
		"film":                     {box("ftyp", []byte("isom\x00\x00\x02\x00isomiso2avc1mp41")), notOne},
		"film by QuickTime":        {box("ftyp", []byte("qt  \x20\x05\x03\x00qt  ")), notOne},
		"raw of Canon":             {box("ftyp", []byte("crx \x00\x00\x00\x01crx isom")), notOne},
		"JPEG of 12 bits":          {deep, "a depth other than 8 bits in JPEG images is not supported"},
		"JPEG in five colours":     {five, "this number of colour components in JPEG images is not supported"},
		"JPEG without loss":        {lossless, "lossless, hierarchical or arithmetic coding in JPEG images is not supported"},
		"JPEG in unnamed inks":     {inks(), "this pixel format in JPEG images is not supported"},
		"WebP that moves":          {file("animated.webp"), "animation in WebP images is not supported"},
		"AVIF, cut off":            {full[:len(full)-20], "the AVIF image is damaged: the file ends too early"},
		"HEIC, cut off":            {other[:60], "the HEIC image is damaged: the file ends too early"},
		"HEIC of another's pixels": {other, "this pixel format in HEIC images is not supported"},
	} {
		t.Run(name, func(t *testing.T) {
			picture, err := inspect(row.file, imaging.Limits{})
			if err == nil {
				_, err = picture.Decode(t.Context(), 0)
			}
			wantFault(t, err, fault.ImageUnreadable, row.detail)
		})
	}
}
