package upstream

import (
	"context"
	"errors"
)

var errEscalated = errors.New("somebody more urgent waits for the same now")

// Urged returns a context for a wait in a class. It ends with ctx, and also when somebody more urgent has come to wait for
// the same: the wait is to begin again in their class then, which [WasUrged] tells.
func WithEscalation(ctx context.Context, class Class) (context.Context, context.CancelFunc) {
	waiting, cancel := context.WithCancelCause(ctx)
	if class == Interactive {
		return waiting, func() { cancel(nil) }
	}
	callers := callersOf(ctx)
	look := func() {
		if callers.Demand().Class < class {
			cancel(errEscalated)
		}
	}
	stop := callers.Watch(look)
	look() // Somebody may have come before anybody watched.
	return waiting, func() {
		stop()
		cancel(nil)
	}
}

// WasUrged tells whether a context of [Urged] ended because somebody more urgent came.
func Escalated(waiting context.Context) bool { return errors.Is(context.Cause(waiting), errEscalated) }
