package gate

import (
	"context"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Policy is what happens while the shared gate cannot be asked.
type Policy uint8

// The policies.
const (
	// Deny lets nothing go: the limits hold whatever happens.
	Deny Policy = iota
	// Share goes on alone with the limit divided by the number of replicas. It may exceed the limit where the store is
	// gone for some replicas only, or when there are more of them than was said.
	Share
)

// FailoverOptions are the parts of a [Failover].
type FailoverOptions struct {
	Policy Policy
	// Replicas is how many processes share the limit; less than 1 counts as 1.
	Replicas int
	// Timeout is how long the shared gate may take to answer; a second by default. A server that is far away, or stands still for a
	// moment, is waited for: going on without it costs more.
	Timeout time.Duration
	// ProbeEvery is how often a lost gate is tried, in the background; half a second by default. Longer than a
	// second it would outlast the pause that keeps both ways of counting apart.
	ProbeEvery time.Duration
	// Told is called when the shared gate is lost (with why) and when it is back (nil). It must not block.
	Told func(lost error)
}

// Failover is a shared gate for as long as it answers. While it does not, calls are not held up by asking it: it is tried in the
// background, and the policy decides meanwhile.
type Failover struct {
	shared *Redis
	o      FailoverOptions

	ctx  context.Context // of the background probing
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu sync.Mutex
	// alone is what decides while the shared gate is lost; nil while it is not.
	alone Gate
	// owed are departures the shared gate has not been told of.
	owed map[string]int64
}

var _ Gate = (*Failover)(nil)

// NewFailover tries the shared gate once, for about a second at most, and begins without it if need be. It closes the
// shared gate in the end.
func NewFailover(shared *Redis, o FailoverOptions) *Failover {
	o.Replicas = max(o.Replicas, 1)
	if o.Timeout <= 0 {
		o.Timeout = time.Second
	}
	if o.ProbeEvery <= 0 {
		o.ProbeEvery = 500 * time.Millisecond
	}
	f := &Failover{shared: shared, o: o, owed: map[string]int64{}}
	f.ctx, f.stop = context.WithCancel(context.Background())
	if err := f.join(f.shared.Join); err != nil {
		f.lost(err)
	}
	return f
}

// Book implements [Gate].
func (f *Failover) Book(ctx context.Context, api string) (Verdict, error) {
	return f.ask(ctx, func(ctx context.Context, g Gate) (Verdict, error) { return g.Book(ctx, api) })
}

// Depart implements [Gate]. A slot is used with the gate that booked it: it is good as long as it says, and both gates settle
// for as long.
func (f *Failover) Depart(s Slot) (int64, bool) { return s.of.Depart(s) }

// Cancel implements [Gate].
func (f *Failover) Cancel(s Slot) { s.of.Cancel(s) }

// Report implements [Gate].
func (f *Failover) Report(ctx context.Context, o Outcome) error {
	_, err := f.ask(ctx, func(ctx context.Context, g Gate) (Verdict, error) { return Verdict{}, g.Report(ctx, o) })
	return err
}

// State implements [Gate].
func (f *Failover) State(ctx context.Context, api string) (State, error) {
	v, err := f.ask(ctx, func(ctx context.Context, g Gate) (Verdict, error) {
		s, err := g.State(ctx, api)
		return Verdict{State: s}, err
	})
	return v.State, err
}

// Alone tells whether the shared gate is lost at present.
func (f *Failover) Alone() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.alone != nil
}

// Close ends the probing and closes the shared gate.
func (f *Failover) Close() error {
	f.stop()
	f.wg.Wait()
	return f.shared.Close()
}

func (f *Failover) ask(ctx context.Context, op func(context.Context, Gate) (Verdict, error)) (Verdict, error) {
	f.mu.Lock()
	alone := f.alone
	f.mu.Unlock()
	if alone != nil {
		return goAlone(ctx, alone, op)
	}
	v, err := f.try(ctx, op)
	if err != nil && ctx.Err() == nil && !timedOut(err) {
		v, err = f.try(ctx, op) // The connection was stale, perhaps: one more does no harm.
	}
	if err == nil {
		return v, nil
	}
	if ctx.Err() != nil {
		return Verdict{}, err
	}
	return goAlone(ctx, f.lost(err), op)
}

func goAlone(ctx context.Context, alone Gate, op func(context.Context, Gate) (Verdict, error)) (Verdict, error) {
	v, err := op(ctx, alone)
	v.Slot.Alone = true
	return v, err
}

func (f *Failover) try(ctx context.Context, op func(context.Context, Gate) (Verdict, error)) (Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	return op(ctx, f.shared)
}

// lost begins to go on without the shared gate.
func (f *Failover) lost(err error) Gate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.alone != nil {
		return f.alone
	}
	if f.o.Policy == Share {
		f.alone = f.newAlone()
	} else {
		f.alone = denied{retryAfter: 2 * f.o.ProbeEvery}
	}
	if f.ctx.Err() == nil {
		f.wg.Go(f.probe)
	}
	if f.o.Told != nil {
		f.o.Told(err)
	}
	return f.alone
}

// newAlone divides what is left of the limits. It lets nothing go for as long as a departure that the shared gate
// granted to somebody else could count.
func (f *Failover) newAlone() *Local {
	k := f.shared.lastKnown()
	now := time.Now()
	if k.day != dayOf(now) {
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
	alone := NewLocal(limits, days)
	alone.settle = now.Add(f.shared.settle)
	alone.margin.excess, alone.margin.taught = max(k.state.Margin-limits.Margin, 0), k.at
	alone.app.ban = k.at.Add(k.state.Ban)
	if k.state.Shut > 0 {
		alone.app.shut = k.at.Add(k.state.Shut)
	}
	alone.app.rate = k.state.Rate
	return alone
}

// probe tries the shared gate until it answers.
func (f *Failover) probe() {
	join := f.shared.Join // Nothing left meanwhile.
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
		if f.join(join) == nil {
			f.back()
			return
		}
	}
}

func (f *Failover) join(how func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(f.ctx, f.o.Timeout)
	defer cancel()
	return how(ctx)
}

// back returns to the shared gate and tells it what left meanwhile.
func (f *Failover) back() {
	f.mu.Lock()
	if l, ok := f.alone.(*Local); ok {
		for api, n := range l.days.counted(time.Now()) {
			f.owed[api] += n
		}
	}
	f.alone = nil
	owed := f.owed
	f.owed = map[string]int64{}
	f.mu.Unlock()
	if f.o.Told != nil {
		f.o.Told(nil)
	}
	for api, n := range owed {
		ctx, cancel := context.WithTimeout(f.ctx, f.o.Timeout)
		if f.shared.add(ctx, api, n) != nil {
			f.mu.Lock()
			f.owed[api] += n
			f.mu.Unlock()
		}
		cancel()
	}
}

// denied is the gate of the policy Deny: it cannot be asked.
type denied struct {
	retryAfter time.Duration
}

func (d denied) unavailable() error {
	return fault.New(fault.QuotaStoreUnavailable, "the shared quota store cannot be asked").WithRetryAfter(d.retryAfter)
}

func (d denied) Book(context.Context, string) (Verdict, error) { return Verdict{}, d.unavailable() }
func (d denied) Depart(Slot) (int64, bool)                     { return 0, false }
func (d denied) Cancel(Slot)                                   {}
func (d denied) Report(context.Context, Outcome) error         { return d.unavailable() }
func (d denied) State(context.Context, string) (State, error)  { return State{}, d.unavailable() }
func (d denied) Close() error                                  { return nil }
