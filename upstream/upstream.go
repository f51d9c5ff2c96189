// Package upstream sends calls to 1688 and returns answers in the contract's messages, or typed faults.
//
// It holds what the dialects have in common. A [Dialect] encodes calls and decodes answers, a [Quota] decides when an
// attempt may be sent, [Tokens] provides access tokens, and the [Client] runs the one loop of attempts over them. It
// stores no answers (internal/cache does) and has no protocol of its own.
package upstream

import (
	"context"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// Searcher answers searches. The Client implements it, and so does what wraps the Client, such as the cache.
type Searcher interface {
	// KeywordSearch returns one page. It must return before ctx ends, and every failure as a fault.
	KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
	// ImageSearch returns one page for the picture; the picture fields of q itself are ignored. It must return before
	// ctx ends, and every failure as a fault.
	ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, picture Picture) (*zhaohuov1.ImageSearchResponse, error)
}

// Products answers the requests about products that are not searches. The Client implements it, and so does what wraps
// the Client. Each method must return before ctx ends, and every failure as a fault.
type Products interface {
	GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error)
	ListSellerProducts(ctx context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error)
	ListSearchFacets(ctx context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error)
	ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error)
	ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error)
	ListTopProducts(ctx context.Context, q *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error)
	// GetProductTrends takes one kind, and a first and a last day that are at most a month apart ([TrendDays]).
	GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error)
	FindCategories(ctx context.Context, q *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error)
	GetCategory(ctx context.Context, q *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error)
	EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error)
}

// Call is one upstream API call, before it is signed. It is signed anew for each attempt.
type Call struct {
	// API is the name of the upstream's API: "namespace:name-version" in AOP, the method in TOP. Quota and permissions
	// are per API.
	API string
	// Params are the business parameters, formatted once: what is signed is what is sent.
	Params []Param
	// Verbatim asks for the whole body of a successful answer, and not for the payload inside its envelope.
	Verbatim bool
}

// Param is one business parameter. Its text is Value, then the base64 of Photo if there is one, then Tail. A photo's
// base64 is never in memory as a whole: it is signed and sent in passes over the photo.
type Param struct {
	Name, Value string
	Photo       Photo
	Tail        string
}

// Credential signs a call.
type Credential struct {
	AppKey    string
	AppSecret secret.Text
	// AccessToken is empty if the token mode sends none.
	AccessToken secret.Text
}

// Wire encodes calls and opens answers of one protocol.
type Wire interface {
	// NewRequest returns call as one signed HTTP request with the timestamp now. The request's body must not be
	// replayable: a further attempt makes a new request.
	NewRequest(ctx context.Context, call Call, cred Credential, now time.Time) (*http.Request, error)
	// Open takes the payload out of an answer's envelope, or returns the fault. It decides by the codes in the body
	// first, and by the HTTP status only where the body has none. An unreadable answer is a fault. For [Call.Verbatim] the
	// payload is the body, and a success needs no data.
	Open(call Call, status int, body []byte) (gjson.Result, error)
}

// Operation is one RPC in a dialect.
type Operation[Q, A any] struct {
	// Encode turns a validated request into a call.
	Encode func(Q) (Call, error)
	// Decode turns the payload into the response, without meta. A payload it cannot decode is an
	// UpstreamAnswerUnreadable fault.
	Decode func(Q, gjson.Result) (A, error)
}

// Offered reports whether the dialect has the operation.
func (o Operation[Q, A]) Offered() bool { return o.Encode != nil }

