package photo

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

const (
	// receivedShare: one part in this many of the budget is for received bytes, the rest for decoding. The two are separate
	// to prevent a deadlock: a decoder also holds the received bytes, so receivers must not be able to take all memory.
	receivedShare = 4
	// keptShare: one part in this many of the budget, of the part for received bytes, is for pictures that are kept after
	// their use, because they may be used again. They must not take what pictures that come in wait for.
	keptShare = 16
)

// retryAfter is the retry delay for a refused caller: about the time to receive or decode a photo.
const retryAfter = 2 * time.Second

// Budget bounds the memory of all photos together.
type Budget struct {
	hands    *share.Pool
	decoding room
	keptMax  int64
	kept     atomic.Int64
	wait     time.Duration
}

// NewBudget makes a budget of this many bytes. Callers block for memory for at most wait.
func NewBudget(bytes int64, wait time.Duration) *Budget {
	received, kept := max(bytes/receivedShare, 1), bytes/keptShare
	return &Budget{hands: share.NewPool(max(received-kept, 1)), decoding: newRoom(max(bytes-received, 1)), keptMax: kept, wait: wait}
}

// Hold reserves n bytes for a received photo, or the largest possible reservation if that is less, from the share of ctx's
// caller. It fails with MemoryBudgetFull, or with the fault of an ended ctx. release frees the bytes; it may be called twice.
func (b *Budget) Hold(ctx context.Context, n int64) (release func(), err error) {
	caller := share.CallerOf(ctx)
	n = min(n, b.hands.Size())
	if !b.hands.Take(ctx, caller, n, b.wait) {
		return nil, noRoom(ctx)
	}
	return sync.OnceFunc(func() { b.hands.Give(caller, n) }), nil
}

// Spool blocks for memory and opens a spool for one photo of at most bytesMax bytes. What gets no memory goes to a nameless file
// in dir. The caller closes it.
func (b *Budget) Spool(ctx context.Context, dir string, bytesMax int64) (*Spool, error) {
	memory, err := b.open(ctx, spoolFirst)
	if err != nil {
		return nil, err
	}
	return newSpool(dir, bytesMax, memory), nil
}

// KeptMax is how many bytes of pictures may be kept after their use.
func (b *Budget) KeptMax() int64 { return b.keptMax }

// Keep counts n more kept bytes; fewer if n is negative. The caller keeps the sum within KeptMax.
func (b *Budget) Keep(n int64) { b.kept.Add(n) }

// memory is the reservation of one photo that is being received.
type memory struct {
	hands   *share.Pool
	caller  string
	release func()
}

// open reserves the first n bytes for a photo, as Hold does.
func (b *Budget) open(ctx context.Context, n int64) (memory, error) {
	release, err := b.Hold(ctx, n)
	return memory{b.hands, share.CallerOf(ctx), release}, err
}

// grow reserves n more bytes if they are free now. It does not block, since the photo can continue in a file.
func (m memory) grow(n int64) bool { return m.hands.Try(m.caller, n) }

// shrink frees bytes that grow reserved.
func (m memory) shrink(n int64) { m.hands.Give(m.caller, n) }

// Decode reserves n bytes for decoding a photo. It fails as Hold does, and with ImageTooLarge if the budget is smaller.
func (b *Budget) Decode(ctx context.Context, n int64) (release func(), err error) {
	if n > b.decoding.size {
		return nil, fault.New(fault.ImageTooLarge, "decoding the image takes %d bytes of memory; there are %d", n, b.decoding.size)
	}
	return b.decoding.take(ctx, n, b.wait)
}

// DecodeMax is the most bytes that decoding one photo may take.
func (b *Budget) DecodeMax() int64 { return b.decoding.size }

// Used is how many bytes are reserved or kept.
func (b *Budget) Used() int64 { return b.hands.Used() + b.decoding.used.Load() + b.kept.Load() }

// room is a number of bytes, which are reserved in order of the requests.
type room struct {
	size    int64
	waiting *semaphore.Weighted
	used    *atomic.Int64
}

func newRoom(size int64) room {
	return room{size: size, waiting: semaphore.NewWeighted(size), used: new(atomic.Int64)}
}

func (r room) take(ctx context.Context, n int64, wait time.Duration) (func(), error) {
	if err := r.acquire(ctx, n, wait); err != nil {
		return nil, noRoom(ctx)
	}
	r.used.Add(n)
	var released atomic.Bool
	return func() {
		if !released.Swap(true) {
			r.used.Add(-n)
			r.waiting.Release(n)
		}
	}, nil
}

// noRoom is the fault of a failed reservation: ctx has ended, or the budget is full.
func noRoom(ctx context.Context) error {
	if gone := goneFault(ctx); gone != nil {
		return gone
	}
	return fault.New(fault.MemoryBudgetFull, "there is no room for another image right now").WithRetryAfter(retryAfter)
}

var errFull = errors.New("photo: no room")

func (r room) acquire(ctx context.Context, n int64, wait time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if r.waiting.TryAcquire(n) {
		return nil
	}
	if wait <= 0 {
		return errFull
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	return r.waiting.Acquire(ctx, n)
}

// goneFault is the fault of an ended ctx; nil while it has not ended.
func goneFault(ctx context.Context) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.CallerGone, "the caller left")
	case ctx.Err() != nil:
		return fault.New(fault.DeadlineExceeded, "the deadline ended before the image was ready")
	}
	return nil
}
