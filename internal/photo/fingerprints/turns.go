package fingerprints

import (
	"context"
	"errors"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
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
	if errors.Is(ctx.Err(), context.Canceled) {
		return fault.New(fault.CallerGone, "the caller left")
	}
	return fault.New(fault.DeadlineExceeded, "the time ended before the image's turn")
}

func (t turns) done() { <-t }
