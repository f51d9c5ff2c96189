package top

import (
	"slices"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// MethodSellerProducts is the method of a shop's products, and DefaultSellerIDParam the parameter for the shop's id.
// The tutorial names the method, but neither parameters nor answer: this parameter is AOP's, the others are those of a
// keyword search.
const (
	MethodSellerProducts = "alibaba.product.getSellerProductList"
	DefaultSellerIDParam = "sellerOpenId"
)

// sellerPlaces are where a shop's products may be: the places of a keyword search, and the list of the AOP methods.
func sellerPlaces() []place {
	return slices.Concat([]place{
		{"productList", readRow},
		{"result.productList", readRow},
	}, keywordPlaces)
}

// sellerProducts is the operation ListSellerProducts: a keyword search within one shop.
type sellerProducts struct {
	keywordSearch

	idParam string
}

func (s sellerProducts) encode(q *zhaohuov1.ListSellerProductsRequest) (upstream.Call, error) {
	call, err := s.keywordSearch.encode(withoutSeller(q))
	if err != nil {
		return upstream.Call{}, err
	}
	call.Params = append([]upstream.Param{{Name: s.idParam, Value: q.GetSellerId()}}, call.Params...)
	return call, nil
}

// withoutSeller is the question as a keyword search.
func withoutSeller(q *zhaohuov1.ListSellerProductsRequest) *zhaohuov1.KeywordSearchRequest {
	asked := &zhaohuov1.KeywordSearchRequest{}
	fields.Copy(asked, q)
	return asked
}

func (s sellerProducts) decode(q *zhaohuov1.ListSellerProductsRequest, payload gjson.Result) (*zhaohuov1.ListSellerProductsResponse, error) {
	asked := withoutSeller(q)
	l, err := readList(payload, sellerPlaces(), pageNumber(asked), q.GetIncludeRaw())
	if err != nil {
		return nil, err
	}
	p := l.pageOf(pageNumber(asked), s.pageSize(asked), s.limits)
	answer := &zhaohuov1.ListSellerProductsResponse{
		Products:          l.products,
		Page:              p.number,
		EffectivePageSize: p.effectiveSize,
		NextPage:          p.next,
		Truncated:         p.truncated,
	}
	if l.totalKnown {
		answer.Total = &l.total
	}
	return answer, nil
}
