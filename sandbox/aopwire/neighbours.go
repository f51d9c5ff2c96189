package aopwire

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// neighbourAPIs are APIs beside the search that public clients of the platform call.
func neighbourAPIs() []api {
	return []api{
		{
			namespace: crossborder, name: "product.topList.query", version: "1", envelope: e1,
			wrapper: "rankQueryParams", required: []string{"rankId", "rankType", "limit", "language"},
			texts: []string{"rankId"}, answer: topList,
		},
		{
			namespace: "com.alibaba.product", name: "alibaba.category.get", version: "1", envelope: "e10", open: true,
			required: []string{"categoryID"}, ids: []string{"categoryID"}, answer: categoryInfo,
		},
	}
}

// maxRanked is the documented length of a top list.
const maxRanked = 20

// topList lists the best sold goods of a category. It has field names of its own.
func topList(c *call) (result, error) {
	language, _ := c.args.text("language")
	kind, _ := c.args.text("rankType")
	limit, okLimit := c.args.integer("limit")
	id, okID := c.args.integer("rankId")
	if !market.Supports(language) || !okLimit || !okID || limit < 1 || limit > maxRanked {
		return refusedBy(badArgument, "参数错误"), nil
	}
	q := market.Question{
		Query: catalog.Query{Sort: catalog.SortSold, Desc: true}, Page: 1, PageSize: int(limit),
		Also: []func(*catalog.Offer) bool{func(o *catalog.Offer) bool {
			return slices.Contains([]int64{o.TopCategory, o.SecondCategory, o.ThirdCategory}, id)
		}},
	}
	answer, err := market.Ask(c.R.Context(), c.Goods, q)
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	rows := []object{}
	for i, o := range answer.Offers {
		translated, _ := market.Translated(o.TitleEN, language)
		row := object{
			"itemId": o.ID, "title": o.Title, "translateTitle": translated, "imgUrl": market.Picture(c.Base, o), "sort": i + 1,
			"serviceList": []string{}, "goodsScore": "",
		}
		if o.MonthSold != nil {
			row["soldOut"] = *o.MonthSold
		}
		rows = append(rows, row)
	}
	name := ""
	for _, k := range c.Goods.Categories() {
		if k.ID == id {
			name = k.Name
		}
	}
	return result{payload: object{"rankId": strconv.FormatInt(id, 10), "rankName": name, "rankType": kind, "rankProductModels": rows}}, nil
}

// categoryInfo is one category with its children; 0 is the root.
func categoryInfo(c *call) (result, error) {
	id, ok := c.args.integer("categoryID")
	if !ok {
		return refusedBy(badArgument, "参数错误"), nil
	}
	all := c.Goods.Categories()
	own := catalog.Category{Name: "根类目"}
	if id != 0 {
		i := slices.IndexFunc(all, func(k catalog.Category) bool { return k.ID == id })
		if i < 0 {
			return refusedBy("404", "类目不存在"), nil
		}
		own = all[i]
	}
	below := []object{}
	for _, k := range all {
		if k.ParentID == id {
			below = append(below, object{"id": k.ID, "name": k.Name, "isLeaf": k.Leaf, "categoryType": "1"})
		}
	}
	return result{payload: []object{{
		"categoryID": id, "name": own.Name, "isLeaf": own.Leaf, "level": own.Level, "parentIDs": []int64{own.ParentID}, "childCategorys": below,
	}}}, nil
}
