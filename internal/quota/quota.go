// Package quota says when an upstream attempt may leave.
//
// It spends turns per HTTP attempt, below the cache: hits are free, retries are not. Those who wait are ordered by the
// package fair, the upstream's limits are kept by the package gate; what is here brings the two together: a slot is
// booked while somebody waits, and when its time comes it goes to whoever is first at that moment. It does not know what
// a call is about.
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
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/gate"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// QueueMaxDefault is how many calls of each class may wait unless it is said.
const QueueMaxDefault = 1 << 15

// StoreWaitDefault is how long calls wait for a store that cannot be asked unless it is said.
const StoreWaitDefault = 5 * time.Second

// Options are the parts of a [Limiter] beside its gate.
type Options struct {
	// QueueMax is how many calls of each class may wait; [QueueMaxDefault] by default. One caller alone may fill half.
	QueueMax int
	// StoreWait is how long calls wait for a store that cannot be asked before they are refused; [StoreWaitDefault] by default.
	StoreWait time.Duration
	// Observer is told what happens; nil for nobody.
	Observer Observer
	// Log is told what an operator should know; nil for nobody.
	Log *slog.Logger
}

// Limiter hands out turns. It is safe for concurrent use.
type Limiter struct {
	gate   gate.Gate
	limits gate.Limits
	o      Options

	ctx  context.Context // of the dispatcher, which works for everybody who waits
	stop context.CancelFunc
	wg   sync.WaitGroup
	// wake tells the dispatcher that something happened: somebody came, or a slot did.
	wake chan struct{}
	// strained: the gate is not in its plain state, so that even unlimited calls have to ask it.
	strained atomic.Bool
	// margin is what the gate last said of it; nil for nothing yet.
	margin atomic.Pointer[float64]

	mu      sync.Mutex
	queue   *fair.Queue[*waiter]
	running bool
	closed  bool
	// slots are booked and not given out yet, in the order of their times; asking is how many more are asked for.
	slots  []gate.Slot
	asking int
	// askAt is when asking for the next one makes sense, granted the time of the latest one there was; zero after a pause.
	askAt, granted time.Time
	// spacing is that of all slots, every that of ours: other processes' come in between. latency is how long booking takes.
	spacing, every, latency time.Duration
	// spaced tells whether the gate has said how far apart slots are.
	spaced bool
	// storeLost is since when the gate cannot be asked; zero while it can.
	storeLost time.Time
	// ban is until when the upstream bans all calls.
	ban  time.Time
	shut closure
	apis map[string]*apiState
}

// apiState is what is known of one API.
type apiState struct {
	// blocked is until when the API has no turn, banned until when the upstream bans calls to it.
	blocked, banned time.Time
	every           time.Duration
	asking          int
	shut            closure
}

// waiter is one call in the queue.
type waiter struct {
	ask      upstream.Ask
	since    time.Time
	deadline time.Time // zero for none
	result   chan result
}

type result struct {
	turn *turn
	err  error
}

var _ upstream.Quota = (*Limiter)(nil)

