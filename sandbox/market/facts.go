package market

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// This file makes what the platform says of an offer beside what the catalogue holds: promotions, identities, scores, rates,
// dates, invoices, retail prices. All of it follows from the offer's id and is the same at every start. Some values have the
// rarer forms that real answers have: a name behind an identity, an empty text, a price of "0.00", a thousands separator.

// Promotion is the type of an offer's promotion and when it ends, both empty without one. A third of the promotions are for
// everybody and end in 2027. The others are for members of PLUS, whose word is written in two ways.
func Promotion(o *catalog.Offer) (kind, end string) {
	if o.PromotionFen == nil {
		return "", ""
	}
	switch Draw(o, "promotion type", 3) {
	case 1:
		return "plus", ""
	case 2:
		return "plus-plus会员", ""
	}
	first := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC)
	return "", first.AddDate(0, 0, Draw(o, "promotion end", 300)).Format(time.DateTime)
}

// PromotionPrice is an offer's price during its promotion; nil without one, or "0.00" for a third of such offers.
func PromotionPrice(o *catalog.Offer) *string {
	if o.PromotionFen == nil {
		return noPrice(o, "promotion price")
	}
	return new(Yuan(*o.PromotionFen))
}

// RetailPrice is what a supplier suggests for retail: two and a half times the price; nil or "0.00" for half of the offers.
func RetailPrice(o *catalog.Offer, fen int64) *string {
	if fen == 0 || Draw(o, "retail", 2) == 0 {
		return noPrice(o, "retail price")
	}
	return new(Yuan(fen * 5 / 2))
}

// noPrice is one of the forms in which the platform sends that there is no price: null, or "0.00".
func noPrice(o *catalog.Offer, purpose string) *string {
	if Draw(o, purpose, 3) == 0 {
		return new("0.00")
	}
	return nil
}

// names are the Chinese names of identities, which half of the offers have behind the word.
var names = map[string]string{
	"super_factory": "超级工厂", "powerful_merchants": "实力商家", "tp_member": "诚信通会员", "certified_factory": "认证工厂",
	"yx": "严选", "select": "跨境select",
}

func named(o *catalog.Offer, words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = word
		if name := names[word]; name != "" && Draw(o, "identity", 2) == 1 {
			all[i] += "-" + name
		}
	}
	return all
}

// OfferIdentities are the words of the selections that an offer belongs to.
func OfferIdentities(o *catalog.Offer) []string {
	words := []string{}
	if Has(o, "1688Selection") {
		words = append(words, "yx")
	}
	if Has(o, "isSelect") {
		words = append(words, "select")
	}
	return named(o, words)
}

// SellerIdentities are the words of what an offer's supplier is.
func SellerIdentities(o *catalog.Offer) []string {
	if o.Supplier == nil {
		return nil
	}
	words := append([]string{}, o.Supplier.Identities...)
	if Has(o, "certifiedFactory") {
		words = append(words, "certified_factory")
	}
	return named(o, words)
}

// SellerData are the scores of an offer's supplier: text, as on the platform. One score is "0", which means that nobody has
// scored, for every eighth offer.
func SellerData(o *catalog.Offer) map[string]any {
	s := o.Supplier
	if s == nil {
		return nil
	}
	score := fmt.Sprintf("%d.%d", s.ServiceScoreTenths/10, s.ServiceScoreTenths%10)
	consulting := "4.5"
	if Draw(o, "consulting", 8) == 0 {
		consulting = "0"
	}
	return map[string]any{
		"tradeMedalLevel": strconv.Itoa(1 + s.Years%5), "compositeServiceScore": score, "logisticsExperienceScore": score,
		"disputeComplaintScore": "4.0", "offerExperienceScore": score, "afterSalesExperienceScore": score,
		"consultingExperienceScore": consulting, "repeatPurchasePercent": fmt.Sprintf("0.%04d", 1000+len(s.Name)*97%4000),
	}
}

// Shipping holds the promise to ship and rates that agree with the offer's filters. A rate that is not known is left out, and
// one of 0 is an empty text, as in the platform's keyword search.
func Shipping(o *catalog.Offer) map[string]string {
	all := map[string]string{
		"shippingTimeGuarantee": "", "perfectFulfillmentRate30d": "100.00%", "perfectFulfillmentRate7d": "100.00%", "delayedShippingRate7d": "",
	}
	for word, rate := range map[string]string{"getRate24HLv1": "88.00%", "getRate24HLv2": "96.20%", "getRate24HLv3": "99.50%"} {
		// Lv3 goes with Lv2, and is the higher text.
		if Has(o, word) && rate > all["pickupWithin24hRate30d"] {
			all["pickupWithin24hRate30d"], all["pickupWithin24hRate7d"] = rate, rate
		}
	}
	for word, rate := range map[string]string{"qrr0": "", "qrr1": "0.60%", "qrr5": "3.10%", "qrr10": "7.50%"} {
		if Has(o, word) {
			all["qualityReturnRate30d"] = rate
		}
	}
	for _, word := range []string{"shipIn24Hours", "shipIn48Hours"} {
		if all["shippingTimeGuarantee"] == "" && Has(o, word) {
			all["shippingTimeGuarantee"] = word
		}
	}
	return all
}

// Applause is the share of good ratings, 90 % to 100 %.
func Applause(o *catalog.Offer) string { return fmt.Sprintf("%d.0%%", 90+Draw(o, "applause", 11)) }

