package limiter

import (
	"context"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Policy is what happens while the shared limiter does not answer.
type Policy uint8

// The policies.
const (
	// Deny lets no call go: the limits always hold.
	Deny Policy = iota
	// Share goes on with the limit divided by the number of replicas. It may exceed the limit where only some replicas
	// lost the store, or where there are more replicas than configured.
	Share
)

// FailoverOptions are the parts of a [Failover].
type FailoverOptions struct {
	Policy Policy
	// Replicas is how many processes share the limit; less than 1 counts as 1.
	Replicas int
	// Timeout is how long the shared limiter may take to answer; a second by default. A distant or briefly stalled
	// server is waited for: going on without it costs more.
	Timeout time.Duration
	// ProbeEvery is the interval between background probes of a lost limiter; half a second by default. It must not
	// exceed a second, the pause that separates the two ways of counting.
	ProbeEvery time.Duration
	// OnChange is called when the shared limiter is lost (with the error) and when it is back (nil). It must not block.
	OnChange func(lost error)
}

// Failover uses a shared limiter while it answers. While it does not, it is not asked for each call: it is probed in
// the background, and the policy decides.
type Failover struct {
	shared *Redis
	o      FailoverOptions

	ctx  context.Context // of the background probing
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu sync.Mutex
	// fallback decides while the shared limiter is lost; nil otherwise.
	fallback Limiter
	// unreported are calls the shared limiter has not counted yet, by API.
	unreported map[string]int64
}

var _ Limiter = (*Failover)(nil)

// NewFailover tries the shared limiter once, for about a second at most, and starts without it if that fails. Close
// closes the shared limiter.
func NewFailover(shared *Redis, o FailoverOptions) *Failover {
	o.Replicas = max(o.Replicas, 1)
	if o.Timeout <= 0 {
		o.Timeout = time.Second
	}
	if o.ProbeEvery <= 0 {
		o.ProbeEvery = 500 * time.Millisecond
	}
	f := &Failover{shared: shared, o: o, unreported: map[string]int64{}}
	f.ctx, f.stop = context.WithCancel(context.Background())
	if err := f.join(f.shared.Join); err != nil {
		f.lost(err)
	}
	return f
}

// Reserve implements [Limiter].
func (f *Failover) Reserve(ctx context.Context, api string) (Decision, error) {
	return f.ask(ctx, func(ctx context.Context, g Limiter) (Decision, error) { return g.Reserve(ctx, api) })
}

// Commit implements [Limiter]. The limiter that reserved a slot also commits it: the slot keeps its span, and both
// limiters settle for as long.
func (f *Failover) Commit(s Slot) (int64, bool) { return s.owner.Commit(s) }

// Sent implements [Limiter].
func (f *Failover) Sent(s Slot) { s.owner.Sent(s) }

// Cancel implements [Limiter].
func (f *Failover) Cancel(s Slot) { s.owner.Cancel(s) }

// Report implements [Limiter].
func (f *Failover) Report(ctx context.Context, o Outcome) error {
	_, err := f.ask(ctx, func(ctx context.Context, g Limiter) (Decision, error) { return Decision{}, g.Report(ctx, o) })
	return err
}

// State implements [Limiter].
func (f *Failover) State(ctx context.Context, api string) (State, error) {
	v, err := f.ask(ctx, func(ctx context.Context, g Limiter) (Decision, error) {
		s, err := g.State(ctx, api)
		return Decision{State: s}, err
	})
	return v.State, err
}

// Standalone reports whether the shared limiter is lost.
func (f *Failover) Standalone() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fallback != nil
}

// Close stops the probing and closes the shared limiter.
func (f *Failover) Close() error {
	f.stop()
	f.wg.Wait()
	return f.shared.Close()
}

func (f *Failover) ask(ctx context.Context, op func(context.Context, Limiter) (Decision, error)) (Decision, error) {
	f.mu.Lock()
	fallback := f.fallback
	f.mu.Unlock()
	if fallback != nil {
		return askFallback(ctx, fallback, op)
	}
	v, err := f.try(ctx, op)
	if err != nil && ctx.Err() == nil && !timedOut(err) {
		v, err = f.try(ctx, op) // The connection may have been stale: one retry does no harm.
	}
	if err == nil {
		return v, nil
	}
	if ctx.Err() != nil {
		return Decision{}, err
	}
	return askFallback(ctx, f.lost(err), op)
}

func askFallback(ctx context.Context, fallback Limiter, op func(context.Context, Limiter) (Decision, error)) (Decision, error) {
	v, err := op(ctx, fallback)
	v.Slot.Standalone = true
	return v, err
}

