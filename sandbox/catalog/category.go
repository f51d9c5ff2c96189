package catalog

import (
	"cmp"
	"slices"
)

// Categories lists the category tree, parents before children, each level by id. The caller may change the list.
func (c *Catalog) Categories() []Category { return slices.Clone(c.categories) }

// Category finds one category.
func (c *Catalog) Category(id int64) (Category, bool) {
	for _, k := range c.categories {
		if k.ID == id {
			return k, true
		}
	}
	return Category{}, false
}

// TopKeywords lists the keywords of a category and those below it. The category that sells most comes first. 0 means the
// whole tree.
func (c *Catalog) TopKeywords(categoryID int64) []Keyword {
	var leaves []Category
	for _, k := range c.categories {
		if k.Leaf && (categoryID == 0 || c.within(k, categoryID)) {
			leaves = append(leaves, k)
		}
	}
	slices.SortStableFunc(leaves, func(a, b Category) int {
		return cmp.Or(cmp.Compare(c.sold[b.ID], c.sold[a.ID]), cmp.Compare(a.ID, b.ID))
	})
	// The best keyword of every category comes before the second best of any.
	var out []Keyword
	for rank := 0; ; rank++ {
		found := false
		for _, k := range leaves {
			if rank < len(k.Keywords) {
				out = append(out, k.Keywords[rank])
				found = true
			}
		}
		if !found {
			return out
		}
	}
}

// within reports whether k is id or lies below it.
func (c *Catalog) within(k Category, id int64) bool {
	for range 3 {
		if k.ID == id {
			return true
		}
		parent, ok := c.Category(k.ParentID)
		if !ok {
			return false
		}
		k = parent
	}
	return false
}

// tree collects the categories that offers name. When only ids are known, the offer's CategoryName becomes the name at the
// deepest level, and the levels above have no name.
func tree(offers []*Offer) []Category {
	byID := map[int64]Category{}
	for _, o := range offers {
		for _, k := range pathOf(o) {
			if old, ok := byID[k.ID]; !ok || old.Name == "" {
				byID[k.ID] = k
			}
		}
	}
	parents := map[int64]bool{}
	for _, k := range byID {
		parents[k.ParentID] = true
	}
	out := make([]Category, 0, len(byID))
	for _, k := range byID {
		k.Leaf = !parents[k.ID]
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b Category) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.ID, b.ID))
	})
	return out
}

func pathOf(o *Offer) []Category {
	if len(o.CategoryPath) > 0 {
		return o.CategoryPath
	}
	var out []Category
	var parent int64
	for _, id := range categoriesOf(o) {
		out = append(out, Category{ID: id, ParentID: parent, Level: len(out) + 1})
		parent = id
	}
	if len(out) > 0 {
		out[len(out)-1].Name = o.CategoryName
	}
	return out
}
