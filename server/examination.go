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

// An examination costs up to one call per API and a few more, so all callers together may start a few at once, and then
// one per examinationPause.
const (
	examinationBurst = 3
	examinationPause = 20 * time.Second
)

// examinations runs one examination of each kind at a time: callers who ask while one is running join it. Its answer is not kept
// afterwards, because a caller who fixed something asks again to check it.
type examinations struct {
	doctor Diagnoser
	rate   *rate.Limiter

	mu sync.Mutex
	// current are the running examinations, with and without the comparison of translated keywords.
	current map[bool]*examination
}

// examination is a running one. answer, err and panic are written before done is closed.
type examination struct {
	done     chan struct{}
	question *zhaohuov1.DiagnoseRequest
	answer   *zhaohuov1.DiagnoseResponse
	err      error
	panic    any
	cancel   context.CancelFunc
	waiting  int
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
	return &examinations{doctor: doctor, current: map[bool]*examination{}, rate: rate.NewLimiter(rate.Every(examinationPause), examinationBurst)}
}

// Diagnose implements [Diagnoser]. It refuses with CallerRateLimited to start more examinations than allowed. The
// answer for a caller who joined reports no calls.
func (e *examinations) Diagnose(ctx context.Context, q *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error) {
	for {
		x, joined, err := e.join(ctx, q)
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
			panic(x.panic) // The chain recovers panics only in the RPC's own goroutine.
		case x.err != nil && ctx.Err() != nil:
			return nil, ctx.Err()
		case x.err != nil && joined && timeLeft(ctx):
			continue // It ended with the deadline of the caller who started it.
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

// timeLeft reports whether a caller still waits. It compares with the deadline itself, because ctx ends a little later.
func timeLeft(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Now().Before(deadline))
}

// join returns the running examination, or starts one.
func (e *examinations) join(ctx context.Context, q *zhaohuov1.DiagnoseRequest) (x *examination, joined bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if running := e.current[q.GetCompareTranslation()]; running != nil {
		running.waiting++
		return running, true, nil
	}
	now := time.Now()
	turn := e.rate.ReserveN(now, 1)
	if wait := turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return nil, false, fault.New(fault.CallerRateLimited, "all callers together may request one diagnosis in %v", examinationPause).
			WithRetryAfter(wait.Truncate(time.Millisecond) + time.Millisecond)
	}
	x = &examination{done: make(chan struct{}), waiting: 1, question: q}
	e.current[q.GetCompareTranslation()] = x
	// When the caller who started it leaves, it continues for those who joined, within the first caller's deadline: the
	// upstream queue orders by it.
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
	x.answer, x.err = e.doctor.Diagnose(ctx, x.question)
}

// leave ends an examination that nobody waits for, and reports whether it did.
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

// end makes the next caller start a new examination.
func (e *examinations) end(x *examination) {
	if kind := x.question.GetCompareTranslation(); e.current[kind] == x {
		delete(e.current, kind)
	}
}
