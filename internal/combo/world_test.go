package combo

import (
	"context"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// thing is the subject of a test image and, after a slash, which photo of it. Photos of one subject look alike by 0.9,
// others by 0.3; the same photos are one by 0.9.
type thing string

// thresholds are between the two.
var thresholds = Thresholds{SamePhoto: 0.6, LooksAlike: 0.7}

// SamePhoto implements [Print].
func (t thing) SamePhoto(other Print) float64 {
	if t == other.(thing) {
		return 0.9
	}
	return 0.3
}

func (t thing) Likeness(other Fingerprint) float64 {
	subject, _, _ := strings.Cut(string(t), "/")
	others, _, _ := strings.Cut(string(other.(thing)), "/")
	if subject == others {
		return 0.9
	}
	return 0.3
}

// offer is a product of an upstream that names its supplier.
func offer(id, supplier string, yuan int64) *zhaohuov1.Product {
	p := &zhaohuov1.Product{Id: id, Title: "offer " + id, ImageUrl: proto.String("pic:" + id)}
	if supplier != "" {
		p.Supplier = &zhaohuov1.Supplier{Name: &supplier}
	}
	if yuan > 0 {
		p.Price = (money.Amount(yuan) * money.Unit).Proto(money.CNY)
	}
	return p
}

// world is an upstream and the images of its offers. It is safe for concurrent use after setup.
type world struct {
	byWords map[string][]*zhaohuov1.Product
	// byPicture has the results by image address; "own" is the caller's image.
	byPicture map[string][]*zhaohuov1.Product
	related   map[string][]*zhaohuov1.Product
	keywords  map[string][]string
	// freights has the freight by product, in fen; nil for one that the upstream does not name. Others are free.
	freights map[string]*money.Amount
	// previews means that orders are previewed, which name a variant where the details have one.
	previews bool
	details  map[string]*zhaohuov1.ProductDetail
	looks    map[string]Look
	// fails has errors by question: words, an image's address, "related" and an id, "keywords" and a category, "detail"
	// and an id, "look" and an address.
	fails map[string]error
	// shuffle delays every question by a different time.
	shuffle *rand.Rand

	mu    sync.Mutex
	asked []string
	calls int
	least []int // the allowances of the questions
}

type allowance struct{}

// ports are the world's ports, with a caller's image if there is one at "own".
func (w *world) ports() Ports {
	p := Ports{
		Searcher: w, Products: w, Pictures: w, Thresholds: thresholds, Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE,
		Allow: func(ctx context.Context, calls int) context.Context {
			return context.WithValue(ctx, allowance{}, calls)
		},
	}
	if _, ok := w.looks["own"]; ok {
		p.Picture = &Picture{URL: "own", Calls: 2}
	}
	return p
}

// show gives images their subject and bytes.
func (w *world) show(what string, pictures ...string) {
	if w.looks == nil {
		w.looks = map[string]Look{}
	}
	for _, at := range pictures {
		w.looks[at] = Look{Hash: "bytes of " + at, Fingerprint: thing(what), Fetched: true}
	}
}

func (w *world) ask(ctx context.Context, what string, cost int) (*zhaohuov1.AnswerMeta, error) {
	w.mu.Lock()
	w.asked = append(w.asked, what)
	w.calls += cost
	if n, ok := ctx.Value(allowance{}).(int); ok {
		w.least = append(w.least, n)
	}
	wait := time.Duration(0)
	if w.shuffle != nil {
		wait = time.Duration(w.shuffle.IntN(1000)) * time.Millisecond
	}
	w.mu.Unlock()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := w.fails[what]; err != nil {
		if f, ok := fault.As(err); ok {
			return nil, f.WithCalls(cost)
		}
		return nil, err
	}
	return &zhaohuov1.AnswerMeta{
		Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, FetchTime: timestamppb.New(time.Unix(1_800_000_000, 0)), UpstreamCalls: int32(cost),
	}, nil
}

func (w *world) KeywordSearch(ctx context.Context, q *zhaohuov1.KeywordSearchRequest) (*zhaohuov1.KeywordSearchResponse, error) {
	meta, err := w.ask(ctx, q.GetKeyword(), 1)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.KeywordSearchResponse{Products: w.byWords[q.GetKeyword()], Meta: meta}, nil
}

func (w *world) ImageSearch(ctx context.Context, _ *zhaohuov1.ImageSearchRequest, p Picture) (*zhaohuov1.ImageSearchResponse, error) {
	meta, err := w.ask(ctx, p.URL, p.cost())
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ImageSearchResponse{Products: w.byPicture[p.URL], Meta: meta}, nil
}

func (w *world) GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	meta, err := w.ask(ctx, "detail "+q.GetId(), 1)
	if err != nil {
		return nil, err
	}
	detail, ok := w.details[q.GetId()]
	if !ok {
		return nil, fault.New(fault.ProductNotFound, "no product %s", q.GetId()).WithCalls(1)
	}
	return &zhaohuov1.GetProductResponse{Product: detail, Meta: meta}, nil
}

func (w *world) ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	meta, err := w.ask(ctx, "keywords "+q.GetCategoryId(), 1)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.ListTopKeywordsResponse{Meta: meta}
	for _, k := range w.keywords[q.GetCategoryId()] {
		answer.Keywords = append(answer.Keywords, &zhaohuov1.TopKeyword{Keyword: k})
	}
	return answer, nil
}

func (w *world) ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	meta, err := w.ask(ctx, "related "+q.GetId(), 1)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ListRelatedProductsResponse{Products: w.related[q.GetId()], Meta: meta}, nil
}

func (w *world) EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	meta, err := w.ask(ctx, "freight "+q.GetId(), 1)
	if err != nil {
		return nil, err
	}
	if w.previews && len(q.GetSkus()) == 0 && len(w.details[q.GetId()].GetSkus()) > 0 {
		return nil, fault.New(fault.UpstreamRefused, "no variant").WithCalls(1)
	}
	answer := &zhaohuov1.FreightQuote{ProductId: q.GetId(), Quantity: q.GetQuantity(), Basis: zhaohuov1.FreightBasis_FREIGHT_BASIS_ESTIMATE}
	amount, ok := w.freights[q.GetId()]
	switch {
	case !ok:
		answer.Amount = money.Amount(0).Proto(money.CNY)
	case amount != nil:
		answer.Amount = amount.Proto(money.CNY)
	}
	return &zhaohuov1.EstimateFreightResponse{Freight: answer, Meta: meta}, nil
}

func (w *world) Look(ctx context.Context, p Picture) (Look, error) {
	w.mu.Lock()
	wait := time.Duration(0)
	if w.shuffle != nil {
		wait = time.Duration(w.shuffle.IntN(100)) * time.Millisecond
	}
	w.mu.Unlock()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return Look{}, ctx.Err()
	}
	if err := w.fails["look "+p.URL]; err != nil {
		return Look{}, err
	}
	look, ok := w.looks[p.URL]
	if !ok {
		return Look{}, fault.New(fault.ImageFetchFailed, "no image at %s", p.URL)
	}
	return look, nil
}

func (w *world) Print(_ context.Context, p Picture) (Print, error) {
	look, ok := w.looks[p.URL]
	if !ok {
		return nil, fault.New(fault.ImageFetchFailed, "no image at %s", p.URL)
	}
	fine, _ := look.Fingerprint.(Print)
	return fine, nil
}
