package server

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// searchPreparer is a searcher whose answers can stay encoded.
type searchPreparer interface {
	PrepareKeywordSearch(q *zhaohuov1.KeywordSearchRequest) (encoded.Question, error)
}

// productPreparer is the same for the requests about products.
type productPreparer interface {
	PrepareGetProduct(q *zhaohuov1.GetProductRequest) (encoded.Question, error)
	PrepareListSellerProducts(q *zhaohuov1.ListSellerProductsRequest) (encoded.Question, error)
	PrepareListSearchFacets(q *zhaohuov1.ListSearchFacetsRequest) (encoded.Question, error)
	PrepareListTopKeywords(q *zhaohuov1.ListTopKeywordsRequest) (encoded.Question, error)
	PrepareListRelatedProducts(q *zhaohuov1.ListRelatedProductsRequest) (encoded.Question, error)
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
	}
}

// preparer checks a request and then prepares it.
func preparer[Q proto.Message](check func(Q) (Q, error), prepare func(Q) (encoded.Question, error)) func(proto.Message) (encoded.Question, error) {
	return func(request proto.Message) (encoded.Question, error) {
		q, ok := request.(Q)
		if !ok {
			return nil, fault.New(fault.Internal, "").WithCause(fmt.Errorf("%T is no request of this RPC", request))
		}
		q, err := check(q)
		if err != nil {
			return nil, err
		}
		return prepare(q)
	}
}
