package gallery

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/gallery/drawn"
)

// Warm begins to prepare the fingerprints in the background, so that the first search by photo waits less. It returns at
// once. Further calls do nothing.
func (g *Gallery) Warm() {
	g.indexOnce.Do(func() {
		g.work.Go(func() {
			defer close(g.indexed)
			g.buildIndex()
		})
	})
}

// source is where a picture comes from. Offers can share one, because suppliers reuse each other's photos.
type source struct {
	look catalog.Look
	path string
}

func sourceOf(o *catalog.Offer) source {
	if o.PhotoPath != "" {
		return source{path: o.PhotoPath}
	}
	return source{look: o.Look}
}

// buildIndex finds or makes the fingerprint of every picture and fills the index.
func (g *Gallery) buildIndex() {
	began := time.Now()
	known, unknown := g.known()
	for i, p := range g.makeAll(unknown) {
		known[unknown[i]] = p
	}
	for _, o := range g.onSale {
		g.index.Add(keyOf(o), known[sourceOf(o)])
	}
	g.log.Debug("the fingerprints of the sandbox's images are ready",
		"images", len(known), "made_now", len(unknown), "took", time.Since(began))
}

// known finds the fingerprints that were made ahead of time, and lists each other picture once.
func (g *Gallery) known() (known map[source]likeness.Fingerprint, unknown []source) {
	builtIn, err := drawn.BuiltIn()
	if err != nil {
		g.log.Error("the fingerprints of the built-in catalogue cannot be read, so they are made again", "error", err)
	}
	known = make(map[source]likeness.Fingerprint, len(g.onSale))
	for _, o := range g.onSale {
		from := sourceOf(o)
		if _, seen := known[from]; seen {
			continue
		}
		p, ok := builtIn.Find(from.look)
		if !ok {
			unknown = append(unknown, from)
		}
		known[from] = p
	}
	return known, unknown
}

// makeAll makes the fingerprint of each picture on all processors.
func (g *Gallery) makeAll(sources []source) []likeness.Fingerprint {
	fingerprints := make([]likeness.Fingerprint, len(sources))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(sources)) {
		workers.Go(func() {
			for g.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(sources) {
					return
				}
				fingerprints[i] = g.fingerprint(sources[i])
				// Let other requests run first.
				runtime.Gosched()
			}
		})
	}
	workers.Wait()
	return fingerprints
}

// fingerprint makes the fingerprint of a picture. That of an unreadable photo resembles nothing.
func (g *Gallery) fingerprint(from source) likeness.Fingerprint {
	if from.path == "" {
		return drawn.Fingerprint(from.look)
	}
	p, err := decodeFile(g.ctx, from.path)
	if err != nil {
		if g.ctx.Err() == nil {
			g.log.Warn("a photo of the catalogue cannot be read", "error", err)
		}
		return likeness.Fingerprint{}
	}
	return p.Fingerprint()
}
