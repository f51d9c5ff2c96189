// Package quota decides when an upstream attempt may be sent.
//
// It spends one permit per HTTP attempt, below the cache: cache hits are free, retries are not. Package fair orders the
// waiting calls, and package limiter keeps the upstream's limits. This package connects them: it reserves a slot while
// a call waits, and grants the slot when it is due to the call that is first at that moment. It does not look at what a
// call asks for.
package quota

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/fair"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// QueueMaxDefault is the default number of waiting calls per class.
const QueueMaxDefault = 1 << 15

// StoreWaitDefault is how long calls wait by default for a store that does not answer.
const StoreWaitDefault = 5 * time.Second

// Options are the parts of a [Dispatcher] beside its limiter.
type Options struct {
	// QueueMax is how many calls of each class may wait; [QueueMaxDefault] by default. One caller alone may fill half
	// of it.
	QueueMax int
	// StoreWait is how long calls wait for a store that does not answer before they are refused; [StoreWaitDefault] by
	// default.
	StoreWait time.Duration
	// Observer receives events; nil for none.
	Observer Observer
	// Log receives what an operator should know; nil for none.
	Log *slog.Logger
}

// Dispatcher grants permits. It implements [upstream.Quota] and is safe for concurrent use.
type Dispatcher struct {
	limiter limiter.Limiter
	limits  limiter.Limits
	o       Options

	ctx  context.Context // of the dispatching goroutine, which works for all waiting calls
	stop context.CancelFunc
	wg   sync.WaitGroup
	// wake wakes the dispatching goroutine: a call or a slot came.
	wake chan struct{}
	// degraded: the limiter is not in its normal state, so even unlimited calls must ask it.
	degraded atomic.Bool
	// margin is what the limiter last reported; nil for nothing yet.
	margin atomic.Pointer[float64]

	mu      sync.Mutex
	queue   *fair.Queue[*waiter]
	running bool
	closed  bool
	// slots are reserved and not granted yet, ordered by due time. reserving is the number of slots requested on top.
	slots     []limiter.Slot
	reserving int
	// reserveAt is when to request the next slot. lastDue is the due time of the latest slot; zero after a pause.
	reserveAt, lastDue time.Time
	// interval is the spacing of all slots, ownInterval that of ours: other processes' slots come in between. latency
	// is how long a reservation takes.
	interval, ownInterval, latency time.Duration
	// intervalKnown reports whether the limiter has returned the interval.
	intervalKnown bool
	// storeLostSince is when the limiter stopped answering; zero while it answers.
	storeLostSince time.Time
	// banUntil is the end of the upstream's ban on all calls.
	banUntil  time.Time
	exhausted exhaustion
	apis      map[string]*apiState
}

// apiState is the state of one API.
type apiState struct {
	// blockedUntil is when the API gets a slot again, bannedUntil the end of the upstream's ban on it.
	blockedUntil, bannedUntil time.Time
	interval                  time.Duration
	reserving                 int
	exhausted                 exhaustion
}

// waiter is one call in the queue.
type waiter struct {
	request    upstream.PermitRequest
	enqueuedAt time.Time
	deadline   time.Time // zero for none
	result     chan result
}

type result struct {
	permit *permit
	err    error
}

var _ upstream.Quota = (*Dispatcher)(nil)

