package aop

import (
	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func (d dialect) encodeListSellerProducts(q *zhaohuov1.ListSellerProductsRequest) (upstream.Call, error) {
	query, err := newOfferQuery(q, d.asked(q.Page, q.PageSize))
	if err != nil {
		return upstream.Call{}, err
	}
	query.SellerOpenID = q.GetSellerId()
	return query.call(d.methods.ListSellerProducts)
}

func (d dialect) decodeListSellerProducts(q *zhaohuov1.ListSellerProductsRequest, payload gjson.Result) (*zhaohuov1.ListSellerProductsResponse, error) {
	found, err := readListing(payload, d.asked(q.Page, q.PageSize), d.limits.Window)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListSellerProductsResponse{
		Total:             found.total,
		Page:              found.page,
		EffectivePageSize: found.pageSize,
		NextPage:          found.nextPage,
		Truncated:         found.truncated,
	}
	answer.Products, err = products(found.rows, readingOf(q))
	if err != nil {
		return nil, err
	}
	return answer, nil
}
