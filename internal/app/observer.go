package app

import (
	"context"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/observe"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// observer makes observations for their owners, with upstream calls of class batch.
type observer struct {
	observe *observe.Observer
	// demand is on whose behalf an owner's observations are made.
	demand func(owner string) upstream.Demand
}

func newObserver(r parts, combos *server.Combo, source zhaohuov1.AnswerSource, demand func(owner string) upstream.Demand) observer {
	return observer{observe.New(observe.Options{Products: r.cached, Comparer: comparer{combos}, Source: source, Now: time.Now}), demand}
}

// Observe implements [engine.Observer]. An answer that somebody was given since the watch was due will do. The calls that the
// watch has left today are not exceeded, retries included.
func (o observer) Observe(ctx context.Context, w *store.Watch, image []byte, due time.Time) (*zhaohuov1.PriceObservation, error) {
	ctx = upstream.WithDemand(share.WithCaller(ctx, w.Owner), o.demand(w.Owner))
	ctx = upstream.WithAnswersSince(ctx, due)
	if left, bounded := w.CallsLeft(time.Now()); bounded {
		ctx = upstream.WithAllowance(ctx, int(left))
	}
	return o.observe.Observe(ctx, w.Definition, image)
}

// comparer compares prices for the caller of a context.
type comparer struct{ combos *server.Combo }

// ComparePrices implements [observe.Comparer].
func (c comparer) ComparePrices(ctx context.Context, q *zhaohuov1.ComparePricesRequest) (*zhaohuov1.ComparePricesResponse, error) {
	return c.combos.ComparePinned(ctx, share.CallerOf(ctx), q)
}
