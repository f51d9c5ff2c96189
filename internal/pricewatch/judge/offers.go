package judge

import (
	"cmp"
	"maps"
	"slices"
)

// offer is a product that is there: found, or missed too seldom to be gone.
type offer struct {
	id       string
	supplier supplier
	price    point // the last known one
}

// offers are the products that are there, by id.
func (m *memory) offers() []offer {
	var all []offer
	for _, id := range m.ids() {
		if p := m.Products[id]; !p.Gone {
			all = append(all, offer{id, p.Supplier, p.last()})
		}
	}
	return all
}

// cheapest is the offer with the lowest price, of equal ones the first by id; false where no price is known. Prices in
// different currencies have no order: there is no cheapest then.
func cheapest(offers []offer) (offer, bool) {
	var best offer
	for _, o := range offers {
		switch {
		case !o.price.known():
		case best.id == "" || o.price.Currency == best.price.Currency && o.price.Nanos < best.price.Nanos:
			best = o
		case o.price.Currency != best.price.Currency:
			return offer{}, false
		}
	}
	return best, best.id != ""
}

// bySupplier gives the cheapest offer of each supplier, before and now. Two offers are of one supplier if they have the same
// id, or the same name where an id is not known. Offers whose supplier is not known are left out.
func bySupplier(before, after []offer) (old, now map[string]offer) {
	ids := map[string]string{} // by name
	for _, o := range slices.Concat(before, after) {
		if s := o.supplier; s.Name != "" && s.ID != "" && (ids[s.Name] == "" || s.ID < ids[s.Name]) {
			ids[s.Name] = s.ID
		}
	}
	group := func(offers []offer) map[string]offer {
		groups := map[string]offer{}
		for _, o := range offers {
			key := cmp.Or(o.supplier.ID, ids[o.supplier.Name])
			switch {
			case key != "":
				key = "id " + key
			case o.supplier.Name != "":
				key = "name " + o.supplier.Name
			default:
				continue
			}
			if best, there := groups[key]; !there || compareOffers(o, best) < 0 {
				groups[key] = o
			}
		}
		return groups
	}
	return group(before), group(after)
}

// compareOffers puts known prices first, then the lower one, ties by id. Currencies have no order of value; they are
// ordered by name, so that the order is one.
func compareOffers(a, b offer) int {
	if a.price.known() != b.price.known() {
		if a.price.known() {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.price.Currency, b.price.Currency), cmp.Compare(a.price.Nanos, b.price.Nanos), cmp.Compare(a.id, b.id))
}

func sortedKeys(of map[string]offer) []string { return slices.Sorted(maps.Keys(of)) }
