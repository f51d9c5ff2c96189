package server

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// An examination spends up to one call for each API and a few more, so all callers together may begin a few at once and
// then one in each examinationPause.
const (
	examinationBurst = 3
	examinationPause = 20 * time.Second
)

// examinations runs one examination at a time: who asks while one is under way waits for its answer. An answer is not kept
// after that, because whoever has mended something asks again to see whether it helped.
type examinations struct {
	doctor Diagnoser
	rate   *rate.Limiter

	mu      sync.Mutex
	current *examination
}

// examination is one that is under way. answer, err and panic are written before done is closed.
type examination struct {
	done    chan struct{}
	answer  *zhaohuov1.DiagnoseResponse
	err     error
	panic   any
	cancel  context.CancelFunc
	waiting int
}

// over reports whether the examination has ended.
func (x *examination) over() bool {
	select {
	case <-x.done:
		return true
	default:
		return false
	}
}

func newExaminations(doctor Diagnoser) *examinations {
	return &examinations{doctor: doctor, rate: rate.NewLimiter(rate.Every(examinationPause), examinationBurst)}
}

// Diagnose implements [Diagnoser]. It refuses with CallerRateLimited to begin more examinations than their rate allows. Who
// joined an examination is told that it cost no call.
func (e *examinations) Diagnose(ctx context.Context) (*zhaohuov1.DiagnoseResponse, error) {
	for {
		x, joined, err := e.join(ctx)
		if err != nil {
			return nil, err
		}
		select {
		case <-x.done:
		case <-ctx.Done():
		}
		if e.leave(x) {
			<-x.done // Its calls end with the RPC at the latest.
		}
		if ctx.Err() != nil && !x.over() {
			return nil, ctx.Err()
		}
		switch {
		case x.panic != nil:
			panic(x.panic) // The chain answers panics of the RPC's own goroutine only.
		case x.err != nil && ctx.Err() != nil:
			return nil, ctx.Err()
		case x.err != nil && joined && timeLeft(ctx):
			continue // It ended with the time of the caller who began it.
		case x.err != nil && joined:
			return nil, context.DeadlineExceeded
		case x.err != nil:
			return nil, x.err
		}
		answer := proto.CloneOf(x.answer)
		if joined {
			answer.GetMeta().UpstreamCalls = 0
		}
		return answer, nil
	}
}

// timeLeft reports whether a caller still wants an answer. Its deadline counts from the moment it is there, a little before ctx
// has heard of it.
func timeLeft(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Now().Before(deadline))
}

// join finds the examination that is under way, or begins one.
func (e *examinations) join(ctx context.Context) (x *examination, joined bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current != nil {
		e.current.waiting++
		return e.current, true, nil
	}
	now := time.Now()
	turn := e.rate.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return nil, false, fault.New(fault.CallerRateLimited, "all callers together may have the way to the upstream examined once in %v", examinationPause).
			WithRetryAfter(wait.Truncate(time.Millisecond) + time.Millisecond)
	}
	x = &examination{done: make(chan struct{}), waiting: 1}
	e.current = x
	// It goes on for those who joined when the caller who began it leaves, within that caller's deadline: the queue for the
	// upstream goes by it.
	own := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		own, x.cancel = context.WithDeadline(own, deadline)
	} else {
		own, x.cancel = context.WithCancel(own)
	}
	go e.run(own, x)
	return x, false, nil
}

func (e *examinations) run(ctx context.Context, x *examination) {
	defer func() {
		x.panic = recover()
		x.cancel()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.end(x)
		close(x.done)
	}()
	x.answer, x.err = e.doctor.Diagnose(ctx)
}

// leave ends an examination that nobody waits for any more, and reports whether it did.
func (e *examinations) leave(x *examination) (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if x.waiting--; x.waiting > 0 {
		return false
	}
	x.cancel()
	e.end(x)
	return true
}

// end has the next caller begin an examination of its own.
func (e *examinations) end(x *examination) {
	if e.current == x {
		e.current = nil
	}
}
