package drift

import (
	"context"
	"math"

	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// Goods is a catalogue as it is in a step.
func Goods(c market.Catalogue, step int64) market.Catalogue { return goods{c, step} }

type goods struct {
	market.Catalogue
	step int64
}

func (g goods) Search(ctx context.Context, q catalog.Query) (catalog.Page, error) {
	q.Present = func(o *catalog.Offer) *catalog.Offer { return Offer(o, g.step) }
	return g.Catalogue.Search(ctx, q)
}

func (g goods) Offer(id int64) (*catalog.Offer, bool) {
	o, ok := g.Catalogue.Offer(id)
	if !ok {
		return nil, false
	}
	o = Offer(o, g.step)
	return o, o != nil
}

func (g goods) Related(id int64, limit int) []*catalog.Offer {
	var present []*catalog.Offer
	for _, o := range g.Catalogue.Related(id, math.MaxInt) {
		if len(present) >= limit {
			break
		}
		if o = Offer(o, g.step); o != nil {
			present = append(present, o)
		}
	}
	return present
}

// Pictures is a gallery as it is in a step. Its Len counts offers that are away too: how many goods there are in all is an
// estimate of the platform's.
func Pictures(g market.Gallery, step int64) market.Gallery { return pictures{g, step} }

type pictures struct {
	market.Gallery
	step int64
}

func (p pictures) Nearest(ctx context.Context, to likeness.Fingerprint, n int, wanted func(id int64) bool) ([]market.Alike, error) {
	present := func(id int64) bool { return !Of(id, p.step).Away && (wanted == nil || wanted(id)) }
	near, err := p.Gallery.Nearest(ctx, to, n, present)
	if err != nil {
		return nil, err
	}
	moved := make([]market.Alike, len(near))
	for i, a := range near {
		moved[i] = market.Alike{Offer: Offer(a.Offer, p.step), Likeness: a.Likeness}
	}
	return moved, nil
}
