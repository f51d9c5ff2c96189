package upstream

import (
	"context"
	"strconv"
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
	ids *otter.Cache[string, string]

	mu       sync.Mutex
	sendings map[string]*sending
}

func newUploads(ttl time.Duration) *uploads {
	return &uploads{
		ids: otter.Must(&otter.Options[string, string]{
			MaximumSize:      uploadsMax,
			ExpiryCalculator: otter.ExpiryWriting[string, string](ttl),
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
			calls = max(callsOf(s.err), s.got.attempts)
		}
		return sent{}, withCalls(callerFirst(ctx, ctx.Err()), calls)
	}
}

// join waits with others who have the same photo, or begins to send it, unless its id is known.
func (u *uploads) join(ctx context.Context, key string, p Photo, longest time.Duration, send func(context.Context, Photo) (sent, error)) (_ *sending, _ *Holder, known string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if id, ok := u.ids.GetIfPresent(key); ok {
		return nil, nil, id
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
		s.got, s.err = send(ctx, s.photo)
		if s.err == nil {
			u.ids.Set(key, s.got.id)
		}
		u.end(key, s)
	}()
	return s, mine, ""
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
	if now, ok := u.ids.GetIfPresent(key); ok && now == id {
		u.ids.Invalidate(key)
	}
}

// close ends the goroutine that drops ids whose time is up.
func (u *uploads) close() { u.ids.StopAllGoroutines() }

// withCalls says what a failure cost.
func withCalls(err error, calls int) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	return f.WithMeta(fault.MetaUpstreamCalls, strconv.Itoa(calls))
}
