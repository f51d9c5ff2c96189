package upstream

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/coalesce"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// Shared has equal work done once for all callers who ask for it at the same time: questions and uploads alike. The work
// is done on behalf of all who wait at the moment: the highest class among them counts, and the latest deadline; each
// upstream call is paid by the first of them who may spend; it goes on as long as one of them waits.
type Shared[K comparable, V any] struct {
	broken func() V
	log    *slog.Logger
	group  coalesce.Group[K, *guest, V]
}

// Work is what is done: on behalf of those who wait, and with the photo of whoever still waits, where there is one.
type Work[V any] func(ctx context.Context, photo Photo) V

// guest is one who waits.
type guest struct {
	callers Callers
	// photo is the guest's copy; nil where the work is not about one.
	photo *loan
}

// Place is one caller's place among those who wait for shared work.
type Place[K comparable, V any] struct {
	seat  *coalesce.Seat[K, *guest, V]
	guest *guest
	still func()
}

// NewShared has work run in the background by start; nil starts goroutines. Work that panics comes to what broken gives;
// the panic's text is for the log alone.
func NewShared[K comparable, V any](start func(work func()) bool, broken func() V, log *slog.Logger) *Shared[K, V] {
	return &Shared[K, V]{broken: broken, log: log, group: coalesce.Group[K, *guest, V]{Go: start}}
}

// Join waits with those who wait for the key's work, or begins it. begin is called where nobody does it, and may find
// that there is nothing to do: then it returns nil, and so does Join. The photo is read until [Place.Await] returns.
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

// safely does the work. A panic ends the work, not the process.
func (s *Shared[K, V]) safely(ctx context.Context, photo Photo, work Work[V]) (v V) {
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "panic while the upstream was asked", "panic", p, "stack", string(debug.Stack()))
			v = s.broken()
		}
	}()
	return work(ctx, photo)
}

// Len is how much work is under way.
func (s *Shared[K, V]) Len() int { return s.group.Len() }

// Stop ends all work. Those who wait get what it came to.
func (s *Shared[K, V]) Stop() { s.group.Stop() }

// First tells whether the work was begun for this caller.
func (p *Place[K, V]) First() bool { return p.seat.First() }

// Await waits for what the work comes to, and gives the place up. It is false where ctx ended or hurry fired before. Then
// the work goes on for those who still wait, with their photos; where nobody does it has ended, if it was about a photo,
// when Await returns.
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
			<-p.seat.Done() // It was told to end, and does so at once.
		}
	}
	if last {
		return value, false
	}
	select {
	case <-p.seat.Done(): // Also at the same moment: the value is worth more.
		return p.seat.Value(), true
	default:
		return value, false
	}
}

// crowd are all who wait for a call.
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
	all.Since = time.Time{} // It is about what each of them may be given, not about the work.
	return all
}

// Charge implements [Callers]: the first who may spend pays.
func (c crowd[K, V]) Charge() (undo func(), ok bool) {
	c.call.Find(func(g *guest) bool {
		undo, ok = g.callers.Charge()
		return ok
	})
	return undo, ok
}

// Watch implements [Callers].
func (c crowd[K, V]) Watch(changed func()) (stop func()) { return c.call.Watch(changed) }

// dated are callers whose time is up at a moment, if not before.
type dated struct {
	Callers

	end time.Time // zero for no bound
}

// Demand implements [Callers].
func (d dated) Demand() Demand { return d.Callers.Demand().until(d.end) }

// CutShort tells whether work that others began failed because they allowed less than ctx does, in the moment before its
// caller could say so. It is worth asking again then. allowed is what those who waited allowed in the end.
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
