package upstream

import (
	"context"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
)

// uploadsMax is how many of the upstream's picture ids are remembered: some 100 bytes each.
const uploadsMax = 100_000

// uploads remembers what the upstream called the photos it was sent, and sends equal photos once. The ids are those of
// one App Key.
type uploads struct {
	ttl  time.Duration
	now  func() time.Time
	ids  *otter.Cache[string, named]
	long PhotoIDs

	mu       sync.Mutex
	sendings map[string]*sending
}

// named is what the upstream called a photo.
type named struct {
	id    string
	until time.Time
	// gone: the upstream does not know the id any more. It is remembered because others may not have heard of it.
	gone bool
}

func newUploads(ttl time.Duration, long PhotoIDs, now func() time.Time) *uploads {
	return &uploads{
		ttl: ttl, now: now, long: long,
		ids: otter.Must(&otter.Options[string, named]{
			MaximumSize: uploadsMax,
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, named]) time.Duration {
				return max(e.Value.until.Sub(now()), 1)
			}),
		}),
		sendings: map[string]*sending{},
	}
}

// sent is an upload's result: the id, and what it cost the caller who paid.
type sent struct {
	id       string
	attempts int
}

// sending is an upload under way. Its photo is that of whoever waits for it.
type sending struct {
	photo *SharedPhoto
	stop  context.CancelFunc
	// done is closed when the rest is there.
	done chan struct{}
	got  sent
	err  error
	// payer is whose cost it was: of those who waited to the end, the first one.
	payer *Holder
}

// id gives the upstream's id of the photo with the key, sending it if it was not sent lately. Callers with equal photos
// wait for one sending, and one of them pays. A caller who leaves does not stop a sending that others wait for: it goes
// on from their photos, for as long as it may. It ends with the last of them, and nothing of it is left then.
func (u *uploads) id(ctx context.Context, key string, p Photo, longest time.Duration, send func(context.Context, Photo) (sent, error)) (sent, error) {
	s, mine, known := u.join(ctx, key, p, longest, send)
	if known != "" {
		return sent{id: known}, nil
	}
	select {
	case <-s.done:
		u.leave(key, s, mine)
		if s.payer == mine {
			return s.got, s.err
		}
		return sent{id: s.got.id}, withCalls(s.err, 0)
	case <-ctx.Done():
		calls := 0
		if last := u.leave(key, s, mine); last {
			<-s.done // It was told to stop, and does so at once.
			calls = max(fault.CallsOf(s.err), s.got.attempts)
		}
		return sent{}, withCalls(callerFirst(ctx, ctx.Err()), calls)
	}
}

// join waits with others who have the same photo, or begins to send it, unless its id is known.
func (u *uploads) join(ctx context.Context, key string, p Photo, longest time.Duration, send func(context.Context, Photo) (sent, error)) (_ *sending, _ *Holder, known string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	before, ok := u.ids.GetIfPresent(key)
	if ok && !before.gone {
		return nil, nil, before.id
	}
	if s := u.sendings[key]; s != nil {
		return s, s.photo.Hold(p), ""
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), longest)
	s := &sending{photo: NewSharedPhoto(p.Size()), stop: stop, done: make(chan struct{})}
	mine := s.photo.Hold(p)
	u.sendings[key] = s
	go func() {
		defer stop()
		s.got, s.err = u.findOrSend(ctx, key, before.id, func(ctx context.Context) (sent, error) { return send(ctx, s.photo) })
		u.end(key, s)
	}()
	return s, mine, ""
}

// findOrSend gives the id that is remembered elsewhere, but for one that is gone, or sends the photo.
func (u *uploads) findOrSend(ctx context.Context, key, gone string, send func(context.Context) (sent, error)) (sent, error) {
	latest := u.now().Add(u.ttl)
	if id, until := u.long.Find(ctx, key); id != "" && id != gone && until.After(u.now()) {
		if until.After(latest) { // Another's clock is ahead.
			until = latest
		}
		u.ids.Set(key, named{id: id, until: until})
		return sent{id: id}, nil
	}
	got, err := send(ctx)
	if err == nil {
		until := u.now().Add(u.ttl)
		u.ids.Set(key, named{id: got.id, until: until})
		u.long.Keep(key, got.id, until)
	}
	return got, err
}

// leave lets go of the caller's photo, and stops the sending if the caller was the last to wait for it.
func (u *uploads) leave(key string, s *sending, mine *Holder) (last bool) {
	u.mu.Lock()
	last = s.photo.Release(mine)
	if last && u.sendings[key] == s {
		delete(u.sendings, key) // Who comes now begins anew: this one is over.
	}
	u.mu.Unlock()
	if last {
		s.stop()
	}
	return last
}

// end tells those who wait that the sending is over.
func (u *uploads) end(key string, s *sending) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.sendings[key] == s {
		delete(u.sendings, key)
	}
	s.payer = s.photo.first()
	close(s.done)
}

// forget drops an id the upstream no longer knows, unless a newer one took its place.
func (u *uploads) forget(key, id string) {
	u.ids.Compute(key, func(now named, found bool) (named, otter.ComputeOp) {
		if found && now.id != id {
			return now, otter.CancelOp
		}
		return named{id: id, until: u.now().Add(u.ttl), gone: true}, otter.WriteOp
	})
	u.long.Forget(key, id)
}

// close ends the goroutine that drops ids whose time is up.
func (u *uploads) close() { u.ids.StopAllGoroutines() }

// withCalls says what a failure cost.
func withCalls(err error, calls int) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithCalls(calls)
}