// New returns a limiter of a gate for the limits it keeps. It closes the gate in the end.
func New(g gate.Gate, limits gate.Limits, o Options) *Limiter {
	if o.QueueMax <= 0 {
		o.QueueMax = QueueMaxDefault
	}
	if o.StoreWait <= 0 {
		o.StoreWait = StoreWaitDefault
	}
	if o.Observer == nil {
		o.Observer = Nobody{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Limiter{
		gate: g, limits: limits, o: o, queue: fair.New[*waiter](), apis: map[string]*apiState{},
		wake: make(chan struct{}, 1),
	}
	l.ctx, l.stop = context.WithCancel(context.Background())
	return l
}

// Close refuses everybody who waits and closes the gate.
func (l *Limiter) Close() error {
	l.mu.Lock()
	l.closed = true
	l.refuse(func(*waiter) bool { return true }, draining())
	l.mu.Unlock()
	l.stop()
	l.wg.Wait()
	return l.gate.Close()
}

// Acquire implements [upstream.Quota]. The faults are QuotaWaitTooLong, QuotaQueueFull, UpstreamQuotaExhausted, QuotaDayUsedUp,
// QuotaStoreUnavailable, ServerDraining and CallerGone; all but the last two say how long to wait.
func (l *Limiter) Acquire(ctx context.Context, ask upstream.Ask) (upstream.Turn, error) {
	w, ticket, err := l.enter(ctx, ask)
	switch {
	case err != nil:
		l.o.Observer.Refused(ask, fault.KindOf(err))
		return nil, err
	case w == nil:
		l.o.Observer.Granted(ask, 0)
		return l.newTurn(ask, gate.Slot{}), nil
	}
	select {
	case got := <-w.result:
		return l.answer(w, got)
	case <-ctx.Done():
	}
	if err := l.leave(ctx, w, ticket); err != nil {
		l.o.Observer.Refused(ask, fault.KindOf(err))
		return nil, err
	}
	// The answer came first. The attempt finds out by itself that its time is up, and gives the turn back.
	return l.answer(w, <-w.result)
}

func (l *Limiter) answer(w *waiter, got result) (upstream.Turn, error) {
	if got.err != nil {
		l.o.Observer.Refused(w.ask, fault.KindOf(got.err))
		return nil, got.err
	}
	l.o.Observer.Granted(w.ask, time.Since(w.since))
	return got.turn, nil
}

// enter puts the call into the queue, or says why not. Neither a waiter nor a fault means that there is nothing to
// wait for.
func (l *Limiter) enter(ctx context.Context, ask upstream.Ask) (*waiter, *fair.Ticket[*waiter], error) {
	if ctx.Err() != nil {
		return nil, nil, gone(ctx)
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil, draining()
	}
	api := l.api(ask.API)
	for _, c := range []closure{l.shut, api.shut} {
		if err := c.fault(now); err != nil {
			return nil, nil, err
		}
	}
	if l.unlimited(ask.API) && l.queue.Len() == 0 {
		return nil, nil, nil
	}
	if !ask.Again && !l.queue.Fits(ask.Demand, l.o.QueueMax) {
		return nil, nil, queueFull(max(l.every, l.nextTurn(now).Sub(now), l.ban.Sub(now)))
	}
	w := &waiter{ask: ask, since: now, result: make(chan result, 1)}
	if end := ask.Until(ctx); !end.IsZero() {
		w.deadline = end
		if wait, limit := l.foretell(now, ask); now.Add(wait).After(end) {
			return nil, nil, tooLong(wait, limit)
		}
	}
	push := l.queue.Push
	if ask.Again {
		push = l.queue.PushFirst // It has had its turn already; the upstream did not take it.
	}
	ticket := push(ask.Demand, ask.API, w)
	if !l.running {
		l.running = true
		l.wg.Go(l.dispatch)
	}
	signal(l.wake)
	return w, ticket, nil
}

// leave takes a call whose context ended out of the queue. It returns nil if its answer was there first.
func (l *Limiter) leave(ctx context.Context, w *waiter, ticket *fair.Ticket[*waiter]) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ticket.Waiting() {
		return nil
	}
	l.queue.Remove(ticket)
	if w.deadline.IsZero() || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return gone(ctx)
	}
	if !l.storeLost.IsZero() {
		return storeFault(errors.New("it did not answer while the call waited"))
	}
	wait, limit := l.foretell(time.Now(), w.ask)
	return tooLong(max(wait, l.every), limit)
}

// foretell is how long a call that came now would wait for its turn if nobody else came, and the limit that makes it
// wait. Other processes are counted as busy as they were last.
func (l *Limiter) foretell(now time.Time, ask upstream.Ask) (time.Duration, string) {
	all, same := l.queue.Ahead(ask.Demand, ask.API)
	if ask.Again {
		all, same = 0, 0
	}
	wait, limit := l.nextTurn(now).Sub(now)+time.Duration(all)*l.every, subject("", gate.Paced)
	if ban := l.ban.Sub(now) + time.Duration(all)*l.every; l.ban.After(now) && ban > wait {
		wait, limit = ban, subject("", gate.Banned)
	}
	api := l.api(ask.API)
	if one := max(api.blocked.Sub(now), 0) + time.Duration(same)*api.every; one > wait {
		wait, limit = one, subject(ask.API, gate.Paced)
	}
	return wait, limit
}

// nextTurn is when the next slot is given out, as far as is known.
func (l *Limiter) nextTurn(now time.Time) time.Time {
	if len(l.slots) > 0 {
		return later(now, l.slots[0].Turn)
	}
	if l.askAt.After(now) {
		return l.askAt.Add(l.lead())
	}
	return now
}

// unlimited tells whether a call to api has nothing to wait for: no rate is limited and nothing is the matter.
func (l *Limiter) unlimited(api string) bool {
	return l.limits.App.PerSecond <= 0 && l.limits.PerAPI[api].PerSecond <= 0 && !l.strained.Load() && !l.ban.After(time.Now())
}

func (l *Limiter) api(name string) *apiState {
	a := l.apis[name]
	if a == nil {
		a = &apiState{}
		l.apis[name] = a
	}
	return a
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
