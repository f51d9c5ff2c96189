package fingerprints

import (
	"context"
	"errors"
	"math"
	"net/url"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
)

// turns bounds how many do something at once.
type turns chan struct{}

// take waits for a turn; done gives it back.
func (t turns) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
	}
	return ended(ctx)
}

func (t turns) done() { <-t }

// ended is the fault of a ctx that ended before the turn came.
func ended(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.New(fault.CallerGone, "the caller left")
	}
	return fault.New(fault.DeadlineExceeded, "the time ended before the image's turn")
}

// hostTurns bounds how many fetches run at once, and divides them among hosts.
type hostTurns struct{ pool *share.Pool }

func newHostTurns(n int) hostTurns { return hostTurns{share.NewPool(int64(n))} }

// take waits for a turn of the address's host; done gives it back. Fetches of one host are served in order.
func (t hostTurns) take(ctx context.Context, address string) (done func(), err error) {
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	if !t.pool.Take(ctx, host, 1, math.MaxInt64) {
		return nil, ended(ctx)
	}
	return func() { t.pool.Give(host, 1) }, nil
}
