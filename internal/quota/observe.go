package quota

import (
	"context"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/gate"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Observer is told what happens, for metrics. Its methods must be safe for concurrent use and must not block.
type Observer interface {
	// Granted: a call had its turn after waiting.
	Granted(ask upstream.Ask, waited time.Duration)
	// Refused: a call had none.
	Refused(ask upstream.Ask, kind fault.Kind)
	// Departed: an attempt is being written.
	Departed(api string)
	// DepartedAlone: that, decided without the shared store. Such attempts may be over the limit.
	DepartedAlone(api string)
	// Margin: the part of the rate that is left unused changed to this.
	Margin(part float64)
	// GivenBack: a turn was not used.
	GivenBack(api string)
	// Limited: the upstream throttled an attempt, or says that an allowance is used up.
	Limited(api string, scope gate.Scope, result gate.Result)
	// Store: the shared store was lost (with why), or is back (nil). While it is lost under the policy Share, the limit may be
	// exceeded.
	Store(lost error)
}

// Nobody is an [Observer] who does not care.
type Nobody struct{}

// Granted implements [Observer].
func (Nobody) Granted(upstream.Ask, time.Duration) {}

// Refused implements [Observer].
func (Nobody) Refused(upstream.Ask, fault.Kind) {}

// Departed implements [Observer].
func (Nobody) Departed(string) {}

// DepartedAlone implements [Observer].
func (Nobody) DepartedAlone(string) {}

// Margin implements [Observer].
func (Nobody) Margin(float64) {}

// GivenBack implements [Observer].
func (Nobody) GivenBack(string) {}

// Limited implements [Observer].
func (Nobody) Limited(string, gate.Scope, gate.Result) {}

// Store implements [Observer].
func (Nobody) Store(error) {}

// Snapshot is how things stand.
type Snapshot struct {
	// Waiting is how many calls wait, Callers how many different callers, by class.
	Waiting, Callers map[upstream.Class]int
	// Limits are the configured ones.
	Limits gate.Limits
	// PerSecond is the rate in force, with the margin taken off and the stepping down; 0 for no limit.
	PerSecond float64
	// Margin is the part of the rate that is left unused: the configured one, and what was learned from throttles.
	Margin float64
	// BannedUntil is when the upstream's ban ends, ShutUntil when the App Key's used-up allowance can be there again; zero for
	// neither.
	BannedUntil, ShutUntil time.Time
	// DayUsed is how many attempts left on the upstream's calendar day.
	DayUsed int64
	// Alone: the shared store is lost.
	Alone bool
	// Known is false when the store cannot be asked: then only Waiting, Callers, Limits and Alone say something.
	Known bool
}

// Margin is the part of the rate that is left unused, as far as this process last heard; false where no rate is limited, or
// nothing was heard yet. It asks nobody.
func (l *Limiter) Margin() (part float64, known bool) {
	told := l.margin.Load()
	if told == nil || l.limits.App.PerSecond <= 0 {
		return 0, false
	}
	return *told, true
}

// toldMargin keeps what a gate said of the margin.
func (l *Limiter) toldMargin(part float64) {
	if old := l.margin.Swap(&part); old == nil || *old != part {
		l.o.Observer.Margin(part)
	}
}

// Snapshot tells how things stand. It asks the gate, and returns no later than that answers.
func (l *Limiter) Snapshot(ctx context.Context) Snapshot {
	s := Snapshot{Limits: l.limits, Waiting: map[upstream.Class]int{}, Callers: map[upstream.Class]int{}}
	l.mu.Lock()
	for _, c := range []upstream.Class{upstream.Interactive, upstream.Batch} {
		s.Waiting[c], s.Callers[c] = l.queue.LenOf(c), l.queue.Callers(c)
	}
	l.mu.Unlock()
	if f, ok := l.gate.(*gate.Failover); ok {
		s.Alone = f.Alone()
	}
	state, err := l.gate.State(ctx, "")
	if err != nil {
		return s
	}
	l.toldMargin(state.Margin)
	now := time.Now()
	s.Known, s.DayUsed = true, state.DayUsed
	s.Margin = state.Margin
	s.PerSecond = l.limits.App.Usable() * (1 - state.Margin) * state.Rate
	if state.Ban > 0 {
		s.BannedUntil = now.Add(state.Ban)
	}
	if state.Shut > 0 {
		s.ShutUntil = now.Add(state.Shut)
	}
	return s
}
