// Package share divides a number of bytes among callers, so that no caller can take what all need. It knows neither what the
// bytes are for nor how callers prove who they are.
package share

import (
	"context"
	"slices"
	"sync"
	"time"
)

type callerKey struct{}

// WithCaller says on whose behalf bytes are taken under ctx: the name of an API key, or an address without its port.
func WithCaller(ctx context.Context, caller string) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// CallerOf is what [WithCaller] said; empty where nobody did.
func CallerOf(ctx context.Context) string {
	caller, _ := ctx.Value(callerKey{}).(string)
	return caller
}

// Pool is a number of bytes. A caller may take bytes as long as at least as many stay free as it held before: so one caller
// takes half of them at the most, the next one half of the rest, and as they give back and take again, they come to hold
// the same. There is always room for the next caller. Who holds nothing may take all that is free at once. It is safe
// for concurrent use.
type Pool struct {
	size int64

	mu      sync.Mutex
	used    int64
	held    map[string]int64
	waiting []*waiter
}

// waiter is one who waits for bytes.
type waiter struct {
	caller string
	n      int64
	// granted is closed when the bytes are taken.
	granted chan struct{}
}

// NewPool is a pool of size bytes, all of them free.
func NewPool(size int64) *Pool { return &Pool{size: size, held: map[string]int64{}} }

// Size is how many bytes there are.
func (p *Pool) Size() int64 { return p.size }

// Used is how many bytes are taken.
func (p *Pool) Used() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used
}

// Try takes n bytes if the caller may have them now.
func (p *Pool) Try(caller string, n int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.grant(caller, n)
}

// Take takes n bytes, for which it waits at most for wait, and not longer than ctx. Of one caller, whoever comes first gets
// them first. False means that nothing was taken.
func (p *Pool) Take(ctx context.Context, caller string, n int64, wait time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	w := p.queue(caller, n, wait > 0)
	if w == nil {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-w.granted:
		return true
	case <-timer.C:
	case <-ctx.Done():
	}
	return p.leave(w)
}

// queue gives a waiter who may have been served already; nil if there is nothing to be had and the caller does not wait.
func (p *Pool) queue(caller string, n int64, waits bool) *waiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &waiter{caller: caller, n: n, granted: make(chan struct{})}
	before := slices.ContainsFunc(p.waiting, func(other *waiter) bool { return other.caller == caller })
	switch {
	case !before && p.grant(caller, n):
		close(w.granted)
	case !waits:
		return nil
	default:
		p.waiting = append(p.waiting, w)
	}
	return w
}

// leave ends the waiting, and reports whether the bytes came at the last moment.
func (p *Pool) leave(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, w)
	if i < 0 {
		return true
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	p.serve() // Those behind it may want less.
	return false
}

// Give gives n of the caller's bytes back.
func (p *Pool) Give(caller string, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used -= n
	if p.held[caller] -= n; p.held[caller] <= 0 {
		delete(p.held, caller)
	}
	p.serve()
}

// serve grants what it can to those who wait. Who must wait on holds up the same caller's others only.
func (p *Pool) serve() {
	if len(p.waiting) == 0 {
		return
	}
	held := map[string]bool{}
	p.waiting = slices.DeleteFunc(p.waiting, func(w *waiter) bool {
		if held[w.caller] || !p.grant(w.caller, w.n) {
			held[w.caller] = true
			return false
		}
		close(w.granted)
		return true
	})
}

func (p *Pool) grant(caller string, n int64) bool {
	if n > 0 && p.held[caller]+n > p.size-p.used {
		return false
	}
	p.used += n
	p.held[caller] += n
	return true
}
