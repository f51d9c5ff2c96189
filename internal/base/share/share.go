// Package share divides a number of bytes among callers, so that one caller cannot use up what all need. It does not know what
// the bytes are for or how callers authenticate.
package share

import (
	"context"
	"slices"
	"sync"
	"time"
)

type callerKey struct{}

// WithCaller names the caller for whom bytes are taken under ctx: the name of an API key, or an address without its port.
func WithCaller(ctx context.Context, caller string) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// CallerOf returns the caller that [WithCaller] named, or an empty string.
func CallerOf(ctx context.Context) string {
	caller, _ := ctx.Value(callerKey{}).(string)
	return caller
}

// Pool is a number of bytes. A caller may take bytes as long as at least as many stay free as it held before. So the first
// caller gets at most half of them, and the next one half of the rest. As callers give back and take again, their shares
// become equal. There is always room for the next caller. A caller that holds nothing may take all free bytes at once. Pool
// is safe for concurrent use.
type Pool struct {
	size int64

	mu      sync.Mutex
	used    int64
	held    map[string]int64
	waiting []*waiter
}

// waiter is a caller that waits for bytes.
type waiter struct {
	caller string
	n      int64
	// granted is closed when the bytes are taken.
	granted chan struct{}
}

// NewPool returns a pool of size bytes, all free.
func NewPool(size int64) *Pool { return &Pool{size: size, held: map[string]int64{}} }

// Size is the number of all bytes.
func (p *Pool) Size() int64 { return p.size }

// Used is the number of bytes taken.
func (p *Pool) Used() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.used
}

// Try takes n bytes if the caller may take them now.
func (p *Pool) Try(caller string, n int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.grant(caller, n)
}

// Take takes n bytes. It waits for them, at most for wait and until ctx ends. The requests of one caller are served in order.
// False means that nothing was taken.
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

// queue returns a waiter, which may have been served already. It returns nil if no bytes are granted and the caller does not wait.
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

// leave ends the wait. It reports whether the bytes were granted at the last moment.
func (p *Pool) leave(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, w)
	if i < 0 {
		return true
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	p.serve() // Those behind it may need less.
	return false
}

// Give returns n of the caller's bytes to the pool.
func (p *Pool) Give(caller string, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used -= n
	if p.held[caller] -= n; p.held[caller] <= 0 {
		delete(p.held, caller)
	}
	p.serve()
}

// serve grants bytes to waiters. A waiter that cannot be served blocks only later waiters of the same caller.
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
