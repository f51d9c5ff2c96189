package aopwire

import (
	"fmt"
	"strconv"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// listPage is result.result of the searches.
type listPage struct {
	TotalRecords *int  `json:"totalRecords,omitempty"`
	TotalPage    *int  `json:"totalPage,omitempty"`
	PageSize     int   `json:"pageSize"`
	CurrentPage  int   `json:"currentPage"`
	Data         []row `json:"data,omitzero"`
	// Regions is in image search only.
	Regions *regions `json:"picRegionInfo,omitempty"`
}

// row is one offer of a list. The fields of the first block are in all three searches, those of the second in keyword and
// image search only.
type row struct {
	Class           string    `json:"class,omitempty"`
	OfferID         any       `json:"offerId"`
	Subject         string    `json:"subject"`
	SubjectTrans    string    `json:"subjectTrans"`
	ImageURL        string    `json:"imageUrl"`
	AigcImageURL    string    `json:"aigcImageUrl,omitempty"`
	PriceInfo       priceInfo `json:"priceInfo"`
	MonthSold       any       `json:"monthSold,omitempty"`
	RepurchaseRate  string    `json:"repurchaseRate,omitempty"`
	IsJxhy          bool      `json:"isJxhy"`
	IsOnePsale      bool      `json:"isOnePsale"`
	IsPatentProduct bool      `json:"isPatentProduct"`
	IsSelect        any       `json:"isSelect"`
	OfferIdentities []string  `json:"offerIdentities"`
	CreateDate      string    `json:"createDate,omitempty"`
	ModifyDate      string    `json:"modifyDate,omitempty"`
	PromotionURL    string    `json:"promotionURL"`
	TraceInfo       string    `json:"traceInfo"`
	Token           string    `json:"token,omitempty"`

	WhiteImage       string            `json:"whiteImage,omitempty"`
	MinOrderQuantity int               `json:"minOrderQuantity,omitempty"`
	Sales7d          string            `json:"sales7d,omitempty"`
	TradeScore       string            `json:"tradeScore,omitempty"`
	SellerIdentities []string          `json:"sellerIdentities,omitempty"`
	TopCategoryID    int64             `json:"topCategoryId,omitempty"`
	SecondCategoryID int64             `json:"secondCategoryId,omitempty"`
	ThirdCategoryID  int64             `json:"thirdCategoryId,omitempty"`
	PromotionModel   *promotionModel   `json:"promotionModel,omitempty"`
	SellerDataInfo   map[string]any    `json:"sellerDataInfo,omitempty"`
	Shipping         map[string]string `json:"productSimpleShippingInfo,omitempty"`
	Trade            map[string]string `json:"productTradeInfo,omitempty"`
	InvoiceInfo      *market.Invoice   `json:"invoiceInfo,omitempty"`

	// In image search only.
	OfferDataInfo  map[string]string `json:"offerDataInfo,omitempty"`
	CompanyName    string            `json:"companyName,omitempty"`
	CompanyAddress string            `json:"companyAddress,omitempty"`
}

// priceInfo holds prices in yuan as text. Each may be null.
type priceInfo struct {
	Class          string  `json:"class,omitempty"`
	Price          *string `json:"price"`
	ConsignPrice   *string `json:"consignPrice"`
	JxhyPrice      *string `json:"jxhyPrice"`
	PfJxhyPrice    *string `json:"pfJxhyPrice"`
	PromotionPrice *string `json:"promotionPrice,omitempty"`
}

type promotionModel struct {
	HasPromotion  bool   `json:"hasPromotion"`
	PromotionType string `json:"promotionType,omitempty"`
	// EndTime is this sandbox's name: the platform's is not published.
	EndTime string `json:"endTime,omitempty"`
}

func promotionOf(o *catalog.Offer) *promotionModel {
	kind, end := market.Promotion(o)
	return &promotionModel{HasPromotion: o.PromotionFen != nil, PromotionType: kind, EndTime: end}
}

// commonRow writes the fields that the three searches share. The language of its texts is already known to be supported.
func commonRow(c *call, o *catalog.Offer, language string) row {
	translated, _ := market.Translated(o.TitleEN, language)
	r := row{
		OfferID:         o.ID,
		Subject:         o.Title,
		SubjectTrans:    translated,
		ImageURL:        market.Picture(c.Base, o),
		PriceInfo:       prices(o),
		MonthSold:       market.Sold(o),
		RepurchaseRate:  repurchase(o),
		IsJxhy:          market.Has(o, "jxhy"),
		IsOnePsale:      market.Has(o, "isOnePsale"),
		IsPatentProduct: market.Draw(o, "patent", 50) == 0,
		IsSelect:        market.Has(o, "isSelect"),
		OfferIdentities: market.OfferIdentities(o),
		CreateDate:      itemDate(o.Created),
		ModifyDate:      itemDate(market.Modified(o)),
		PromotionURL:    market.Page(c.Base, o),
		TraceInfo:       fmt.Sprintf("object_id%%40%d%%5Eobject_type%%40offer", o.ID),
		Token:           fmt.Sprintf("%08x", market.Draw(o, "token", 1<<30)),
	}
	if market.Draw(o, "class", 3) == 0 {
		r.Class, r.PriceInfo.Class = "com.alibaba.fenxiao.crossborder.model.OfferModel", "com.alibaba.fenxiao.crossborder.model.PriceInfo"
	}
	if language == "en" && market.Draw(o, "aigc", 2) == 0 {
		r.AigcImageURL = r.ImageURL
	}
	return r
}

// keywordRow is a row of keyword search. It does not name the supplier.
func keywordRow(c *call, o *catalog.Offer, language string) row {
	r := commonRow(c, o, language)
	r.WhiteImage = r.ImageURL
	r.MinOrderQuantity = o.MinOrder
	r.TradeScore = "5.0"
	r.TopCategoryID, r.SecondCategoryID, r.ThirdCategoryID = o.TopCategory, o.SecondCategory, o.ThirdCategory
	r.Sales7d = market.WeekSold(o)
	r.PromotionModel = promotionOf(o)
	r.PriceInfo.PromotionPrice = market.PromotionPrice(o)
	if o.Supplier != nil {
		r.SellerIdentities = market.SellerIdentities(o)
		r.SellerDataInfo = market.SellerData(o)
		r.SellerDataInfo["tpYear"] = o.Supplier.Years
	}
	r.Shipping = market.Shipping(o)
	r.Trade = map[string]string{
		"addCartCount7d": strconv.Itoa(market.Draw(o, "cart7", 90)), "payBuyerCount7d": strconv.Itoa(market.Draw(o, "buyer7", 40)),
		"addCartCount30d": strconv.Itoa(market.Draw(o, "cart30", 400)), "payBuyerCount30d": strconv.Itoa(market.Draw(o, "buyer30", 200)),
	}
	r.InvoiceInfo = new(market.InvoiceOf(o))
	return r
}

// imageRow is a row of image search: that of keyword search with the supplier, and with one image only.
func imageRow(c *call, o *catalog.Offer, language string) row {
	r := keywordRow(c, o, language)
	r.WhiteImage, r.AigcImageURL = "", ""
	if s := o.Supplier; s != nil {
		r.CompanyName, r.CompanyAddress = s.Name, s.Province+s.City
	}
	r.OfferDataInfo = map[string]string{
		"offerApplauseRate": market.Applause(o), "kjFeaturedServices": "",
		"qualityRfdRate30d": r.Shipping["qualityReturnRate30d"], "repurchaseRate30d": r.RepurchaseRate,
		"pickupRate24h30d": r.Shipping["pickupWithin24hRate30d"],
	}
	return r
}

func prices(o *catalog.Offer) priceInfo {
	p := priceInfo{Price: yuan(o.PriceFen)}
	if p.Price == nil {
		// "On request" has three forms on the wire, one of which is null.
		switch market.Draw(o, "negotiable", 3) {
		case 0:
			p.Price = new("面议")
		case 1:
			p.Price = new("")
		}
	}
	if market.Has(o, "isOnePsale") {
		p.ConsignPrice = yuan(o.DropshipFen)
	}
	if market.Has(o, "jxhy") && o.PriceFen != nil {
		p.JxhyPrice, p.PfJxhyPrice = new(market.Span(o)), new(market.Span(o))
	}
	return p
}

func yuan(fen *int64) *string {
	if fen == nil {
		return nil
	}
	return new(market.Yuan(*fen))
}

func repurchase(o *catalog.Offer) string {
	if o.RepurchasePercent == nil {
		return ""
	}
	return strconv.Itoa(*o.RepurchasePercent) + "%"
}

func itemDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return access.China(t).Format(time.DateTime)
}

// applyContentFaults changes rows as the content fault words ask for.
func applyContentFaults(words faultword.Set, rows []row) []row {
	for i := range rows {
		if words.Has(faultword.OddPrices) {
			rows[i].PriceInfo = priceInfo{Price: market.OddPrice(i)}
		}
		if words.Has(faultword.OddSold) {
			rows[i].MonthSold = market.OddSold(i)
		}
		if id, ok := rows[i].OfferID.(int64); ok && words.Has(faultword.TextIDs) {
			rows[i].OfferID = market.TextID(id)
		}
	}
	if words.Has(faultword.TwiceInPage) && len(rows) > 0 {
		rows = append(rows, rows[0])
	}
	return rows
}
