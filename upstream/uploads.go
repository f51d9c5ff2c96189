package upstream

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/singleflight"
)

// uploadsMax is how many of the upstream's picture ids are remembered: some 100 bytes each.
const uploadsMax = 100_000

// uploads remembers what the upstream called the photos it was sent, and sends equal photos once. The ids are those of
// one App Key.
type uploads struct {
	ids     *otter.Cache[string, string]
	sending singleflight.Group
}

func newUploads(ttl time.Duration) *uploads {
	return &uploads{ids: otter.Must(&otter.Options[string, string]{
		MaximumSize:      uploadsMax,
		ExpiryCalculator: otter.ExpiryWriting[string, string](ttl),
	})}
}

// sent is an upload's result: the id, and what it cost the caller who paid.
type sent struct {
	id       string
	attempts int
}

// id gives the upstream's id of the photo with the key, sending it if it was not sent lately. Of callers with equal
// photos one pays and the others wait. A caller who leaves does not stop a sending that others wait for; it ends by
// its own time.
func (u *uploads) id(ctx context.Context, key string, longest time.Duration, send func(context.Context) (sent, error)) (sent, error) {
	if id, ok := u.ids.GetIfPresent(key); ok {
		return sent{id: id}, nil
	}
	paid := false
	done := u.sending.DoChan(key, func() (any, error) {
		paid = true
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
		defer cancel()
		got, err := send(ctx)
		if err == nil {
			u.ids.Set(key, got.id)
		}
		return got, err
	})
	select {
	case r := <-done:
		got, _ := r.Val.(sent)
		if !paid {
			got.attempts = 0
		}
		return got, r.Err
	case <-ctx.Done():
		return sent{}, callerFirst(ctx, ctx.Err())
	}
}

// close ends the goroutine that drops ids whose time is up.
func (u *uploads) close() { u.ids.StopAllGoroutines() }

// forget drops an id the upstream no longer knows, unless a newer one took its place.
func (u *uploads) forget(key, id string) {
	if now, ok := u.ids.GetIfPresent(key); ok && now == id {
		u.ids.Invalidate(key)
	}
}
