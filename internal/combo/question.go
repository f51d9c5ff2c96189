package combo

import (
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// criteria are what may be asked beside words and pictures.
type criteria struct {
	priceMin, priceMax, categoryID string
}

// bounded is a request with criteria.
type bounded interface {
	GetPriceMin() string
	GetPriceMax() string
	GetCategoryId() string
}

func criteriaOf(q bounded) criteria {
	return criteria{priceMin: q.GetPriceMin(), priceMax: q.GetPriceMax(), categoryID: q.GetCategoryId()}
}

// keywordQuestion asks for one page of so many goods, or as many as the upstream serves.
func (p Ports) keywordQuestion(words string, c criteria, size int32) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{
		Keyword: words, Page: proto.Int32(1), PageSize: proto.Int32(min(size, p.largestPage())),
		PriceMin: c.priceMin, PriceMax: c.priceMax, CategoryId: c.categoryID,
	}
}

// imageQuestion asks for one page of so many goods, or as many as the upstream serves; without what the dialect lacks.
func (p Ports) imageQuestion(c criteria, size int32) *zhaohuov1.ImageSearchRequest {
	q := &zhaohuov1.ImageSearchRequest{CategoryId: c.categoryID}
	paged := &zhaohuov1.ImageSearchRequest{Page: proto.Int32(1), PageSize: proto.Int32(min(size, p.largestPage()))}
	if p.offers(imageSearchRPC, paged) {
		q.Page, q.PageSize = paged.Page, paged.PageSize
	}
	priced := &zhaohuov1.ImageSearchRequest{PriceMin: c.priceMin, PriceMax: c.priceMax}
	if p.offers(imageSearchRPC, priced) {
		q.PriceMin, q.PriceMax = priced.GetPriceMin(), priced.GetPriceMax()
	}
	return q
}

// admitted are the goods within the bounds, whatever the dialect was asked for. As upstream, a price that is not known is
// within none.
func (c criteria) admitted(products []*zhaohuov1.Product) []*zhaohuov1.Product {
	low, bottom := money.Parse(c.priceMin)
	high, top := money.Parse(c.priceMax)
	if !bottom && !top {
		return products
	}
	within := make([]*zhaohuov1.Product, 0, len(products))
	for _, p := range products {
		price, known := money.Of(p.GetPrice())
		if known && (!bottom || price >= low) && (!top || price <= high) {
			within = append(within, p)
		}
	}
	return within
}
