package aopwire

import (
	"slices"
	"strconv"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// category writes one category, with or without its children. Its flags are text at the top level and Booleans in children.
func category(all []catalog.Category, k catalog.Category, language string, children bool) object {
	translated, _ := market.Translated(k.NameEN, language)
	o := object{
		"categoryId": k.ID, "chineseName": k.Name, "translatedName": translated, "language": language,
		"leaf": strconv.FormatBool(k.Leaf), "level": strconv.Itoa(k.Level), "parentCateId": strconv.FormatInt(k.ParentID, 10),
		"fromCache": false,
	}
	if !children {
		return o
	}
	var below []object
	for _, child := range all {
		if child.ParentID == k.ID {
			one := category(all, child, language, false)
			one["leaf"], one["parentCateId"], one["children"] = child.Leaf, child.ParentID, nil
			below = append(below, one)
		}
	}
	o["children"] = below
	return o
}

func categoryByID(c *call) (result, error) {
	language, _ := c.args.text("language")
	id, ok := c.args.integer("categoryId")
	if !ok || !market.Supports(language) {
		return refusedBy(badArgument, "参数错误"), nil
	}
	all := c.Goods.Categories()
	k := catalog.Category{Name: "根类目", NameEN: "Root"}
	if _, reserved := faultword.OfferID(id); id != 0 && !reserved {
		i := slices.IndexFunc(all, func(k catalog.Category) bool { return k.ID == id })
		if i < 0 {
			return refusedBy("404", "类目不存在"), nil
		}
		k = all[i]
	}
	return result{payload: category(all, k, language, true)}, nil
}

func categoryByKeyword(c *call) (result, error) {
	language, _ := c.args.text("language")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	name := strings.ToLower(c.searched("cateName"))
	list := []object{}
	all := c.Goods.Categories()
	for _, k := range all {
		if strings.Contains(k.Name, name) || strings.Contains(strings.ToLower(k.NameEN), name) {
			list = append(list, category(all, k, language, false))
		}
	}
	if c.Faults.Has(faultword.Empty) {
		list = list[:0]
	}
	return result{payload: list}, nil
}
