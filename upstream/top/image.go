package top

import (
	"math"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// keyImageSearch is a wrapper that a service may put inside the gateway's.
const keyImageSearch = "imageSearchResponse"

// imagePlaces are where the products of an image search may be (docs/PROTOCOL.md §3.3).
var imagePlaces = []place{
	{keyImageSearch + ".items", readImageRow},
	{"result.items", readImageRow},
	{"items", readImageRow},
}

// readImageRow reads a row of an image search, which alone has a likeness to an image. Similarity is 0 to 100. The tutorial
// uses 0 for a missing value; here a missing value stays missing.
func readImageRow(row gjson.Result) (*zhaohuov1.Product, bool) {
	p, ok := readRow(row)
	if !ok {
		return nil, false
	}
	if likeness, known := normal.Percent(row.Get("similarity")); known {
		p.Similarity = &likeness
	}
	return p, true
}

// imageSearch is the operation ImageSearch. The call contains the photo; nothing is uploaded before.
type imageSearch struct{ method string }

func (i imageSearch) encode(q upstream.ImageQuestion) (upstream.Call, error) {
	if err := imageRefusal(q.ImageSearchRequest); err != nil {
		return upstream.Call{}, err
	}
	picture := upstream.Param{Name: "image_url", Value: q.URL}
	switch {
	case q.Photo != nil:
		picture = upstream.Param{Name: "image_content", Photo: q.Photo}
	case q.URL == "":
		return upstream.Call{}, fault.New(fault.Internal, "the image has neither bytes nor an address")
	}
	return upstream.Call{API: i.method, Params: append([]upstream.Param{picture}, filled(
		upstream.Param{Name: "category_id", Value: q.GetCategoryId()},
		upstream.Param{Name: "keyword", Value: q.GetKeyword()},
	)...)}, nil
}

// imageRefusal refuses what an image search does not offer.
func imageRefusal(q *zhaohuov1.ImageSearchRequest) error {
	switch {
	case q.GetSort() != zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED && q.GetSort() != zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE:
		return unsupported("sort", "a search by image has no orders")
	case q.Page != nil:
		return unsupported("page", "a search by image has no pages")
	case q.PageSize != nil:
		return unsupported("page_size", "a search by image has no pages")
	case q.GetPriceMin() != "":
		return unsupported("price_min", "a search by image has no bounds")
	case q.GetPriceMax() != "":
		return unsupported("price_max", "a search by image has no bounds")
	case len(q.GetFilters()) > 0:
		return unsupported("filters", "the protocol has no filters")
	case q.GetLanguageCode() != "" && q.GetLanguageCode() != "zh":
		return unsupported("language_code", "the protocol translates nothing")
	case q.GetItemTitle() != "":
		return unsupported("item_title", "a search by image takes no title: use keyword")
	case q.GetAuxiliaryText() != "":
		return unsupported("auxiliary_text", "a search by image takes no hint: use keyword")
	case q.Region != nil:
		return unsupported("region", "a search by image uses the whole image: crop it before")
	}
	return nil
}

// decode reads the only page.
func (imageSearch) decode(q upstream.ImageQuestion, payload gjson.Result) (*zhaohuov1.ImageSearchResponse, error) {
	l, err := readList(payload, imagePlaces, defaultPage, q.GetIncludeRaw())
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ImageSearchResponse{
		Products:          l.products,
		Page:              defaultPage,
		EffectivePageSize: int32(min(len(l.products), math.MaxInt32)),
	}
	if l.totalKnown {
		answer.Total = &l.total
	}
	return answer, nil
}
