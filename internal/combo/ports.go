package combo

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// Searcher answers searches. Each method must return before ctx ends, and every failure as a fault.
type Searcher interface {
	KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
	// ImageSearch searches by picture; the picture fields of q are empty.
	ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, picture Picture) (*zhaohuov1.ImageSearchResponse, error)
}

// Products answers what there is to know of goods beside searching them. Each method must return before ctx ends, and
// every failure as a fault; what the dialect lacks is an UnsupportedByDialect fault.
type Products interface {
	GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error)
	ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error)
	ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error)
}

// Picture is something to search by and to compare with. The strategies only hand it on.
type Picture struct {
	// URL is its address, where it has one. That of an offer's picture has nothing else.
	URL string
	// Handle is the picture as whoever resolved it knows it; nil where there is only the address.
	Handle any
	// Calls is how many upstream calls a search by it costs at the least; 0 counts as 1.
	Calls int
}

// Pictures looks at pictures. Nothing here costs an upstream call.
type Pictures interface {
	// Look looks at a picture. It must return before ctx ends, and every failure as a fault.
	Look(ctx context.Context, picture Picture) (Look, error)
}

// Look is how a picture looks.
type Look struct {
	// Hash is equal for pictures that are equal byte for byte.
	Hash string
	// Fingerprint is what is compared.
	Fingerprint Fingerprint
	// Fetched tells that the picture was fetched for this look, and not remembered.
	Fetched bool
}

// Fingerprint is what is remembered of a picture's look.
type Fingerprint interface {
	// Likeness is how much two pictures look alike, 0 (nothing in common) to 1, and symmetric. Both are of one make.
	Likeness(other Fingerprint) float64
}

// Ports are what strategies work over.
type Ports struct {
	Searcher Searcher
	Products Products
	// Pictures measures likeness; nil has none measured.
	Pictures Pictures
	// Picture is the request's own picture, resolved; nil for none.
	Picture *Picture
	// Allow bounds what upstream calls under ctx may cost together, retries included; nil has them unbounded.
	Allow func(ctx context.Context, calls int) context.Context
	// Offered is why the dialect does not offer a question as it is put, by the RPC's name ("zhaohuo.v1.SearchService/ImageSearch");
	// nil offers everything.
	Offered func(rpc string, q proto.Message) error
	// PageSize is the largest page the upstream serves; 0 counts as 50.
	PageSize int32
	// Source is told of answers made without the upstream.
	Source zhaohuov1.AnswerSource
	// AcceptLanguage is what partial failures are told in, as HTTP has it.
	AcceptLanguage string
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

// largestPage is how many goods one search can give.
func (p Ports) largestPage() int32 {
	const contract = 50
	if p.PageSize <= 0 || p.PageSize > contract {
		return contract
	}
	return p.PageSize
}

// cost is what a search by the picture costs at the least.
func (p Picture) cost() int { return max(p.Calls, 1) }
