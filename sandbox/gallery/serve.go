package gallery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

// servedBytes bounds a photo of the user's own that is served. Larger ones are shrunk.
const servedBytes = 1_000_000

// ServeHTTP answers GET and HEAD of /img/{id}.jpg with a JPEG without metadata, with an ETag.
func (g *Gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "SANDBOX: images can only be read: use GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	id, ok := market.PictureID(r.URL.Path)
	o := g.offers[id]
	if !ok || o == nil {
		http.NotFound(w, r)
		return
	}
	photo, err := g.jpeg(r.Context(), o)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	sum := sha256.Sum256(photo)
	w.Header().Set("Content-Type", "image/jpeg")
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(photo))
}

// jpeg returns an offer's picture as it is served. The bytes are shared.
func (g *Gallery) jpeg(ctx context.Context, o *catalog.Offer) ([]byte, error) {
	from := sourceOf(o)
	if photo, ok := g.served.GetIfPresent(from); ok {
		return photo, nil
	}
	// Two concurrent requests for one picture both make it, which is cheaper than making all others wait.
	photo, err := g.makeJPEG(ctx, from)
	if err != nil {
		return nil, err
	}
	g.served.Set(from, photo)
	return photo, nil
}

func (g *Gallery) makeJPEG(ctx context.Context, from source) ([]byte, error) {
	if from.path == "" {
		return picture.JPEG(from.look), nil
	}
	if err := g.acquire(ctx); err != nil {
		return nil, err
	}
	defer g.release()
	full, err := open(ctx, from.path, imaging.Limits{SendBytes: servedBytes, OnlyJPEG: true})
	if err != nil {
		return nil, err
	}
	served, err := full.Prepare(ctx, imaging.Options{})
	if err != nil {
		return nil, noPicture(ctx, from.path, err)
	}
	photo, err := io.ReadAll(served.Open())
	if err != nil {
		return nil, noPicture(ctx, from.path, err)
	}
	return photo, nil
}
