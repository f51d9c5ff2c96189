package combo

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// pricedGoods are distinct products with their known price tiers, by product id.
type pricedGoods struct {
	products []*zhaohuov1.Product
	tiers    map[string][]tier
}

// marketOf describes the market of these products. Unknown values are counted separately and belong to no share.
func marketOf(g pricedGoods) *zhaohuov1.CompetitorMarket {
	m := &zhaohuov1.CompetitorMarket{Products: int32(len(g.products))}
	sellers := sellerNames(g.products)
	m.Suppliers, m.UnknownSuppliers = shares(g.products, sellers)
	nameIDs(m.Suppliers, g.products, sellers)
	m.Locations, m.UnknownLocations = shares(g.products, func(p *zhaohuov1.Product) string {
		return strings.TrimSpace(p.GetSupplier().GetLocation())
	})
	currency := commonCurrency(g.products)
	var prices []money.Amount
	for _, p := range g.products {
		if price := priceIn(p, currency); price != nil {
			prices = append(prices, *price)
		}
	}
	m.Unpriced = m.Products - int32(len(prices))
	slices.Sort(prices)
	m.PriceBands = bands(prices, currency)
	m.TopTenthSalesShare, m.UnknownSales = concentration(g.products)
	m.Cheapest = g.cheapest(currency)
	return m
}

// sellerNames names the seller of each product: by name if it is known from this product or another one of the same
// seller, else by id.
func sellerNames(products []*zhaohuov1.Product) func(*zhaohuov1.Product) string {
	byID := map[string]string{}
	for _, p := range products {
		id, name := p.GetSupplier().GetId(), supplierName(p)
		if id != "" && name != "" && (byID[id] == "" || name < byID[id]) {
			byID[id] = name
		}
	}
	return func(p *zhaohuov1.Product) string {
		id := p.GetSupplier().GetId()
		return cmp.Or(byID[id], supplierName(p), id)
	}
}

// nameIDs sets the suppliers' ids. A name with several ids may be several suppliers, and gets no id.
func nameIDs(suppliers []*zhaohuov1.MarketShare, products []*zhaohuov1.Product, name func(*zhaohuov1.Product) string) {
	ids := map[string]map[string]bool{}
	for _, p := range products {
		if id := p.GetSupplier().GetId(); id != "" {
			if ids[name(p)] == nil {
				ids[name(p)] = map[string]bool{}
			}
			ids[name(p)][id] = true
		}
	}
	for _, s := range suppliers {
		if known := ids[s.GetName()]; len(known) == 1 {
			for id := range known {
				s.SupplierId = &id
			}
		}
	}
}

// shares counts products by name, the largest share first, ties by name. Products with an empty name are counted
// separately.
func shares(products []*zhaohuov1.Product, name func(*zhaohuov1.Product) string) (known []*zhaohuov1.MarketShare, unknown int32) {
	byName := map[string]*zhaohuov1.MarketShare{}
	for _, p := range products {
		n := name(p)
		if n == "" {
			unknown++
			continue
		}
		if byName[n] == nil {
			byName[n] = &zhaohuov1.MarketShare{Name: n}
			known = append(known, byName[n])
		}
		byName[n].Products++
	}
	for _, s := range known {
		s.Share = ratio(int64(s.Products), int64(len(products))-int64(unknown))
	}
	slices.SortFunc(known, func(a, b *zhaohuov1.MarketShare) int {
		return cmp.Or(cmp.Compare(b.Products, a.Products), cmp.Compare(a.Name, b.Name))
	})
	return known, unknown
}

// concentration is the share of sales of the best-selling tenth of the products, at least one; and the number of
// products with unknown sales. Without known sales there is no share.
func concentration(products []*zhaohuov1.Product) (topTenth *float64, unknown int32) {
	var sales []int64
	var all int64
	for _, p := range products {
		sold := soldRate(p)
		if sold == nil {
			unknown++
			continue
		}
		sales = append(sales, *sold)
		all += *sold
	}
	if all <= 0 {
		return nil, unknown
	}
	slices.SortFunc(sales, func(a, b int64) int { return cmp.Compare(b, a) })
	var top int64
	for _, sold := range sales[:(len(sales)+9)/10] {
		top += sold
	}
	return proto.Float64(ratio(top, all)), unknown
}
