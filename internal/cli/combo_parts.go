package cli

import (
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// part is a list of products of a combo's answer, and its name in the answer.
func part(name string, products []*zhaohuov1.Product, meta *zhaohuov1.ComboMeta) record {
	return record{leading: []string{name}, goods: page{products: products, meta: &zhaohuov1.AnswerMeta{Source: meta.GetSource(), ServedFrom: meta.GetServedFrom()}}}
}

func sourceParts(answer *zhaohuov1.FindSourceResponse) []record {
	var all []record
	for i, group := range answer.GetGroups() {
		all = append(all, part("goods "+strconv.Itoa(i+1), productsOf(group.GetOffers()), answer.GetMeta()))
	}
	return append(all, part("not confirmed", productsOf(answer.GetUnconfirmed()), answer.GetMeta()))
}

func compareParts(answer *zhaohuov1.ComparePricesResponse) []record {
	return []record{
		part("same", productsOf(answer.GetSame().GetOffers()), answer.GetMeta()),
		part("similar", productsOf(answer.GetSimilar().GetOffers()), answer.GetMeta()),
	}
}

func competitorsParts(answer *zhaohuov1.AnalyzeCompetitorsResponse) []record {
	return []record{part("competitors", productsOf(answer.GetCompetitors()), answer.GetMeta())}
}

func expandParts(answer *zhaohuov1.ExpandSelectionResponse) []record {
	all := []record{part("best sellers", answer.GetWinners(), answer.GetMeta())}
	for _, cluster := range answer.GetClusters() {
		all = append(all, part("look-alikes of "+cluster.GetWinnerId(), productsOf(cluster.GetProducts()), answer.GetMeta()))
	}
	return all
}

// alikePage shows products with their likeness.
func alikePage(goods []*zhaohuov1.AlikeProduct) page {
	p := page{products: productsOf(goods), likeness: make([]*zhaohuov1.MeasuredLikeness, len(goods))}
	for i, g := range goods {
		p.likeness[i] = g.GetLikeness()
	}
	return p
}

func productsOf[O interface{ GetProduct() *zhaohuov1.Product }](offers []O) []*zhaohuov1.Product {
	all := make([]*zhaohuov1.Product, len(offers))
	for i, o := range offers {
		all[i] = o.GetProduct()
	}
	return all
}