func (f *Failover) try(ctx context.Context, op func(context.Context, Limiter) (Decision, error)) (Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	return op(ctx, f.shared)
}

// lost switches to the fallback.
func (f *Failover) lost(err error) Limiter {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fallback != nil {
		return f.fallback
	}
	if f.o.Policy == Share {
		f.fallback = f.newFallback()
	} else {
		f.fallback = denied{retryAfter: 2 * f.o.ProbeEvery, cause: err}
	}
	if f.ctx.Err() == nil {
		f.wg.Go(f.probe)
	}
	if f.o.OnChange != nil {
		f.o.OnChange(err)
	}
	return f.fallback
}

// newFallback divides what is left of the limits. It lets no call go for as long as a call that the shared limiter
// granted to another process could count.
func (f *Failover) newFallback() *Local {
	k := f.shared.lastReply()
	now := time.Now()
	if k.day != chinaday.Number(now) {
		k.used = map[string]int64{}
	}
	divide := func(api string, l Limit) Limit {
		l.PerSecond /= float64(f.o.Replicas)
		if l.PerDay > 0 {
			l.PerDay = k.used[api] + max(l.PerDay-k.used[api], 0)/int64(f.o.Replicas)
		}
		return l
	}
	limits := f.shared.limits
	limits.App = divide("", limits.App)
	limits.PerAPI = map[string]Limit{}
	for api, l := range f.shared.limits.PerAPI {
		limits.PerAPI[api] = divide(api, l)
	}
	days := NewLedger()
	for api, n := range k.used {
		days.seed(now, api, n)
	}
	fallback := NewLocal(limits, days)
	fallback.settle = now.Add(f.shared.settle)
	fallback.margin.excess, fallback.margin.learnedAt = max(k.state.Margin-limits.Margin, 0), k.at
	fallback.app.ban = k.at.Add(k.state.Ban)
	if k.state.Exhausted > 0 {
		fallback.app.exhausted = k.at.Add(k.state.Exhausted)
	}
	fallback.app.rate = k.state.Rate
	return fallback
}

// probe tries the shared limiter until it answers.
func (f *Failover) probe() {
	join := f.shared.Join // No call was sent meanwhile.
	if f.o.Policy == Share {
		join = f.shared.Rejoin
	}
	tick := time.NewTicker(f.o.ProbeEvery)
	defer tick.Stop()
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-tick.C:
		}
		err := f.join(join)
		if err == nil {
			f.back()
			return
		}
		f.stillLost(err)
	}
}

// stillLost has requests refused for what is wrong now.
func (f *Failover) stillLost(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, ok := f.fallback.(denied); ok {
		d.cause = err
		f.fallback = d
	}
}

func (f *Failover) join(how func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(f.ctx, f.o.Timeout)
	defer cancel()
	return how(ctx)
}

// back returns to the shared limiter and reports the calls that were sent meanwhile.
func (f *Failover) back() {
	f.mu.Lock()
	if l, ok := f.fallback.(*Local); ok {
		for api, n := range l.days.unwrittenOn(time.Now()) {
			f.unreported[api] += n
		}
	}
	f.fallback = nil
	unreported := f.unreported
	f.unreported = map[string]int64{}
	f.mu.Unlock()
	if f.o.OnChange != nil {
		f.o.OnChange(nil)
	}
	for api, n := range unreported {
		ctx, cancel := context.WithTimeout(f.ctx, f.o.Timeout)
		if f.shared.add(ctx, api, n) != nil {
			f.mu.Lock()
			f.unreported[api] += n
			f.mu.Unlock()
		}
		cancel()
	}
}

// denied is the limiter of the policy Deny: it refuses every request.
type denied struct {
	retryAfter time.Duration
	// cause is why the shared limiter cannot be asked.
	cause error
}

func (d denied) unavailable() error {
	return fault.OfServer(fault.QuotaStoreUnavailable, "the shared quota store cannot be asked", d.cause).WithRetryAfter(d.retryAfter)
}

func (d denied) Reserve(context.Context, string) (Decision, error) {
	return Decision{}, d.unavailable()
}
func (d denied) Commit(Slot) (int64, bool)                    { return 0, false }
func (d denied) Sent(Slot)                                    {}
func (d denied) Cancel(Slot)                                  {}
func (d denied) Report(context.Context, Outcome) error        { return d.unavailable() }
func (d denied) State(context.Context, string) (State, error) { return State{}, d.unavailable() }
func (d denied) Close() error                                 { return nil }
