package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Today is the date of the embedded catalogue. "New in 7 days" is counted from it, so that the offers are the same whenever
// the sandbox runs.
func Today() time.Time {
	return time.Date(2026, time.November, 1, 0, 0, 0, 0, china())
}

// china is the zone of 1688's dates; it has had no daylight saving time since 1991.
func china() *time.Location { return time.FixedZone("CST", 8*60*60) }

// Embedded draws the built-in catalogue: invented offers of invented suppliers, the same on every machine, by id. Every
// call returns new offers.
func Embedded() []*Offer {
	v := load[vocabulary]("words.json")
	kinds := load[struct{ Kinds []*kind }]("kinds.json").Kinds
	taken, byTrade := map[string]bool{}, map[string][]*firm{}
	editions := map[int][]*Offer{}
	for _, k := range kinds {
		if byTrade[k.Trade] == nil {
			byTrade[k.Trade] = firms(&v, k.Trade, taken)
		}
		path := categoryPath(&v, k)
		for _, g := range goodsOfKind(&v, k, byTrade[k.Trade]) {
			editions[k.Edition] = append(editions[k.Edition], offersOf(&v, g, path)...)
		}
	}
	var out []*Offer
	d, last := newDice("offer ids"), int64(612_000_000_000)
	for _, edition := range slices.Sorted(maps.Keys(editions)) {
		last = number(editions[edition], d, last)
		out = append(out, editions[edition]...)
	}
	return out
}

func categoryPath(v *vocabulary, k *kind) []Category {
	var path []Category
	for i, id := range k.Path {
		name := v.category(id)
		c := Category{ID: id, Name: name[0], NameEN: name[1], Level: i + 1}
		if i > 0 {
			c.ParentID = k.Path[i-1]
		}
		path = append(path, c)
	}
	leaf := &path[len(path)-1]
	leaf.Leaf = true
	for _, n := range k.Nouns {
		leaf.Keywords = append(leaf.Keywords, Keyword{Text: n[0], TextEN: n[1]})
	}
	return path
}

// number gives offers ids after last, in the order of their creation, as ids at 1688 grow with time. It returns the
// highest. So neither an id nor the order of ids shows which offers belong to one goods group.
func number(offers []*Offer, d *dice, last int64) int64 {
	slices.SortStableFunc(offers, func(a, b *Offer) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Look.Shot, b.Look.Shot), cmp.Compare(a.SKUs[0].SpecID, b.SKUs[0].SpecID))
	})
	for _, o := range offers {
		last += int64(d.between(10_000_000, 90_000_000))
		o.ID = last
		for i := range o.SKUs {
			o.SKUs[i].ID = 5_000_000_000_000 + last*4/3 + int64(i)
		}
	}
	return last
}

// offersOf makes one offer for each seller of the goods.
func offersOf(v *vocabulary, g *goods, path []Category) []*Offer {
	out := make([]*Offer, 0, len(g.sellers))
	for i, f := range g.sellers {
		d := newDice(fmt.Sprintf("offer %s %d", g.group, i))
		o := &Offer{
			Group:         g.group,
			Kind:          g.kind.Name,
			TopCategory:   g.kind.Path[0],
			CategoryPath:  path,
			CategoryName:  path[2].Name,
			Supplier:      &f.Supplier,
			Attributes:    g.attributes,
			Created:       created(d),
			Status:        StatusPublished,
			Look:          g.look,
			SizeMM:        g.size,
			WeightGrams:   g.grams,
			MinOrder:      pick(d, []int{1, 1, 1, 2, 2, 3, 5, 10, 20, 50, 100}),
			ThirdCategory: g.kind.Path[2],
		}
		o.SecondCategory = g.kind.Path[1]
		o.Title, o.TitleEN = titles(d, v, g)
		o.Look.Shot = d.next()
		// Suppliers reuse each other's photos, but the first two of a goods group have made their own.
		if i >= 2 && d.chance(10) {
			o.Look.Shot = out[d.below(i)].Look.Shot
		}
		if d.chance(8) {
			o.WeightGrams, o.SizeMM = 0, [3]int{}
		}
		if g.delisted {
			o.Status = pick(d, []string{"expired", "auto expired", "member deleted", "auditing", "member expired"})
		}
		setSales(d, o)
		price(d, o, g, f)
		o.SKUs = skus(d, v, o, g)
		o.Filters = filters(d, o, f)
		out = append(out, o)
	}
	return out
}

// created draws a date in the last four years; some offers are from the last week and month.
func created(d *dice) time.Time {
	age := d.between(31, 1400)
	switch roll := d.below(100); {
	case roll < 6:
		age = d.between(1, 6)
	case roll < 18:
		age = d.between(8, 29)
	}
	return Today().AddDate(0, 0, -age).Add(time.Duration(d.below(24*60*60)) * time.Second)
}

func setSales(d *dice, o *Offer) {
	if d.chance(93) {
		// A long tail: most offers sell little.
		n := d.between(0, 100)
		sold := n * n * d.between(0, 90) / 100
		if sold >= 100 && d.chance(25) {
			o.SoldAtLeast = true
			for _, step := range []int{5000, 3000, 2000, 1000, 800, 500, 300, 200, 100} {
				if sold >= step {
					sold = step
					break
				}
			}
		}
		o.MonthSold = &sold
	}
	if d.chance(88) {
		p := d.between(0, 60)
		o.RepurchasePercent = &p
	}
}

// filters returns the upstream's filter words that hold for an offer.
func filters(d *dice, o *Offer, f *firm) []string {
	out := f.filters()
	if o.DropshipFen != nil {
		out = append(out, "isOnePsale")
		if d.chance(40) {
			out = append(out, "isOnePsaleFreePost")
		}
	}
	age := Today().Sub(o.Created)
	if age <= 30*24*time.Hour {
		out = append(out, "new30")
	}
	if age <= 7*24*time.Hour {
		out = append(out, "new7")
	}
	for _, w := range []string{"1688Selection", "jxhy", "isQqyx", "isSelect"} {
		if d.chance(15) {
			out = append(out, w)
		}
	}
	out = append(out, pick(d, []string{"qrr0", "qrr0", "qrr1", "qrr1", "qrr1", "qrr5", "qrr10"}))
	slices.Sort(out)
	return out
}
