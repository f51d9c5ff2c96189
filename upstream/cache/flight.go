package cache

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptrace"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Why an asking is ended from outside.
var (
	errAbandoned = errors.New("nobody waits for the answer any more")
	errRaised    = errors.New("asked again for one who is more urgent")
)

// flights makes equal questions at the same time one asking.
//
// singleflight has no place for what this needs beside that: the last one to leave ends the asking, a newcomer never
// joins one that is ending, and the deadline and the class of an asking are those of everybody who waits for it.
type flights struct {
	crew *crew
	log  *slog.Logger

	mu    sync.Mutex
	byKey map[Key]*flight
}

// asking puts a question to the upstream and keeps the answer.
type asking func(ctx context.Context) outcome

// outcome is what an asking came to: an answer or an error, and what it cost.
type outcome struct {
	held  *held
	calls int
	err   error
	// by is empty where the upstream was asked; ByTwin where another process asked it, ByStore where the answer turned
	// out to be kept.
	by By
}

// flight is one question that is being asked.
type flight struct {
	flights *flights
	key     Key
	ask     asking
	// photo is that of whoever waits; nil where the question is not about one.
	photo *upstream.SharedPhoto
	// done is closed when the outcome is there.
	done chan struct{}
	outcome
	// paid: one of those who waited has taken the cost upon itself.
	paid atomic.Bool

	// The rest is guarded by flights.mu.

	waiting int
	// base is the context of the one the present asking is for, without its end.
	base   context.Context
	demand upstream.Demand
	// latest is the latest deadline of those who came; none: one of them has no deadline.
	latest time.Time
	none   bool
	// told is the earliest deadline that was told to those below as the question's.
	told time.Time
	// left: the upstream may have the present question already.
	left   bool
	cancel context.CancelCauseFunc
}

func newFlights(crew *crew, log *slog.Logger) *flights {
	return &flights{crew: crew, log: log, byKey: map[Key]*flight{}}
}

// waiter is one who waits for a flight.
type waiter struct {
	*flight
	// first is the one whom the flight was begun for.
	first bool
	// lent is the waiter's copy of the photo; nil where the question is not about one.
	lent *upstream.Holder
}

// join waits with those who wait for the key's answer, or begins to ask. The answer of a flight that landed a moment
// ago is what kept finds, without asking. It returns nil with that, or when nothing may be begun any more.
func (s *flights) join(ctx context.Context, key Key, kept func() *held, ask asking) (w *waiter, there *held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.byKey[key]; f != nil {
		return f.admit(ctx), nil
	}
	if there = kept(); there != nil {
		return nil, there
	}
	f := &flight{flights: s, key: key, ask: ask, done: make(chan struct{}), base: context.WithoutCancel(ctx), demand: upstream.DemandOf(ctx)}
	if photo := photoOf(ctx); photo != nil {
		f.photo = upstream.NewSharedPhoto(photo.Size())
	}
	w = f.admit(ctx)
	w.first = true
	s.byKey[key] = f
	if !s.crew.start(func(context.Context) { f.fly() }) {
		delete(s.byKey, key)
		return nil, nil
	}
	return w, nil
}

// admit counts one more who waits. One who is more urgent than those before, while the question still waits for its
// turn, has it asked again as its own: a human must not wait in a batch's place.
func (f *flight) admit(ctx context.Context) *waiter {
	w := &waiter{flight: f}
	if f.photo != nil {
		w.lent = f.photo.Hold(photoOf(ctx))
	}
	f.waiting++
	if end, ok := ctx.Deadline(); !ok {
		f.none = true
	} else if end.After(f.latest) {
		f.latest = end
	}
	demand := upstream.DemandOf(ctx)
	if demand.Class < f.demand.Class && !f.left {
		f.base, f.demand = context.WithoutCancel(ctx), demand
		if f.cancel != nil {
			f.cancel(errRaised)
		}
	}
	return w
}

// answeredBy is what the one who waited was answered by, when there is an answer.
func (w *waiter) answeredBy() By {
	switch {
	case w.by != "":
		return w.by
	case w.first:
		return ByUpstream
	default:
		return ByTwin
	}
}

