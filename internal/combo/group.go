package combo

import "slices"

// gather collects the products that show the same as the first of members, members included. Each one shows the
// same photo as one that is already there, and looks like the first, so that no chain of small differences leads to other
// products. near compares a product with the first. The order is that of goods.
func (a *lookIndex) gather(members []*found, goods []*found, near func(id string) (measured, bool)) []*found {
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
			if m, ok := a.between(from.id(), g.id()); !ok || !m.photo {
				continue
			}
			if toFirst, ok := near(g.id()); !ok || !toFirst.alike {
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
	return a.gather([]*found{first}, goods, func(id string) (measured, bool) { return a.between(first.id(), id) })
}

// asOwn are the products that show the same as the caller's image.
func (a *lookIndex) asOwn(goods []*found) []*found {
	var same []*found
	for _, g := range goods {
		if m, ok := a.toOwn(g.id()); ok && m.photo {
			same = append(same, g)
		}
	}
	return a.gather(same, goods, a.toOwn)
}

// without are the goods that are not in others.
func without(goods, others []*found) []*found {
	return slices.DeleteFunc(slices.Clone(goods), func(g *found) bool { return slices.Contains(others, g) })
}
