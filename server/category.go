package server

import (
	"context"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/encoded"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// Category is CategoryService.
type Category struct {
	zhaohuov1.UnimplementedCategoryServiceServer
	products upstream.Products
	offered  *capability.Table
}

var _ zhaohuov1.CategoryServiceServer = (*Category)(nil)

// NewCategory serves what products answers. Requests are refused for what is not offered.
func NewCategory(products upstream.Products, offered *capability.Table) *Category {
	return &Category{products: products, offered: offered}
}

// FindCategories implements [zhaohuov1.CategoryServiceServer].
func (c *Category) FindCategories(ctx context.Context, q *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesResponse, error) {
	q, err := c.findQuestion(q)
	if err != nil {
		return nil, err
	}
	return c.products.FindCategories(ctx, q)
}

// GetCategory implements [zhaohuov1.CategoryServiceServer].
func (c *Category) GetCategory(ctx context.Context, q *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryResponse, error) {
	q, err := c.categoryQuestion(q)
	if err != nil {
		return nil, err
	}
	return c.products.GetCategory(ctx, q)
}

func (c *Category) findQuestion(q *zhaohuov1.FindCategoriesRequest) (*zhaohuov1.FindCategoriesRequest, error) {
	return q, c.offered.Check(capability.FindCategories, q)
}

func (c *Category) categoryQuestion(q *zhaohuov1.GetCategoryRequest) (*zhaohuov1.GetCategoryRequest, error) {
	return q, c.offered.Check(capability.GetCategory, q)
}

// categoryPreparer answers with categories that can stay encoded.
type categoryPreparer interface {
	PrepareFindCategories(q *zhaohuov1.FindCategoriesRequest) (encoded.Question, error)
	PrepareGetCategory(q *zhaohuov1.GetCategoryRequest) (encoded.Question, error)
}

// Preparers are the RPCs, by method name, whose answers can stay encoded, as those of [Search.Preparers].
func (c *Category) Preparers() map[string]func(proto.Message) (encoded.Question, error) {
	from, ok := c.products.(categoryPreparer)
	if !ok {
		return nil
	}
	return map[string]func(proto.Message) (encoded.Question, error){
		"FindCategories": preparer(c.findQuestion, from.PrepareFindCategories),
		"GetCategory":    preparer(c.categoryQuestion, from.PrepareGetCategory),
	}
}
