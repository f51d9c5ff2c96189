package aopwire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// rates are hundredths of a foreign unit for one yuan. They are invented and never change.
func rates() map[string]int64 {
	return map[string]int64{"HKD": 110, "USD": 14, "EUR": 13, "JPY": 2050, "KRW": 19000}
}

// productDetail answers with one offer. An unknown id gets the error of an offer outside the curated pool. An offer off
// sale is answered with its status; only "published" means on sale.
func productDetail(c *call) (result, error) {
	language, _ := c.args.text("country")
	if !market.Supports(language) {
		return refusedBy(badArgument, "不支持的语言: "+language), nil
	}
	id, ok := c.args.integer("offerId")
	if !ok {
		return refusedBy(badArgument, "offerId格式错误"), nil
	}
	o, ok, err := market.Find(c.R.Context(), c.Goods, id)
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	if !ok {
		return refusedBy("500", fmt.Sprintf("offerId:%d 不是精选货源商品", id)), nil
	}
	currency, _ := c.args.text("currency")
	d := detail{call: c, offer: o, language: language, rate: rates()[currency]}
	return result{payload: d.write()}, nil
}

// detail writes one offer.
type detail struct {
	*call
	offer    *catalog.Offer
	language string
	rate     int64 // hundredths of the requested currency for one yuan; 0 for none
}

func (d detail) trans(english string) string {
	text, _ := market.Translated(english, d.language)
	return text
}

func (d detail) write() object {
	o := d.offer
	picture := market.Picture(d.Base, o)
	body := object{
		"offerId": o.ID, "categoryId": o.ThirdCategory, "topCategoryId": o.TopCategory,
		"secondCategoryId": o.SecondCategory, "thirdCategoryId": o.ThirdCategory, "categoryName": o.CategoryName,
		"subject": o.Title, "subjectTrans": d.trans(o.TitleEN), "mainVideo": nil, "detailVideo": nil,
		"description": "<div><p>" + o.Title + "</p></div>", "descriptionTrans": "<div><p>" + d.trans(o.TitleEN) + "</p></div>",
		"productImage":      object{"images": []string{picture}, "whiteImage": picture},
		"productImageTrans": object{"images": []string{picture}, "whiteImage": ""},
		"productAttribute":  d.attributes(), "productSkuInfos": d.skus(), "productSaleInfo": d.sale(),
		"productShippingInfo": d.shipping(), "status": status(o), "tagInfoList": tags(o),
		"sellerMixSetting": market.Mix(o), "productCargoNumber": market.CargoNumber(o),
		"isJxhy": market.Has(o, "jxhy"), "isSelect": strconv.FormatBool(market.Has(o, "isSelect")),
		"offerIdentities": market.OfferIdentities(o), "sellingPoint": market.SellingPoints(o), "batchNumber": 1, "tradeScore": "5.0",
		"promotionModel": promotionOf(o), "invoiceInfo": market.InvoiceOf(o),
		"createDate": itemDate(o.Created), "promotionUrl": market.Page(d.Base, o), "certificateList": market.Certificates(d.Base, o),
		"class": "com.alibaba.fenxiao.crossborder.model.ProductDetailModel",
	}
	if member, _ := d.args.text("outMemberId"); member != "" {
		// What the platform makes of it is not published. Here it shows that it arrived.
		body["traceInfo"] = "object_id@" + strconv.FormatInt(o.ID, 10) + "^out_member_id@" + member
	}
	if o.MinOrder > 0 {
		body["minOrderQuantity"] = o.MinOrder
	}
	if o.MonthSold != nil {
		body["soldOut"] = strconv.Itoa(*o.MonthSold)
	}
	if s := o.Supplier; s != nil {
		data := market.SellerData(o)
		data["collect30DayWithin48HPercent"], data["qualityRefundWithin30Day"] = "0.9812", "0.0021"
		body["sellerOpenId"], body["companyName"], body["sellerDataInfo"] = s.OpenID, s.Name, data
	}
	if d.Faults.Has(faultword.TextIDs) {
		body["offerId"] = market.TextID(o.ID)
	}
	return body
}

func status(o *catalog.Offer) string {
	if o.Status == "" {
		return catalog.StatusPublished
	}
	return o.Status
}

// attributes writes ids as text. In a SKU they are numbers.
func (d detail) attributes() []object {
	list := []object{}
	for _, a := range d.offer.Attributes {
		one := d.attribute(a)
		one["attributeId"] = strconv.FormatInt(a.ID, 10)
		list = append(list, one)
	}
	return list
}

func (d detail) attribute(a catalog.Attribute) object {
	return object{
		"attributeId": a.ID, "attributeName": a.Name, "attributeNameTrans": d.trans(a.NameEN),
		"value": a.Value, "valueTrans": d.trans(a.ValueEN),
	}
}

