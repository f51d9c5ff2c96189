package imaging_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

func TestSniff(t *testing.T) {
	box := func(brands ...string) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(12+4*len(brands)))
		b = append(append(b, "ftyp"...), brands[0]...)
		b = append(b, 0, 0, 0, 0)
		for _, brand := range brands[1:] {
			b = append(b, brand...)
		}
		return b
	}
	for name, row := range map[string]struct {
		head   []byte
		format imaging.Format
	}{
		"jpeg":              {[]byte("\xff\xd8\xff\xe0"), imaging.JPEG},
		"jpeg cut":          {[]byte("\xff\xd8"), imaging.Unknown},
		"png":               {[]byte("\x89PNG\r\n\x1a\n"), imaging.PNG},
		"png as text":       {[]byte("\x89PNG\n\x1a\n"), imaging.Unknown},
		"gif 87":            {[]byte("GIF87a"), imaging.GIF},
		"gif 89":            {[]byte("GIF89a"), imaging.GIF},
		"gif of no version": {[]byte("GIF90a"), imaging.Unknown},
		"webp":              {[]byte("RIFF\x00\x00\x00\x00WEBPVP8 "), imaging.WebP},
		"wave":              {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), imaging.Unknown},
		"heic":              {box("heic", "mif1", "heic"), imaging.HEIC},
		"heif":              {box("mif1", "heic"), imaging.HEIC},
		"avif":              {box("avif", "mif1", "miaf"), imaging.AVIF},
		"avif under mif1":   {box("mif1", "miaf", "avif"), imaging.AVIF},
		"mp4":               {box("isom", "mp42"), imaging.Unknown},
		"brand behind box":  {append(box("isom"), "avif"...), imaging.Unknown},
		"text":              {[]byte("a picture of a cat"), imaging.Unknown},
		"nothing":           {nil, imaging.Unknown},
	} {
		if got := imaging.Sniff(row.head); got != row.format {
			t.Errorf("%s: %v, want %v", name, got, row.format)
		}
	}
}

func TestInspectReadsTheHeader(t *testing.T) {
	zip := []byte("PK\x03\x04 a whole archive")
	for name, row := range map[string]struct {
		file []byte
		want imaging.Info
	}{
		"jpeg":         {samples()["jpeg"], imaging.Info{Format: imaging.JPEG, Width: 21, Height: 13, Orientation: 1}},
		"jpeg turned":  {samples()["jpeg exif"], imaging.Info{Format: imaging.JPEG, Width: 21, Height: 13, Orientation: 6}},
		"jpeg and zip": {append(samples()["jpeg"], zip...), imaging.Info{Format: imaging.JPEG, Width: 21, Height: 13, Orientation: 1, Trailing: 20}},
		"false turn":   {jpegExif(scene(21, 13, false), 9), imaging.Info{Format: imaging.JPEG, Width: 21, Height: 13, Orientation: 1}},
		"png":          {samples()["png"], imaging.Info{Format: imaging.PNG, Width: 21, Height: 13, Orientation: 1}},
		"png alpha":    {samples()["png alpha"], imaging.Info{Format: imaging.PNG, Width: 21, Height: 13, Orientation: 1, Alpha: true}},
		"png turned":   {samples()["png exif"], imaging.Info{Format: imaging.PNG, Width: 21, Height: 13, Orientation: 8}},
		"png and zip":  {append(samples()["png"], zip...), imaging.Info{Format: imaging.PNG, Width: 21, Height: 13, Orientation: 1, Trailing: 20}},
		"gif":          {samples()["gif"], imaging.Info{Format: imaging.GIF, Width: 21, Height: 13, Orientation: 1}},
		"gif animated": {append(samples()["gif animated"], zip...), imaging.Info{Format: imaging.GIF, Width: 21, Height: 13, Orientation: 1, Animated: true, Trailing: 20}},
		"webp lossy":   {samples()["webp lossy"], imaging.Info{Format: imaging.WebP, Width: 21, Height: 13, Orientation: 1}},
		"webp alpha":   {samples()["webp lossy alpha"], imaging.Info{Format: imaging.WebP, Width: 21, Height: 13, Orientation: 1, Alpha: true}},
		"lossless":     {samples()["webp lossless"], imaging.Info{Format: imaging.WebP, Width: 21, Height: 13, Orientation: 1}},
		"lossless a":   {samples()["webp lossless alpha"], imaging.Info{Format: imaging.WebP, Width: 21, Height: 13, Orientation: 1, Alpha: true}},
		"webp turned":  {append(samples()["webp exif"], zip...), imaging.Info{Format: imaging.WebP, Width: 21, Height: 13, Orientation: 6, Trailing: 20}},
	} {
		p, err := inspect(row.file, imaging.Limits{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(row.want, p.Info()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if kept := int64(len(readAll(t, p.Open()))); kept+p.Info().Trailing > int64(len(row.file)) {
			t.Errorf("%s: %d bytes kept, %d cut, of %d", name, kept, p.Info().Trailing, len(row.file))
		}
	}
}

// Headers that claim sizes, without pixels.
func jpegHeader(w, h int) []byte {
	frame := []byte{8, byte(h >> 8), byte(h), byte(w >> 8), byte(w), 1, 1, 0x11, 0}
	return slices.Concat([]byte{0xff, 0xd8}, segment(0xc0, frame), segment(0xda, []byte{1, 1, 0, 0, 63, 0}), []byte{0, 0xff, 0xd9})
}

func pngHeader(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0)), chunk("IDAT", []byte{1}), chunk("IEND", nil))
}

