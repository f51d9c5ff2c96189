// Package quota says when an upstream attempt may leave.
//
// It spends turns per HTTP attempt, below the cache: hits are free, retries are not. It does not know what a call
// is about.
package quota

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Local keeps the attempts of one process under a rate.
type Local struct {
	limiter *rate.Limiter
}

// New returns a limiter of perSecond attempts with no burst; 0 or less is no limit.
func New(perSecond float64) *Local {
	limit := rate.Limit(perSecond)
	if perSecond <= 0 {
		limit = rate.Inf
	}
	return &Local{limiter: rate.NewLimiter(limit, 1)}
}

// Acquire waits for one turn. A turn that would come after ctx's deadline is refused at once, unspent, with the
// wait it would have taken.
func (l *Local) Acquire(ctx context.Context, _ upstream.Ask) (upstream.Turn, error) {
	turn := l.limiter.Reserve()
	wait := turn.Delay()
	if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
		turn.Cancel()
		return nil, fault.New(fault.QuotaWaitTooLong, "the next free turn comes after the request's deadline").WithRetryAfter(wait)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return free{}, nil
	case <-ctx.Done():
		turn.Cancel()
		return nil, fault.New(fault.CallerGone, "the caller left while waiting for a turn").WithCause(ctx.Err())
	}
}

// free is a turn with nothing more to ask.
type free struct{}

func (free) Depart(context.Context) error { return nil }

func (free) Done(error) {}
