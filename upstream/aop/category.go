package aop

import (
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// The parameters of the two questions about categories. They have no wrapper (docs/PROTOCOL.md §4.1).
const (
	paramCategoryLanguage = "language"
	paramCategoryName     = "cateName"
	paramCategoryID       = "categoryId"
)

func (d dialect) encodeFindCategories(q *zhaohuov1.FindCategoriesRequest) (upstream.Call, error) {
	return upstream.Call{API: d.methods.FindCategories.String(), Params: []upstream.Param{
		{Name: paramCategoryLanguage, Value: country(q.GetLanguageCode())},
		{Name: paramCategoryName, Value: q.GetName()},
	}}, nil
}

func (dialect) decodeFindCategories(q *zhaohuov1.FindCategoriesRequest, payload gjson.Result) (*zhaohuov1.FindCategoriesResponse, error) {
	list, err := hints(payload)
	if err != nil {
		return nil, err
	}
	answer := &zhaohuov1.FindCategoriesResponse{}
	for i, row := range list {
		category, ok := categoryOf(row, q.GetLanguageCode())
		if !ok {
			return nil, unreadable("category %d of the list has no id", i+1)
		}
		answer.Categories = append(answer.Categories, category)
	}
	return answer, nil
}

func (d dialect) encodeGetCategory(q *zhaohuov1.GetCategoryRequest) (upstream.Call, error) {
	return upstream.Call{API: d.methods.GetCategory.String(), Params: []upstream.Param{
		{Name: paramCategoryLanguage, Value: country(q.GetLanguageCode())},
		{Name: paramCategoryID, Value: q.GetId()},
	}}, nil
}

func (dialect) decodeGetCategory(q *zhaohuov1.GetCategoryRequest, payload gjson.Result) (*zhaohuov1.GetCategoryResponse, error) {
	if !payload.IsObject() {
		return nil, unreadable("a category was expected")
	}
	category, ok := categoryOf(payload, q.GetLanguageCode())
	if !ok {
		return nil, unreadable("the category has no id")
	}
	answer := &zhaohuov1.GetCategoryResponse{Category: category}
	children := payload.Get("children")
	// A leaf has null for its children. So has the published sample of a category that is no leaf.
	answer.ChildrenUnknown = !children.IsArray() && !category.GetLeaf()
	for i, row := range rows(children, 0) {
		child, ok := categoryOf(row, q.GetLanguageCode())
		if !ok {
			return nil, unreadable("child %d of the category has no id", i+1)
		}
		answer.Children = append(answer.Children, child)
	}
	return answer, nil
}

// categoryOf reads a category; false for one without an id. At the top of an answer, leaf and parentCateId are texts; in
// children and in the published sample they are a Boolean and a number.
func categoryOf(row gjson.Result, language string) (*zhaohuov1.ProductCategory, bool) {
	id, ok := categoryID(row.Get("categoryId"))
	if !ok {
		return nil, false
	}
	category := &zhaohuov1.ProductCategory{Id: id, Name: normal.Text(row.Get("chineseName"))}
	if translated(language) {
		category.NameTranslated = optionalText(normal.Text(row.Get("translatedName")))
	}
	if leaf, known := normal.Bool(row.Get("leaf")); known {
		category.Leaf = proto.Bool(leaf)
	}
	if level, _, known := normal.Count(row.Get("level")); known && level <= maxLevel {
		category.Level = proto.Int32(int32(level))
	}
	if parent, ok := categoryID(row.Get("parentCateId")); ok {
		category.ParentId = &parent
	}
	return category, true
}

// maxLevel bounds the level of a category. 1688 has three levels.
const maxLevel = 100

// categoryID is an id as the contract has it, also the root's 0, which is no id of anything else.
func categoryID(r gjson.Result) (string, bool) {
	if normal.Text(r) == "0" {
		return "0", true
	}
	return normal.ID(r)
}