func gifHeader(w, h uint16) []byte {
	b := append([]byte("GIF89a"), byte(w), byte(w>>8), byte(h), byte(h>>8), 0, 0, 0)
	return append(b, ';')
}

func webpHeader(w, h int) []byte {
	w, h = w-1, h-1
	return append([]byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00"),
		byte(w), byte(w>>8), byte(w>>16), byte(h), byte(h>>8), byte(h>>16))
}

func TestRefused(t *testing.T) {
	const taken = "; supported are JPEG, PNG, WebP, GIF, HEIC and AVIF"
	const notOne = "this is not an image in a supported format" + taken
	unreadable, large := fault.ImageUnreadable, fault.ImageTooLarge
	flipped := bytes.Clone(samples()["png"])
	flipped[len(flipped)-20] ^= 1
	interrupted := insert(samples()["png"], 33, chunk("IDAT", []byte{0x78}), chunk("tEXt", []byte("a\x00b")))
	arithmetic := bytes.Clone(samples()["jpeg"])
	arithmetic[bytes.Index(arithmetic, []byte{0xff, 0xc0})+1] = 0xc9
	for name, row := range map[string]struct {
		file   []byte
		kind   fault.Kind
		detail string
	}{
		"nothing":         {nil, unreadable, "the image is empty" + taken},
		"text":            {[]byte("a picture of a cat"), unreadable, notOne},
		"html":            {[]byte("<!DOCTYPE html><html><img src=a.jpg></html>"), unreadable, notOne},
		"pdf":             {[]byte("%PDF-1.7\n"), unreadable, notOne},
		"svg":             {[]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), unreadable, notOne},
		"bmp":             {append([]byte("BM"), make([]byte, 60)...), unreadable, notOne},
		"shell, then png": {append([]byte("#!/bin/sh\n"), samples()["png"]...), unreadable, notOne},
		"heic":            {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), unreadable, "the HEIC image is damaged: it describes no image"},
		"avif":            {[]byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif"), unreadable, "the AVIF image is damaged: it describes no image"},
		"animated webp":   {file("animated.webp"), unreadable, "animation in WebP images is not supported"},
		"gif and script":  {[]byte("GIF89a/*\x01\x00\x01\x00\x00*/=1;alert(1)//"), unreadable, "the GIF image is damaged: it has a block of an unknown kind"},

		"no pixels jpeg": {jpegHeader(16, 0), unreadable, "the JPEG image is damaged: it has no pixels"},
		"no pixels png":  {pngHeader(0, 9), unreadable, "the PNG image is damaged: it has no pixels"},
		"no pixels gif":  {gifHeader(0, 0), unreadable, "the GIF image is damaged: it has no pixels"},
		"no frame gif":   {gifHeader(4, 4), unreadable, "the GIF image is damaged: it has no pixels"},
		"no frame webp":  {webpHeader(4, 4), unreadable, "the WebP image is damaged: it has no pixels"},

		"bomb jpeg":        {jpegHeader(65535, 65535), large, "the image is 65535 × 65535 pixels; at most 20000 are accepted on a side"},
		"bomb png":         {pngHeader(65535, 65535), large, "the image is 65535 × 65535 pixels; at most 20000 are accepted on a side"},
		"bomb png, sign":   {pngHeader(1<<31, 1<<31), large, "the image is 2147483648 × 2147483648 pixels; at most 20000 are accepted on a side"},
		"bomb gif":         {gifHeader(65535, 65535), large, "the image is 65535 × 65535 pixels; at most 20000 are accepted on a side"},
		"bomb webp":        {webpHeader(1<<24, 1<<24), large, "the image is 16777216 × 16777216 pixels; at most 20000 are accepted on a side"},
		"large in all":     {pngHeader(10000, 5001), large, "the image is 10000 × 5001 pixels; at most 50000000 are accepted in total"},
		"png bit flip":     {flipped, unreadable, "the PNG image is damaged: a checksum does not match"},
		"png interrupted":  {interrupted, unreadable, "the PNG image is damaged: its pixels are interrupted"},
		"png unknown part": {insert(samples()["png"], 33, chunk("EVIL", nil)), unreadable, "the PNG image is damaged: it has an unknown critical chunk"},
		"jpeg arithmetic":  {arithmetic, unreadable, "lossless, hierarchical or arithmetic coding in JPEG images is not supported"},
		"jpeg of tables":   {[]byte("\xff\xd8\xff\xd9"), unreadable, "the JPEG image is damaged: it has no pixels"},
		"jpeg in jpeg":     {insert(samples()["jpeg"], 2, samples()["jpeg"]), unreadable, "the JPEG image is damaged: it has a marker where none may be"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, err := prepare(row.file, imaging.Limits{}, imaging.Options{})
			if took := time.Since(start); took > 10*time.Second { // A bomb takes minutes; a busy machine may take a second.
				t.Errorf("took %v", took)
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
				t.Errorf("took %d bytes of memory", grown)
			}
			wantFault(t, err, row.kind, row.detail)
		})
	}
}

