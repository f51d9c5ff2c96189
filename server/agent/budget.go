package agent

import (
	"sync"
	"time"
)

// budget is the upstream calls that a session may still spend. A tool call reserves the most it may spend before it asks, and
// gives back what it did not spend. So tool calls that run at the same time stay within it together.
type budget struct {
	mu   sync.Mutex
	left int
}

func newBudget(calls int) *budget { return &budget{left: max(calls, 0)} }

// reserve takes up to most calls, and none if fewer than least are left. It returns what it took and what is left.
func (b *budget) reserve(most, least int) (taken, left int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left < least {
		return 0, b.left
	}
	taken = min(most, b.left)
	b.left -= taken
	return taken, b.left
}

// give returns calls that were not spent, and reports what is left then.
func (b *budget) give(calls int) (left int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += max(calls, 0)
	return b.left
}

const (
	// window is how long a session of a caller over HTTP lasts from its first tool call. The protocol has no sessions there:
	// an agent that connects anew is the same caller, and gets no new budget.
	window = time.Hour
	// windowsMax bounds the callers that are remembered at a time. Without API keys every address is a caller.
	windowsMax = 10_000
)

// windows has the budgets of callers over HTTP.
type windows struct {
	calls int
	now   func() time.Time

	mu  sync.Mutex
	all map[string]*callerWindow
}

type callerWindow struct {
	budget *budget
	ends   time.Time
}

func newWindows(calls int, now func() time.Time) *windows {
	return &windows{calls: calls, now: now, all: map[string]*callerWindow{}}
}

// of is the budget of a caller, and when a new one begins. It is nil if too many callers are remembered.
func (w *windows) of(caller string) (*budget, time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if at := w.all[caller]; at != nil && now.Before(at.ends) {
		return at.budget, at.ends
	}
	if len(w.all) >= windowsMax {
		for name, at := range w.all {
			if !now.Before(at.ends) {
				delete(w.all, name)
			}
		}
		if len(w.all) >= windowsMax {
			return nil, now.Add(time.Minute)
		}
	}
	at := &callerWindow{newBudget(w.calls), now.Add(window)}
	w.all[caller] = at
	return at.budget, at.ends
}