// New returns a dispatcher over a limiter that keeps limits. Close closes the limiter.
func New(g limiter.Limiter, limits limiter.Limits, o Options) *Dispatcher {
	if o.QueueMax <= 0 {
		o.QueueMax = QueueMaxDefault
	}
	if o.StoreWait <= 0 {
		o.StoreWait = StoreWaitDefault
	}
	if o.Observer == nil {
		o.Observer = NopObserver{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Dispatcher{
		limiter: g, limits: limits, o: o, queue: fair.New[*waiter](), apis: map[string]*apiState{},
		wake: make(chan struct{}, 1),
	}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// Close refuses all waiting calls and closes the limiter.
func (d *Dispatcher) Close() error {
	d.mu.Lock()
	d.closed = true
	d.refuse(func(*waiter) bool { return true }, draining())
	d.mu.Unlock()
	d.stop()
	d.wg.Wait()
	return d.limiter.Close()
}

// Acquire implements [upstream.Quota]. The faults are QuotaWaitTooLong, QuotaQueueFull, UpstreamQuotaExhausted,
// QuotaDayUsedUp, QuotaStoreUnavailable, ServerDraining and CallerGone; all but the last two carry a retry delay.
func (d *Dispatcher) Acquire(ctx context.Context, request upstream.PermitRequest) (upstream.Permit, error) {
	w, ticket, err := d.enter(ctx, request)
	switch {
	case err != nil:
		d.o.Observer.Refused(request, fault.KindOf(err))
		return nil, err
	case w == nil:
		d.o.Observer.Granted(request, 0)
		return d.newPermit(request, limiter.Slot{}), nil
	}
	select {
	case got := <-w.result:
		return d.answer(w, got)
	case <-ctx.Done():
	}
	if err := d.leave(ctx, w, ticket); err != nil {
		d.o.Observer.Refused(request, fault.KindOf(err))
		return nil, err
	}
	// The result came first. The attempt notices that its time is up and releases the permit.
	return d.answer(w, <-w.result)
}

func (d *Dispatcher) answer(w *waiter, got result) (upstream.Permit, error) {
	if got.err != nil {
		d.o.Observer.Refused(w.request, fault.KindOf(got.err))
		return nil, got.err
	}
	d.o.Observer.Granted(w.request, time.Since(w.enqueuedAt))
	return got.permit, nil
}

// enter puts the call into the queue, or returns why not. It returns neither a waiter nor a fault where the call need
// not wait.
func (d *Dispatcher) enter(ctx context.Context, request upstream.PermitRequest) (*waiter, *fair.Ticket[*waiter], error) {
	if ctx.Err() != nil {
		return nil, nil, gone(ctx)
	}
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, nil, draining()
	}
	api := d.api(request.API)
	for _, c := range []exhaustion{d.exhausted, api.exhausted} {
		if err := c.fault(now); err != nil {
			return nil, nil, err
		}
	}
	if d.unlimited(request.API) && d.queue.Len() == 0 {
		return nil, nil, nil
	}
	if !request.Throttled && !d.queue.Fits(request.Demand, d.o.QueueMax) {
		return nil, nil, queueFull(max(d.ownInterval, d.nextDue(now).Sub(now), d.banUntil.Sub(now)))
	}
	w := &waiter{request: request, enqueuedAt: now, result: make(chan result, 1)}
	if end := request.WaitUntil(ctx); !end.IsZero() {
		w.deadline = end
		if wait, limit := d.estimateWait(now, request); now.Add(wait).After(end) {
			return nil, nil, tooLong(wait, limit)
		}
	}
	push := d.queue.Push
	if request.Throttled {
		push = d.queue.PushFirst // It had a permit already, and the upstream throttled it.
	}
	ticket := push(request.Demand, request.API, w)
	if !d.running {
		d.running = true
		d.wg.Go(d.dispatch)
	}
	signal(d.wake)
	return w, ticket, nil
}

// leave removes a call whose context ended from the queue. It returns nil if the result came first.
func (d *Dispatcher) leave(ctx context.Context, w *waiter, ticket *fair.Ticket[*waiter]) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !ticket.Waiting() {
		return nil
	}
	d.queue.Remove(ticket)
	if w.deadline.IsZero() || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return gone(ctx)
	}
	if !d.storeLostSince.IsZero() {
		return storeFault(errors.New("it did not answer while the call waited"))
	}
	wait, limit := d.estimateWait(time.Now(), w.request)
	return tooLong(max(wait, d.ownInterval), limit)
}

// estimateWait is how long a call that came now would wait if no other call came, and the limit it would wait for.
// Other processes are assumed to be as busy as they were last.
func (d *Dispatcher) estimateWait(now time.Time, request upstream.PermitRequest) (time.Duration, string) {
	all, same := d.queue.Ahead(request.Demand, request.API)
	if request.Throttled {
		all, same = 0, 0
	}
	wait, limit := d.nextDue(now).Sub(now)+time.Duration(all)*d.ownInterval, subject("", limiter.Paced)
	if ban := d.banUntil.Sub(now) + time.Duration(all)*d.ownInterval; d.banUntil.After(now) && ban > wait {
		wait, limit = ban, subject("", limiter.Banned)
	}
	api := d.api(request.API)
	if one := max(api.blockedUntil.Sub(now), 0) + time.Duration(same)*api.interval; one > wait {
		wait, limit = one, subject(request.API, limiter.Paced)
	}
	return wait, limit
}

// nextDue is when the next slot is due, as far as is known.
func (d *Dispatcher) nextDue(now time.Time) time.Time {
	if len(d.slots) > 0 {
		return later(now, d.slots[0].Due)
	}
	if d.reserveAt.After(now) {
		return d.reserveAt.Add(d.lead())
	}
	return now
}

// unlimited reports whether a call to api need not wait: no rate is limited and the limiter is in its normal state.
func (d *Dispatcher) unlimited(api string) bool {
	return d.limits.App.PerSecond <= 0 && d.limits.PerAPI[api].PerSecond <= 0 && !d.degraded.Load() && !d.banUntil.After(time.Now())
}

func (d *Dispatcher) api(name string) *apiState {
	a := d.apis[name]
	if a == nil {
		a = &apiState{}
		d.apis[name] = a
	}
	return a
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
