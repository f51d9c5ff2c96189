package observe

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
)

// width is how many products are asked for at a time. The quota paces the calls anyway.
const width = 8

// products observes products by their ids. A product that 1688 does not have, or that is not on sale, is not found; one whose
// details failed is unseen.
func (o *Observer) products(ctx context.Context, watched *zhaohuov1.WatchedProducts) (*zhaohuov1.PriceObservation, error) {
	ids := watched.GetIds()
	answers, errs := make([]*zhaohuov1.GetProductResponse, len(ids)), make([]error, len(ids))
	parallel.Each(len(ids), width, func(i int) {
		answers[i], errs[i] = o.options.Products.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: ids[i], MaxStaleness: atOnce()})
	})
	s := newSight()
	var failure error
	var found []*zhaohuov1.ProductDetail
	for i, id := range ids {
		switch err := errs[i]; {
		case err == nil:
			meta := answers[i].GetMeta()
			s.answered(meta.GetSource(), meta.GetFetchTime(), meta.GetUpstreamCalls())
			if p := answers[i].GetProduct(); p.GetStatus() != zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE {
				found = append(found, p)
			}
		case fault.KindOf(err) == fault.ProductNotFound:
			s.answered(o.options.Source, nil, int32(fault.CallsOf(err)))
		default:
			s.answered(zhaohuov1.AnswerSource_ANSWER_SOURCE_UNSPECIFIED, nil, int32(fault.CallsOf(err)))
			s.unseen(id)
			if failure == nil || waits(fault.KindOf(err)) && !waits(fault.KindOf(failure)) {
				failure = err
			}
		}
	}
	if failure != nil && (waits(fault.KindOf(failure)) || len(s.observation.GetUnseen()) == len(ids)) {
		return nil, withCalls(failure, s.observation.GetUpstreamCalls())
	}
	o.addPriced(s, found, watched.GetQuantity())
	return o.finish(s), nil
}

// addPriced adds products with their prices at a quantity.
func (o *Observer) addPriced(s *sight, found []*zhaohuov1.ProductDetail, quantity int64) {
	goods := make([]*zhaohuov1.Product, len(found))
	for i, p := range found {
		goods[i] = p.GetSummary()
	}
	prices := combo.PricesOf(goods, quantity, o.options.Now())
	for i, p := range found {
		seen := &zhaohuov1.ObservedPrice{MinOrderQuantity: goods[i].GetMinimumOrder()}
		if price, ok := prices.Of(goods[i], p); ok {
			seen.Price, seen.PriceBasis = price.Amount.Proto(price.Currency), price.Basis
			seen.Tiers, seen.MinOrderQuantity = price.Tiers, price.SmallestOrder
		} else {
			seen.Unpriced = combo.Unpriced(goods[i])
		}
		s.add(goods[i], seen)
	}
}

// withCalls is a failure that tells what the whole observation cost.
func withCalls(failure error, calls int32) error {
	if f, ok := fault.As(failure); ok {
		return f.WithCalls(int(calls))
	}
	return failure
}
