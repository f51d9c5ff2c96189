package aop

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// paramOfferDetail is the parameter that wraps the question.
const paramOfferDetail = "offerDetailParam"

// detailQuery is the value of offerDetailParam. It names no currency: prices are read in yuan, and amounts in other
// currencies are ignored.
type detailQuery struct {
	OfferID json.Number `json:"offerId"`
	Country string      `json:"country"`
}

func (d dialect) encodeGetProduct(q *zhaohuov1.GetProductRequest) (upstream.Call, error) {
	value, err := compact(detailQuery{OfferID: json.Number(q.GetId()), Country: country(q.GetLanguageCode())})
	if err != nil {
		return upstream.Call{}, fault.Invalid("id", "string.pattern", "must be decimal digits").WithCause(err)
	}
	return upstream.Call{
		API:    d.methods.GetProduct.String(),
		Params: []upstream.Param{{Name: paramOfferDetail, Value: value}},
	}, nil
}

func (d dialect) decodeGetProduct(q *zhaohuov1.GetProductRequest, payload gjson.Result) (*zhaohuov1.GetProductResponse, error) {
	p, err := offer.Detail(payload, readingOf(q))
	if err != nil {
		return nil, err
	}
	if p.GetSummary().GetId() != q.GetId() {
		return nil, unreadable("the details are about another product")
	}
	addPage(p.GetSummary())
	return &zhaohuov1.GetProductResponse{Product: p}, nil
}
