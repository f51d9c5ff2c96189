package imaging_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"golang.org/x/image/webp"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// The photo without metadata is byte for byte the clean file it was made from.
func TestMetadataIsCutAndNothingElse(t *testing.T) {
	note := []byte(secret + " 30.27N 120.15E")
	plain := jpegOf(scene(21, 13, false), 90)
	icc := segment(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), "a profile"...))
	jfif := []byte("JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x00\x00")
	thumbnail := append(append(bytes.Clone(jfif[:12]), 1, 1), "abc"...)
	adobe := []byte("Adobe\x00\x64\x00\x00\x00\x00\x01")
	clean := insert(plain, 2, segment(0xe0, jfif), icc, segment(0xee, adobe))
	dirty := insert(plain, 2,
		segment(0xe0, thumbnail), exifSegment(1), []byte("junk"+secret), segment(0xe0, append([]byte("JFXX\x00"), note...)),
		segment(0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), note...)), icc,
		segment(0xe2, append([]byte("MPF\x00"), note...)), segment(0xed, append([]byte("Photoshop 3.0\x00"), note...)),
		segment(0xfe, note), segment(0xef, note), []byte{0xff, 0xff}, segment(0xee, append(bytes.Clone(adobe), note...)))
	dirty = append(dirty, note...)

	bare := pngOf(scene(21, 13, false))
	gamma := chunk("gAMA", []byte{0, 0, 0xb1, 0x8f})
	cleanPNG := insert(bare, 33, gamma)
	dirtyPNG := insert(bare, 33, chunk("tEXt", append([]byte("Place\x00"), note...)), gamma, chunk("gAMA", note),
		chunk("iTXt", note), chunk("zTXt", note), chunk("tIME", note), chunk("pHYs", note), chunk("prVt", note),
		chunk("eXIf", tiff(binary.BigEndian, 1)))
	dirtyPNG = insert(dirtyPNG, len(dirtyPNG)-12, chunk("tEXt", note), chunk("eXIf", note))
	dirtyPNG = append(dirtyPNG, note...)

	still := gifOf(1)
	comment := append(append([]byte{0x21, 0xfe, byte(len(note))}, note...), 0)
	xmp := append(append([]byte{0x21, 0xff, 11}, "XMP DataXMP"...), append(append([]byte{byte(len(note))}, note...), 0)...)
	dirtyGIF := append(insert(still, len(still)-1, comment, xmp), note...)
	dirtyGIF = insert(dirtyGIF, 13, xmp, comment) // it has no global colours

	for name, row := range map[string]struct{ dirty, clean []byte }{
		"jpeg":            {dirty, clean},
		"jpeg clean":      {clean, clean},
		"png":             {dirtyPNG, cleanPNG},
		"png clean":       {cleanPNG, cleanPNG},
		"gif":             {dirtyGIF, still},
		"gif of two":      {gifOf(2), nil},
		"webp clean":      {file("lossless.webp"), file("lossless.webp")},
		"webp with alpha": {file("lossy-alpha.webp"), file("lossy-alpha.webp")},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := inspect(row.dirty, imaging.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got := readAll(t, p.Open())
			if row.clean != nil && !bytes.Equal(got, row.clean) {
				t.Errorf("got  %q\nwant %q", got, row.clean)
			}
			if bytes.Contains(got, []byte(secret)) {
				t.Error("metadata was kept")
			}
		})
	}
}

func TestWebPKeepsItsPixelsWithoutItsMetadata(t *testing.T) {
	b := file("lossy-exif6.webp")
	if !bytes.Contains(b, []byte(secret)) {
		t.Fatal("the sample has no metadata")
	}
	p, err := inspect(b, imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := readAll(t, p.Open()), file("lossy.webp"); !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestWebPPixels(t *testing.T) {
	want := scene(21, 13, false)
	img := must(webp.Decode(bytes.NewReader(file("lossless.webp"))))
	p, err := inspect(file("lossless.webp"), imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got := must(webp.Decode(p.Open()))
	for y := range 13 {
		for x := range 21 {
			if got.At(x, y) != img.At(x, y) || got.At(x, y) != want.At(x, y) {
				t.Fatalf("(%d, %d): %v, want %v", x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
}
