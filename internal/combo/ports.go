package combo

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Searcher answers searches. Each method must return before ctx ends; every failure must be a fault.
type Searcher interface {
	KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
	// ImageSearch searches by picture; the image fields of q are empty.
	ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, picture Picture) (*zhaohuov1.ImageSearchResponse, error)
}

// Products answers questions about products other than searches. Each method must return before ctx ends; every failure
// must be a fault. What the dialect lacks is an UnsupportedByDialect fault.
type Products interface {
	GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error)
	ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error)
	ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error)
	EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error)
}

// Picture is an image to search by and to compare. The strategies only pass it on.
type Picture struct {
	// URL is its address, if it has one. An offer's picture has only that.
	URL string
	// Handle is the picture in the form of its resolver; nil if there is only an address.
	Handle any
	// Calls is the minimum number of upstream calls of a search by it; 0 counts as 1.
	Calls int
}

// Pictures compares images. It makes no upstream calls.
type Pictures interface {
	// Look computes the look of an image. It must return before ctx ends; every failure must be a fault.
	Look(ctx context.Context, picture Picture) (Look, error)
	// Print computes the fine print of an image; nil for one with too little to recognise. It must return before ctx ends;
	// every failure must be a fault.
	Print(ctx context.Context, picture Picture) (Print, error)
}

// Print describes an image finely enough to recognise the same photo.
type Print interface {
	// SamePhoto is how surely two images are one photo, from 0 to 1. It is symmetric. Both must have the same type.
	SamePhoto(other Print) float64
}

// Thresholds separate evidence from coincidence.
type Thresholds struct {
	// SamePhoto is the value of [Print.SamePhoto] from which two images are one photo.
	SamePhoto float64
	// LooksAlike is the value of [Fingerprint.Likeness] from which goods look alike.
	LooksAlike float64
}

// Look is what an image looks like.
type Look struct {
	// Hash is equal for images with equal bytes.
	Hash string
	// Fingerprint is compared for likeness.
	Fingerprint Fingerprint
	// Fetched is true if the image was downloaded for this look, and not cached.
	Fetched bool
}

// Fingerprint describes an image's look.
type Fingerprint interface {
	// Likeness is how similar two images look, from 0 (nothing in common) to 1. It is symmetric. Both must have the
	// same type.
	Likeness(other Fingerprint) float64
}

// Ports are the parts that strategies use.
type Ports struct {
	Searcher Searcher
	Products Products
	// Trends is nil if the upstream offers none.
	Trends Trends
	// Pictures measures likeness; nil measures none.
	Pictures Pictures
	// Thresholds are those of Pictures.
	Thresholds Thresholds
	// Picture is the request's own image, resolved; nil for none.
	Picture *Picture
	// Allow bounds the upstream calls under ctx, retries included; nil sets no bound.
	Allow func(ctx context.Context, calls int) context.Context
	// Offered returns why the dialect does not offer a question in this form, by the RPC's name
	// ("zhaohuo.v1.SearchService/ImageSearch"); nil offers everything.
	Offered func(rpc string, q proto.Message) error
	// PageSize is the largest page of the upstream; 0 counts as 50.
	PageSize int32
	// Source is the source of answers made without the upstream.
	Source zhaohuov1.AnswerSource
	// AcceptLanguage is the language of partial failures, in HTTP's form.
	AcceptLanguage string
	// Report receives the steps as they begin and end, one at a time. The run waits for it, so it must not block. Nil
	// reports to nobody.
	Report func(*zhaohuov1.ComboStep)
}

// The RPCs' names in the capability table.
const (
	keywordSearchRPC   = "zhaohuo.v1.SearchService/KeywordSearch"
	imageSearchRPC     = "zhaohuo.v1.SearchService/ImageSearch"
	topKeywordsRPC     = "zhaohuo.v1.ProductService/ListTopKeywords"
	relatedProductsRPC = "zhaohuo.v1.ProductService/ListRelatedProducts"
)

// offers reports whether the dialect offers a question.
func (p Ports) offers(rpc string, q proto.Message) bool {
	return p.Offered == nil || p.Offered(rpc, q) == nil
}

// largestPage is how many products one search can return.
func (p Ports) largestPage() int32 {
	const contract = 50
	if p.PageSize <= 0 || p.PageSize > contract {
		return contract
	}
	return p.PageSize
}

// cost is the minimum number of calls of a search by the picture.
func (p Picture) cost() int { return max(p.Calls, 1) }
