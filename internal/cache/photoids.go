package cache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// photoIDs is the kind under which ids are kept: the name of no RPC, so that no answer has their keys.
const photoIDs Kind = "photo ids"

// photoIDFormat begins what is kept of an id. Then comes until when it is good, in nanoseconds since 1970, and the id.
const (
	photoIDFormat = 1
	photoIDHeader = 1 + 8
)

// PhotoIDs keeps in a [Store] what the upstream called photos. A store that fails knows none of them.
type PhotoIDs struct {
	prefix  []byte
	workers *workers
	guard   *guard
	// writing has room for the one who changes something, so that what is forgotten does not take with it what came after.
	writing chan struct{}
}

var _ upstream.PhotoIDs = (*PhotoIDs)(nil)

// NewPhotoIDs keeps the ids of one App Key: those of another one of the scope's account are not good for it.
// [PhotoIDs.Close] must be called, before the store is closed.
func NewPhotoIDs(store Store, scope Scope, appKey string, observer Observer) *PhotoIDs {
	workers := newWorkers()
	return &PhotoIDs{
		prefix:  appendText(appendText(scope.prefix(), string(photoIDs)), appKey),
		workers: workers, guard: newGuard(store, storeTimeout, observer, workers), writing: make(chan struct{}, 1),
	}
}

// Find implements [upstream.PhotoIDs].
func (p *PhotoIDs) Find(ctx context.Context, photo string) (id string, until time.Time) {
	b := p.guard.read(ctx, p.key(photo))
	if len(b) <= photoIDHeader || b[0] != photoIDFormat {
		return "", time.Time{}
	}
	return string(b[photoIDHeader:]), time.Unix(0, int64(binary.BigEndian.Uint64(b[1:])))
}

// Keep implements [upstream.PhotoIDs].
func (p *PhotoIDs) Keep(photo, id string, until time.Time) {
	p.inBackground(func(ctx context.Context) { p.write(ctx, photo, id, until) })
}

// Forget implements [upstream.PhotoIDs]. Another process that learns a newer id in the same moment may have it
// forgotten: that costs one more upload.
func (p *PhotoIDs) Forget(photo, id string) {
	p.inBackground(func(ctx context.Context) {
		if now, _ := p.Find(ctx, photo); now == id {
			p.write(ctx, photo, "", time.Unix(0, 0)) // Its time is up: nobody finds it.
		}
	})
}

// Close stores what is to be stored until ctx ends. What comes afterwards is not kept.
func (p *PhotoIDs) Close(ctx context.Context) error { return p.workers.stop(ctx) }

// inBackground makes a change that no caller waits for, one after the other. A change that began before Close is completed.
func (p *PhotoIDs) inBackground(change func(context.Context)) {
	p.workers.start(func(context.Context) {
		p.writing <- struct{}{}
		defer func() { <-p.writing }()
		change(context.Background())
	})
}

func (p *PhotoIDs) write(ctx context.Context, photo, id string, until time.Time) {
	b := binary.BigEndian.AppendUint64([]byte{photoIDFormat}, uint64(until.UnixNano()))
	p.guard.put(ctx, []Item{{Key: p.key(photo), Value: append(b, id...), Until: until}})
}

func (p *PhotoIDs) key(photo string) Key {
	sum := sha256.Sum256(appendText(append([]byte(nil), p.prefix...), photo))
	return Key(sum[:len(Key{})])
}
