package fingerprints_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
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
			if most := h.fetching.most.Load(); most != fingerprints.DefaultFetchesAtOnce/2 {
				t.Errorf("%d fetches at once of one host, want %d", most, fingerprints.DefaultFetchesAtOnce/2)
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
		p := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: b, FetchesAtOnce: 64, DecodesAtOnce: 2})
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

// TestAHostThatHangsDoesNotStopOthers: 200 pictures of a host that never answers wait; a picture of another host, asked for
// later, comes at once. Both hosts are real servers.
func TestAHostThatHangsDoesNotStopOthers(t *testing.T) {
	content := drawn(t, 8)
	var hanging atomic.Int64
	full := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if hanging.Add(1) == fingerprints.DefaultFetchesAtOnce/2 {
			close(full)
		}
		<-r.Context().Done()
	}))
	defer silent.Close()
	prompt := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) }))
	defer prompt.Close()
	f := fetch.New(fetch.Config{HostsOnly: true, Hosts: []string{silent.Listener.Addr().String(), prompt.Listener.Addr().String()}, Timeout: time.Hour})
	p := fingerprints.New(fingerprints.Config{Fetcher: f, Budget: photo.NewBudget(64<<20, time.Minute)})
	ctx, leave := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if _, err := p.At(ctx, fmt.Sprintf("%s/%d.png", silent.URL, i)); fault.KindOf(err) != fault.CallerGone {
				t.Errorf("a host that hangs: %v", err)
			}
		})
	}
	<-full
	if _, err := p.At(t.Context(), prompt.URL+"/a.png"); err != nil {
		t.Errorf("another host: %v", err)
	}
	leave()
	all.Wait()
	if n := hanging.Load(); n != fingerprints.DefaultFetchesAtOnce/2 {
		t.Errorf("%d fetches of one host at once, want %d", n, fingerprints.DefaultFetchesAtOnce/2)
	}
}
