package aopwire

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// facet is an attribute of the found goods, or one of its values.
type facet struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	TranslateName string  `json:"translateName"`
	Children      []facet `json:"children,omitempty"`
}

// keywordFacets lists the attributes of the goods that a keyword finds. keywordQuery takes their ids as snId.
func keywordFacets(c *call) (result, error) {
	language, _ := c.args.text("language")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	page, err := c.Goods.Search(c.R.Context(), catalog.Query{Words: c.searched("keyword"), Limit: market.Window})
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	if c.Faults.Has(faultword.Empty) {
		page.Offers = nil
	}
	return result{payload: facets(page.Offers, language)}, nil
}

// facets collects attributes by id, each with its values by id.
func facets(offers []*catalog.Offer, language string) []facet {
	found := map[int64]*facet{}
	for _, o := range offers {
		for _, a := range o.Attributes {
			name, _ := market.Translated(a.NameEN, language)
			f, ok := found[a.ID]
			if !ok {
				f = &facet{ID: strconv.FormatInt(a.ID, 10), Name: a.Name, TranslateName: name}
				found[a.ID] = f
			}
			value, _ := market.Translated(a.ValueEN, language)
			child := facet{ID: f.ID + ":" + valueID(a), Name: a.Value, TranslateName: value}
			if !slices.ContainsFunc(f.Children, func(c facet) bool { return c.ID == child.ID }) {
				f.Children = append(f.Children, child)
			}
		}
	}
	list := make([]facet, 0, len(found))
	for _, f := range found {
		slices.SortFunc(f.Children, func(a, b facet) int { return cmp.Compare(a.ID, b.ID) })
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b facet) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

type topKeyword struct {
	SeKeyword            string `json:"seKeyword"`
	SeKeywordTranslation string `json:"seKeywordTranslation"`
}

// topKeywords lists the most searched keywords of a category.
func topKeywords(c *call) (result, error) {
	language, _ := c.args.text("country")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	if kind, _ := c.args.text("hotKeywordType"); kind != "cate" {
		return refusedBy(badArgument, "hotKeywordType只支持cate"), nil
	}
	source := c.searched("sourceId")
	id, err := strconv.ParseInt(source, 10, 64)
	if err != nil && source != "" {
		return refusedBy(badArgument, "sourceId格式错误"), nil
	}
	list := []topKeyword{}
	for _, k := range c.Goods.TopKeywords(id) {
		translated, _ := market.Translated(k.TextEN, language)
		list = append(list, topKeyword{k.Text, translated})
	}
	if c.Faults.Has(faultword.Empty) {
		list = list[:0]
	}
	return result{payload: list}, nil
}

// relatedRow is a row of related.recommend. Its sold count is text and covers 90 days, as documented.
type relatedRow struct {
	OfferID          any               `json:"offerId"`
	Subject          string            `json:"subject"`
	SubjectTrans     string            `json:"subjectTrans"`
	ImageURL         string            `json:"imageUrl"`
	PriceInfo        map[string]string `json:"priceInfo"`
	MonthSold        any               `json:"monthSold,omitempty"`
	SellerIdentities []string          `json:"sellerIdentities,omitempty"`
	OfferIdentities  []string          `json:"offerIdentities"`
	TopCategoryID    int64             `json:"topCategoryId,omitempty"`
	SecondCategoryID int64             `json:"secondCategoryId,omitempty"`
	ThirdCategoryID  int64             `json:"thirdCategoryId,omitempty"`
	// PromotionURL is in no documented row of this API. Without it a client would construct a link to 1688 for goods that
	// do not exist there.
	PromotionURL string `json:"promotionURL"`
}

// maxRelated is the largest page of related.recommend. Larger page sizes are reduced to it without an error.
const maxRelated = 10

func relatedOffers(c *call) (result, error) {
	language, _ := c.args.text("language")
	id, okID := c.args.integer("offerId")
	page, okPage := c.args.integer("pageNo")
	size, okSize := c.args.integer("pageSize")
	switch {
	case !market.Supports(language):
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	case !okID || !okPage || !okSize || page < 1 || size < 1:
		return refusedBy(badArgument, "参数错误"), nil
	}
	original, ok, err := market.Find(c.R.Context(), c.Goods, id)
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	rows := []relatedRow{}
	if !ok || c.Faults.Has(faultword.Empty) {
		return result{payload: rows}, nil
	}
	if c.Faults.Has(faultword.SamePage) {
		page = 1
	}
	rowsEach := int(min(size, maxRelated))
	from := int(min(page-1, market.Window)) * rowsEach
	all := c.Goods.Related(original.ID, from+rowsEach)
	for _, o := range all[min(from, len(all)):] {
		rows = append(rows, related(c, o, language))
	}
	return result{payload: rows}, nil
}

func related(c *call, o *catalog.Offer, language string) relatedRow {
	translated, _ := market.Translated(o.TitleEN, language)
	r := relatedRow{
		OfferID: o.ID, Subject: o.Title, SubjectTrans: translated, ImageURL: market.Picture(c.Base, o),
		PriceInfo: map[string]string{}, OfferIdentities: market.OfferIdentities(o),
		TopCategoryID: o.TopCategory, SecondCategoryID: o.SecondCategory, ThirdCategoryID: o.ThirdCategory,
		PromotionURL: market.Page(c.Base, o),
	}
	if o.PriceFen != nil {
		r.PriceInfo["price"] = market.Yuan(*o.PriceFen)
	}
	if o.MonthSold != nil {
		r.MonthSold = strconv.Itoa(*o.MonthSold * 3)
	}
	if o.Supplier != nil {
		r.SellerIdentities = o.Supplier.Identities
	}
	if c.Faults.Has(faultword.TextIDs) {
		r.OfferID = market.TextID(o.ID)
	}
	return r
}

// recommendedRow is a row of offerRecommend. Its sample writes isOnePsale without "is".
type recommendedRow struct {
	OfferID        any                `json:"offerId"`
	Subject        string             `json:"subject"`
	SubjectTrans   string             `json:"subjectTrans"`
	ImageURL       string             `json:"imageUrl"`
	PriceInfo      map[string]*string `json:"priceInfo"`
	MonthSold      any                `json:"monthSold,omitempty"`
	RepurchaseRate string             `json:"repurchaseRate,omitempty"`
	OnePsale       bool               `json:"onePsale"`
	IsSelect       bool               `json:"isSelect"`
	PromotionURL   string             `json:"promotionURL"`
	TraceInfo      string             `json:"traceInfo"`
}

func recommendedOffers(c *call) (result, error) {
	language, _ := c.args.text("country")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	q := market.Question{Query: catalog.Query{Sort: catalog.SortSold, Desc: true}}
	if refused := readPage(c, &q); refused != nil {
		return result{refused: refused}, nil
	}
	answer, err := market.Ask(c.R.Context(), c.Goods, q)
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	rows := []recommendedRow{}
	for _, o := range answer.Offers {
		r := commonRow(c, o, language)
		rows = append(rows, recommendedRow{
			OfferID: r.OfferID, Subject: r.Subject, SubjectTrans: r.SubjectTrans, ImageURL: r.ImageURL,
			PriceInfo: map[string]*string{"price": r.PriceInfo.Price, "consignPrice": r.PriceInfo.ConsignPrice},
			MonthSold: r.MonthSold, RepurchaseRate: r.RepurchaseRate, OnePsale: r.IsOnePsale,
			IsSelect: market.Has(o, "isSelect"), PromotionURL: r.PromotionURL, TraceInfo: r.TraceInfo,
		})
	}
	if c.Faults.Has(faultword.Empty) {
		rows = rows[:0]
	}
	return result{payload: rows}, nil
}