func (d detail) skus() []object {
	list := []object{}
	promotion := market.PromotionPrice(d.offer)
	for _, s := range d.offer.SKUs {
		price, retail := market.Yuan(s.PriceFen), market.RetailPrice(d.offer, s.PriceFen)
		attributes := []object{}
		for _, a := range s.Attributes {
			one := d.attribute(a)
			one["skuImageUrl"] = market.Picture(d.Base, d.offer)
			attributes = append(attributes, one)
		}
		sku := object{
			"skuId": s.ID, "specId": s.SpecID, "cargoNumber": fmt.Sprintf("SB-%d", s.ID), "amountOnSale": s.Stock,
			"price": price, "promotionPrice": promotion, "retailPrice": retail,
			"skuAttributes":    attributes,
			"fenxiaoPriceInfo": object{"onePiecePrice": yuan(d.offer.DropshipFen), "offerPrice": price},
		}
		d.convert(sku, "foreignCurrencyPrice", &price)
		d.convert(sku, "foreignCurrencyPromotionPrice", promotion)
		d.convert(sku, "foreignCurrencyRetailPrice", retail)
		list = append(list, sku)
	}
	return list
}

// convert writes a price in yuan in the requested currency, as a JSON number with two places. Without a currency or a price, it
// writes nothing.
func (d detail) convert(into object, name string, price *string) {
	if d.rate == 0 || price == nil {
		return
	}
	if fen, ok := market.Fen(*price); ok {
		into[name] = json.Number(market.Yuan(fen * d.rate / 100))
	}
}

func (d detail) sale() object {
	o := d.offer
	stock := 0
	for _, s := range o.SKUs {
		stock += s.Stock
	}
	quote := 1
	switch {
	case len(o.SKUs) == 0:
		quote = 0
	case len(o.Tiers) > 1:
		quote = 2
	}
	sale := object{
		"amountOnSale": stock, "priceRangeList": d.ranges(), "quoteType": quote,
		"unitInfo":        object{"unit": "件", "transUnit": d.trans("piece")},
		"fenxiaoSaleInfo": object{"onePieceFreePostage": market.Has(o, "isOnePsaleFreePost"), "onePiecePrice": yuan(o.DropshipFen), "offerPrice": yuan(o.PriceFen)},
	}
	if o.PriceFen != nil {
		retail := market.RetailPrice(o, *o.PriceFen)
		sale["retailPrice"] = retail
		d.convert(sale, "foreignCurrencyPrice", new(market.Yuan(*o.PriceFen)))
		d.convert(sale, "foreignCurrencyRetailPrice", retail)
	}
	return sale
}

func (d detail) ranges() []object {
	tiers := d.offer.Tiers
	if len(tiers) == 0 && d.offer.PriceFen != nil {
		tiers = []catalog.Tier{{From: max(1, d.offer.MinOrder), PriceFen: *d.offer.PriceFen}}
	}
	list := []object{}
	for _, t := range tiers {
		price, promotion := market.Yuan(t.PriceFen), market.PromotionPrice(d.offer)
		one := object{"startQuantity": t.From, "price": price, "promotionPrice": promotion}
		d.convert(one, "foreignCurrencyPrice", &price)
		d.convert(one, "foreignCurrencyPromotionPrice", promotion)
		list = append(list, one)
	}
	return list
}

// shipping writes kilograms at the top and in one SKU list, grams in the other. The platform measured a third of the offers.
func (d detail) shipping() object {
	o := d.offer
	body := object{"shippingTimeGuarantee": market.Shipping(o)["shippingTimeGuarantee"], "pkgSizeSource": "商家填写"}
	if o.Supplier != nil {
		body["sendGoodsAddressText"] = o.Supplier.Province + "省 " + strings.TrimSuffix(o.Supplier.City, "市") + "市"
	}
	measured := market.Draw(o, "measured", 3) == 0
	if o.WeightGrams > 0 {
		body["weight"] = thousandths(o.WeightGrams)
		if measured {
			// The platform weighs with the packing.
			body["officialWeight"] = thousandths(market.MeasuredGrams(o.WeightGrams))
		}
	}
	for i, name := range []string{"length", "width", "height"} {
		if o.SizeMM[i] > 0 {
			body[name] = json.Number(fmt.Sprintf("%d.%d", o.SizeMM[i]/10, o.SizeMM[i]%10))
		}
	}
	var grams, kilos []object
	for _, s := range o.SKUs {
		if s.WeightGrams > 0 {
			grams = append(grams, object{"specId": s.SpecID, "skuId": s.ID, "weight": s.WeightGrams})
			kilo := object{"skuId": strconv.FormatInt(s.ID, 10), "weight": thousandths(s.WeightGrams), "pkgSizeSource": "商家填写"}
			if measured {
				kilo["officialWeight"] = thousandths(market.MeasuredGrams(s.WeightGrams))
			}
			kilos = append(kilos, kilo)
		}
	}
	body["skuShippingInfoList"], body["skuShippingDetails"] = grams, kilos
	return body
}

func thousandths(n int) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", n/1000, n%1000))
}

// tags writes the detail's own keys. Some differ from the filters that mean the same.
func tags(o *catalog.Offer) []object {
	list := []object{}
	for _, pair := range [][2]string{
		{"isOnePsale", "isOnePsale"},
		{"select", "isSelect"},
		{"isOnePsaleFreePostage", "isOnePsaleFreePost"},
		{"noReason7DReturn", "noReason7DReturn"},
		{"1688_yx", "1688Selection"},
		{"new7", "new7"},
		{"new30", "new30"},
		{"isQqyx", "isQqyx"},
	} {
		list = append(list, object{"key": pair[0], "value": market.Has(o, pair[1])})
	}
	return list
}