// await waits for the outcome. It fails when the caller leaves before.
func (w *waiter) await(ctx context.Context, hurry <-chan time.Time) error {
	var err error
	select {
	case <-w.done:
	case <-hurry:
		err = errImpatient
	case <-ctx.Done():
		err = gone(ctx)
	}
	select {
	case <-w.done: // Also at the same moment: the answer is worth more.
		err = nil
	default:
		// Those who still wait have copies of their own. Without any of them, the photo may be read until the asking
		// has come to its end, which it does at once.
		if last := w.leave(); last && w.lent != nil {
			<-w.done
		}
	}
	if w.lent != nil {
		w.photo.Release(w.lent)
	}
	return err
}

// leave counts one less who waits; the last one ends the asking.
func (f *flight) leave() (last bool) {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	f.waiting--
	if f.waiting > 0 {
		return false
	}
	if f.flights.byKey[f.key] == f {
		delete(f.flights.byKey, f.key)
	}
	if f.cancel != nil {
		f.cancel(errAbandoned)
	}
	return true
}

// fly asks until there is an outcome for those who wait.
func (f *flight) fly() {
	for {
		ctx, cancel := f.begin()
		if ctx == nil {
			f.land(outcome{err: fault.New(fault.CallerGone, "the caller left").WithCause(errAbandoned)})
			return
		}
		out := f.askSafely(ctx)
		raised := errors.Is(context.Cause(ctx), errRaised)
		cancel(nil)
		if out.err == nil || !raised {
			f.land(out)
			return
		}
	}
}

// begin is the context of the next asking, or nil if nobody waits for it.
func (f *flight) begin() (context.Context, context.CancelCauseFunc) {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	if f.waiting == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithCancelCause(f.base)
	f.cancel, f.left = cancel, false
	ctx = upstream.WithDemand(flightContext{ctx, f}, f.demand)
	if f.photo != nil {
		ctx = withPhoto(ctx, f.photo)
	}
	// A connection is taken when the question's turn has come.
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		f.flights.mu.Lock()
		defer f.flights.mu.Unlock()
		f.left = f.left || context.Cause(ctx) == nil
	}}), cancel
}

// askSafely asks. A panic below ends the question, not the process; only the log gets its text.
func (f *flight) askSafely(ctx context.Context) (out outcome) {
	defer func() {
		if p := recover(); p != nil {
			f.flights.log.ErrorContext(ctx, "panic while the upstream was asked", "panic", p, "stack", string(debug.Stack()))
			out = outcome{err: fault.New(fault.Internal, "")}
		}
	}()
	return f.ask(ctx)
}

// land hands the outcome to everybody who waits.
func (f *flight) land(out outcome) {
	f.flights.mu.Lock()
	if f.flights.byKey[f.key] == f {
		delete(f.flights.byKey, f.key)
	}
	f.flights.mu.Unlock()
	f.outcome = out
	close(f.done)
}

// deadline is when the last of those who wait leaves.
func (f *flight) deadline() (time.Time, bool) {
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	if f.none {
		return time.Time{}, false
	}
	if f.told.IsZero() || f.latest.Before(f.told) {
		f.told = f.latest
	}
	return f.latest, true
}

// hasty tells whether the question may have been refused for a deadline earlier than that of ctx.
func (f *flight) hasty(ctx context.Context) bool {
	switch fault.KindOf(f.err) {
	case fault.QuotaWaitTooLong, fault.DeadlineExceeded:
	default:
		return false
	}
	f.flights.mu.Lock()
	defer f.flights.mu.Unlock()
	end, bounded := ctx.Deadline()
	return !f.told.IsZero() && (!bounded || end.After(f.told))
}

// asking is how many questions are being asked.
func (s *flights) asking() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.byKey)
}

// abandon ends every asking.
func (s *flights) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.byKey {
		if f.cancel != nil {
			f.cancel(errAbandoned)
		}
	}
}

// flightContext has the deadline of those who wait, and ends when the last of them leaves: whoever is below can refuse
// at once what would come too late for all of them, and nobody's deadline ends it for the others.
type flightContext struct {
	context.Context
	flight *flight
}

// Deadline implements [context.Context].
func (c flightContext) Deadline() (time.Time, bool) { return c.flight.deadline() }

type photoKey struct{}

// withPhoto has a question go with a photo. The asking has another one than those who wait: each of them takes its
// own away when it leaves.
func withPhoto(ctx context.Context, photo upstream.Photo) context.Context {
	return context.WithValue(ctx, photoKey{}, photo)
}

// photoOf is the photo of [withPhoto], or nil.
func photoOf(ctx context.Context) upstream.Photo {
	photo, _ := ctx.Value(photoKey{}).(upstream.Photo)
	return photo
}
