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

// Warm has the pictures looked at in the background, so that the first search by photo need not wait as long. It returns
// at once, and does nothing after the first time.
func (g *Gallery) Warm() {
	g.hanging.Do(func() {
		g.work.Go(func() {
			defer close(g.hung)
			g.hang()
		})
	})
}

// motif is what offers may have in common: suppliers take over each other's photos.
type motif struct {
	look catalog.Look
	path string
}

func motifOf(o *catalog.Offer) motif {
	if o.PhotoPath != "" {
		return motif{path: o.PhotoPath}
	}
	return motif{look: o.Look}
}

// hang looks at every picture and fills the index.
func (g *Gallery) hang() {
	began := time.Now()
	places := make(map[motif]int, len(g.onSale))
	var motifs []motif
	for _, o := range g.onSale {
		m := motifOf(o)
		if _, known := places[m]; !known {
			places[m] = len(motifs)
			motifs = append(motifs, m)
		}
	}
	fingerprints := make([]likeness.Fingerprint, len(motifs))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for g.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(motifs) {
					return
				}
				fingerprints[i] = g.fingerprint(motifs[i])
				// Whoever waits for an answer to another question goes first.
				runtime.Gosched()
			}
		})
	}
	workers.Wait()
	for _, o := range g.onSale {
		g.index.Add(keyOf(o), fingerprints[places[motifOf(o)]])
	}
	g.log.Debug("looked at the sandbox's pictures", "pictures", len(motifs), "took", time.Since(began))
}

// fingerprint is the fingerprint of a motif; that of an unreadable photo is like nothing.
func (g *Gallery) fingerprint(m motif) likeness.Fingerprint {
	if m.path == "" {
		return likeness.Of(picture.Draw(m.look, printSide))
	}
	p, err := see(g.ctx, m.path)
	if err != nil {
		if g.ctx.Err() == nil {
			g.log.Warn("a photo of the catalogue cannot be read", "error", err)
		}
		return likeness.Fingerprint{}
	}
	return p.Fingerprint()
}
