package upstream

import (
	"context"
	"log/slog"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// uploadsMax is how many ids of uploaded photos are remembered in memory: some 100 bytes each.
const uploadsMax = 100_000

// uploads remembers the ids that the upstream gave to uploaded photos, and uploads equal photos once. The ids are those
// of one App Key.
type uploads struct {
	ttl   time.Duration
	now   func() time.Time
	ids   *otter.Cache[string, uploaded]
	store PhotoIDs
	// running are the uploads in progress, by the photo's key.
	running *Shared[string, uploadResult]
}

// uploaded is the id that the upstream gave to a photo.
type uploaded struct {
	id    string
	until time.Time
	// forgotten: the upstream no longer knows the id. It is remembered because the store may still return it.
	forgotten bool
}

func newUploads(ttl time.Duration, store PhotoIDs, now func() time.Time, log *slog.Logger) *uploads {
	return &uploads{
		ttl: ttl, now: now, store: store,
		ids: otter.Must(&otter.Options[string, uploaded]{
			MaximumSize: uploadsMax,
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[string, uploaded]) time.Duration {
				return max(e.Value.until.Sub(now()), 1)
			}),
		}),
		running: NewShared[string](nil, func() uploadResult { return uploadResult{err: fault.New(fault.Internal, "")} }, log),
	}
}

// uploadResult is the id of an uploaded photo, or why there is none.
type uploadResult struct {
	id  string
	err error
	// demand is the demand of the waiting callers at the end.
	demand Demand
}

// uploadTriesMax bounds how often a caller tries again after an upload failed because its other callers allowed less.
const uploadTriesMax = 3

// id returns the upstream's id of the photo with the key. It uploads the photo if no valid id is known. Callers with
// equal photos share one upload; see [Shared].
func (u *uploads) id(ctx context.Context, key string, p Photo, upload func(context.Context, Photo) (string, error)) (string, error) {
	for n := 1; ; n++ {
		known := ""
		waiter := u.running.Join(ctx, key, p, func() Work[uploadResult] {
			before, ok := u.ids.GetIfPresent(key)
			if ok && !before.forgotten {
				known = before.id
				return nil
			}
			return func(ctx context.Context, p Photo) uploadResult {
				id, err := u.findOrUpload(ctx, key, before.id, func(ctx context.Context) (string, error) { return upload(ctx, p) })
				return uploadResult{id, err, DemandOf(ctx)}
			}
		})
		if waiter == nil {
			return known, nil
		}
		got, ok := waiter.Await(ctx, nil)
		switch {
		case !ok:
			return "", preferCallerEnd(ctx, ctx.Err())
		case got.err == nil || waiter.First() || n == uploadTriesMax || !CutShort(ctx, got.err, got.demand):
			return got.id, got.err
		}
	}
}

// findOrUpload returns the id in the store, unless it is the forgotten one, or else uploads the photo.
func (u *uploads) findOrUpload(ctx context.Context, key, forgotten string, upload func(context.Context) (string, error)) (string, error) {
	latest := u.now().Add(u.ttl)
	if id, until := u.store.Find(ctx, key); id != "" && id != forgotten && until.After(u.now()) {
		if until.After(latest) { // The clock of the replica that stored it is ahead.
			until = latest
		}
		u.ids.Set(key, uploaded{id: id, until: until})
		return id, nil
	}
	id, err := upload(ctx)
	if err == nil {
		until := u.now().Add(u.ttl)
		u.ids.Set(key, uploaded{id: id, until: until})
		u.store.Keep(key, id, until)
	}
	return id, err
}

// forget marks an id as forgotten by the upstream, unless a newer one has replaced it.
func (u *uploads) forget(key, id string) {
	u.ids.Compute(key, func(now uploaded, found bool) (uploaded, otter.ComputeOp) {
		if found && now.id != id {
			return now, otter.CancelOp
		}
		return uploaded{id: id, until: u.now().Add(u.ttl), forgotten: true}, otter.WriteOp
	})
	u.store.Forget(key, id)
}

// close ends the goroutine that drops expired ids.
func (u *uploads) close() { u.ids.StopAllGoroutines() }
