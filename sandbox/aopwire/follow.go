package aopwire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// followAPIs change what an app follows. They are the APIs by which it can be seen how often a call arrived.
func followAPIs() []api {
	return []api{
		{
			namespace: "com.alibaba.product", name: "alibaba.product.follow.crossborder", version: "1", envelope: "e11", writes: true,
			required: []string{"productId"}, ids: []string{"productId"}, answer: following(true),
		},
		{
			namespace: "com.alibaba.product", name: "alibaba.product.unfollow.crossborder", version: "1", envelope: "e11", writes: true,
			required: []string{"productId"}, ids: []string{"productId"}, answer: following(false),
		},
	}
}

// following changes the goods that the app follows. The reserved id of a fault word is followed too: the fault comes after it is
// done.
func following(follow bool) func(*call) (result, error) {
	return func(c *call) (result, error) {
		id, ok := c.args.integer("productId")
		if !ok {
			return refusedBy(badArgument, "参数错误"), nil
		}
		if _, reserved := faultword.OfferID(id); !reserved {
			_, ok, err := market.Find(c.R.Context(), c.Goods, id)
			if err != nil {
				return result{}, fmt.Errorf("asking the catalogue: %w", err)
			}
			if !ok {
				return refusedBy("404", "商品不存在"), nil
			}
		}
		if !c.Follows.Set(c.App, id, follow) {
			return refusedBy("500", "关注商品数量超限"), nil
		}
		return result{}, nil
	}
}

// Served lists the APIs, sorted by name, without those that give out tokens.
func Served() []wire.API {
	var all []wire.API
	for _, a := range registry() {
		if a.serve == nil {
			all = append(all, wire.API{Name: a.id() + "-" + a.version, Writes: a.writes})
		}
	}
	slices.SortFunc(all, func(a, b wire.API) int { return strings.Compare(a.Name, b.Name) })
	return all
}
