package aop

import (
	"cmp"
	"slices"

	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paramRank wraps the question for a ranking.
const paramRank = "rankQueryParams"

// The contract's defaults and the upstream's bound for a ranking. A question from the cache may be without them.
const (
	defaultRank    = "complex"
	topListDefault = 10
	topListMax     = 20
	topListDays    = 30
)

// rankQuery is the value of rankQueryParams. rankId is a category's id, as text.
type rankQuery struct {
	RankID   string `json:"rankId"`
	RankType string `json:"rankType"`
	Limit    int32  `json:"limit"`
	Language string `json:"language"`
}

func (d dialect) encodeListTopProducts(q *zhaohuov1.ListTopProductsRequest) (upstream.Call, error) {
	return asking(d.methods.ListTopProducts, paramRank, rankQuery{
		RankID: q.GetCategoryId(), RankType: cmp.Or(q.GetRankType(), defaultRank),
		Limit: min(cmp.Or(q.GetLimit(), topListDefault), topListMax), Language: country(q.GetLanguageCode()),
	})
}

func (dialect) decodeListTopProducts(q *zhaohuov1.ListTopProductsRequest, payload gjson.Result) (*zhaohuov1.ListTopProductsResponse, error) {
	list := payload.Get("rankProductModels")
	if !payload.IsObject() || !list.IsArray() {
		return nil, unreadable("a ranking with a list of goods was expected")
	}
	answer := &zhaohuov1.ListTopProductsResponse{
		Name: optionalText(normal.Text(payload.Get("rankName"))), RankType: optionalText(normal.Text(payload.Get("rankType"))),
	}
	for i, row := range rows(list, topListMax) {
		top, ok := topProduct(row, q.GetLanguageCode())
		if !ok {
			return nil, unreadable("product %d of the ranking has no id", i+1)
		}
		answer.Products = append(answer.Products, top)
	}
	return answer, nil
}

// topProduct reads one row of a ranking, whose members have other names than those of every other list; false if it has no id.
func topProduct(row gjson.Result, language string) (*zhaohuov1.TopProduct, bool) {
	id, ok := normal.ID(row.Get("itemId"))
	if !ok {
		return nil, false
	}
	p := &zhaohuov1.Product{Id: id, Title: normal.Text(row.Get("title"))}
	if translated(language) {
		p.TitleTranslated = optionalText(normal.Text(row.Get("translateTitle")))
	}
	p.ImageUrl, p.DetailUrl = address(row.Get("imgUrl")), address(row.Get("promotionURL"))
	addPage(p)
	if sold, atLeast, known := normal.Count(row.Get("soldOut")); known {
		p.SoldCount, p.SoldAtLeast, p.SoldDays = &sold, atLeast, proto.Int32(topListDays)
	}
	for _, badge := range rows(row.Get("serviceList"), 0) {
		switch normal.Text(badge) {
		case "sendGoods24H":
			p.Badges = append(p.Badges, zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_24H)
		case "sendGoods48H":
			p.Badges = append(p.Badges, zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_48H)
		}
	}
	slices.Sort(p.Badges)
	p.Badges = slices.Compact(p.Badges)
	top := &zhaohuov1.TopProduct{Product: p}
	if rank, _, known := normal.Count(row.Get("sort")); known && rank >= 1 && rank <= maxRank {
		top.Rank = proto.Int32(int32(rank))
	}
	if buyers, _, known := normal.Count(row.Get("buyerNum")); known {
		top.BuyerCount = &buyers
	}
	if score, known := normal.Score(row.Get("goodsScore")); known {
		top.TradeScore = &score
	}
	return top, true
}

// maxRank bounds a place in a ranking.
const maxRank = 1_000_000

// address is an absolute address; nil if there is none.
func address(r gjson.Result) *string {
	if text, ok := normal.URL(r); ok {
		return &text
	}
	return nil
}
