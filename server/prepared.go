package server

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/server/interceptor"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// searchPreparer is a searcher whose answers can stay encoded.
type searchPreparer interface {
	PrepareKeywordSearch(q *zhaohuov1.KeywordSearchRequest) (encoded.Question, error)
	PrepareImageSearch(q *zhaohuov1.ImageSearchRequest) (func(context.Context, upstream.Picture) (*encoded.Message, error), error)
}

// productPreparer is the same for the requests about products.
type productPreparer interface {
	PrepareGetProduct(q *zhaohuov1.GetProductRequest) (encoded.Question, error)
	PrepareListSellerProducts(q *zhaohuov1.ListSellerProductsRequest) (encoded.Question, error)
	PrepareListSearchFacets(q *zhaohuov1.ListSearchFacetsRequest) (encoded.Question, error)
	PrepareListTopKeywords(q *zhaohuov1.ListTopKeywordsRequest) (encoded.Question, error)
	PrepareListRelatedProducts(q *zhaohuov1.ListRelatedProductsRequest) (encoded.Question, error)
	PrepareEstimateFreight(q *zhaohuov1.EstimateFreightRequest) (encoded.Question, error)
	PrepareListTopProducts(q *zhaohuov1.ListTopProductsRequest) (encoded.Question, error)
}

// Preparers are the RPCs, by method name, whose answers can stay encoded: see interceptor.Preparer. Each checks a request as the RPC
// itself does.
func (s *Search) Preparers() map[string]func(proto.Message) (encoded.Question, error) {
	from, ok := s.searcher.(searchPreparer)
	if !ok {
		return nil
	}
	return map[string]func(proto.Message) (encoded.Question, error){
		"KeywordSearch": preparer(s.keywordQuestion, from.PrepareKeywordSearch),
		"ImageSearch":   s.imagePreparer(from),
	}
}

// Preparers are the RPCs, by method name, whose answers can stay encoded, as those of [Search.Preparers].
func (p *Product) Preparers() map[string]func(proto.Message) (encoded.Question, error) {
	from, ok := p.products.(productPreparer)
	if !ok {
		return nil
	}
	return map[string]func(proto.Message) (encoded.Question, error){
		"GetProduct":          preparer(p.productQuestion, from.PrepareGetProduct),
		"ListSellerProducts":  preparer(p.sellerQuestion, from.PrepareListSellerProducts),
		"ListSearchFacets":    preparer(p.facetsQuestion, from.PrepareListSearchFacets),
		"ListTopKeywords":     preparer(p.topKeywordsQuestion, from.PrepareListTopKeywords),
		"ListRelatedProducts": preparer(p.relatedQuestion, from.PrepareListRelatedProducts),
		"EstimateFreight":     preparer(p.freightQuestion, from.PrepareEstimateFreight),
		"ListTopProducts":     preparer(p.topProductsQuestion, from.PrepareListTopProducts),
	}
}

// preparer checks a request and then prepares it.
func preparer[Q proto.Message](check func(Q) (Q, error), prepare func(Q) (encoded.Question, error)) func(proto.Message) (encoded.Question, error) {
	return func(request proto.Message) (encoded.Question, error) {
		q, ok := request.(Q)
		if !ok {
			return nil, notRequest(request)
		}
		q, err := check(q)
		if err != nil {
			return nil, err
		}
		return prepare(q)
	}
}

func notRequest(request proto.Message) error {
	return fault.New(fault.Internal, "").WithCause(fmt.Errorf("%T is no request of this RPC", request))
}

// imagePreparer checks and prepares what is asked beside the image. Whose image it is, and whether it is still there, is found out each
// time.
func (s *Search) imagePreparer(from searchPreparer) func(proto.Message) (encoded.Question, error) {
	return func(request proto.Message) (encoded.Question, error) {
		q, ok := request.(*zhaohuov1.ImageSearchRequest)
		if !ok {
			return nil, notRequest(request)
		}
		question, err := s.imageQuestion(q)
		if err != nil {
			return nil, err
		}
		ask, err := from.PrepareImageSearch(s.photos.asked(question))
		if err != nil {
			return nil, err
		}
		image, region := q.GetImage(), q.GetRegion()
		return func(ctx context.Context) (*encoded.Message, error) {
			searched := image
			if len(image.GetContent()) <= interceptor.RecalledRequestMax {
				// Finding the image takes its content out of the source. A question with a larger one is asked only once.
				searched = &zhaohuov1.ImageSource{Source: image.GetSource()}
			}
			found, err := s.photos.find(ctx, searched, region)
			if err != nil {
				return nil, err
			}
			defer found.release()
			answer, err := ask(ctx, found.Picture)
			if err != nil {
				return nil, err
			}
			return withIDEncoded(answer, found.kept)
		}, nil
	}
}

// withIDEncoded is [withID] for an encoded answer. Such answers are stored without an id, because each caller has an id of its own.
func withIDEncoded(answer *encoded.Message, kept *photo.Kept) (*encoded.Message, error) {
	if kept == nil {
		return answer, nil
	}
	id, err := proto.Marshal(&zhaohuov1.ImageSearchResponse{ImageId: kept.ID(), ExpireTime: timestamppb.New(kept.Expires())})
	if err != nil {
		return nil, fault.New(fault.Internal, "").WithCause(err)
	}
	return answer.With(id), nil
}
