package combo

import (
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
)

// cluster is similar products, with the winner they are similar to.
type cluster struct {
	goods  []*found
	winner *found
}

// clusters are the look-alikes, the best-selling cluster first. Without measured likeness, the results of each winner's
// image are a cluster.
func (e *expansion) clusters() []*zhaohuov1.ProductCluster {
	var all []cluster
	if e.ports.Pictures == nil {
		all = e.byFinder()
	} else {
		all = e.byLikeness()
	}
	clusters := make([]*zhaohuov1.ProductCluster, len(all))
	for i, c := range all {
		clusters[i] = c.message(e.lookIndex)
	}
	slices.SortStableFunc(clusters, func(x, y *zhaohuov1.ProductCluster) int {
		return compareSellers(x.GetProducts()[0].GetProduct(), y.GetProducts()[0].GetProduct())
	})
	return clusters
}

// byFinder assigns each product to the winner whose image found it first.
func (e *expansion) byFinder() []cluster {
	var all []cluster
	for _, w := range e.winners {
		c := cluster{winner: w}
		for _, f := range e.alike {
			if f.by[0].GetImageOf() == w.id() {
				c.goods = append(c.goods, f)
			}
		}
		if len(c.goods) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// byLikeness groups products that look alike. A product that does not look like a winner only filled a page.
func (e *expansion) byLikeness() []cluster {
	var near []*found
	like := map[string]*found{}
	for _, f := range e.alike {
		if w := e.nearest(f); w != nil {
			near = append(near, f)
			like[f.id()] = w
		}
	}
	var all []cluster
	for len(near) > 0 {
		// The most similar to its winner goes first, so that the result does not depend on the order of lists.
		first := slices.MinFunc(near, func(x, y *found) int {
			a, _ := e.lookIndex.between(x.id(), like[x.id()].id())
			b, _ := e.lookIndex.between(y.id(), like[y.id()].id())
			return cmp.Or(a.compare(b), compareID(x.id(), y.id()))
		})
		same := slices.DeleteFunc(slices.Clone(near), func(f *found) bool {
			m, ok := e.lookIndex.between(first.id(), f.id())
			return f != first && (!ok || !m.alike || like[f.id()] != like[first.id()])
		})
		all = append(all, cluster{goods: same, winner: like[first.id()]})
		near = without(near, same)
	}
	return all
}

// nearest is the winner that a product looks most like, ties by rank; nil if it looks like none.
func (e *expansion) nearest(f *found) *found {
	var nearest *found
	var best measured
	for _, w := range e.winners {
		if m, ok := e.lookIndex.between(f.id(), w.id()); ok && m.alike && (nearest == nil || m.compare(best) < 0) {
			nearest, best = w, m
		}
	}
	return nearest
}

// message converts a cluster to its message.
func (c cluster) message(a *lookIndex) *zhaohuov1.ProductCluster {
	out := &zhaohuov1.ProductCluster{WinnerId: c.winner.id()}
	goods := bestSellers(c.goods)
	products := productsOf(goods)
	for _, f := range goods {
		out.Products = append(out.Products, &zhaohuov1.AlikeProduct{Product: f.product, Likeness: a.likenessBetween(f.id(), c.winner.id())})
	}
	if best := products[0]; best.SoldCount != nil {
		out.BestSellerId = proto.String(best.GetId())
	}
	currency := commonCurrency(products)
	var prices []money.Amount
	suppliers := map[string]bool{}
	for _, p := range products {
		if price := priceIn(p, currency); price != nil {
			prices = append(prices, *price)
		}
		// The name comes first: some lists have supplier ids and others do not, but all with a supplier have the name.
		if who := cmp.Or(supplierName(p), p.GetSupplier().GetId()); who != "" {
			suppliers[who] = true
		} else {
			out.UnknownSuppliers++
		}
	}
	out.Suppliers = int32(len(suppliers))
	if len(prices) > 0 {
		out.PriceLow, out.PriceHigh = slices.Min(prices).Proto(currency), slices.Max(prices).Proto(currency)
	}
	return out
}
