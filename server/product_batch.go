package server

import (
	"context"
	"regexp"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/parallel"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// batchWidth is how many products of one batch are requested concurrently. The upstream queue paces them anyway; the
// bound keeps one batch from filling it.
const batchWidth = 8

// productID is the contract's form of an id. In a batch it is not a rule of the request: an invalid id fails alone.
var productID = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// BatchGetProducts implements [zhaohuov1.ProductServiceServer]. Each id is requested once, even if repeated.
func (p *Product) BatchGetProducts(ctx context.Context, q *zhaohuov1.BatchGetProductsRequest) (*zhaohuov1.BatchGetProductsResponse, error) {
	if err := p.check("BatchGetProducts", q); err != nil {
		return nil, err
	}
	found := p.getAll(ctx, q)
	answer := &zhaohuov1.BatchGetProductsResponse{Meta: p.metaOf(found)}
	language := acceptLanguage(ctx)
	for _, id := range q.GetIds() {
		result := &zhaohuov1.ProductResult{Id: id}
		if got := found[id]; got.err != nil {
			result.Outcome = &zhaohuov1.ProductResult_Error{Error: rpcerr.Status(got.err, language).Proto()}
		} else {
			product := got.answer.GetProduct()
			if !q.GetIncludeDescriptions() {
				product, result.DescriptionOmitted = withoutLongDescription(product)
			}
			result.Outcome = &zhaohuov1.ProductResult_Product{Product: product}
		}
		answer.Results = append(answer.Results, result)
	}
	return answer, nil
}

// descriptionBytesMax is the longest description in a batch by default: 50 of them leave more than half of the 4 MiB
// that gRPC clients accept by default to the rest of the products.
const descriptionBytesMax = 32 << 10

// withoutLongDescription returns the product without a description that is too long, and reports so. It does not change
// the product itself: others may share it.
func withoutLongDescription(product *zhaohuov1.ProductDetail) (bounded *zhaohuov1.ProductDetail, omitted bool) {
	if len(product.GetDescriptionHtml()) <= descriptionBytesMax {
		return product, false
	}
	bounded = proto.CloneOf(product)
	bounded.DescriptionHtml = nil
	return bounded, true
}

// productOutcome is the answer or the error for one id.
type productOutcome struct {
	answer *zhaohuov1.GetProductResponse
	err    error
}

// getAll requests each different id, a few concurrently, in the order of the request.
func (p *Product) getAll(ctx context.Context, q *zhaohuov1.BatchGetProductsRequest) map[string]productOutcome {
	var ids []string
	seen := make(map[string]bool, len(q.GetIds()))
	for _, id := range q.GetIds() {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	outcomes := make([]productOutcome, len(ids))
	parallel.Each(len(ids), batchWidth, func(i int) {
		asked := &zhaohuov1.GetProductRequest{}
		fields.Copy(asked, q)
		asked.Id = ids[i]
		outcomes[i].answer, outcomes[i].err = p.getOne(ctx, asked)
	})
	found := make(map[string]productOutcome, len(ids))
	for i, id := range ids {
		found[id] = outcomes[i]
	}
	return found
}

func (p *Product) getOne(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	if !productID.MatchString(q.GetId()) {
		return nil, fault.Invalid("id", "string.pattern", "must be a decimal number of at most 19 digits, without leading zeros")
	}
	return p.products.GetProduct(ctx, q)
}

// metaOf summarizes the origin of a batch.
func (p *Product) metaOf(found map[string]productOutcome) *zhaohuov1.AnswerMeta {
	all := metas{source: p.source}
	for _, got := range found {
		all.add(got.answer.GetMeta(), got.err)
	}
	return all.sum()
}

// acceptLanguage is the caller's language of error messages.
func acceptLanguage(ctx context.Context) string {
	if values := metadata.ValueFromIncomingContext(ctx, "accept-language"); len(values) > 0 {
		return values[0]
	}
	return ""
}
