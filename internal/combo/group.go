package combo

import "slices"

// gather collects the products that show the same as the first of members, members included. Each one is surely like
// one that is already there, and akin to the first, so that no chain of small differences leads to other products. near
// is the likeness of a product to the first. The order is that of goods.
func (a *lookIndex) gather(members []*found, goods []*found, near func(id string) (float64, bool)) []*found {
	in := map[string]bool{}
	for _, m := range members {
		in[m.id()] = true
	}
	for next := slices.Clone(members); len(next) > 0; {
		from := next[0]
		next = next[1:]
		for _, g := range goods {
			if in[g.id()] {
				continue
			}
			likeness, _, measured := a.between(from.id(), g.id())
			if !measured || likeness < confirmed {
				continue
			}
			if toFirst, ok := near(g.id()); !ok || toFirst < akin {
				continue
			}
			in[g.id()] = true
			next = append(next, g)
		}
	}
	var all []*found
	for _, g := range goods {
		if in[g.id()] {
			all = append(all, g)
		}
	}
	return all
}

// sameAs are the products that show the same as one of these.
func (a *lookIndex) sameAs(first *found, goods []*found) []*found {
	return a.gather([]*found{first}, goods, func(id string) (float64, bool) {
		likeness, _, ok := a.between(first.id(), id)
		return likeness, ok
	})
}

// asOwn are the products that show the same as the caller's image.
func (a *lookIndex) asOwn(goods []*found) []*found {
	near := func(id string) (float64, bool) {
		likeness, _, ok := a.toOwn(id)
		return likeness, ok
	}
	var like []*found
	for _, g := range goods {
		if likeness, ok := near(g.id()); ok && likeness >= confirmed {
			like = append(like, g)
		}
	}
	return a.gather(like, goods, near)
}

// without are the goods that are not in others.
func without(goods, others []*found) []*found {
	return slices.DeleteFunc(slices.Clone(goods), func(g *found) bool { return slices.Contains(others, g) })
}
