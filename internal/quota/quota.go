// Package quota decides when an upstream attempt may be sent.
//
// It spends one permit per HTTP attempt, below the cache: cache hits are free, retries are not. Package fair orders the
// waiting calls, and package limiter keeps the upstream's limits of one App Key. This package connects them: it reserves a slot while
// a call waits, and grants the slot when it is due to the call that is first at that moment. With several accounts (App
// Keys) there is one queue and a limiter for each account; a permit names the account whose slot it is. The package does
// not look at what a call asks for.
package quota

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/paused"
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

// Dispatcher grants permits. It has one queue for all accounts: a call goes through the account that can send it first.
// It implements [upstream.Quota] and is safe for concurrent use.
type Dispatcher struct {
	accounts []*account
	o        Options

	ctx  context.Context // of the dispatching goroutine, which works for all waiting calls
	stop context.CancelFunc
	wg   sync.WaitGroup
	// wake wakes the dispatching goroutine: a call or a slot came.
	wake chan struct{}

	mu      sync.Mutex
	queue   *fair.Queue[*waiter]
	running bool
	closed  bool
	// pausedClasses are the classes that an operator has paused.
	pausedClasses map[upstream.Class]paused.Span
	// routes are the accounts that may serve a call, by its key in the queue; routesOf are the keys by API.
	routes   map[string]*route
	routesOf map[string][]string
}

// waiter is one call in the queue.
type waiter struct {
	request    upstream.PermitRequest
	route      *route
	enqueuedAt time.Time
	deadline   time.Time // zero for none
	result     chan result
}

type result struct {
	permit *permit
	err    error
}

var _ upstream.Quota = (*Dispatcher)(nil)

// New returns a dispatcher with one account, over a limiter that keeps its limits. Close closes the limiter.
func New(g limiter.Limiter, limits limiter.Limits, o Options) *Dispatcher {
	return NewPool([]Account{{Limiter: g, Limits: limits}}, o)
}

// NewPool returns a dispatcher over at least one account. Close closes their limiters.
func NewPool(accounts []Account, o Options) *Dispatcher {
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
		o: o, queue: fair.New[*waiter](), routes: map[string]*route{}, routesOf: map[string][]string{},
		wake: make(chan struct{}, 1), pausedClasses: map[upstream.Class]paused.Span{},
	}
	for _, a := range accounts {
		d.accounts = append(d.accounts, newAccount(a))
	}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d
}

// Close refuses all waiting calls and closes the limiters.
func (d *Dispatcher) Close() error {
	d.mu.Lock()
	d.closed = true
	d.drain(func(*waiter) bool { return true }, draining())
	d.mu.Unlock()
	d.stop()
	d.wg.Wait()
	var all []error
	for _, a := range d.accounts {
		all = append(all, a.Limiter.Close())
	}
	return errors.Join(all...)
}

