package agent

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

type findCategory struct {
	Name     string `json:"name,omitempty" jsonschema:"The name or a part of it, in Chinese. A name or an id."`
	ID       string `json:"id,omitempty" jsonschema:"The id, to see what is below it. 0: the highest categories."`
	Language string `json:"language,omitempty" jsonschema:"Language that names are translated to, as in search_products."`
	bounded
}

// categoryList is the answer of find_category.
type categoryList struct {
	about

	// Category is the one asked for by its id.
	Category   *category   `json:"category,omitempty"`
	Categories []*category `json:"categories"`
	// Unknown means that 1688 did not say what is below the category.
	Unknown bool `json:"below_unknown,omitempty"`
}

type category struct {
	ID         string `json:"id"`
	Name       string `json:"name,omitempty"`
	Translated string `json:"name_translated,omitempty"`
	Parent     string `json:"parent_id,omitempty"`
	Leaf       *bool  `json:"leaf,omitempty"`
}

func categoryOf(c *zhaohuov1.ProductCategory) *category {
	return &category{c.GetId(), c.GetName(), c.GetNameTranslated(), c.GetParentId(), c.Leaf}
}

func (c *category) line() string { return c.ID + " | " + cmp.Or(c.Translated, c.Name) }

type topProducts struct {
	Category string `json:"category_id" jsonschema:"The category's id, from find_category."`
	Ranking  string `json:"ranking,omitempty" jsonschema:"complex (several criteria), hot (what sells best) or goodPrice. complex unless set."`
	Limit    int32  `json:"limit,omitempty" jsonschema:"How many products, 1 to 20. 10 unless set."`
	shown
	bounded
}

// topList is the answer of top_products.
type topList struct {
	about

	Name     string      `json:"name,omitempty"`
	Products []topRanked `json:"products"`
}

type topRanked struct {
	*goods

	Rank   *int32 `json:"rank,omitempty"`
	Buyers *int64 `json:"buyers,omitempty"`
}

func (s *Server) addCategories() error {
	return errors.Join(s.addFindCategory(), s.addTopProducts())
}

func (s *Server) addFindCategory() error {
	return add(s, tool{
		name: "find_category", title: "Categories and their ids",
		description: "Finds categories by name, or shows one by id with those below it. Searches take the ids as category_id. Costs one upstream call.",
		calls:       spending{usual: 3, most: 10, least: 1}, shape: shapes,
	}, func(ctx context.Context, c *call, in findCategory) (*answer, error) {
		if (in.Name == "") == (in.ID == "") {
			return nil, advice{Reason: reasonArguments, Message: c.say(imageOne, "name, id")}
		}
		list := &categoryList{Categories: []*category{}}
		var below []*zhaohuov1.ProductCategory
		if in.ID != "" {
			got, err := c.categories.GetCategory(ctx, &zhaohuov1.GetCategoryRequest{Id: in.ID, LanguageCode: in.Language})
			if err != nil {
				return nil, err
			}
			c.answered(got.GetMeta())
			list.Category, list.Unknown, below = categoryOf(got.GetCategory()), got.GetChildrenUnknown(), got.GetChildren()
		} else {
			got, err := c.categories.FindCategories(ctx, &zhaohuov1.FindCategoriesRequest{Name: in.Name, LanguageCode: in.Language})
			if err != nil {
				return nil, err
			}
			c.answered(got.GetMeta())
			below = got.GetCategories()
		}
		text := []string{c.say(categoryCount, len(below))}
		if list.Category != nil {
			text = []string{list.Category.line(), c.say(categoriesBelow, len(below))}
		}
		for _, one := range below {
			is := categoryOf(one)
			list.Categories = append(list.Categories, is)
			text = append(text, is.line())
		}
		return &answer{lines: text, structure: list}, nil
	})
}

func (s *Server) addTopProducts() error {
	return add(s, tool{
		name: "top_products", title: "What leads a category",
		description: "Lists the goods that lead a ranking of 1688 in a category (榜单). A ranking says no price: get_product does. Costs one upstream call.",
		calls:       spending{usual: 3, most: 10, least: 1},
		shape: func(schema *jsonschema.Schema) {
			shapes(schema)
			p := schema.Properties["limit"]
			p.Minimum, p.Maximum = jsonschema.Ptr(1.0), jsonschema.Ptr(20.0)
		},
	}, func(ctx context.Context, c *call, in topProducts) (*answer, error) {
		got, err := c.products.ListTopProducts(ctx, &zhaohuov1.ListTopProductsRequest{
			CategoryId: in.Category, RankType: in.Ranking, Limit: given(in.Limit), LanguageCode: in.Language,
		})
		if err != nil {
			return nil, err
		}
		c.answered(got.GetMeta())
		list := &topList{Name: got.GetName(), Products: []topRanked{}}
		text := []string{strings.TrimSpace(c.say(rankedGoods, len(got.GetProducts()), list.Name))}
		for i, p := range got.GetProducts() {
			is := topRanked{goodsOf(p.GetProduct(), in.Detail), p.Rank, p.BuyerCount}
			list.Products = append(list.Products, is)
			text = append(text, is.line(c.language, i+1))
		}
		return &answer{lines: text, structure: list}, nil
	})
}
