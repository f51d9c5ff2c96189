package server

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// messages reads what a caller streams in.
type messages[M any] struct {
	// receive is the stream's own RecvMsg.
	receive func(any) error
}

// arrival is what came of waiting for a message.
type arrival[M any] struct {
	message *M
	err     error
	panic   any
}

// next waits for a message, but not longer than the caller may send nothing; for as long as it takes if idle is 0. Receiving
// ends at the latest when the RPC does, so whoever gives up waiting leaves nothing behind. Nothing is received that was not
// asked for, so a caller who waits for room holds one message in memory at the most. A message that the chain refuses comes
// with the refusal.
func (s messages[M]) next(ctx context.Context, idle time.Duration) (*M, error) {
	arrived := make(chan arrival[M], 1)
	go func() {
		a := arrival[M]{message: new(M)}
		defer func() {
			a.panic = recover()
			arrived <- a
		}()
		a.err = s.receive(a.message)
	}()
	var silence <-chan time.Time
	if idle > 0 {
		timer := time.NewTimer(idle)
		defer timer.Stop()
		silence = timer.C
	}
	select {
	case a := <-arrived:
		if a.panic != nil {
			panic(a.panic) // The chain answers panics of the RPC's own goroutine only.
		}
		return a.message, a.err
	case <-silence:
		return nil, fault.New(fault.UploadStalled, "nothing came for %v", idle)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
