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

// handsShare is the part of the budget, 1 in so many, for photos as they come. The rest is for decoding. The two are
// kept apart because whoever decodes a photo holds it too: if holders could take all of the room, all of them would
// wait for room to decode, for ever.
const handsShare = 4

// retryAfter is what a refused caller is told: about as long as a photo takes to be received or decoded.
const retryAfter = 2 * time.Second

// Budget bounds the memory that all photos take together.
type Budget struct {
	hands    *share.Pool
	decoding room
	wait     time.Duration
}

// NewBudget is a budget of so many bytes. Who finds no room waits for it for at most wait.
func NewBudget(bytes int64, wait time.Duration) *Budget {
	hands := max(bytes/handsShare, 1)
	return &Budget{hands: share.NewPool(hands), decoding: newRoom(max(bytes-hands, 1)), wait: wait}
}

// Hold takes room for n bytes of a photo as it came, or for all there is if that is less, out of the share of the caller in
// ctx. It fails with MemoryBudgetFull, or with the fault of a ctx that has ended. release gives the room back; it may be
// called twice.
func (b *Budget) Hold(ctx context.Context, n int64) (release func(), err error) {
	caller := share.CallerOf(ctx)
	n = min(n, b.hands.Size())
	if !b.hands.Take(ctx, caller, n, b.wait) {
		return nil, noRoom(ctx)
	}
	return sync.OnceFunc(func() { b.hands.Give(caller, n) }), nil
}

// memory is what one photo that is coming in takes of the budget.
type memory struct {
	hands   *share.Pool
	caller  string
	release func()
}

// open takes the first n bytes for a photo, as Hold does.
func (b *Budget) open(ctx context.Context, n int64) (memory, error) {
	release, err := b.Hold(ctx, n)
	return memory{b.hands, share.CallerOf(ctx), release}, err
}

// grow takes n more bytes if the caller may have them now; nobody waits for them, since a photo can go on in a file.
func (m memory) grow(n int64) bool { return m.hands.Try(m.caller, n) }

// shrink gives back what grow took.
func (m memory) shrink(n int64) { m.hands.Give(m.caller, n) }

// Decode takes room for decoding a photo at the cost of n bytes; it fails as Hold does, and with ImageTooLarge if there
// will never be so much room.
func (b *Budget) Decode(ctx context.Context, n int64) (release func(), err error) {
	if n > b.decoding.size {
		return nil, fault.New(fault.ImageTooLarge, "decoding the picture takes %d bytes of memory; there are %d", n, b.decoding.size)
	}
	return b.decoding.take(ctx, n, b.wait)
}

// DecodeMax is the most bytes that decoding one photo may take.
func (b *Budget) DecodeMax() int64 { return b.decoding.size }

// Used is how many bytes are taken.
func (b *Budget) Used() int64 { return b.hands.Used() + b.decoding.used.Load() }

// room is a number of bytes, handed out in the order they were asked for.
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

// noRoom says why there was no room: ctx has ended, or all is taken.
func noRoom(ctx context.Context) error {
	if gone := goneFault(ctx); gone != nil {
		return gone
	}
	return fault.New(fault.MemoryBudgetFull, "there is no room for another picture right now").WithRetryAfter(retryAfter)
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

// goneFault names why ctx ended; nil if it has not.
func goneFault(ctx context.Context) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.New(fault.CallerGone, "the caller left")
	case ctx.Err() != nil:
		return fault.New(fault.DeadlineExceeded, "the deadline ended before the picture was ready")
	}
	return nil
}