func TestLimits(t *testing.T) {
	b := samples()["png"]
	_, err := inspect(b, imaging.Limits{MaxBytes: int64(len(b)) - 1})
	f, _ := fault.As(err)
	if f == nil || f.Kind != fault.ImageTooLarge {
		t.Errorf("one byte too many: %v", err)
	}
	for name, limits := range map[string]imaging.Limits{
		"bytes":  {MaxBytes: int64(len(b))},
		"pixels": {MaxPixels: 21 * 13},
		"side":   {MaxSide: 21},
	} {
		if _, err := inspect(b, limits); err != nil {
			t.Errorf("exactly at the limit of %s: %v", name, err)
		}
	}
	_, err = inspect(b, imaging.Limits{MaxPixels: 21*13 - 1})
	wantFault(t, err, fault.ImageTooLarge, "the image is 21 × 13 pixels; at most 272 are accepted in total")
	_, err = inspect(b, imaging.Limits{MaxSide: 20})
	wantFault(t, err, fault.ImageTooLarge, "the image is 21 × 13 pixels; at most 20 are accepted on a side")
}

// A truncated file is refused, unless only bytes without pixels are missing (an end marker, a later frame). Then the
// result is that of the complete file.
func TestTruncatedAnywhereIsRefused(t *testing.T) {
	for name, full := range samples() {
		t.Run(name, func(t *testing.T) {
			want := pixels(t, full)
			taken := 0
			for n := range len(full) {
				p, err := inspect(full[:n], imaging.Limits{})
				var got image.Image
				if err == nil {
					got, err = p.Decode(context.Background(), 0)
				}
				switch {
				case err == nil:
					taken++
					if !cmp.Equal(want, got) {
						t.Fatalf("the first %d of %d bytes are accepted and look different", n, len(full))
					}
				case fault.KindOf(err) != fault.ImageUnreadable:
					t.Fatalf("the first %d of %d bytes: %v, want ImageUnreadable", n, len(full), err)
				}
			}
			switch format := imaging.Sniff(full); {
			case format == imaging.JPEG && (taken < 2 || taken > 3), format == imaging.GIF && taken == 0:
				t.Errorf("%d truncated files are accepted", taken)
			case format != imaging.JPEG && format != imaging.GIF && taken > 0:
				t.Errorf("%d truncated files are accepted", taken)
			}
		})
	}
}