// Dialect is one protocol of the upstream with the operations it offers.
type Dialect struct {
	ID            zhaohuov1.UpstreamDialect
	Wire          Wire
	KeywordSearch Operation[*zhaohuov1.KeywordSearchRequest, *zhaohuov1.KeywordSearchResponse]
	// UploadImage uploads a photo and returns the upstream's id of it. Without it, ImageSearch sends the photo itself.
	UploadImage Operation[Photo, string]
	ImageSearch Operation[ImageQuestion, *zhaohuov1.ImageSearchResponse]
	// Regions reports that ImageSearch accepts a region of the picture. Otherwise the picture must be cropped to the
	// region before.
	Regions bool

	GetProduct          Operation[*zhaohuov1.GetProductRequest, *zhaohuov1.GetProductResponse]
	ListSellerProducts  Operation[*zhaohuov1.ListSellerProductsRequest, *zhaohuov1.ListSellerProductsResponse]
	ListSearchFacets    Operation[*zhaohuov1.ListSearchFacetsRequest, *zhaohuov1.ListSearchFacetsResponse]
	ListTopKeywords     Operation[*zhaohuov1.ListTopKeywordsRequest, *zhaohuov1.ListTopKeywordsResponse]
	ListRelatedProducts Operation[*zhaohuov1.ListRelatedProductsRequest, *zhaohuov1.ListRelatedProductsResponse]
	ListTopProducts     Operation[*zhaohuov1.ListTopProductsRequest, *zhaohuov1.ListTopProductsResponse]
	GetProductTrends    Operation[*zhaohuov1.GetProductTrendsRequest, *zhaohuov1.GetProductTrendsResponse]
	FindCategories      Operation[*zhaohuov1.FindCategoriesRequest, *zhaohuov1.FindCategoriesResponse]
	GetCategory         Operation[*zhaohuov1.GetCategoryRequest, *zhaohuov1.GetCategoryResponse]
	EstimateFreight     Operation[*zhaohuov1.EstimateFreightRequest, *zhaohuov1.EstimateFreightResponse]
	// PreviewFreight reads the freight from the preview of an order, where the App Key may not call EstimateFreight. It never
	// makes an order.
	PreviewFreight Operation[*zhaohuov1.EstimateFreightRequest, *zhaohuov1.EstimateFreightResponse]

	// CallAPI calls any API by its name. Its Encode refuses names and parameters that the protocol keeps for itself.
	CallAPI Operation[*zhaohuov1.CallRequest, *zhaohuov1.CallResponse]

	Pushes Pushes

	Examination Examination
	// Reads are the names of members that the decoders read, in order of preference: see [Dialect.Reading].
	Reads []string
	// Capabilities declares how far the dialect offers the fields of its operations.
	Capabilities capability.Declaration
}

// Limits are the upstream's bounds for encoding and decoding. They are configuration because not all of them are
// published.
type Limits struct {
	// PageSizeMax is the largest page the upstream serves.
	PageSizeMax int32
	// Window is how many products of one search can be paged to.
	Window int32
}

// PermitRequest is one attempt's request for a permit.
type PermitRequest struct {
	// API names the upstream's API, as [Call] does.
	API string
	// With names a further API that the account must serve as well: a photo is uploaded where it can be searched for. Empty
	// for none.
	With string
	// Account is the only account that can serve the request; empty for any.
	Account string
	// Optional: the caller has another way than Account. The request is refused at once while that account is passed over.
	Optional bool
	// Examines: the call finds out what the account may do, so that its configured permissions do not bound it.
	Examines bool
	// Throttled: the upstream throttled the attempt before this one. The request goes before all others of its class.
	Throttled bool
	Demand
}

// WaitUntil is when the request expires: with ctx, or at the callers' deadline if that is earlier; zero for never.
func (r PermitRequest) WaitUntil(ctx context.Context) time.Time {
	end, _ := ctx.Deadline()
	return r.Demand.until(end).Deadline
}

// Quota decides when an attempt may be sent.
type Quota interface {
	// Acquire returns a permit for one attempt, or a fault if there is none before [PermitRequest.WaitUntil]: then
	// nothing was spent. It must return before ctx ends, or as soon as it does.
	Acquire(ctx context.Context, request PermitRequest) (Permit, error)
}

// Permit allows one attempt.
type Permit interface {
	// Account is the account that the attempt must be made with: the name of one of the client's accounts, or empty if it
	// has only one.
	Account() string
	// PassOver is called after Done with a fault of the account itself: refused credentials, a token that cannot be renewed,
	// a missing permission, a used-up allowance, a throttle. It reports whether another account may serve the request now;
	// then later calls pass over this account for a while. It must not block.
	PassOver(why error) bool
	// Commit is called when the request is about to be written. It returns nil when the request may be written, and the
	// attempt counts from then on; or a fault, after which nothing may be written. It is called again when the
	// transport writes the request a second time. It must return before ctx ends, or as soon as it does.
	Commit(ctx context.Context) error
	// Sent is called when the request of the last commit has been written. It must not block. It is not called where writing
	// failed: then nobody knows when the request arrived.
	Sent()
	// Done is called exactly once: the attempt is over, with nil or its fault. A permit that was never committed is
	// released.
	Done(outcome error)
}

// Tokens provides access tokens.
type Tokens interface {
	// Token is the token to send now; empty if the token mode sends none.
	Token(ctx context.Context) (secret.Text, error)
	// Renew gets a token newer than the rejected one. It fails if tokens cannot be renewed.
	Renew(ctx context.Context, rejected secret.Text) error
}
