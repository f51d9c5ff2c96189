package imaging_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"testing"
	"time"

	"github.com/gen2brain/avif"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// avifOf encodes a picture as AVIF, without subsampling.
func avifOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	err := avif.Encode(&b, img, avif.Options{Quality: 90, QualityAlpha: 90, Speed: 10, ChromaSubsampling: image.YCbCrSubsampleRatio444})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAVIFIsSentAsJPEG(t *testing.T) {
	b := avifOf(t, scene(64, 48, false))
	for _, only := range []bool{false, true} {
		photo, err := prepare(b, imaging.Limits{OnlyJPEG: only}, imaging.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if photo.Format != imaging.JPEG || photo.Reasons != imaging.Foreign || photo.Pixels() != image.Pt(64, 48) {
			t.Errorf("%v for %v, %v", photo.Format, photo.Reasons, photo.Pixels())
		}
		got := must(jpeg.Decode(photo.Open()))
		for _, at := range []image.Point{{4, 40}, {40, 8}, {60, 44}, {10, 10}} {
			nearly(t, at.String(), got.At(at.X, at.Y), scene(64, 48, false).At(at.X, at.Y), 8)
		}
	}
}

// A truncated file is refused before it costs a call. Bytes after the picture are not part of it.
func TestAVIFIsCompleteOrRefused(t *testing.T) {
	full := avifOf(t, scene(32, 32, false))
	for n := range len(full) {
		if _, err := inspect(full[:n], imaging.Limits{}); fault.KindOf(err) != fault.ImageUnreadable {
			t.Fatalf("the first %d of %d bytes: %v, want ImageUnreadable", n, len(full), err)
		}
	}
	p, err := inspect(append(bytes.Clone(full), "SEFT a maker's trailer"...), imaging.Limits{})
	if err != nil || p.Info().Trailing != 22 {
		t.Errorf("%+v, %v", p.Info(), err)
	}
	garbled := bytes.Clone(full)
	for i := len(garbled) - 40; i < len(garbled); i++ {
		garbled[i] ^= 0x5a
	}
	photo, err := prepare(garbled, imaging.Limits{}, imaging.Options{})
	if err == nil && photo.Size() == 0 || err != nil && fault.KindOf(err) != fault.ImageUnreadable {
		t.Errorf("garbled pixels: %v", err)
	}
}

// The decoder's memory ends where the photo's cost says, and it runs no longer than its caller waits.
func TestAVIFIsBounded(t *testing.T) {
	b := avifOf(t, scene(64, 48, false))
	p, err := inspect(b, imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = prepare(b, imaging.Limits{MaxDecodeBytes: p.DecodeCost() - 1}, imaging.Options{})
	if fault.KindOf(err) != fault.ImageTooLarge {
		t.Errorf("one byte too few: %v, want ImageTooLarge", err)
	}
	if _, err = inspect(b, imaging.Limits{MaxPixels: 64*48 - 1}); fault.KindOf(err) != fault.ImageTooLarge {
		t.Errorf("one pixel too many: %v, want ImageTooLarge", err)
	}
	ctx, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	if _, err = p.Decode(ctx, 0); fault.KindOf(err) != fault.DeadlineExceeded {
		t.Errorf("no time: %v, want DeadlineExceeded", err)
	}
	// The header claims fewer pixels than the picture has.
	at := bytes.Index(b, []byte("ispe")) + 8
	lying := bytes.Clone(b)
	lying[at+3], lying[at+7] = 8, 8
	photo, err := prepare(lying, imaging.Limits{}, imaging.Options{})
	if err == nil && photo.Pixels() != image.Pt(8, 8) || err != nil && fault.KindOf(err) != fault.ImageUnreadable {
		t.Errorf("a wrong size: %v", err)
	}
}

func TestHEIFSourceBreaks(t *testing.T) {
	b := avifOf(t, scene(32, 32, false))
	src := &fragile{b: b}
	p, err := imaging.Inspect(context.Background(), src, int64(len(b)), imaging.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	src.err = errors.New("disk gone")
	if _, err := p.Decode(context.Background(), 0); !errors.Is(err, src.err) || fault.KindOf(err) != fault.Internal {
		t.Errorf("%v, want the source's own error", err)
	}
}
