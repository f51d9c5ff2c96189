package server

import (
	"context"
	"time"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// PriceWatchParts are what price watches are served with.
type PriceWatchParts struct {
	// Service does what the RPCs offer; nil has every RPC refused, since a process that ends soon observes nothing.
	Service *pricewatch.Service
	// Offered is what the dialect offers; definitions are refused for the rest.
	Offered *capability.Table
	Photos  Photos
	// Trends answers what the upstream itself recorded of products.
	Trends interface {
		GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error)
	}
	// Source is the source of trends none of which was answered.
	Source zhaohuov1.AnswerSource
	// IntervalMin and IntervalMax bound the interval of a watch.
	IntervalMin, IntervalMax time.Duration
}

// PriceWatch is PriceWatchService.
type PriceWatch struct {
	zhaohuov1.UnimplementedPriceWatchServiceServer
	PriceWatchParts
}

var _ zhaohuov1.PriceWatchServiceServer = (*PriceWatch)(nil)

// NewPriceWatch serves price watches.
func NewPriceWatch(parts PriceWatchParts) *PriceWatch {
	parts.Photos = parts.Photos.withDefaults()
	return &PriceWatch{PriceWatchParts: parts}
}

// checkServed refuses every RPC where watches are not served.
func (p *PriceWatch) checkServed() error {
	if p.Service == nil {
		return fault.New(fault.PriceWatchesNotServed, "this process serves no price watches")
	}
	return nil
}

// owned asks on behalf of the owner, who is the caller.
func owned[Q, A any](ctx context.Context, p *PriceWatch, q Q, ask func(ctx context.Context, owner string, q Q) (A, error)) (A, error) {
	if err := p.checkServed(); err != nil {
		var none A
		return none, err
	}
	return ask(ctx, interceptor.CallerName(ctx), q)
}

// ownedIn is owned for an answer that puts what was found into a message.
func ownedIn[Q, F, A any](
	ctx context.Context, p *PriceWatch, q Q, ask func(ctx context.Context, owner string, q Q) (F, error), in func(F) *A,
) (*A, error) {
	found, err := owned(ctx, p, q, ask)
	if err != nil {
		return nil, err
	}
	return in(found), nil
}

// CreatePriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) CreatePriceWatch(ctx context.Context, q *zhaohuov1.CreatePriceWatchRequest) (*zhaohuov1.CreatePriceWatchResponse, error) {
	return ownedIn(ctx, p, q, p.create, func(w *zhaohuov1.PriceWatch) *zhaohuov1.CreatePriceWatchResponse {
		return &zhaohuov1.CreatePriceWatchResponse{PriceWatch: w}
	})
}

func (p *PriceWatch) create(ctx context.Context, owner string, q *zhaohuov1.CreatePriceWatchRequest) (*zhaohuov1.PriceWatch, error) {
	asked := q.GetPriceWatch()
	source := asked.GetComparison().GetImage()
	if err := p.check(asked, source != nil); err != nil { // First, so that no image is fetched for a refused watch.
		return nil, err
	}
	image, err := p.image(ctx, source)
	if err != nil {
		return nil, err
	}
	return p.Service.Create(ctx, owner, asked, image)
}

// image is what a source holds, to be kept; nil without a source.
func (p *PriceWatch) image(ctx context.Context, source *zhaohuov1.ImageSource) ([]byte, error) {
	if source == nil {
		return nil, nil
	}
	return p.Photos.pinned(ctx, source)
}

// GetPriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) GetPriceWatch(ctx context.Context, q *zhaohuov1.GetPriceWatchRequest) (*zhaohuov1.GetPriceWatchResponse, error) {
	return ownedIn(ctx, p, q.GetId(), p.Service.Get, func(w *zhaohuov1.PriceWatch) *zhaohuov1.GetPriceWatchResponse {
		return &zhaohuov1.GetPriceWatchResponse{PriceWatch: w}
	})
}

// ListPriceWatches implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) ListPriceWatches(ctx context.Context, q *zhaohuov1.ListPriceWatchesRequest) (*zhaohuov1.ListPriceWatchesResponse, error) {
	return owned(ctx, p, q, p.Service.List)
}

// UpdatePriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) UpdatePriceWatch(ctx context.Context, q *zhaohuov1.UpdatePriceWatchRequest) (*zhaohuov1.UpdatePriceWatchResponse, error) {
	return ownedIn(ctx, p, q, p.update, func(w *zhaohuov1.PriceWatch) *zhaohuov1.UpdatePriceWatchResponse {
		return &zhaohuov1.UpdatePriceWatchResponse{PriceWatch: w}
	})
}

func (p *PriceWatch) update(ctx context.Context, owner string, q *zhaohuov1.UpdatePriceWatchRequest) (*zhaohuov1.PriceWatch, error) {
	change, err := p.changeOf(ctx, owner, q)
	if err != nil {
		return nil, err
	}
	return p.Service.Update(ctx, owner, change)
}

// PausePriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) PausePriceWatch(ctx context.Context, q *zhaohuov1.PausePriceWatchRequest) (*zhaohuov1.PausePriceWatchResponse, error) {
	return ownedIn(ctx, p, q.GetId(), p.Service.Pause, func(w *zhaohuov1.PriceWatch) *zhaohuov1.PausePriceWatchResponse {
		return &zhaohuov1.PausePriceWatchResponse{PriceWatch: w}
	})
}

// ResumePriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) ResumePriceWatch(ctx context.Context, q *zhaohuov1.ResumePriceWatchRequest) (*zhaohuov1.ResumePriceWatchResponse, error) {
	return ownedIn(ctx, p, q.GetId(), p.Service.Resume, func(w *zhaohuov1.PriceWatch) *zhaohuov1.ResumePriceWatchResponse {
		return &zhaohuov1.ResumePriceWatchResponse{PriceWatch: w}
	})
}

// DeletePriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) DeletePriceWatch(ctx context.Context, q *zhaohuov1.DeletePriceWatchRequest) (*zhaohuov1.DeletePriceWatchResponse, error) {
	return owned(ctx, p, q, func(ctx context.Context, owner string, q *zhaohuov1.DeletePriceWatchRequest) (*zhaohuov1.DeletePriceWatchResponse, error) {
		return &zhaohuov1.DeletePriceWatchResponse{}, p.Service.Delete(ctx, owner, q.GetId())
	})
}

// RunPriceWatch implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) RunPriceWatch(ctx context.Context, q *zhaohuov1.RunPriceWatchRequest) (*zhaohuov1.RunPriceWatchResponse, error) {
	return ownedIn(ctx, p, q.GetId(), p.Service.Run, func(o *zhaohuov1.PriceObservation) *zhaohuov1.RunPriceWatchResponse {
		return &zhaohuov1.RunPriceWatchResponse{Observation: o}
	})
}

// ListPriceObservations implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) ListPriceObservations(ctx context.Context, q *zhaohuov1.ListPriceObservationsRequest) (*zhaohuov1.ListPriceObservationsResponse, error) {
	return owned(ctx, p, q, p.Service.Observations)
}

// QueryPriceTrend implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) QueryPriceTrend(ctx context.Context, q *zhaohuov1.QueryPriceTrendRequest) (*zhaohuov1.QueryPriceTrendResponse, error) {
	answer, err := owned(ctx, p, q, p.Service.Trend)
	if err == nil && len(q.GetRecordedProductIds()) > 0 {
		p.addRecorded(ctx, q, answer)
	}
	return answer, err
}

// ListPriceEvents implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) ListPriceEvents(ctx context.Context, q *zhaohuov1.ListPriceEventsRequest) (*zhaohuov1.ListPriceEventsResponse, error) {
	return owned(ctx, p, q, p.Service.Events)
}

// StreamPriceEvents implements [zhaohuov1.PriceWatchServiceServer].
func (p *PriceWatch) StreamPriceEvents(q *zhaohuov1.StreamPriceEventsRequest, stream grpc.ServerStreamingServer[zhaohuov1.StreamPriceEventsResponse]) error {
	if err := p.checkServed(); err != nil {
		return err
	}
	ctx := stream.Context()
	return p.Service.Stream(ctx, interceptor.CallerName(ctx), q, stream.Send)
}
