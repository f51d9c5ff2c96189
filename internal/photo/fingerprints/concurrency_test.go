package fingerprints_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
)

// peak counts how many do something at once, and the most there were.
type peak struct{ now, most atomic.Int64 }

func (p *peak) enter() {
	n := p.now.Add(1)
	for m := p.most.Load(); n > m && !p.most.CompareAndSwap(m, n); m = p.most.Load() {
	}
}

func (p *peak) leave() { p.now.Add(-1) }

// slowHost serves every address after a while. Each address has a picture of its own.
type slowHost struct {
	latency  time.Duration
	picture  []byte
	fetching peak
}

func (h *slowHost) Fetch(_ context.Context, address string, into io.Writer) error {
	h.fetching.enter()
	time.Sleep(h.latency)
	h.fetching.leave()
	if _, err := into.Write(h.picture); err != nil {
		return err
	}
	// Bytes after the end of a PNG change its hash, not its pixels.
	_, err := io.WriteString(into, address)
	return err
}

// slowDecodes is a real budget, of which each decoding takes a while.
type slowDecodes struct {
	*photo.Budget
	takes    time.Duration
	decoding peak
	times    atomic.Int64
}

func (b *slowDecodes) Decode(ctx context.Context, n int64) (func(), error) {
	release, err := b.Budget.Decode(ctx, n)
	if err != nil {
		return nil, err
	}
	b.times.Add(1)
	b.decoding.enter()
	defer b.decoding.leave()
	time.Sleep(b.takes)
	return release, nil
}

// fetchAll takes the fingerprints of n pictures at once, as one question does, and returns how long that took.
func fetchAll(t *testing.T, p *fingerprints.Service, questions, n int) time.Duration {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for q := range questions {
		for i := range n {
			all.Go(func() {
				if _, err := p.At(t.Context(), fmt.Sprintf("question %d, image %d", q, i)); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
	return time.Since(began)
}

// TestFetchesDoNotWaitForEachOther: images of 300 ms are fetched side by side. 120 images of one question take two rounds, and
// 360 images of three questions take six.
func TestFetchesDoNotWaitForEachOther(t *testing.T) {
	content := drawn(t, 8)
	for _, c := range []struct {
		questions int
		most      time.Duration
	}{{1, 2 * 300 * time.Millisecond}, {3, 6 * 300 * time.Millisecond}} {
		synctest.Test(t, func(t *testing.T) {
			h := &slowHost{latency: 300 * time.Millisecond, picture: content}
			p := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: photo.NewBudget(64<<20, time.Minute)})
			if took := fetchAll(t, p, c.questions, 120); took > c.most {
				t.Errorf("%d questions took %v, want at most %v", c.questions, took, c.most)
			}
			if most := h.fetching.most.Load(); most != fingerprints.DefaultFetchesAtOnce {
				t.Errorf("%d fetches at once, want %d", most, fingerprints.DefaultFetchesAtOnce)
			}
		})
	}
}

// TestDecodingHasItsOwnBound: few images are decoded at once, while others are fetched.
func TestDecodingHasItsOwnBound(t *testing.T) {
	content := drawn(t, 8)
	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{latency: 300 * time.Millisecond, picture: content}
		b := &slowDecodes{Budget: photo.NewBudget(64<<20, time.Minute), takes: 20 * time.Millisecond}
		p := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: b, FetchesAtOnce: 32, DecodesAtOnce: 2})
		// The first image comes after one fetch. Then the two decoders are always busy: fetching costs nothing more.
		if took, most := fetchAll(t, p, 1, 120), 300*time.Millisecond+120/2*20*time.Millisecond; took > most {
			t.Errorf("took %v, want at most %v", took, most)
		}
		if most := b.decoding.most.Load(); most != 2 {
			t.Errorf("%d decoded at once, want 2", most)
		}
		if n := b.times.Load(); n != 120 {
			t.Errorf("%d decodings of 120 images", n)
		}
	})
}
