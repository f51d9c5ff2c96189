package capability

import (
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The operations that a dialect can declare: the RPCs that are answered by the upstream's API of the same purpose.
const (
	KeywordSearch       = searchService + "KeywordSearch"
	ImageSearch         = searchService + "ImageSearch"
	GetProduct          = productService + "GetProduct"
	ListSellerProducts  = productService + "ListSellerProducts"
	ListSearchFacets    = productService + "ListSearchFacets"
	ListTopKeywords     = productService + "ListTopKeywords"
	ListRelatedProducts = productService + "ListRelatedProducts"
	ListTopProducts     = productService + "ListTopProducts"
	GetProductTrends    = productService + "GetProductTrends"
	FindCategories      = categories + "FindCategories"
	GetCategory         = categories + "GetCategory"
	EstimateFreight     = productService + "EstimateFreight"
)

// Declaration is what one dialect says about itself.
type Declaration struct {
	Dialect zhaohuov1.UpstreamDialect
	// Operations has every operation that the dialect offers. One that is missing is not offered, nor is any of its fields.
	Operations map[string]Operation
}

// Operation is how far a dialect offers the fields of one operation: by the field's path, such as
// "products.supplier.name". Only exceptions are listed. The fields below a listed field are offered as it is, unless
// they are listed too. All others are offered fully.
type Operation struct {
	Request, Answer map[string]Offer
}

// has reports whether the dialect offers the operation.
func (d Declaration) has(operation string) bool {
	_, ok := d.Operations[operation]
	return ok
}

// request is the offer of a field of an operation's request.
func (d Declaration) request(operation, path string) Offer {
	o, ok := d.Operations[operation]
	if !ok {
		return None()
	}
	return nearest(o.Request, path)
}

// answer is the offer of a field of an operation's answer.
func (d Declaration) answer(operation, path string) Offer {
	o, ok := d.Operations[operation]
	if !ok {
		return None()
	}
	return nearest(o.Answer, path)
}

// nearest is the offer of the path, or else of the nearest listed field above it.
func nearest(listed map[string]Offer, path string) Offer {
	for path != "" {
		if o, ok := listed[path]; ok {
			return o
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return Full()
}
