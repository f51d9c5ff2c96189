package upstream

import (
	"context"
	"log/slog"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
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
	// sendings are the photos being sent, by their keys.
	sendings *Shared[string, sent]
}

// named is what the upstream called a photo.
type named struct {
	id    string
	until time.Time
	// gone: the upstream does not know the id any more. It is remembered because others may not have heard of it.
	gone bool
}

func newUploads(ttl time.Duration, long PhotoIDs, now func() time.Time, log *slog.Logger) *uploads {
	return &uploads{
		ttl: ttl, now: now, long: long,
		ids: otter.Must(&otter.Options[string, named]{
			MaximumSize: uploadsMax,
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, named]) time.Duration {
				return max(e.Value.until.Sub(now()), 1)
			}),
		}),
		sendings: NewShared[string](nil, func() sent { return sent{err: fault.New(fault.Internal, "")} }, log),
	}
}

// sent is what sending a photo came to: the id or why there is none.
type sent struct {
	id  string
	err error
	// demand is what those who waited allowed in the end.
	demand Demand
}

// sendsMax bounds how often a caller begins anew because others allowed less.
const sendsMax = 3

// id gives the upstream's id of the photo with the key, sending it if it was not sent lately. Callers with equal photos
// wait for one sending; see [Shared].
func (u *uploads) id(ctx context.Context, key string, p Photo, send func(context.Context, Photo) (string, error)) (string, error) {
	for n := 1; ; n++ {
		known := ""
		place := u.sendings.Join(ctx, key, p, func() Work[sent] {
			before, ok := u.ids.GetIfPresent(key)
			if ok && !before.gone {
				known = before.id
				return nil
			}
			return func(ctx context.Context, p Photo) sent {
				id, err := u.findOrSend(ctx, key, before.id, func(ctx context.Context) (string, error) { return send(ctx, p) })
				return sent{id, err, DemandOf(ctx)}
			}
		})
		if place == nil {
			return known, nil
		}
		got, ok := place.Await(ctx, nil)
		switch {
		case !ok:
			return "", preferCallerEnd(ctx, ctx.Err())
		case got.err == nil || place.First() || n == sendsMax || !CutShort(ctx, got.err, got.demand):
			return got.id, got.err
		}
	}
}

// findOrSend gives the id that is remembered elsewhere, but for one that is gone, or sends the photo.
func (u *uploads) findOrSend(ctx context.Context, key, gone string, send func(context.Context) (string, error)) (string, error) {
	latest := u.now().Add(u.ttl)
	if id, until := u.long.Find(ctx, key); id != "" && id != gone && until.After(u.now()) {
		if until.After(latest) { // Another's clock is ahead.
			until = latest
		}
		u.ids.Set(key, named{id: id, until: until})
		return id, nil
	}
	id, err := send(ctx)
	if err == nil {
		until := u.now().Add(u.ttl)
		u.ids.Set(key, named{id: id, until: until})
		u.long.Keep(key, id, until)
	}
	return id, err
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
