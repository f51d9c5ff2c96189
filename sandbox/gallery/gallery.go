// Package gallery holds the pictures of a catalogue. It serves them as JPEG and finds the goods that look most like a
// photo.
//
// Pictures are drawn (by the package picture) or are the user's own photos. The fingerprints of the built-in catalogue's
// pictures are read from a file (by the package drawn). All others are made once, in the background, when a search by photo
// is first expected. Until then, and for all other searches, they cost nothing. The package does not compare pictures
// (imaging/likeness does), and knows neither ids of uploads nor wire formats.
package gallery

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"

	"github.com/maypok86/otter/v2"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/uploads"
)

const (
	// cacheBytes bounds the JPEGs that are kept as they are served.
	cacheBytes = 32 << 20
	// decodeBytes bounds the memory for decoding one of the user's own photos.
	decodeBytes = 256 << 20
)

// Gallery holds the pictures of a catalogue's offers. It is safe for concurrent use.
type Gallery struct {
	log    *slog.Logger
	offers map[int64]*catalog.Offer
	onSale []*catalog.Offer

	served   *otter.Cache[source, []byte] // JPEGs as they are served
	decoding chan struct{}                // permits to decode the user's photos, except for fingerprints

	indexOnce sync.Once
	indexed   chan struct{} // closed when the index is complete, or the gallery closes
	index     likeness.Index
	ctx       context.Context // ends with the gallery //nolint:containedctx // Background work outlives the call that begins it.
	cancel    context.CancelFunc
	work      sync.WaitGroup
}

// New makes the gallery of offers, on sale or not. An unreadable photo is logged and resembles nothing. Close must be
// called when the gallery is no longer needed.
func New(offers []*catalog.Offer, log *slog.Logger) *Gallery {
	const together = 2
	g := &Gallery{
		log:    log,
		offers: make(map[int64]*catalog.Offer, len(offers)),
		served: otter.Must(&otter.Options[source, []byte]{
			MaximumWeight: cacheBytes,
			Weigher:       func(_ source, photo []byte) uint32 { return uint32(len(photo)) },
		}),
		decoding: make(chan struct{}, together),
		indexed:  make(chan struct{}),
	}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	for _, o := range offers {
		g.offers[o.ID] = o
		if market.OnSale(o) {
			g.onSale = append(g.onSale, o)
		}
	}
	return g
}

// Close stops the background work and waits for it.
func (g *Gallery) Close() error {
	g.cancel()
	g.work.Wait()
	g.served.StopAllGoroutines()
	return nil
}

// Len is the number of offers on sale.
func (g *Gallery) Len() int { return len(g.onSale) }

// Nearest implements [market.Gallery]. The first call waits until all fingerprints are made.
func (g *Gallery) Nearest(ctx context.Context, p likeness.Fingerprint, n int, wanted func(id int64) bool) ([]market.Alike, error) {
	g.Warm()
	select {
	case <-g.indexed:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := g.ctx.Err(); err != nil {
		return nil, fmt.Errorf("gallery: closed: %w", err)
	}
	var asked func(string) bool
	if wanted != nil {
		asked = func(key string) bool { return wanted(idOf(key)) }
	}
	matches := g.index.NearestOf(p, n, asked)
	nearest := make([]market.Alike, len(matches))
	for i, m := range matches {
		nearest[i] = market.Alike{Offer: g.offers[idOf(m.Key)], Likeness: m.Likeness}
	}
	return nearest, nil
}

func keyOf(o *catalog.Offer) string { return strconv.FormatInt(o.ID, 10) }

// idOf reads what keyOf wrote, so it cannot fail.
func idOf(key string) int64 {
	id, _ := strconv.ParseInt(key, 10, 64)
	return id
}

// Photo implements [market.Gallery].
func (g *Gallery) Photo(ctx context.Context, id int64) (*uploads.Photo, error) {
	o, ok := g.offers[id]
	if !ok {
		return nil, market.ErrNoPicture
	}
	if o.PhotoPath == "" {
		return uploads.New(picture.Draw(o.Look, picture.Side)), nil
	}
	if err := g.acquire(ctx); err != nil {
		return nil, err
	}
	defer g.release()
	return decodeFile(ctx, o.PhotoPath)
}

// acquire waits for a permit to decode; release returns it.
func (g *Gallery) acquire(ctx context.Context) error {
	select {
	case g.decoding <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *Gallery) release() { <-g.decoding }

// decodeFile decodes one of the user's photos.
func decodeFile(ctx context.Context, path string) (*uploads.Photo, error) {
	full, err := open(ctx, path, imaging.Limits{})
	if err != nil {
		return nil, err
	}
	p, err := uploads.Decode(ctx, full)
	if err != nil {
		return nil, noPicture(ctx, path, err)
	}
	return p, nil
}

// open inspects one of the user's photos without decoding it.
func open(ctx context.Context, path string, limits imaging.Limits) (*imaging.Picture, error) {
	limits.MaxDecodeBytes = decodeBytes
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", market.ErrNoPicture, err)
	}
	full, err := imaging.Inspect(ctx, bytes.NewReader(data), int64(len(data)), limits)
	if err != nil {
		return nil, noPicture(ctx, path, err)
	}
	return full, nil
}

// noPicture turns a failure into a missing picture, unless ctx has ended.
func noPicture(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %s: %w", market.ErrNoPicture, path, err)
}