// Acquire implements [upstream.Quota]. The faults are QuotaWaitTooLong, QuotaQueueFull, UpstreamQuotaExhausted,
// QuotaDayUsedUp, QuotaStoreUnavailable, UpstreamCallsPaused, ServerDraining and CallerGone; all but the last three carry a retry delay. If no
// account may serve the request, it is UpstreamPermissionDenied. A request that can do without its account is refused with
// the fault for which that account is passed over.
func (d *Dispatcher) Acquire(ctx context.Context, request upstream.PermitRequest) (upstream.Permit, error) {
	free, w, ticket, err := d.enter(ctx, request)
	switch {
	case err != nil:
		d.o.Observer.Refused(request, fault.KindOf(err))
		return nil, err
	case free != nil:
		d.o.Observer.Granted(request, 0)
		return free, nil
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

// enter puts the call into the queue, or returns why not. It returns a permit where the call need not wait.
func (d *Dispatcher) enter(ctx context.Context, request upstream.PermitRequest) (*permit, *waiter, *fair.Ticket[*waiter], error) {
	if ctx.Err() != nil {
		return nil, nil, nil, gone(ctx)
	}
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, nil, nil, draining()
	}
	r, key := d.route(request)
	if len(r.accounts) == 0 {
		return nil, nil, nil, notServed(request.API)
	}
	if p := d.pausedClasses[request.Class]; p.On(now) {
		return nil, nil, nil, pausedFault(p, "class/"+request.Class.String(), now)
	}
	if err := r.pausedFault(now); err != nil {
		return nil, nil, nil, err
	}
	if err := r.passedOver(now); err != nil {
		return nil, nil, nil, err
	}
	open := r.open(now)
	if err := exhaustedFault(open, request.API, now); err != nil {
		return nil, nil, nil, err
	}
	if d.queue.Len() == 0 {
		for _, a := range byPreference(open) {
			if _, exhausted := a.exhaustedNow(request.API, now); a.unlimited(request.API) && !exhausted {
				a.examine(request.API, now)
				return d.newPermit(request, r, a, limiter.Slot{}), nil, nil, nil
			}
		}
	}
	if !request.Throttled && !d.queue.Fits(request.Demand, d.o.QueueMax) {
		return nil, nil, nil, queueFull(d.estimateFull(now, open))
	}
	w := &waiter{request: request, route: r, enqueuedAt: now, result: make(chan result, 1)}
	if end := request.WaitUntil(ctx); !end.IsZero() {
		w.deadline = end
		if wait, limit := d.estimateWait(now, request, key, open); now.Add(wait).After(end) {
			return nil, nil, nil, tooLong(wait, limit)
		}
	}
	push := d.queue.Push
	if request.Throttled {
		push = d.queue.PushFirst // It had a permit already, and the upstream throttled it.
	}
	ticket := push(request.Demand, key, w)
	if !d.running {
		d.running = true
		d.wg.Go(d.dispatch)
	}
	signal(d.wake)
	return nil, w, ticket, nil
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
	now := time.Now()
	open := w.route.open(now)
	if !slices.ContainsFunc(open, func(a *account) bool { return a.storeLostSince.IsZero() }) {
		return storeFault(errors.New("it did not answer while the call waited"))
	}
	wait, limit := d.estimateWait(now, w.request, ticket.API, open)
	least := open[0].ownInterval
	for _, a := range open {
		least = min(least, a.ownInterval)
	}
	return tooLong(max(wait, least), limit)
}

// estimateWait is how long a call that came now would wait if no other call came, and the limit it would wait for. It is
// the shortest wait at an account, where each account sends its share of the calls ahead.
func (d *Dispatcher) estimateWait(now time.Time, request upstream.PermitRequest, key string, open []*account) (time.Duration, string) {
	all, same := d.queue.Ahead(request.Demand, key)
	if request.Throttled {
		all, same = 0, 0
	}
	total := 0.0
	for _, a := range open {
		if a.ownInterval > 0 {
			total += 1 / a.ownInterval.Seconds()
		}
	}
	var best time.Duration
	limit := ""
	for i, a := range open {
		share := 1.0
		if a.ownInterval > 0 && len(open) > 1 {
			share = 1 / a.ownInterval.Seconds() / total
		}
		if wait, of := a.estimateWait(now, request.API, part(all, share), part(same, share)); i == 0 || wait < best {
			best, limit = wait, of
		}
	}
	return best, limit
}

// estimateFull is how long a full queue waits for its next call to go.
func (d *Dispatcher) estimateFull(now time.Time, open []*account) time.Duration {
	var best time.Duration
	for i, a := range open {
		if wait := max(a.ownInterval, a.nextDue(now).Sub(now), a.banUntil.Sub(now)); i == 0 || wait < best {
			best = wait
		}
	}
	return best
}

// part is a share of n, rounded up.
func part(n int, share float64) int { return int(math.Ceil(float64(n) * share)) }

// byPreference are accounts in the order in which they are asked for a slot that several could have.
func byPreference(accounts []*account) []*account {
	if len(accounts) == 1 {
		return accounts
	}
	return slices.SortedStableFunc(slices.Values(accounts), byDay)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
