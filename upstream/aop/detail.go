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

// detailQuery is the value of offerDetailParam. Prices are in yuan; those in the currency come beside them.
type detailQuery struct {
	OfferID json.Number `json:"offerId"`
	Country string      `json:"country"`
	// Currency and OutMemberID are left out if they are not asked for.
	Currency    string `json:"currency,omitempty"`
	OutMemberID string `json:"outMemberId,omitempty"`
}

func (d dialect) encodeGetProduct(q *zhaohuov1.GetProductRequest) (upstream.Call, error) {
	value, err := compact(detailQuery{
		OfferID: json.Number(q.GetId()), Country: country(q.GetLanguageCode()), Currency: q.GetCurrency(), OutMemberID: q.GetOutMemberId(),
	})
	if err != nil {
		return upstream.Call{}, fault.Invalid("id", "string.pattern", "must be decimal digits").WithCause(err)
	}
	return upstream.Call{
		API:    d.methods.GetProduct.String(),
		Params: []upstream.Param{{Name: paramOfferDetail, Value: value}},
	}, nil
}

func (d dialect) decodeGetProduct(q *zhaohuov1.GetProductRequest, payload gjson.Result) (*zhaohuov1.GetProductResponse, error) {
	reading := readingOf(q)
	reading.Currency = q.GetCurrency()
	p, err := offer.Detail(payload, reading)
	if err != nil {
		return nil, err
	}
	if p.GetSummary().GetId() != q.GetId() {
		return nil, unreadable("the details are about another product")
	}
	addPage(p.GetSummary())
	return &zhaohuov1.GetProductResponse{Product: p}, nil
}
