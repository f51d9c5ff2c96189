package fingerprints_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"sync"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
)

// host serves pictures by address and counts requests.
type host struct {
	mu      sync.Mutex
	content map[string][]byte
	gets    map[string]int
	hold    chan struct{}
	came    chan struct{}
}

func (h *host) Fetch(ctx context.Context, address string, into io.Writer) error {
	if h.hold != nil {
		h.came <- struct{}{}
		select {
		case <-h.hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	h.mu.Lock()
	h.gets[address]++
	content, ok := h.content[address]
	h.mu.Unlock()
	if !ok {
		return fault.New(fault.ImageFetchFailed, "nothing there")
	}
	_, err := into.Write(content)
	return err
}

// drawn is a PNG of a checkered square with squares of this width.
func drawn(t *testing.T, width int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for y := range 64 {
		for x := range 64 {
			if (x/width+y/width)%2 == 0 {
				img.Set(x, y, color.RGBA{R: uint8(4 * x), G: uint8(4 * y), A: 255})
			} else {
				img.Set(x, y, color.White)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func newService(h *host, entries int) *fingerprints.Service {
	h.gets = map[string]int{}
	return fingerprints.New(fingerprints.Config{Fetcher: h, Budget: photo.NewBudget(64<<20, 0), Entries: entries})
}

func take(t *testing.T, p *fingerprints.Service, address string) fingerprints.Fingerprint {
	t.Helper()
	got, err := p.At(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFingerprintsAreComputedOncePerContent(t *testing.T) {
	a, b := drawn(t, 8), drawn(t, 21)
	h := &host{content: map[string][]byte{"a": a, "copy": a, "b": b}}
	p := newService(h, 10)
	first := take(t, p, "a")
	img, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(a)
	if likely := first.Likeness(likeness.Of(img)); likely < 0.99 || !first.Fetched || first.Hash != hex.EncodeToString(sum[:]) {
		t.Errorf("likeness to itself %v, fetched %v, hash %s", likely, first.Fetched, first.Hash)
	}
	if second := take(t, p, "a"); second.Fetched || second.Hash != first.Hash || second.Fingerprint != first.Fingerprint {
		t.Error("the second fingerprint was not the cached one")
	}
	if other := take(t, p, "copy"); other.Hash != first.Hash || other.Fingerprint.Likeness(first.Fingerprint) != 1 {
		t.Error("a copy has another fingerprint")
	}
	if other := take(t, p, "b"); other.Hash == first.Hash || other.Fingerprint == first.Fingerprint {
		t.Error("another image has the same fingerprint")
	}
	if h.gets["a"] != 1 || h.gets["copy"] != 1 || h.gets["b"] != 1 {
		t.Errorf("fetched %v", h.gets)
	}
	kept, err := p.Of(t.Context(), first.Hash, bytes.NewReader(nil), 0)
	if err != nil || kept.Fingerprint != first.Fingerprint {
		t.Errorf("a cached hash was computed again: %v", err)
	}
	kept, err = p.Of(t.Context(), "mine", bytes.NewReader(b), int64(len(b)))
	if err != nil || kept.Hash != "mine" || kept.Fetched || kept.Fingerprint != take(t, p, "b").Fingerprint {
		t.Errorf("a kept image's fingerprint is %v, %v", kept.Hash, err)
	}
}

func TestTheOldestAreEvicted(t *testing.T) {
	h := &host{content: map[string][]byte{"a": drawn(t, 3), "b": drawn(t, 5), "c": drawn(t, 9)}}
	p := newService(h, 2)
	for _, address := range []string{"a", "b", "c", "b", "c", "a"} {
		take(t, p, address)
	}
	if h.gets["a"] != 2 || h.gets["b"] != 1 || h.gets["c"] != 1 {
		t.Errorf("fetched %v", h.gets)
	}
}

func TestNoPicture(t *testing.T) {
	content := drawn(t, 8)
	h := &host{content: map[string][]byte{"text": []byte("hello, this is no image"), "cut": content[:len(content)/2], "large": content}}
	p := newService(h, 10)
	small := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: photo.NewBudget(64<<20, 0), Limits: imaging.Limits{MaxPixels: 100}})
	for address, want := range map[string]struct {
		by   *fingerprints.Service
		kind fault.Kind
	}{
		"text":    {p, fault.ImageUnreadable},
		"cut":     {p, fault.ImageUnreadable},
		"nowhere": {p, fault.ImageFetchFailed},
		"large":   {small, fault.ImageTooLarge},
	} {
		if _, err := want.by.At(t.Context(), address); fault.KindOf(err) != want.kind {
			t.Errorf("%s: got %v, want %v", address, err, want.kind)
		}
	}
	if _, err := p.Of(t.Context(), "gone", bytes.NewReader(nil), 10); fault.KindOf(err) != fault.ImageExpired {
		t.Errorf("an image that was evicted: %v", err)
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	h := &host{content: map[string][]byte{"a": drawn(t, 8)}, hold: make(chan struct{}), came: make(chan struct{}, 9), gets: map[string]int{}}
	p := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: photo.NewBudget(64<<20, 0), FetchesAtOnce: 1})
	ended := make(chan error, 1)
	go func() {
		_, err := p.At(context.Background(), "a")
		ended <- err
	}()
	<-h.came
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.At(ctx, "b"); fault.KindOf(err) != fault.CallerGone {
		t.Errorf("left while waiting: %v", err)
	}
	late, stop := context.WithTimeout(t.Context(), 1)
	defer stop()
	if _, err := p.At(late, "b"); fault.KindOf(err) != fault.DeadlineExceeded {
		t.Errorf("waited too long: %v", err)
	}
	close(h.hold)
	if err := <-ended; err != nil || errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
