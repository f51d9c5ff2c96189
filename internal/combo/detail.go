package combo

import (
	"context"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// detailStep is the name of the step that requests one product's details.
const detailStep = "get_product"

// details requests product details, each with its share of the budget, and adds what lists did not have to the
// products. It returns their price tiers by id.
func (c *comboRun) details(ctx context.Context, of criteria, goods []*found, shares []int) map[string][]*zhaohuov1.PriceTier {
	tiers := map[string][]*zhaohuov1.PriceTier{}
	answers, _ := c.requestDetails(ctx, of, goods, shares)
	for i, g := range goods {
		if known := answers[i].GetPriceTiers(); len(known) > 0 {
			tiers[g.id()] = known
		}
	}
	return tiers
}

// requestDetails requests product details, each with its share of the budget, and adds what lists did not have to the
// products. Each product has an answer or an error, or neither if its share is 0.
func (c *comboRun) requestDetails(ctx context.Context, of criteria, goods []*found, shares []int) ([]*zhaohuov1.ProductDetail, []error) {
	answers, errs := make([]*zhaohuov1.ProductDetail, len(goods)), make([]error, len(goods))
	steps := make([]step, len(goods))
	for i, g := range goods {
		steps[i] = step{name: detailStep + " of " + g.id(), share: shares[i], ask: func(ctx context.Context) (int, *zhaohuov1.AnswerMeta, error) {
			answer, err := c.ports.Products.GetProduct(ctx, &zhaohuov1.GetProductRequest{Id: g.id(), LanguageCode: of.GetLanguageCode(), MaxStaleness: of.GetMaxStaleness()})
			if err != nil {
				errs[i] = err
				return 0, nil, err
			}
			answers[i] = answer.GetProduct()
			return 1, answer.GetMeta(), nil
		}}
	}
	c.run(ctx, steps...)
	for i, g := range goods {
		learn(g.product.ProtoReflect(), answers[i].GetSummary().ProtoReflect())
	}
	return answers, errs
}
