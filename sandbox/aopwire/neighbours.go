package aopwire

import (
	"slices"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// neighbourAPIs are APIs beside the search that public clients of the platform call.
func neighbourAPIs() []api {
	return []api{
		{
			namespace: "com.alibaba.product", name: "alibaba.category.get", version: "1", envelope: "e10", open: true,
			required: []string{"categoryID"}, ids: []string{"categoryID"}, answer: categoryInfo,
		},
	}
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
