package cache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"golang.org/x/sync/singleflight"
)

// Store keeps answers outside the process's memory: on disk, or in a Redis that replicas share. It is safe for
// concurrent use.
type Store interface {
	// Get returns the value kept under the key, or nil where there is none or its time is up. It must return before
	// ctx ends, or as soon as it does. The caller does not change the value.
	Get(ctx context.Context, key Key) ([]byte, error)
	// Put keeps all of the items or fails. When it returns nil they are stored: the end of this process, however
	// sudden, takes none of them. It must return before ctx ends, or as soon as it does, and not change the values.
	Put(ctx context.Context, items []Item) error
	// Ping tells whether the store can be asked.
	Ping(ctx context.Context) error
	// Close gives up what the store holds open. It is not asked afterwards.
	Close() error
}

// Item is what a [Store] keeps.
type Item struct {
	Key   Key
	Value []byte
	// Until is when the value is of no use any more.
	Until time.Time
}

// How a store that fails is treated: after so many failures in a row it is left alone for a while, then tried by one.
const (
	failuresMax  = 3
	restAfter    = time.Second
	probeTimeout = 2 * time.Second
	writeTimeout = 10 * time.Second
	// slack is what a read may take over its time before it is given up for lost.
	slack = 50 * time.Millisecond
)

var errSlow = errors.New("the store did not answer in its time")

// guard keeps a store's bad days from everybody else: a read has little time, and a store that fails is not asked.
// Reads and writes fail apart, because a full disk can still be read; leases do, because they need more of a server.
type guard struct {
	store         Store
	observer      Observer
	crew          *crew
	timeout       time.Duration
	reads, writes circuitbreaker.CircuitBreaker[any]
	loading       singleflight.Group
	probing       atomic.Bool
}

func newGuard(store Store, timeout time.Duration, observer Observer, crew *crew) *guard {
	return &guard{store: store, timeout: timeout, observer: observer, crew: crew, reads: newBreaker(), writes: newBreaker()}
}

func newBreaker() circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().WithFailureThreshold(failuresMax).WithSuccessThreshold(1).
		WithDelay(restAfter).WithJitterFactor(0.2).Build()
}

// get is the answer the store has, or nil.
func (g *guard) get(ctx context.Context, key Key) entry {
	if g == nil {
		return nil
	}
	if e, ok := entryOf(g.read(ctx, key)); ok {
		return e
	}
	return nil
}

// read is what the store has, or nil. Equal reads at the same time are one. A store that is known to fail costs no time.
func (g *guard) read(ctx context.Context, key Key) []byte {
	if !g.reads.IsClosed() {
		g.probe()
		return nil
	}
	done := g.loading.DoChan(string(key[:]), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.timeout)
		defer cancel()
		b, err := g.store.Get(ctx, key)
		g.record(g.reads, "get", err)
		return b, err
	})
	limit := time.NewTimer(g.timeout + slack)
	defer limit.Stop()
	select {
	case r := <-done:
		if b, _ := r.Val.([]byte); r.Err == nil {
			return b
		}
	case <-limit.C:
		g.record(g.reads, "get", errSlow)
	case <-ctx.Done():
	}
	return nil
}

// put keeps the items, and tells whether they are stored.
func (g *guard) put(ctx context.Context, items []Item) bool {
	if !g.writes.TryAcquirePermit() {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	err := g.store.Put(ctx, items)
	g.record(g.writes, "put", err)
	return err == nil
}

func (g *guard) record(breaker circuitbreaker.CircuitBreaker[any], operation string, err error) {
	if err == nil {
		breaker.RecordSuccess()
		return
	}
	breaker.RecordFailure()
	g.observer.StoreFailed(operation, err)
}

// probe has one try whether the store is back, with nobody waiting for it.
func (g *guard) probe() {
	if g.reads.RemainingDelay() > 0 || !g.probing.CompareAndSwap(false, true) {
		return
	}
	started := g.crew.start(func(ctx context.Context) {
		defer g.probing.Store(false)
		if !g.reads.TryAcquirePermit() {
			return
		}
		ctx, cancel := context.WithTimeout(ctx, probeTimeout)
		defer cancel()
		g.record(g.reads, "ping", g.store.Ping(ctx))
	})
	if !started {
		g.probing.Store(false)
	}
}

// crew is the goroutines that work for nobody in particular. They end with it.
type crew struct {
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

func newCrew() *crew {
	ctx, cancel := context.WithCancel(context.Background())
	return &crew{ctx: ctx, cancel: cancel}
}

// start runs work in the background, with a context that ends when the crew is dismissed. It is false after that.
func (c *crew) start(work func(context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.wg.Go(func() { work(c.ctx) })
	return true
}

// dismiss ends the crew and waits for it until ctx ends.
func (c *crew) dismiss(ctx context.Context) error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	done := make(chan struct{})
	go func() {
		c.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
