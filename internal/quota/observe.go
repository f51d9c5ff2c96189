package quota

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Observer receives events for metrics. Its methods must be safe for concurrent use and must not block.
type Observer interface {
	// Granted: a call got its permit after waiting.
	Granted(request upstream.PermitRequest, waited time.Duration)
	// Refused: a call got no permit.
	Refused(request upstream.PermitRequest, kind fault.Kind)
	// Committed: an attempt is about to be written.
	Committed(api string)
	// CommittedStandalone: an attempt is about to be written that the shared store did not grant. Such attempts may
	// exceed the limit.
	CommittedStandalone(api string)
	// Margin: the unused part of the rate changed to this.
	Margin(part float64)
	// Released: a permit was not used.
	Released(api string)
	// Limited: the upstream throttled an attempt, or reported that an allowance is used up.
	Limited(api string, scope limiter.Scope, result limiter.Result)
	// StoreChanged: the shared store was lost (with the error), or is back (nil). While it is lost under the policy
	// Share, the limit may be exceeded.
	StoreChanged(lost error)
}

// NopObserver is an [Observer] that does nothing.
type NopObserver struct{}

// Granted implements [Observer].
func (NopObserver) Granted(upstream.PermitRequest, time.Duration) {}

// Refused implements [Observer].
func (NopObserver) Refused(upstream.PermitRequest, fault.Kind) {}

// Committed implements [Observer].
func (NopObserver) Committed(string) {}

// CommittedStandalone implements [Observer].
func (NopObserver) CommittedStandalone(string) {}

// Margin implements [Observer].
func (NopObserver) Margin(float64) {}

// Released implements [Observer].
func (NopObserver) Released(string) {}

// Limited implements [Observer].
func (NopObserver) Limited(string, limiter.Scope, limiter.Result) {}

// StoreChanged implements [Observer].
func (NopObserver) StoreChanged(error) {}

// Snapshot is the state of a [Dispatcher] at one moment.
type Snapshot struct {
	// Waiting is the number of waiting calls, Callers the number of different callers among them, by class.
	Waiting, Callers map[upstream.Class]int
	// Limits are the configured ones.
	Limits limiter.Limits
	// PerSecond is the present rate, after the margin and any step-down; 0 for no limit.
	PerSecond float64
	// Margin is the unused part of the rate: the configured part and the part learned from throttles.
	Margin float64
	// BannedUntil is the end of the upstream's ban. ExhaustedUntil is when the App Key's used-up allowance can be
	// available again. Zero for none.
	BannedUntil, ExhaustedUntil time.Time
	// DayUsed is the number of attempts sent on the upstream's calendar day, DayLimit the most that may be sent on it; 0
	// for no limit. Reach is whose attempts these are.
	DayUsed, DayLimit int64
	Reach             limiter.Reach
	// Standalone: the shared store is lost.
	Standalone bool
	// Known is false when the store does not answer: then only Waiting, Callers, Limits and Standalone are set.
	Known bool
}

// Margin is the unused part of the rate as last reported to this process; false where no rate is limited or nothing was
// reported yet. It makes no request.
func (d *Dispatcher) Margin() (part float64, known bool) {
	margin := d.margin.Load()
	if margin == nil || d.limits.App.PerSecond <= 0 {
		return 0, false
	}
	return *margin, true
}

// setMargin stores the margin that a limiter reported.
func (d *Dispatcher) setMargin(part float64) {
	if old := d.margin.Swap(&part); old == nil || *old != part {
		d.o.Observer.Margin(part)
	}
}

// Snapshot returns the present state. It asks the limiter, and takes as long as the limiter's answer.
func (d *Dispatcher) Snapshot(ctx context.Context) Snapshot {
	s := Snapshot{Limits: d.limits, Waiting: map[upstream.Class]int{}, Callers: map[upstream.Class]int{}}
	d.mu.Lock()
	for _, c := range []upstream.Class{upstream.Interactive, upstream.Batch} {
		s.Waiting[c], s.Callers[c] = d.queue.LenOf(c), d.queue.Callers(c)
	}
	d.mu.Unlock()
	if f, ok := d.limiter.(*limiter.Failover); ok {
		s.Standalone = f.Standalone()
	}
	state, err := d.limiter.State(ctx, "")
	if err != nil {
		return s
	}
	d.setMargin(state.Margin)
	now := time.Now()
	s.Known, s.DayUsed, s.DayLimit, s.Reach = true, state.DayUsed, state.DayLimit, state.Reach
	s.Margin = state.Margin
	s.PerSecond = d.limits.App.Usable() * (1 - state.Margin) * state.Rate
	if state.Ban > 0 {
		s.BannedUntil = now.Add(state.Ban)
	}
	if state.Exhausted > 0 {
		s.ExhaustedUntil = now.Add(state.Exhausted)
	}
	return s
}
