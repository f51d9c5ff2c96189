package upstream

import (
	"context"
	"errors"
)

var errEscalated = errors.New("a more urgent caller waits for the same answer")

// WithEscalation returns a context for a wait in a class. It ends with ctx, and when a more urgent caller joins: then the
// wait must start again in that caller's class. [Escalated] reports which of the two happened. The function returned
// must be called.
func WithEscalation(ctx context.Context, class Class) (context.Context, context.CancelFunc) {
	waiting, cancel := context.WithCancelCause(ctx)
	if class == Interactive {
		return waiting, func() { cancel(nil) }
	}
	callers := callersOf(ctx)
	check := func() {
		if callers.Demand().Class < class {
			cancel(errEscalated)
		}
	}
	stop := callers.Watch(check)
	check() // A caller may have joined before the watch began.
	return waiting, func() {
		stop()
		cancel(nil)
	}
}

// Escalated reports whether a context of [WithEscalation] ended because a more urgent caller joined.
func Escalated(waiting context.Context) bool { return errors.Is(context.Cause(waiting), errEscalated) }
