package photo

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

// drawn is noise, which does not compress, under a corner that may be transparent.
func drawn(w, h int, seed uint64, corner uint8) *image.NRGBA {
	dice := rand.New(rand.NewPCG(seed, 0))
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(dice.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	m.SetNRGBA(0, 0, color.NRGBA{A: corner})
	return m
}

func jpegOf(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, drawn(w, h, seed, 255), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func transparentPNG(t testing.TB, w, h int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, drawn(w, h, seed, 0)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func newTestStore(t *testing.T, c Config) *Store {
	t.Helper()
	c.Dir = t.TempDir()
	k, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if used := k.Budget().Used(); used != 0 {
			t.Errorf("%d bytes of memory were not released", used)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
		if names(t, c.Dir) != 0 {
			t.Error("files are left")
		}
	})
	return k
}

// spooled writes content in pieces.
func spooled(t *testing.T, k *Store, content []byte) *Spool {
	t.Helper()
	s, err := k.Spool(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for len(content) > 0 {
		n := min(len(content), 64<<10)
		if _, err := s.Write(content[:n]); err != nil {
			t.Fatal(err)
		}
		content = content[n:]
	}
	return s
}

func TestStoreSendsWhatFits(t *testing.T) {
	k := newTestStore(t, Config{})
	plain := jpegOf(t, 900, 700, 1)
	s := spooled(t, k, plain)
	kept, err := k.Keep(t.Context(), "", s)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Release()
	// The spool is not needed any more.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := content(t, kept); got != string(plain) {
		t.Errorf("%d bytes are not the photo of %d", len(got), len(plain))
	}
	found, err := k.Find("", kept.ID())
	if err != nil || found.Key() != kept.Key() {
		t.Fatal(err)
	}
	found.Release()

	// Equal bytes are one photo, however they arrive; a region is another one.
	same, err := k.KeepBytes(t.Context(), "", plain)
	if err != nil || same.ID() != kept.ID() {
		t.Fatalf("%v", err)
	}
	same.Release()
	part, err := k.Crop(t.Context(), kept, imaging.Box{X0: 0.5, X1: 1, Y1: 0.5})
	if err != nil || part.ID() == kept.ID() || part.Key() == kept.Key() {
		t.Fatalf("%v", err)
	}
	defer part.Release()
	size, err := jpeg.DecodeConfig(part.Open())
	if want := image.Pt(450, 350); err != nil || image.Pt(size.Width, size.Height) != want || part.Pixels() != want {
		t.Errorf("%v, stored as %v: %v", size, part.Pixels(), err)
	}
	if want := image.Pt(900, 700); kept.Pixels() != want {
		t.Errorf("the full image is stored as %v", kept.Pixels())
	}
	// The full picture as a region is the same photo, with its own hold.
	full, err := k.Crop(t.Context(), kept, imaging.Box{X1: 1, Y1: 1})
	if err != nil || full.ID() != kept.ID() {
		t.Fatalf("%v", err)
	}
	full.Release()
	if got := content(t, kept); got != string(plain) {
		t.Error("releasing the region released the photo")
	}
	if _, err := k.Crop(t.Context(), kept, imaging.Box{X0: 0.5, X1: 0.5, Y1: 1}); fault.KindOf(err) != fault.InvalidField {
		t.Errorf("a region without pixels: %v", err)
	}
}

func TestStoreDecodesWhenThereIsMemory(t *testing.T) {
	k := newTestStore(t, Config{Memory: 40 << 20, Wait: -1, Limits: imaging.Limits{SendBytes: 300_000}})
	content := transparentPNG(t, 600, 400, 2)
	release, err := k.Budget().Decode(t.Context(), k.Budget().DecodeMax())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.KeepBytes(t.Context(), "", content); fault.KindOf(err) != fault.MemoryBudgetFull {
		t.Errorf("decoded without memory: %v", err)
	}
	release()
	kept, err := k.KeepBytes(t.Context(), "", content)
	if err != nil {
		t.Fatal(err)
	}
	kept.Release()
	if kept.Size() > 300_000 {
		t.Errorf("%d bytes", kept.Size())
	}
	// A stored photo needs no memory.
	release, err = k.Budget().Decode(t.Context(), k.Budget().DecodeMax())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	second, err := k.KeepBytes(t.Context(), "", content)
	if err != nil || second.ID() != kept.ID() {
		t.Fatal(err)
	}
	second.Release()
}

func TestStoreRefuses(t *testing.T) {
	k := newTestStore(t, Config{Memory: 4 << 20, Wait: -1, Limits: imaging.Limits{MaxBytes: 4 << 20, SendBytes: 100_000}})
	full := jpegOf(t, 300, 200, 3)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx     context.Context
		content []byte
		kind    fault.Kind
	}{
		"empty":                  {t.Context(), nil, fault.ImageUnreadable},
		"text":                   {t.Context(), []byte("not an image at all"), fault.ImageUnreadable},
		"cut short":              {t.Context(), full[:len(full)/2], fault.ImageUnreadable},
		"over the limit":         {t.Context(), make([]byte, 4<<20+1), fault.ImageTooLarge},
		"never room to decode":   {t.Context(), transparentPNG(t, 1000, 950, 4), fault.ImageTooLarge},
		"caller gone":            {gone, full, fault.CallerGone},
		"broken at its end only": {t.Context(), full[:len(full)-12], fault.ImageUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			if kept, err := k.KeepBytes(test.ctx, "", test.content); fault.KindOf(err) != test.kind || err == nil {
				t.Errorf("%v %v, want %v", kept, err, test.kind)
			}
			if len(test.content) > 4<<20 || test.ctx.Err() != nil {
				return
			}
			s := spooled(t, k, test.content)
			defer s.Close()
			if kept, err := k.Keep(test.ctx, "", s); fault.KindOf(err) != test.kind || err == nil {
				t.Errorf("%v %v, want %v", kept, err, test.kind)
			}
		})
	}
	if photos, bytes := k.Shelf().Used(); photos != 0 || bytes != 0 {
		t.Errorf("%d photos of %d bytes are stored", photos, bytes)
	}
	if _, err := New(Config{ShelfBytes: 1 << 20}); err == nil {
		t.Error("a shelf smaller than one photo was accepted")
	}
}

