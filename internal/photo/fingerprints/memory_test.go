package fingerprints_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
)

// padded serves a picture that is size bytes long, under each address with a hash of its own. It waits before its end.
type padded struct {
	picture []byte
	size    int
	came    chan struct{}
	release chan struct{}
}

func (h *padded) Fetch(ctx context.Context, address string, into io.Writer) error {
	for _, part := range [][]byte{h.picture, []byte(address)} {
		if _, err := into.Write(part); err != nil {
			return err
		}
	}
	const piece = 32 << 10
	for left := h.size - len(h.picture) - len(address); left > 0; left -= piece {
		if _, err := into.Write(make([]byte, min(left, piece))); err != nil {
			return err
		}
	}
	h.came <- struct{}{}
	select {
	case <-h.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// liveBytes is how much memory the process uses.
func liveBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestPicturesStayWithinTheBudget: pictures that come in, and those that are kept for their prints, are in the one budget. Here 40
// pictures of 500 KiB come in at once with a budget of 8 MiB.
func TestPicturesStayWithinTheBudget(t *testing.T) {
	const bound, size, pictures = 8 << 20, 500 << 10, 40
	h := &padded{picture: drawn(t, 8), size: size, came: make(chan struct{}, pictures), release: make(chan struct{})}
	budget := photo.NewBudget(bound, time.Minute)
	p := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: budget, Dir: t.TempDir(), DecodesAtOnce: 1})
	before := liveBytes()
	var all sync.WaitGroup
	for i := range pictures {
		all.Go(func() {
			if _, err := p.At(t.Context(), fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	for range pictures {
		<-h.came
	}
	if used, live := budget.Used(), liveBytes()-before; used < pictures*(16<<10) || used > bound || live > bound {
		t.Errorf("%d bytes come in at once: the budget counts %d, the process uses %d more; want at most %d", size*pictures, used, live, bound)
	}
	close(h.release)
	all.Wait()
	if used := budget.Used(); used != size || used > budget.KeptMax() {
		t.Errorf("%d bytes are kept, want the latest picture of %d", used, size)
	}
	// What is kept leaves the room for pictures that come in as it is.
	release, err := budget.Hold(t.Context(), bound)
	if err != nil {
		t.Fatalf("no room beside kept pictures: %v", err)
	}
	release()
}

// TestTheOldestKeptPicturesMakeRoom: the bytes of the latest pictures are kept, as many as the budget has room for. Others are
// fetched again for their print.
func TestTheOldestKeptPicturesMakeRoom(t *testing.T) {
	const size = 200_000
	h := &host{content: map[string][]byte{}, gets: map[string]int{}}
	for i, address := range []string{"a", "b", "c"} {
		picture := drawn(t, 8+i)
		h.content[address] = append(picture, make([]byte, size-len(picture))...)
	}
	budget := photo.NewBudget(8<<20, 0) // 512 KiB for kept pictures: two of 200 KB.
	p := fingerprints.New(fingerprints.Config{Fetcher: h, Budget: budget, Dir: t.TempDir()})
	for _, address := range []string{"a", "b", "c"} {
		take(t, p, address)
	}
	if used := budget.Used(); used != 2*size {
		t.Errorf("%d bytes are kept, want two pictures", used)
	}
	for _, address := range []string{"c", "b", "a"} {
		if _, err := p.PrintAt(t.Context(), address); err != nil {
			t.Fatal(err)
		}
	}
	if h.gets["a"] != 2 || h.gets["b"] != 1 || h.gets["c"] != 1 {
		t.Errorf("fetched %v, want only a again", h.gets)
	}
}
