package gallery

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/picture"
)

// Warm begins to make the fingerprints in the background, so that the first search by photo waits less. It returns at once.
// Further calls do nothing. While nobody waits for them, one processor makes them, and the others are left to the requests.
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

// buildIndex makes the fingerprint of every picture and fills the index.
func (g *Gallery) buildIndex() {
	began := time.Now()
	places := make(map[source]int, len(g.onSale))
	var sources []source
	for _, o := range g.onSale {
		m := sourceOf(o)
		if _, known := places[m]; !known {
			places[m] = len(sources)
			sources = append(sources, m)
		}
	}
	fingerprints := make([]likeness.Fingerprint, len(sources))
	var next atomic.Int64
	work := func() {
		for g.ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(sources) {
				return
			}
			fingerprints[i] = g.fingerprint(sources[i])
			// Let other requests run first.
			runtime.Gosched()
		}
	}
	done := make(chan struct{})
	var helpers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) - 1 {
		helpers.Go(func() {
			select {
			case <-g.awaited:
				work()
			case <-done:
			}
		})
	}
	work()
	close(done)
	helpers.Wait()
	for _, o := range g.onSale {
		g.index.Add(keyOf(o), fingerprints[places[sourceOf(o)]])
	}
	g.log.Debug("made the fingerprints of the sandbox's images", "pictures", len(sources), "took", time.Since(began))
}

// fingerprint makes the fingerprint of a picture. That of an unreadable photo resembles nothing.
func (g *Gallery) fingerprint(m source) likeness.Fingerprint {
	if m.path == "" {
		return likeness.Of(picture.Draw(m.look, fingerprintSide))
	}
	p, err := decodeFile(g.ctx, m.path)
	if err != nil {
		if g.ctx.Err() == nil {
			g.log.Warn("a photo of the catalogue cannot be read", "error", err)
		}
		return likeness.Fingerprint{}
	}
	return p.Fingerprint()
}
