package cli

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// tutorialSource finds the sellers of an image's product, the cheapest first.
func tutorialSource(t *testing.T, c tutorialClient) {
	groups := map[string]string{}
	sellers := map[string]int{}
	for _, o := range catalog.Embedded() {
		if o.Status == catalog.StatusPublished && o.PriceFen != nil {
			groups[strconv.FormatInt(o.ID, 10)] = o.Group
			sellers[o.Group]++
		}
	}
	wanted := c.words("保温杯", map[string]string{"pageSize": "50"})
	at := slices.IndexFunc(wanted, func(r row) bool { return sellers[groups[r.id]] >= 4 })
	if at < 0 {
		t.Fatal("no product with several sellers")
	}
	asked := wanted[at]
	sources := c.photo(map[string]string{"image_url": asked.image, "keyword": "保温杯"})
	checkRows(t, "sources", sources)
	same := slices.DeleteFunc(slices.Clone(sources), func(r row) bool { return r.likeness < 80 })
	slices.SortFunc(same, func(a, b row) int { return cmp.Compare(a.price, b.price) })
	suppliers := map[string]bool{}
	for _, r := range same {
		if groups[r.id] == groups[asked.id] {
			suppliers[r.supplier] = true
		}
	}
	if len(suppliers) < 2 || same[0].price > asked.price {
		t.Errorf("%d sellers of %s, from %v (it costs %v): %+v", len(suppliers), asked.title, same[0].price, asked.price, same)
	}
}

// tutorialComparison computes the prices of a keyword's products and compares with the catalogue, in fen.
func tutorialComparison(t *testing.T, c tutorialClient) {
	fen := map[string]int64{}
	for _, o := range catalog.Embedded() {
		if o.PriceFen != nil {
			fen[strconv.FormatInt(o.ID, 10)] = *o.PriceFen
		}
	}
	for _, size := range []int{20, 19} {
		rows := c.words("无线蓝牙耳机 降噪", map[string]string{"pageSize": strconv.Itoa(size)})
		checkRows(t, "goods to compare", rows)
		var prices []float64
		var right []int64
		sum := int64(0)
		for _, r := range rows {
			prices = append(prices, r.price)
			right = append(right, fen[r.id])
			sum += fen[r.id]
		}
		slices.Sort(right)
		total := 0.0
		for _, p := range prices {
			total += p
		}
		n := len(right)
		for what, pair := range map[string][2]float64{
			"lowest":  {slices.Min(prices), float64(right[0]) / 100},
			"highest": {slices.Max(prices), float64(right[n-1]) / 100},
			"mean":    {total / float64(n), float64(sum) / float64(n) / 100},
			"median":  {median(prices), float64(right[(n-1)/2]+right[n/2]) / 200},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-6 {
				t.Errorf("%s of %d prices: %v, want %v", what, n, pair[0], pair[1])
			}
		}
	}
}

// tutorialCompetitors counts who else sells the product of an image, where, at what prices, and who sells most.
func tutorialCompetitors(t *testing.T, c tutorialClient) {
	asked := c.words("手机壳", nil)[0]
	rivals := c.photo(map[string]string{"image_url": asked.image})
	checkRows(t, "competitors", rivals)
	bySupplier, byPlace, byBand := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range rivals {
		bySupplier[r.supplier]++
		byPlace[r.location]++
		switch {
		case r.price < 5:
			byBand["below 5"]++
		case r.price < 15:
			byBand["5 to 15"]++
		default:
			byBand["from 15"]++
		}
	}
	for what, counts := range map[string]map[string]int{"suppliers": bySupplier, "places": byPlace, "bands": byBand} {
		sum := 0
		for _, n := range counts {
			sum += n
		}
		if sum != len(rivals) || len(counts) < 2 {
			t.Errorf("%s: %v of %d goods", what, counts, len(rivals))
		}
	}
	most := slices.MaxFunc(rivals, func(a, b row) int { return cmp.Compare(a.sold, b.sold) })
	sold := map[string]int{}
	for _, o := range catalog.Embedded() {
		if o.MonthSold != nil {
			sold[strconv.FormatInt(o.ID, 10)] = *o.MonthSold
		}
	}
	for _, r := range rivals {
		if r.sold != sold[r.id] || r.sold > most.sold {
			t.Errorf("%s sold %d, is said to have sold %d; most is %d", r.title, sold[r.id], r.sold, most.sold)
		}
	}
	if most.sold == 0 {
		t.Error("nobody sells anything")
	}
}

// tutorialExpansion finds products that the keyword did not find, with the images of the best sellers.
func tutorialExpansion(t *testing.T, c tutorialClient) {
	base := c.words("卫衣", map[string]string{"sort": "sale"})
	checkRows(t, "best sellers", base)
	known := map[string]bool{}
	for _, r := range base {
		known[r.id] = true
	}
	var more []row
	for _, seed := range base[:3] {
		low, high := seed.price/2, seed.price*2
		for _, r := range c.photo(map[string]string{"image_url": seed.image}) {
			if !known[r.id] && r.price >= low && r.price <= high {
				known[r.id] = true
				more = append(more, r)
			}
		}
	}
	checkRows(t, "what else to sell", more)
	if len(more) < 5 {
		t.Errorf("%d goods more: %+v", len(more), more)
	}
	for _, r := range more {
		if slices.ContainsFunc(base, func(b row) bool { return b.id == r.id }) {
			t.Errorf("%s was already found", r.title)
		}
	}
}