// WeekSold is the number of pieces sold in 7 days, with thousands separators; empty if unknown.
func WeekSold(o *catalog.Offer) string {
	if o.MonthSold == nil {
		return ""
	}
	text := strconv.Itoa(*o.MonthSold * 7 / 30)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// Modified is when an offer was changed last: up to ten days after it was created. It is zero if that is unknown.
func Modified(o *catalog.Offer) time.Time {
	if o.Created.IsZero() {
		return time.Time{}
	}
	return o.Created.Add(time.Duration(Draw(o, "modified", 240)) * time.Hour)
}

// Invoice is what invoices an offer's supplier gives. Half of them give them online, and say what taxpayer they are.
type Invoice struct {
	SupportOnlineInvoice bool     `json:"supportOnlineInvoice"`
	SupportFastInvoice   bool     `json:"supportFastInvoice"`
	InvoiceTypes         []string `json:"invoiceTypes"`
	TaxpayerType         *string  `json:"taxpayerType"`
}

// InvoiceOf is the invoice of an offer.
func InvoiceOf(o *catalog.Offer) Invoice {
	i := Invoice{SupportOnlineInvoice: Draw(o, "invoice", 2) == 0, InvoiceTypes: []string{"普票"}}
	if i.SupportOnlineInvoice {
		i.TaxpayerType = new("一般纳税人")
		i.InvoiceTypes = append(i.InvoiceTypes, "专票")
	}
	return i
}

// CargoNumber is the supplier's own number of an offer.
func CargoNumber(o *catalog.Offer) string { return fmt.Sprintf("HH-%d", o.ID%1_000_000) }

// SellingPoints are what a supplier praises: the feature of the goods, and for some that samples are sold. A blank stands
// among them, as in real answers.
func SellingPoints(o *catalog.Offer) []string {
	points := []string{}
	for _, a := range o.Attributes {
		if a.Name == "特点" {
			points = append(points, a.Value, "")
		}
	}
	if o.MinOrder == 1 {
		points = append(points, "支持拿样")
	}
	return points
}

// Mix is the rule for mixed orders: half of the suppliers take them, from a hundred yuan or ten pieces on. The others send
// the bounds as 0.
func Mix(o *catalog.Offer) map[string]any {
	if Draw(o, "mix", 2) == 0 {
		return map[string]any{"generalHunpi": false, "mixAmount": 0, "mixNumber": 0}
	}
	return map[string]any{"generalHunpi": true, "mixAmount": 100, "mixNumber": 10}
}

// Certificates are those of a quarter of the offers, with the offer's own image as the photo.
func Certificates(base string, o *catalog.Offer) []map[string]any {
	if Draw(o, "certificate", 4) != 0 {
		return []map[string]any{}
	}
	return []map[string]any{{
		"certificateName": "质量检测报告", "certificateCode": "QT" + strings.Repeat("0", 3) + strconv.FormatInt(o.ID%1_000_000, 10),
		"certificatePhotoList": []string{Picture(base, o)},
	}}
}

// MeasuredGrams is what the platform weighs where a supplier says so many grams: a tenth more, for the packing.
func MeasuredGrams(stated int) int { return stated + (stated+9)/10 }

// FlatFacts are the facts of an offer in an object without others inside, as rows of TOP have them. What TOP's own rows say
// of these things is not published. A rate of 0 is left out there, for only AOP documents that an empty text means 0.
func FlatFacts(o *catalog.Offer) map[string]any {
	kind, end := Promotion(o)
	invoice := InvoiceOf(o)
	all := map[string]any{
		"hasPromotion": o.PromotionFen != nil, "promotionPrice": PromotionPrice(o), "promotionType": kind, "promotionEndTime": end,
		"isOnePsale": Has(o, "isOnePsale"), "onePieceFreePostage": Has(o, "isOnePsaleFreePost"), "isJxhy": Has(o, "jxhy"),
		"isSelect": strconv.FormatBool(Has(o, "isSelect")), "offerIdentities": OfferIdentities(o), "sellerIdentities": SellerIdentities(o),
		"topCategoryId": o.TopCategory, "secondCategoryId": o.SecondCategory, "thirdCategoryId": o.ThirdCategory,
		"sales7d": WeekSold(o), "offerApplauseRate": Applause(o), "supportOnlineInvoice": invoice.SupportOnlineInvoice,
		"invoiceTypes": invoice.InvoiceTypes, "taxpayerType": invoice.TaxpayerType,
	}
	if Has(o, "isOnePsale") && o.DropshipFen != nil {
		all["consignPrice"] = Yuan(*o.DropshipFen)
	}
	if o.PriceFen != nil {
		all["retailPrice"] = RetailPrice(o, *o.PriceFen)
	}
	if o.RepurchasePercent != nil {
		all["repurchaseRate"] = strconv.Itoa(*o.RepurchasePercent) + "%"
	}
	for name, value := range Shipping(o) {
		if value != "" {
			all[name] = value
		}
	}
	for name, value := range SellerData(o) {
		all[name] = value
	}
	if o.Supplier != nil {
		all["tpYear"] = o.Supplier.Years
	}
	if !o.Created.IsZero() {
		china := time.FixedZone("CST", 8*60*60)
		all["createDate"], all["modifyDate"] = o.Created.In(china).Format(time.DateTime), Modified(o).In(china).Format(time.DateTime)
	}
	return all
}