// TestManyAtOnce: far more photos than memory are all answered, and nothing is left.
func TestManyAtOnce(t *testing.T) {
	k := newTestStore(t, Config{Memory: 24 << 20, Wait: time.Minute, Limits: imaging.Limits{SendBytes: 200_000}})
	most := k.Budget().DecodeMax() + k.Budget().hands.Size()
	contents := make([][]byte, 40)
	for i := range contents {
		if i%2 == 0 {
			contents[i] = transparentPNG(t, 400, 300, uint64(i))
		} else {
			contents[i] = jpegOf(t, 500, 300, uint64(i))
		}
	}
	var all sync.WaitGroup
	for i, photo := range contents {
		all.Go(func() {
			s, err := k.Spool(t.Context())
			if err != nil {
				t.Errorf("%d: %v", i, err)
				return
			}
			defer s.Close()
			if _, err := io.Copy(s, bytes.NewReader(photo)); err != nil {
				t.Errorf("%d: %v", i, err)
				return
			}
			kept, err := k.Keep(t.Context(), "", s)
			if err != nil {
				t.Errorf("%d: %v", i, err)
				return
			}
			defer kept.Release()
			if used := k.Budget().Used(); used > most {
				t.Errorf("%d of %d bytes", used, most)
			}
			if _, err := jpeg.DecodeConfig(kept.Open()); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	if photos, _ := k.Shelf().Used(); photos != len(contents) {
		t.Errorf("%d of %d photos are stored", photos, len(contents))
	}
}
