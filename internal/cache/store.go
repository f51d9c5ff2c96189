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

// Store stores answers outside the process's memory: on disk, or in a Redis that replicas share. It is safe for
// concurrent use.
type Store interface {
	// Get returns the value stored under the key, or nil where there is none or it has expired. It must return before
	// ctx ends, or as soon as it does. The caller does not change the value.
	Get(ctx context.Context, key Key) ([]byte, error)
	// Put stores all of the items or fails. When it returns nil the items survive the end of this process, however
	// sudden. It must return before ctx ends, or as soon as it does, and not change the values.
	Put(ctx context.Context, items []Item) error
	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
	// Close releases the store's resources. The store is not used afterwards.
	Close() error
}

// Prompt is a [Store] that keeps deadlines: after a Get that succeeded, the next Get returns when its context ends. The goroutine that asks
// may read such a store itself. A store that may hang, such as a disk, or that must connect first, is read by another goroutine, which
// costs two changes of goroutine.
type Prompt interface {
	// Prompt does nothing.
	Prompt()
}

// Reporter is a [Store] that others change too, and that reports what changes in it.
type Reporter interface {
	// Report reports changes until ctx ends, then returns. It also returns if the store never reports anything.
	Report(ctx context.Context, to Changes)
}

// Changes takes what a [Reporter] reports. Its methods return at once.
type Changes interface {
	// Changed: any process wrote the value under the key, or the value is gone.
	Changed(key Key)
	// Emptied: all values are gone.
	Emptied()
	// Begun: changes are reported from now on. Those before may not have been.
	Begun()
	// Ended: changes are not reported for a while, because of err.
	Ended(err error)
}

// Item is one value of a [Store].
type Item struct {
	Key   Key
	Value []byte
	// Until is when the value expires.
	Until time.Time
}

// The circuit breaker of a failing store: after so many failures in a row it is not used for a while, then one request
// probes it.
const (
	failuresMax  = 3
	restAfter    = time.Second
	probeTimeout = 2 * time.Second
	writeTimeout = 10 * time.Second
	// graceTime is how far a read may exceed its timeout before it is abandoned.
	graceTime = 50 * time.Millisecond
)

var errSlow = errors.New("the store did not answer in its time")

// guard protects callers from a slow or failing store: reads have a short timeout, and a failing store is not used.
// Reads and writes have separate breakers, because a full disk can still be read. Leases have a third one, because they
// need more of a server.
type guard struct {
	store         Store
	observer      Observer
	workers       *workers
	timeout       time.Duration
	prompt        bool        // the store is a [Prompt]
	well          atomic.Bool // the last read succeeded
	reads, writes circuitbreaker.CircuitBreaker[any]
	loading       singleflight.Group
	probing       atomic.Bool
}

func newGuard(store Store, timeout time.Duration, observer Observer, workers *workers) *guard {
	_, prompt := store.(Prompt)
	return &guard{store: store, timeout: timeout, prompt: prompt, observer: observer, workers: workers, reads: newBreaker(), writes: newBreaker()}
}

func newBreaker() circuitbreaker.CircuitBreaker[any] {
	return circuitbreaker.NewBuilder[any]().WithFailureThreshold(failuresMax).WithSuccessThreshold(1).
		WithDelay(restAfter).WithJitterFactor(0.2).Build()
}

// reading is what a read has found.
type reading struct {
	// value is nil where the store has none. answered is false where it did not answer.
	value    []byte
	answered bool
	// mark was taken when the read began.
	mark mark
}

// read is the stored value, or nil.
func (g *guard) read(ctx context.Context, key Key) []byte { return g.readMarked(ctx, key, nil).value }

// readMarked reads the stored value. Equal concurrent reads are one. A store that is known to fail costs no time. now, unless it is nil,
// is called before the read begins.
func (g *guard) readMarked(ctx context.Context, key Key, now func() mark) reading {
	if g == nil {
		return reading{}
	}
	if !g.reads.IsClosed() {
		g.probe()
		return reading{}
	}
	load := func() (any, error) {
		var r reading
		if now != nil {
			r.mark = now()
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.timeout)
		defer cancel()
		b, err := g.store.Get(ctx, key)
		g.record(g.reads, "get", err)
		g.well.Store(err == nil)
		r.value, r.answered = b, err == nil
		return r, err
	}
	if g.prompt && g.well.Load() {
		result, err, _ := g.loading.Do(string(key[:]), load)
		return readingOf(result, err)
	}
	done := g.loading.DoChan(string(key[:]), load)
	limit := time.NewTimer(g.timeout + graceTime)
	defer limit.Stop()
	select {
	case result := <-done:
		return readingOf(result.Val, result.Err)
	case <-limit.C:
		g.record(g.reads, "get", errSlow)
	case <-ctx.Done():
	}
	return reading{}
}

func readingOf(result any, err error) reading {
	if err != nil {
		return reading{}
	}
	r, _ := result.(reading)
	return r
}

// put stores the items and reports whether they are stored.
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

// probe makes one background attempt to find out whether the store is back.
func (g *guard) probe() {
	if g.reads.RemainingDelay() > 0 || !g.probing.CompareAndSwap(false, true) {
		return
	}
	started := g.workers.start(func(ctx context.Context) {
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

// workers are the background goroutines. stop ends them.
type workers struct {
	ctx    context.Context
	cancel context.CancelFunc
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

func newWorkers() *workers {
	ctx, cancel := context.WithCancel(context.Background())
	return &workers{ctx: ctx, cancel: cancel}
}

// start runs work in the background, with a context that ends with stop. It is false after stop.
func (c *workers) start(work func(context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.wg.Go(func() { work(c.ctx) })
	return true
}

// stop ends the workers and waits for them until ctx ends.
func (c *workers) stop(ctx context.Context) error {
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
