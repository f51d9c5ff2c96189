package aopwire

import (
	"fmt"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// ranking is a ranking of a category. No other list names its members so.
type ranking struct {
	RankID            string      `json:"rankId"`
	RankName          string      `json:"rankName"`
	RankType          string      `json:"rankType"`
	RankProductModels []rankedRow `json:"rankProductModels"`
}

type rankedRow struct {
	ItemID         any      `json:"itemId"`
	Title          string   `json:"title"`
	TranslateTitle string   `json:"translateTitle"`
	ImgURL         string   `json:"imgUrl"`
	Sort           int      `json:"sort"`
	ServiceList    []string `json:"serviceList"`
	BuyerNum       int      `json:"buyerNum"`
	SoldOut        any      `json:"soldOut"`
	GoodsScore     string   `json:"goodsScore"`
	// PromotionURL is in no documented row of this API, as in related.recommend.
	PromotionURL string `json:"promotionURL"`
}

// maxRanked is the longest ranking.
const maxRanked = 20

// rankings are the three documented rankings: their names, and by what the sandbox ranks.
func rankings() map[string]struct {
	name string
	sort catalog.Sort
	desc bool
} {
	return map[string]struct {
		name string
		sort catalog.Sort
		desc bool
	}{
		"complex":   {"Comprehensive ranking", catalog.SortRepurchase, true},
		"hot":       {"Best-seller ranking", catalog.SortSold, true},
		"goodPrice": {"Best-price ranking", catalog.SortPrice, false},
	}
}

func topList(c *call) (result, error) {
	language, _ := c.args.text("language")
	kind, _ := c.args.text("rankType")
	limit, okLimit := c.args.integer("limit")
	category := c.searched("rankId")
	id, err := strconv.ParseInt(category, 10, 64)
	by, known := rankings()[kind]
	switch {
	case !market.Supports(language):
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	case !known:
		return refusedBy(badArgument, "rankType参数错误"), nil
	case err != nil && category != "", !okLimit, limit < 1, limit > maxRanked:
		return refusedBy(badArgument, "参数错误"), nil
	}
	page, err := c.Goods.Search(c.R.Context(), catalog.Query{CategoryIDs: []int64{id}, Sort: by.sort, Desc: by.desc, Limit: int(limit)})
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	name, _ := market.Translated(by.name, language)
	list := ranking{RankID: category, RankName: name, RankType: kind, RankProductModels: []rankedRow{}}
	if !c.Faults.Has(faultword.Empty) {
		for i, o := range page.Offers {
			list.RankProductModels = append(list.RankProductModels, ranked(c, o, language, i+1))
		}
	}
	return result{payload: list}, nil
}

func ranked(c *call, o *catalog.Offer, language string, place int) rankedRow {
	title, _ := market.Translated(o.TitleEN, language)
	r := rankedRow{
		ItemID: o.ID, Title: o.Title, TranslateTitle: title, ImgURL: market.Picture(c.Base, o), Sort: place,
		ServiceList: []string{}, SoldOut: market.Sold(o), GoodsScore: fmt.Sprintf("4.%d", market.Draw(o, "goodsScore", 10)),
		PromotionURL: market.Page(c.Base, o),
	}
	if o.MonthSold != nil {
		r.BuyerNum = (*o.MonthSold + 1) / (2 + market.Draw(o, "buyers", 4))
	}
	for word, service := range map[string]string{"shipIn24Hours": "sendGoods24H", "shipIn48Hours": "sendGoods48H"} {
		if market.Has(o, word) {
			r.ServiceList = append(r.ServiceList, service)
		}
	}
	if c.Faults.Has(faultword.TextIDs) {
		r.ItemID = market.TextID(o.ID)
	}
	return r
}
