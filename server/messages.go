package server

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// messages reads a caller's stream.
type messages[M any] struct {
	// receive is the stream's RecvMsg.
	receive func(any) error
}

// arrival is the result of waiting for a message.
type arrival[M any] struct {
	message *M
	err     error
	panic   any
}

// next waits for a message, but no longer than idle; 0 means without limit. Receiving ends with the RPC at the latest,
// so a timeout leaks nothing. Nothing is received before it is asked for, so a caller who waits for memory holds at
// most one message. A message that the chain refuses comes with the refusal.
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
			panic(a.panic) // The chain recovers panics only in the RPC's own goroutine.
		}
		return a.message, a.err
	case <-silence:
		return nil, fault.New(fault.UploadStalled, "nothing arrived for %v", idle)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
