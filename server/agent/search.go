package agent

import (
	"context"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// sorts are the orders by the names that agents use.
var sorts = map[string]zhaohuov1.SortOrder{
	"relevance":       zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE,
	"price_asc":       zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC,
	"price_desc":      zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC,
	"sales_desc":      zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC,
	"repurchase_desc": zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC,
}

const filterPrefix = "PRODUCT_FILTER_"

// filterNames are the properties that goods may be required to have.
func filterNames() []string {
	names := make([]string, 0, len(zhaohuov1.ProductFilter_value))
	for name, number := range zhaohuov1.ProductFilter_value {
		if number != 0 {
			names = append(names, strings.ToLower(short(name, filterPrefix)))
		}
	}
	slices.Sort(names)
	return names
}

// narrowed is embedded by the arguments of all searches.
type narrowed struct {
	PriceMin string   `json:"price_min,omitempty" jsonschema:"Lowest price in yuan, such as 10 or 99.90."`
	PriceMax string   `json:"price_max,omitempty" jsonschema:"Highest price in yuan."`
	Category string   `json:"category_id,omitempty" jsonschema:"Only goods of this category: its id."`
	Sort     string   `json:"sort,omitempty" jsonschema:"The order. relevance unless set."`
	Filters  []string `json:"filters,omitempty" jsonschema:"Properties that all goods must have."`
}

func (n narrowed) filters() []zhaohuov1.ProductFilter {
	var all []zhaohuov1.ProductFilter
	for _, name := range n.Filters {
		all = append(all, zhaohuov1.ProductFilter(zhaohuov1.ProductFilter_value[filterPrefix+strings.ToUpper(name)]))
	}
	return all
}

// paged is embedded by the arguments of tools that answer with pages.
type paged struct {
	Page     int32 `json:"page,omitempty" jsonschema:"The page, from 1; next_page of an answer names the next."`
	PageSize int32 `json:"page_size,omitempty" jsonschema:"Products a page, 1 to 50. 10 unless set."`
}

// pageSize is the size of a page for a model, which pays for each product that it reads.
func (p paged) pageSize() *int32 {
	size := p.PageSize
	if size == 0 {
		size = 10
	}
	return &size
}

func (p paged) page() *int32 { return given(p.Page) }

// shapes completes a schema with the bounds and names that arguments have in common, where they are.
func shapes(schema *jsonschema.Schema) {
	bounds := map[string][2]float64{
		"page": {1, 2000}, "page_size": {1, 50}, "quantity": {0, 1e9}, "pictures": {0, picturesMax}, "verify_images": {1, 10},
		"keywords": {1, 5}, "winners": {1, 10}, "days": {1, 365}, "interval_minutes": {10, 43200}, "upstream_calls_per_day": {1, 10000},
		"fell_percent": {0, 100}, "offers": {1, 50},
	}
	for name, bound := range bounds {
		if p := schema.Properties[name]; p != nil {
			p.Minimum, p.Maximum = jsonschema.Ptr(bound[0]), jsonschema.Ptr(bound[1])
		}
	}
	if p := schema.Properties["sort"]; p != nil {
		p.Enum = anyOf(sortedKeys(sorts))
	}
	if p := schema.Properties["detail"]; p != nil {
		p.Enum = anyOf([]string{detailShort, detailNormal, detailFull})
	}
	if p := schema.Properties["filters"]; p != nil {
		p.Types, p.Type = nil, "array"
		p.Items.Enum = anyOf(filterNames())
	}
	for _, name := range []string{"keyword", "seeds"} {
		if p := schema.Properties[name]; p != nil && p.Type == "string" {
			p.MaxLength = jsonschema.Ptr(100)
		}
	}
}

func anyOf(names []string) []any {
	all := make([]any, len(names))
	for i, name := range names {
		all[i] = name
	}
	return all
}

// found is a page of goods.
type found struct {
	about

	Products []*goods `json:"products"`
	Total    *int64   `json:"total,omitempty"`
	Page     int32    `json:"page"`
	NextPage int32    `json:"next_page,omitempty"`
	// Truncated means that there may be more goods than pages reach.
	Truncated bool `json:"truncated,omitempty"`
	// ImageID names the image for further questions.
	ImageID string `json:"image_id,omitempty"`
}

// listing is what all pages of goods have.
type listing interface {
	GetProducts() []*zhaohuov1.Product
	GetPage() int32
	GetNextPage() int32
	GetTruncated() bool
	GetMeta() *zhaohuov1.AnswerMeta
}

// listed is a page of goods as an answer.
func (c *call) listed(ctx context.Context, page listing, total *int64, detail string, pictures int) *answer {
	c.answered(page.GetMeta())
	f := &found{Products: goodsOfAll(page.GetProducts(), detail), Total: total, Page: page.GetPage(), NextPage: page.GetNextPage(), Truncated: page.GetTruncated()}
	text := []string{c.say(noGoods)}
	if n := len(f.Products); n > 0 {
		summary := c.say(goodsOfPage, n, f.Page)
		if total != nil {
			summary = c.say(goodsOfTotal, n, *total, f.Page)
		}
		if f.NextPage > 0 {
			summary += c.say(nextPageAt, f.NextPage)
		}
		text = append([]string{summary + c.say(sentenceEnd)}, lines(c.language, f.Products)...)
	}
	return &answer{lines: text, structure: f, pictures: c.pictures(ctx, page.GetProducts(), pictures)}
}

type searchProducts struct {
	Keyword string `json:"keyword" jsonschema:"What to search for, at most 100 characters. Chinese words find most."`
	narrowed
	paged
	shown
	Facets   []string `json:"facet_ids,omitempty" jsonschema:"Only goods with all of these attributes: ids of facets."`
	Pictures int      `json:"pictures,omitempty" jsonschema:"How many of the first products to show a small picture of, 0 to 4. 0 unless set."`
	bounded
}

type searchByImage struct {
	pictured
	Keyword string `json:"keyword,omitempty" jsonschema:"Words that the goods must also fit."`
	narrowed
	paged
	shown
	Pictures int `json:"pictures,omitempty" jsonschema:"How many of the first products to show a small picture of, 0 to 4. 0 unless set."`
	bounded
}

func (s *Server) addSearches() error {
	err := add(s, tool{
		name: "search_products", title: "Search products by words",
		description: "Searches the goods of 1688 by words and lists a page of them: id, title, price, supplier, minimum order, sales, link. Costs one upstream call, none for an equal question that was asked lately.",
		calls:       spending{usual: 3, most: 10, least: 1}, shape: s.shapeList,
	}, func(ctx context.Context, c *call, in searchProducts) (*answer, error) {
		page, err := c.search.KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{
			Keyword: in.Keyword, Page: in.page(), PageSize: in.pageSize(), PriceMin: in.PriceMin, PriceMax: in.PriceMax, CategoryId: in.Category,
			Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language, FacetIds: in.Facets,
		})
		if err != nil {
			return nil, err
		}
		return c.listed(ctx, page, page.Total, in.Detail, in.Pictures), nil
	})
	if err != nil {
		return err
	}
	return add(s, tool{
		name: "search_by_image", title: "Search products by an image",
		description: "Searches the goods of 1688 that look like an image, given as base64, as an address or as the id of an earlier one. Costs one or two upstream calls. The goods most alike come first; a listed product is not always the one on the image. Ask further pages by the image_id of the answer.",
		calls:       spending{usual: 4, most: 10, least: 2},
		shape: func(schema *jsonschema.Schema) {
			s.shapeList(schema)
			s.shapeImage(schema)
		},
	}, func(ctx context.Context, c *call, in searchByImage) (*answer, error) {
		image, err := c.image(in.pictured, false)
		if err != nil {
			return nil, err
		}
		page, err := c.search.ImageSearch(ctx, &zhaohuov1.ImageSearchRequest{
			Image: image, Keyword: in.Keyword, Page: in.page(), PageSize: in.pageSize(), PriceMin: in.PriceMin, PriceMax: in.PriceMax,
			CategoryId: in.Category, Sort: sorts[in.Sort], Filters: in.filters(), LanguageCode: in.Language,
		})
		if err != nil {
			return nil, err
		}
		found := c.listed(ctx, page, page.Total, in.Detail, in.Pictures)
		return found.withImage(page.GetImageId()), nil
	})
}

// withImage adds the image's id to a page of goods.
func (a *answer) withImage(id string) *answer {
	if f, ok := a.structure.(*found); ok && id != "" {
		f.ImageID = id
		a.lines = append(a.lines, "image_id "+id)
	}
	return a
}
