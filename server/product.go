package server

import (
	"cmp"
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// defaultRelatedPageSize is the contract's default page size of related products.
const defaultRelatedPageSize = 10

// defaultRankType and defaultTopProducts are the contract's defaults for a ranking.
const (
	defaultRankType    = "complex"
	defaultTopProducts = 10
)

// productService is the service's name in the capability table.
const productService = "zhaohuo.v1.ProductService/"

// Product is ProductService.
type Product struct {
	zhaohuov1.UnimplementedProductServiceServer
	products upstream.Products
	offered  *capability.Table
	limits   upstream.Limits
	source   zhaohuov1.AnswerSource
}

var _ zhaohuov1.ProductServiceServer = (*Product)(nil)

// NewProduct serves what products answers. Requests are refused for what is not offered, and beyond the first
// limits.Window goods of one list. source is the source of a batch without any product; other answers carry their own.
func NewProduct(products upstream.Products, offered *capability.Table, limits upstream.Limits, source zhaohuov1.AnswerSource) *Product {
	return &Product{products: products, offered: offered, limits: limits, source: source}
}

// GetProduct implements [zhaohuov1.ProductServiceServer].
func (p *Product) GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	q, err := p.productQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.GetProduct(ctx, q)
}

// ListSellerProducts implements [zhaohuov1.ProductServiceServer]. It fills in the defaults of page and page size.
func (p *Product) ListSellerProducts(ctx context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	q, err := p.sellerQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.ListSellerProducts(ctx, q)
}

// ListSearchFacets implements [zhaohuov1.ProductServiceServer].
func (p *Product) ListSearchFacets(ctx context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	q, err := p.facetsQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.ListSearchFacets(ctx, q)
}

// ListTopKeywords implements [zhaohuov1.ProductServiceServer].
func (p *Product) ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	q, err := p.topKeywordsQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.ListTopKeywords(ctx, q)
}

// ListRelatedProducts implements [zhaohuov1.ProductServiceServer]. It fills in the defaults of page and page size.
func (p *Product) ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	q, err := p.relatedQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.ListRelatedProducts(ctx, q)
}

// EstimateFreight implements [zhaohuov1.ProductServiceServer]. It fills in the quantity of a question that names variants.
func (p *Product) EstimateFreight(ctx context.Context, q *zhaohuov1.EstimateFreightRequest) (*zhaohuov1.EstimateFreightResponse, error) {
	q, err := p.freightQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.EstimateFreight(ctx, q)
}

// ListTopProducts implements [zhaohuov1.ProductServiceServer]. It fills in the defaults of the kind and of how many.
func (p *Product) ListTopProducts(ctx context.Context, q *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	q, err := p.topProductsQuestion(q)
	if err != nil {
		return nil, err
	}
	return p.products.ListTopProducts(ctx, q)
}

func (p *Product) topProductsQuestion(q *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsRequest, error) {
	if err := p.check("ListTopProducts", q); err != nil {
		return nil, err
	}
	q = proto.CloneOf(q)
	q.RankType, q.Limit = cmp.Or(q.GetRankType(), defaultRankType), orElse(q.Limit, defaultTopProducts)
	return q, nil
}

func (p *Product) productQuestion(q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductRequest, error) {
	return q, p.check("GetProduct", q)
}

func (p *Product) facetsQuestion(q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsRequest, error) {
	return q, p.check("ListSearchFacets", q)
}

func (p *Product) topKeywordsQuestion(q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsRequest, error) {
	return q, p.check("ListTopKeywords", q)
}

func (p *Product) sellerQuestion(q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsRequest, error) {
	if err := p.check("ListSellerProducts", q); err != nil {
		return nil, err
	}
	q = proto.CloneOf(q)
	q.Page, q.PageSize = orElse(q.Page, defaultPage), orElse(q.PageSize, defaultPageSize)
	if err := checkWindow("page", q.GetPage(), q.GetPageSize(), p.limits.Window); err != nil {
		return nil, err
	}
	return q, checkPrices(q.GetPriceMin(), q.GetPriceMax())
}

func (p *Product) relatedQuestion(q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsRequest, error) {
	if err := p.check("ListRelatedProducts", q); err != nil {
		return nil, err
	}
	q = proto.CloneOf(q)
	q.Page, q.PageSize = orElse(q.Page, defaultPage), orElse(q.PageSize, defaultRelatedPageSize)
	return q, checkWindow("page", q.GetPage(), q.GetPageSize(), p.limits.Window)
}

// check refuses what the dialect does not offer.
func (p *Product) check(method string, q proto.Message) error {
	return p.offered.Check(productService+method, q)
}

// orElse is a number, or its default.
func orElse(n *int32, absent int32) *int32 {
	if n == nil {
		return &absent
	}
	return n
}
