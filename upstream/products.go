package upstream

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

var _ Products = (*Client)(nil)

// GetProduct implements [Products].
func (c *Client) GetProduct(ctx context.Context, q *zhaohuov1.GetProductRequest) (*zhaohuov1.GetProductResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.GetProduct, q)
	if err != nil {
		return nil, ofProduct(err, q.GetId())
	}
	answer.Meta = meta
	return answer, nil
}

// ListSellerProducts implements [Products].
func (c *Client) ListSellerProducts(ctx context.Context, q *zhaohuov1.ListSellerProductsRequest) (*zhaohuov1.ListSellerProductsResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ListSellerProducts, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// ListSearchFacets implements [Products].
func (c *Client) ListSearchFacets(ctx context.Context, q *zhaohuov1.ListSearchFacetsRequest) (*zhaohuov1.ListSearchFacetsResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ListSearchFacets, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// ListTopKeywords implements [Products].
func (c *Client) ListTopKeywords(ctx context.Context, q *zhaohuov1.ListTopKeywordsRequest) (*zhaohuov1.ListTopKeywordsResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ListTopKeywords, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// ListRelatedProducts implements [Products].
func (c *Client) ListRelatedProducts(ctx context.Context, q *zhaohuov1.ListRelatedProductsRequest) (*zhaohuov1.ListRelatedProductsResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ListRelatedProducts, q)
	if err != nil {
		return nil, ofProduct(err, q.GetId())
	}
	answer.Meta = meta
	return answer, nil
}

// ListTopProducts implements [Products].
func (c *Client) ListTopProducts(ctx context.Context, q *zhaohuov1.ListTopProductsRequest) (*zhaohuov1.ListTopProductsResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.ListTopProducts, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// GetProductTrends implements [Products].
func (c *Client) GetProductTrends(ctx context.Context, q *zhaohuov1.GetProductTrendsRequest) (*zhaohuov1.GetProductTrendsResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.GetProductTrends, q)
	if err != nil {
		return nil, ofProduct(err, q.GetId())
	}
	answer.Meta = meta
	return answer, nil
}

// FindCategories implements [Products].
func (c *Client) FindCategories(ctx context.Context, q *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.FindCategories, q)
	if err != nil {
		return nil, err
	}
	answer.Meta = meta
	return answer, nil
}

// GetCategory implements [Products].
func (c *Client) GetCategory(ctx context.Context, q *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error) {
	answer, meta, err := run(ctx, c, c.Dialect.GetCategory, q)
	if err != nil {
		return nil, notFound(err, fault.CategoryNotFound, q.GetId())
	}
	answer.Meta = meta
	return answer, nil
}

// ofProduct makes the product the subject of a ProductNotFound fault.
func ofProduct(err error, id string) error { return notFound(err, fault.ProductNotFound, id) }

// notFound makes what was asked for the subject of a fault of the kind, whose subject otherwise is the API.
func notFound(err error, kind fault.Kind, id string) error {
	if f, ok := fault.As(err); ok && f.Kind == kind {
		return f.WithSubject(id)
	}
	return err
}
