// Package upstream puts a question of the contract to 1688 and brings back its answer, or a typed fault.
//
// It holds what the dialects have in common: a [Dialect] knows how to write and read the upstream's words,
// a [Quota] says when an attempt may leave, [Tokens] hands out access tokens, and the [Client] runs the one
// loop of attempts over them. It keeps no answers (internal/cache does) and knows no protocol of its own.
package upstream

import (
	"context"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Searcher answers searches. The Client does, and so does everything that wraps it.
type Searcher interface {
	// KeywordSearch answers one page. It must return before ctx ends, and every failure as a fault.
	KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error)
	// ImageSearch answers one page for the picture; the picture fields of q itself are not looked at. It must return
	// before ctx ends, and every failure as a fault.
	ImageSearch(ctx context.Context, q *zhaohuov1.ImageSearchRequest, picture Picture) (*zhaohuov1.ImageSearchResponse, error)
}

// Products answers what there is to know of goods beside searching them. The Client does, and so does everything that
// wraps it. Each method must return before ctx ends, and every failure as a fault.
type Products interface {
	GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error)
	ListSellerProducts(ctx context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error)
	ListSearchFacets(ctx context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error)
	ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error)
	ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error)
}

// Call is one API call in the upstream's own words, before it is signed. It is signed anew for each attempt.
type Call struct {
	// API names the upstream's API: "namespace:name-version" in AOP, the method in TOP. Quota and permission go by it.
	API string
	// Params are the business parameters, formatted once: what is signed is what is sent.
	Params []Param
}

// Param is one business parameter. Its text is Value, then the base64 of Photo if there is one, then Tail. A photo's
// base64 is never held: it is signed and sent in passes over the photo.
type Param struct {
	Name, Value string
	Photo       Photo
	Tail        string
}

// Credential is what signs a call.
type Credential struct {
	AppKey    string
	AppSecret secret.Text
	// AccessToken is empty where the token mode sends none.
	AccessToken secret.Text
}

// Wire writes calls and opens answers of one protocol.
type Wire interface {
	// NewRequest writes call as one signed HTTP request, stamped with now. The request's body must be replayable by
	// nobody: a further attempt asks for a new request.
	NewRequest(ctx context.Context, call Call, cred Credential, now time.Time) (*http.Request, error)
	// Open takes the payload out of an answer's envelope, or names the fault: it decides by the body's own
	// codes first and by the HTTP status only where the body has none. An answer it cannot read is a fault.
	Open(call Call, status int, body []byte) (gjson.Result, error)
}

// Operation is one RPC in a dialect's words.
type Operation[Q, A any] struct {
	// Encode turns a checked question into a call.
	Encode func(Q) (Call, error)
	// Decode turns the payload into the answer, without meta. What it cannot understand is an UpstreamAnswerUnreadable fault.
	Decode func(Q, gjson.Result) (A, error)
}

// Offered tells whether the dialect has the operation.
func (o Operation[Q, A]) Offered() bool { return o.Encode != nil }

// Dialect is one protocol of the upstream with the operations it offers.
type Dialect struct {
	ID            zhaohuov1.UpstreamDialect
	Wire          Wire
	KeywordSearch Operation[*zhaohuov1.KeywordSearchRequest, *zhaohuov1.KeywordSearchResponse]
	// UploadImage sends a photo and gives the upstream's id of it. A dialect without it takes the photo itself in ImageSearch.
	UploadImage Operation[Photo, string]
	ImageSearch Operation[ImageQuestion, *zhaohuov1.ImageSearchResponse]
	// Regions tells that ImageSearch can be told a part of the picture. Where it cannot, the part has to be cut out before.
	Regions bool

	GetProduct          Operation[*zhaohuov1.GetProductRequest, *zhaohuov1.GetProductResponse]
	ListSellerProducts  Operation[*zhaohuov1.ListSellerProductsRequest, *zhaohuov1.ListSellerProductsResponse]
	ListSearchFacets    Operation[*zhaohuov1.ListSearchFacetsRequest, *zhaohuov1.ListSearchFacetsResponse]
	ListTopKeywords     Operation[*zhaohuov1.ListTopKeywordsRequest, *zhaohuov1.ListTopKeywordsResponse]
	ListRelatedProducts Operation[*zhaohuov1.ListRelatedProductsRequest, *zhaohuov1.ListRelatedProductsResponse]

	Examination Examination
}

// Limits are the upstream's bounds a dialect needs for reading and writing. They are configuration because nobody
// has published them all.
type Limits struct {
	// PageSizeMax is the largest page the upstream serves.
	PageSizeMax int32
	// Window is how many goods of one search can be paged to.
	Window int32
}

// Ask is one attempt's wish for a turn.
type PermitRequest struct {
	// API names the upstream's API, as [Call] does.
	API string
	// Again: the upstream throttled the attempt before this one. It goes before all others of its class.
	Throttled bool
	Demand
}

// Until is when the wish ends: with ctx, or before that when what the callers allow has passed; zero for never.
func (a PermitRequest) WaitUntil(ctx context.Context) time.Time {
	end, _ := ctx.Deadline()
	return a.Demand.until(end).Deadline
}

// Quota says when an attempt may leave.
type Quota interface {
	// Acquire returns a turn for one attempt, or a fault if there is none before [Ask.Until]: then nothing was spent.
	// It must return before ctx ends, or as soon as it does.
	Acquire(ctx context.Context, ask PermitRequest) (Permit, error)
}

// Turn is leave for one attempt.
type Permit interface {
	// Depart is called when the request is about to be written. It returns when it may be, and from then on the
	// attempt counts; or with a fault, after which nothing may be written. It is called again for a request that
	// the transport writes a second time. It must return before ctx ends, or as soon as it does.
	Commit(ctx context.Context) error
	// Done is called once, always: the attempt is over, with nil or the fault it came to. A turn that never
	// departed is given back.
	Done(outcome error)
}

// Tokens hands out access tokens.
type Tokens interface {
	// Token is the token to send now; empty where the mode sends none.
	Token(ctx context.Context) (secret.Text, error)
	// Renew is asked for a token newer than the rejected one. It fails where tokens cannot be renewed.
	Renew(ctx context.Context, rejected secret.Text) error
}
