package combo

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// criteria are the criteria beside words and images.
type criteria struct {
	priceMin, priceMax, categoryID string
	sort                           zhaohuov1.SortOrder
	filters                        []zhaohuov1.ProductFilter
	facets                         []string
	language                       string
	raw                            bool
	staleness                      *durationpb.Duration
}

// searching is a request with criteria.
type searching interface {
	GetPriceMin() string
	GetPriceMax() string
	GetCategoryId() string
	GetSort() zhaohuov1.SortOrder
	GetFilters() []zhaohuov1.ProductFilter
	GetFacetIds() []string
	GetLanguageCode() string
	GetIncludeRaw() bool
	GetMaxStaleness() *durationpb.Duration
}

func criteriaOf(q searching) criteria {
	return criteria{
		priceMin: q.GetPriceMin(), priceMax: q.GetPriceMax(), categoryID: q.GetCategoryId(), sort: q.GetSort(),
		filters: q.GetFilters(), facets: q.GetFacetIds(), language: q.GetLanguageCode(), raw: q.GetIncludeRaw(), staleness: q.GetMaxStaleness(),
	}
}

// keywordQuestion requests one page of that many products, or as many as the upstream serves.
func (p Ports) keywordQuestion(words string, c criteria, size int32) *zhaohuov1.KeywordSearchRequest {
	return &zhaohuov1.KeywordSearchRequest{
		Keyword: words, Page: proto.Int32(1), PageSize: proto.Int32(min(size, p.largestPage())),
		PriceMin: c.priceMin, PriceMax: c.priceMax, CategoryId: c.categoryID, Sort: c.sort, Filters: c.filters, FacetIds: c.facets,
		LanguageCode: c.language, IncludeRaw: c.raw, MaxStaleness: c.staleness,
	}
}

// imageQuestion requests one page of that many products, or as many as the upstream serves, most similar first, without
// what the dialect lacks.
func (p Ports) imageQuestion(c criteria, size int32) *zhaohuov1.ImageSearchRequest {
	q := &zhaohuov1.ImageSearchRequest{
		CategoryId: c.categoryID, Filters: c.filters, LanguageCode: c.language, IncludeRaw: c.raw, MaxStaleness: c.staleness,
	}
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

// noteFacets reports that image search results are not narrowed by facets.
func (c *comboRun) noteFacets(of criteria) {
	if len(of.facets) > 0 {
		const why = "searches by image have no facets: what they find is not narrowed"
		c.note(ImageStep, fault.New(fault.UnsupportedByDialect, "%s", why).WithField("facet_ids", fault.UnsupportedByDialect.String(), why))
	}
}

// admitted are the goods within the price bounds, whatever the dialect supports. As upstream, an unknown price is
// outside of all bounds.
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
