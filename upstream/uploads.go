package upstream

import (
	"context"
	"log/slog"
	"strings"
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

// sentPhoto is the id that the upstream gave to a photo, and the account that it gave it to; empty for the only one.
type sentPhoto struct{ id, account string }

// stored is its text in a [PhotoIDs]. Names of accounts have no line feed.
func (s sentPhoto) stored() string {
	if s.account == "" {
		return s.id
	}
	return s.account + "\n" + s.id
}

func readStored(text string) sentPhoto {
	if account, id, ok := strings.Cut(text, "\n"); ok {
		return sentPhoto{id: id, account: account}
	}
	return sentPhoto{id: text}
}

// uploaded is a photo that the upstream has.
type uploaded struct {
	sentPhoto

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
	sent sentPhoto
	err  error
	// demand is the demand of the waiting callers at the end.
	demand Demand
}

// uploadTriesMax bounds how often a caller tries again after an upload failed because its other callers allowed less.
const uploadTriesMax = 3

// id returns the upstream's id of the photo with the key. It uploads the photo if no valid id is known. Callers with
// equal photos share one upload; see [Shared].
func (u *uploads) id(ctx context.Context, key string, p Photo, upload func(context.Context, Photo) (sentPhoto, error)) (sentPhoto, error) {
	for n := 1; ; n++ {
		var known sentPhoto
		waiter := u.running.Join(ctx, key, p, func() Work[uploadResult] {
			before, ok := u.ids.GetIfPresent(key)
			if ok && !before.forgotten {
				known = before.sentPhoto
				return nil
			}
			return func(ctx context.Context, p Photo) uploadResult {
				sent, err := u.findOrUpload(ctx, key, before.sentPhoto, func(ctx context.Context) (sentPhoto, error) { return upload(ctx, p) })
				return uploadResult{sent, err, DemandOf(ctx)}
			}
		})
		if waiter == nil {
			return known, nil
		}
		got, ok := waiter.Await(ctx, nil)
		switch {
		case !ok:
			return sentPhoto{}, preferCallerEnd(ctx, ctx.Err())
		case got.err == nil || waiter.First() || n == uploadTriesMax || !CutShort(ctx, got.err, got.demand):
			return got.sent, got.err
		}
	}
}

// findOrUpload returns the id in the store, unless it is the forgotten one, or else uploads the photo.
func (u *uploads) findOrUpload(ctx context.Context, key string, forgotten sentPhoto, upload func(context.Context) (sentPhoto, error)) (sentPhoto, error) {
	latest := u.now().Add(u.ttl)
	if text, until := u.store.Find(ctx, key); text != "" && text != forgotten.stored() && until.After(u.now()) {
		if until.After(latest) { // The clock of the replica that stored it is ahead.
			until = latest
		}
		sent := readStored(text)
		u.ids.Set(key, uploaded{sentPhoto: sent, until: until})
		return sent, nil
	}
	sent, err := upload(ctx)
	if err == nil {
		until := u.now().Add(u.ttl)
		u.ids.Set(key, uploaded{sentPhoto: sent, until: until})
		u.store.Keep(key, sent.stored(), until)
	}
	return sent, err
}

// forget marks an id as forgotten by the upstream, unless a newer one has replaced it.
func (u *uploads) forget(key string, sent sentPhoto) {
	u.ids.Compute(key, func(now uploaded, found bool) (uploaded, otter.ComputeOp) {
		if found && now.sentPhoto != sent {
			return now, otter.CancelOp
		}
		return uploaded{sentPhoto: sent, until: u.now().Add(u.ttl), forgotten: true}, otter.WriteOp
	})
	u.store.Forget(key, sent.stored())
}

// close ends the goroutine that drops expired ids.
func (u *uploads) close() { u.ids.StopAllGoroutines() }