// pixels returns the pixels that count here.
func pixels(t *testing.T, b []byte) image.Image {
	t.Helper()
	p, err := inspect(b, imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	img, err := p.Decode(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// A source may be shorter than it says, fail, or be cancelled. Only the first is a fault of the picture.
func TestSourceFaults(t *testing.T) {
	b := samples()["jpeg"]
	_, err := imaging.Inspect(context.Background(), bytes.NewReader(b), int64(len(b))+9, imaging.Limits{})
	if err != nil {
		t.Errorf("only bytes after the image are missing: %v", err)
	}
	broken := errors.New("disk gone")
	_, err = imaging.Inspect(context.Background(), failing{broken}, 100, imaging.Limits{})
	if !errors.Is(err, broken) || fault.KindOf(err) != fault.Internal {
		t.Errorf("got %v, want the source's own error", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = imaging.Inspect(ctx, bytes.NewReader(b), int64(len(b)), imaging.Limits{})
	if fault.KindOf(err) != fault.CallerGone || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want CallerGone", err)
	}
	ctx, cancel = context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	_, err = imaging.Inspect(ctx, bytes.NewReader(b), int64(len(b)), imaging.Limits{})
	if fault.KindOf(err) != fault.DeadlineExceeded {
		t.Errorf("got %v, want DeadlineExceeded", err)
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

// A file with a million tiny pieces must not take memory for each.
func TestManyPiecesAreBounded(t *testing.T) {
	var comments []byte
	for range 20_000 {
		comments = append(comments, segment(0xfe, nil)...)
		comments = append(comments, segment(0xdd, []byte{0, 0})...)
	}
	_, err := inspect(insert(samples()["jpeg"], 2, comments), imaging.Limits{})
	wantFault(t, err, fault.ImageUnreadable, "the JPEG image is damaged: it has far too many parts")
}

func TestDecodeCost(t *testing.T) {
	wide := image.Rect(0, 0, 640, 320)
	const buffers = 2 * imaging.DefaultSendBytes
	for name, row := range map[string]struct {
		file    []byte
		eighths int64 // bits per pixel
	}{
		"jpeg":        {jpegOf(image.NewRGBA(wide), 90), 12},
		"jpeg turned": {jpegExif(image.NewRGBA(wide), 3), 12 + 12},
		"jpeg gray":   {jpegOf(image.NewGray(wide), 90), 8},
		"png":         {pngOf(image.NewRGBA(wide)), 32 + 12},
		"png 16 bits": {pngOf(image.NewNRGBA64(wide)), 64 + 12},
	} {
		p, err := inspect(row.file, imaging.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.DecodeCost(), 640*320*row.eighths/8+buffers; got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
	b := pngOf(scene(64, 64, true))
	_, err := prepare(b, imaging.Limits{MaxDecodeBytes: 1000, SendBytes: 5000}, imaging.Options{})
	wantFault(t, err, fault.ImageTooLarge, "the image would take 32528 bytes of memory to decode; at most 1000 are allowed")
}
