package fingerprints_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"testing/synctest"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
)

// TestPrintsAreComputedOnce: a print needs no second download, and is one photo with itself and with its copy.
func TestPrintsAreComputedOnce(t *testing.T) {
	content := drawn(t, 9)
	h := &host{content: map[string][]byte{"a": content, "b": drawn(t, 21)}}
	p := newService(h, 10)
	take(t, p, "a")
	first, err := p.PrintAt(t.Context(), "a")
	if err != nil || first == nil {
		t.Fatalf("print %v, %v", first, err)
	}
	second, err := p.PrintAt(t.Context(), "a")
	if err != nil || likeness.Compare(first, second).Score != 1 {
		t.Errorf("the same address: %v", err)
	}
	mine, err := p.PrintOf(t.Context(), "mine", bytes.NewReader(content), int64(len(content)))
	if err != nil || likeness.Compare(first, mine).Score != 1 {
		t.Errorf("a stored copy: %v", err)
	}
	if cached, err := p.PrintOf(t.Context(), "mine", bytes.NewReader(nil), 10); err != nil || likeness.Compare(first, cached).Score != 1 {
		t.Errorf("a stored copy, from the cache: %v", err)
	}
	if other, err := p.PrintAt(t.Context(), "b"); err != nil || likeness.Compare(first, other).Score >= likeness.SamePhoto {
		t.Errorf("another picture is the same photo, %v", err)
	}
	if h.gets["a"] != 1 || h.gets["b"] != 1 {
		t.Errorf("fetched %v, want each once", h.gets)
	}
	if _, err := p.PrintOf(t.Context(), "gone", bytes.NewReader(nil), 10); fault.KindOf(err) != fault.ImageExpired {
		t.Errorf("an image that was evicted: %v", err)
	}
	if _, err := p.PrintAt(t.Context(), "nowhere"); fault.KindOf(err) != fault.ImageFetchFailed {
		t.Errorf("an address without a picture: %v", err)
	}
}

// slow sends a picture of some size, in pieces, and waits before its last byte.
type slow struct {
	size    int
	release chan struct{}
	came    chan struct{}
}

func (s *slow) Fetch(ctx context.Context, _ string, into io.Writer) error {
	for left := s.size; left > 0; left -= 64 << 10 {
		if _, err := into.Write(make([]byte, min(left, 64<<10))); err != nil {
			return err
		}
	}
	s.came <- struct{}{}
	select {
	case <-s.release:
	case <-ctx.Done():
	}
	return fault.New(fault.ImageFetchFailed, "cut off")
}

// TestFetchesWaitForTheNetworkTogether: slow pictures are fetched at once, up to the bound, whatever their size.
func TestFetchesWaitForTheNetworkTogether(t *testing.T) {
	for name, size := range map[string]int{"small": 100 << 10, "large": 600 << 10} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slow{size: size, release: make(chan struct{}), came: make(chan struct{}, 20)}
				p := fingerprints.New(fingerprints.Config{Fetcher: s, Budget: photo.NewBudget(64<<20, 0), FetchesAtOnce: 24, DecodesAtOnce: 1})
				for i := range 20 {
					go func() { _, _ = p.At(context.Background(), string(rune('a'+i))) }() // All of one host.
				}
				synctest.Wait()
				if got := len(s.came); got != 12 {
					t.Errorf("%d pictures wait for the network, want 12", got)
				}
				for len(s.came) < 20 {
					s.release <- struct{}{}
					synctest.Wait()
				}
				close(s.release)
				synctest.Wait()
			})
		})
	}
}
