package upstream

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Shared coalesces equal work of concurrent callers: questions and uploads alike. The work runs on behalf of all
// callers who wait at the moment: the highest class among them counts, and the latest deadline; the first of them who
// may spend pays for each upstream call. It goes on as long as one of them waits.
type Shared[K comparable, V any] struct {
	broken func() V
	log    *slog.Logger
	group  coalesce.Group[K, *guest, V]
}

// Work is the shared work. It runs on behalf of the waiting callers, with the photo of one of them, if there is one.
type Work[V any] func(ctx context.Context, photo Photo) V

// guest is one waiting caller.
type guest struct {
	callers Callers
	// photo is the caller's copy; nil where the work needs none.
	photo *loan
}

// Place is one caller's place among those who wait for shared work.
type Place[K comparable, V any] struct {
	seat  *coalesce.Waiter[K, *guest, V]
	guest *guest
	still func()
}

// NewShared runs work in the background with start; nil starts goroutines. Work that panics returns what broken
// returns; the panic's text goes to the log only.
func NewShared[K comparable, V any](start func(work func()) bool, broken func() V, log *slog.Logger) *Shared[K, V] {
	return &Shared[K, V]{broken: broken, log: log, group: coalesce.Group[K, *guest, V]{Go: start}}
}

// Join waits for the key's work, or begins it. begin is called where no caller has begun it. It may return nil if there
// is nothing to do, and then so does Join. The photo is read until [Place.Await] returns.
func (s *Shared[K, V]) Join(ctx context.Context, key K, photo Photo, begin func() Work[V]) *Place[K, V] {
	end, _ := ctx.Deadline()
	g := &guest{callers: dated{callersOf(ctx), end}}
	if photo != nil {
		g.photo = &loan{photo: photo}
	}
	seat := s.group.Join(ctx, key, g, func() coalesce.Work[K, *guest, V] {
		work := begin()
		if work == nil {
			return nil
		}
		return func(ctx context.Context, call *coalesce.Call[K, *guest, V]) V {
			return s.safely(withCallers(ctx, crowd[K, V]{call}), photoOf(call, photo), work)
		}
	})
	if seat == nil {
		return nil
	}
	p := &Place[K, V]{seat: seat, guest: g, still: g.callers.Watch(seat.Changed)}
	seat.Changed() // The callers may have changed before they were watched.
	return p
}

// safely runs the work. A panic ends the work, not the process.
func (s *Shared[K, V]) safely(ctx context.Context, photo Photo, work Work[V]) (v V) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "panic while the upstream was asked", "panic", p, "stack", string(debug.Stack()))
			v = s.broken()
		}
	}()
	return work(ctx, photo)
}

// Len is the number of calls in progress.
func (s *Shared[K, V]) Len() int { return s.group.Len() }

// Stop ends all work. The waiting callers get its result.
func (s *Shared[K, V]) Stop() { s.group.Stop() }

// First reports whether the work was begun for this caller.
func (p *Place[K, V]) First() bool { return p.seat.First() }

// Await waits for the result and gives up the place. It is false where ctx ended or hurry fired before. Then the work
// goes on for the other waiting callers, with their photos. Where there are none, work with a photo has ended when
// Await returns.
func (p *Place[K, V]) Await(ctx context.Context, hurry <-chan time.Time) (value V, ok bool) {
	defer p.still()
	select {
	case <-p.seat.Done():
	case <-hurry:
	case <-ctx.Done():
	}
	last := p.seat.Leave()
	if p.guest.photo != nil {
		p.guest.photo.takeBack()
		if last {
			<-p.seat.Done() // Its context has ended, so it ends at once.
		}
	}
	if last {
		return value, false
	}
	select {
	case <-p.seat.Done(): // Also at the same moment: the value takes precedence.
		return p.seat.Value(), true
	default:
		return value, false
	}
}

// crowd is all callers who wait for a call.
type crowd[K comparable, V any] struct {
	call *coalesce.Call[K, *guest, V]
}

// Demand implements [Callers]: the class, name and weight of the first of the most urgent, the latest deadline, and the
// budget with the most left.
func (c crowd[K, V]) Demand() Demand {
	var all Demand
	for i, g := range c.call.Waiting() {
		d := g.callers.Demand()
		if i == 0 {
			all = d
			continue
		}
		if d.Class < all.Class {
			all.Class, all.Caller, all.Weight = d.Class, d.Caller, d.Weight
		}
		if d.Deadline.IsZero() || !all.Deadline.IsZero() && d.Deadline.After(all.Deadline) {
			all.Deadline = d.Deadline
		}
		if d.Budget.left() > all.Budget.left() {
			all.Budget = d.Budget
		}
	}
	all.Since = time.Time{} // Since belongs to each caller, not to the work.
	return all
}

// Charge implements [Callers]: the first caller who may spend pays.
func (c crowd[K, V]) Charge() (undo func(), ok bool) {
	c.call.Find(func(g *guest) bool {
		undo, ok = g.callers.Charge()
		return ok
	})
	return undo, ok
}

// Watch implements [Callers].
func (c crowd[K, V]) Watch(changed func()) (stop func()) { return c.call.Watch(changed) }

// dated adds a deadline to callers.
type dated struct {
	Callers

	end time.Time // zero for no bound
}

// Demand implements [Callers].
func (d dated) Demand() Demand { return d.Callers.Demand().until(d.end) }

// CutShort reports whether shared work failed because its callers allowed less than ctx does, just before this caller
// joined. Then it is worth trying again. allowed is what those callers allowed in the end.
func CutShort(ctx context.Context, err error, allowed Demand) bool {
	if ctx.Err() != nil || !DemandOf(ctx).AllowsMoreThan(allowed) {
		return false
	}
	switch kind := fault.KindOf(err); kind {
	case fault.QuotaWaitTooLong, fault.DeadlineExceeded, fault.BudgetExhausted:
		return true
	default:
		return kind.Retry() == fault.RetryTransient || kind.Retry() == fault.RetryThrottle
	}
}
