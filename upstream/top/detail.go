package top

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/offer"
)

// MethodProductGet is the method of product details, and DefaultProductIDParam the parameter for the product's id. The
// tutorial names the method, but neither its parameters nor its answer. The parameter is that of the corresponding method
// of AOP. The answer's members are read under the names of that AOP method and of the AOP method behind GetProduct.
const (
	MethodProductGet      = "alibaba.product.get"
	DefaultProductIDParam = "productID"
)

// detailPlaces are where a product's details may be; the last is the payload itself.
var detailPlaces = []string{"productInfo", "result.productInfo", "product", "result.product", "result.result", "result.data", "result", "data", "@this"}

// productGet is the operation GetProduct.
type productGet struct{ method, idParam string }

func (g productGet) encode(q *zhaohuov1.GetProductRequest) (upstream.Call, error) {
	if language := q.GetLanguageCode(); language != "" && language != "zh" {
		return upstream.Call{}, unsupported("language_code", "the protocol translates nothing")
	}
	if q.GetCurrency() != "" {
		return upstream.Call{}, unsupported("currency", "the protocol converts no prices")
	}
	if q.GetOutMemberId() != "" {
		return upstream.Call{}, unsupported("out_member_id", "the protocol has no such parameter")
	}
	return upstream.Call{API: g.method, Params: []upstream.Param{{Name: g.idParam, Value: q.GetId()}}}, nil
}

func (productGet) decode(q *zhaohuov1.GetProductRequest, payload gjson.Result) (*zhaohuov1.GetProductResponse, error) {
	info, ok := findDetail(payload)
	if !ok {
		return nil, unreadable("the upstream's answer has no product in any known place")
	}
	p, err := offer.Detail(info, offer.Options{Raw: q.GetIncludeRaw()})
	if err != nil {
		return nil, err
	}
	if p.GetSummary().GetId() != q.GetId() {
		return nil, unreadable("the upstream's answer is about another product")
	}
	return &zhaohuov1.GetProductResponse{Product: p}, nil
}

// findDetail finds the first object with a product's id.
func findDetail(payload gjson.Result) (gjson.Result, bool) {
	for _, path := range detailPlaces {
		if info := payload.Get(path); offer.HasID(info) {
			return info, true
		}
	}
	return gjson.Result{}, false
}
