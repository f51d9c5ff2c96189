// Package paused says from when until when an operator has paused something: a caller, an account, a class of calls.
package paused

import (
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Span is the time of a pause. The zero Span is no pause.
type Span struct {
	// Since is when it began. Until is when it ends; zero for when it is resumed.
	Since, Until time.Time
}

// On reports whether the pause holds.
func (s Span) On(now time.Time) bool {
	return !s.Since.IsZero() && (s.Until.IsZero() || s.Until.After(now))
}

// Refusal is a fault with the wait until the pause ends, if it ends by itself.
func (s Span) Refusal(f *fault.Fault, now time.Time) *fault.Fault {
	if s.Until.IsZero() {
		return f
	}
	return f.WithRetryAfter(s.Until.Sub(now))
}
