package cli

import (
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// part is goods of a combo's answer, and where in it they stand.
func part(name string, products []*zhaohuov1.Product, meta *zhaohuov1.ComboMeta) record {
	return record{leading: []string{name}, goods: page{products: products, meta: &zhaohuov1.AnswerMeta{Source: meta.GetSource()}}}
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
	return []record{part("competitors", answer.GetCompetitors(), answer.GetMeta())}
}

func expandParts(answer *zhaohuov1.ExpandSelectionResponse) []record {
	all := []record{part("best sellers", answer.GetWinners(), answer.GetMeta())}
	for _, cluster := range answer.GetClusters() {
		all = append(all, part("look-alikes of "+cluster.GetWinnerId(), cluster.GetProducts(), answer.GetMeta()))
	}
	return all
}

func productsOf[O interface{ GetProduct() *zhaohuov1.Product }](offers []O) []*zhaohuov1.Product {
	all := make([]*zhaohuov1.Product, len(offers))
	for i, o := range offers {
		all[i] = o.GetProduct()
	}
	return all
}
