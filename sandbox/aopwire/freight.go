package aopwire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
)

// freightAPIs say what it costs to send goods within China: an estimate, and the preview of an order. The sandbox has no
// orders, so a preview cannot make one.
func freightAPIs() []api {
	return []api{
		{
			namespace: crossborder, name: "product.freight.estimate", version: "1", envelope: e1,
			wrapper: "productFreightQueryParamsNew", required: []string{"offerId", "toProvinceCode", "toCityCode", "toCountryCode", "totalNum"},
			ids: []string{"offerId"}, answer: freight,
		},
		{
			namespace: "com.alibaba.trade", name: "alibaba.createOrder.preview", version: "1", envelope: "preview",
			required: []string{"addressParam", "cargoParamList"}, answer: previewOrder,
		},
	}
}

// tariff is how an offer's seller charges freight. All of it is invented.
type tariff struct {
	// free: the seller pays. none: there is no tariff; the seller agrees with the buyer.
	free, none bool
	name       string
	kind       int // 1 the seller pays, 2 the seller's own, 3 of the platform
	// byPieces: pieces are counted, otherwise kilograms.
	byPieces            bool
	firstFen, nextFen   int64
	firstUnit, nextUnit int64
}

// remote lists the provinces, by the first two digits of their codes, that carriers charge more for.
func remote() []string { return []string{"15", "54", "62", "63", "64", "65"} }

// tariffTo is an offer's tariff to a province. Most goods go by the platform's tariff, by weight.
func tariffTo(o *catalog.Offer, province string) tariff {
	t := tariff{name: "沙箱运费", kind: 3, firstFen: 600, firstUnit: 1, nextFen: 200, nextUnit: 1}
	switch market.Draw(o, "freight", 8) {
	case 0:
		t = tariff{free: true, name: "卖家包邮", kind: 1, firstUnit: 1, nextUnit: 1}
	case 1:
		t = tariff{none: true}
	case 2:
		t = tariff{name: "卖家运费模板", kind: 2, byPieces: true, firstFen: 800, firstUnit: 10, nextFen: 300, nextUnit: 10}
	case 3:
		t = tariff{name: "卖家运费模板", kind: 2, firstFen: 450, firstUnit: 1, nextFen: 150, nextUnit: 1}
	}
	if len(province) >= 2 && slices.Contains(remote(), province[:2]) {
		t.firstFen, t.nextFen = t.firstFen*3, t.nextFen*5
	}
	return t
}

// fen is the freight of some pieces that weigh so much together. Begun units count in full.
func (t tariff) fen(grams, pieces int64) int64 {
	units, first, next := grams, 1000*t.firstUnit, 1000*t.nextUnit
	if t.byPieces {
		units, first, next = pieces, t.firstUnit, t.nextUnit
	}
	further := max((units-first+next-1)/next, 0)
	return t.firstFen + further*t.nextFen
}

// parcel is what is sent.
type parcel struct{ grams, pieces int64 }

// maxPieces bounds a parcel.
const maxPieces = 1_000_000

// add adds pieces of a variant. Goods of unknown weight count as light.
func (p *parcel) add(o *catalog.Offer, sku *catalog.SKU, pieces int64) bool {
	if pieces < 1 || p.pieces+pieces > maxPieces {
		return false
	}
	each := o.WeightGrams
	if sku != nil && sku.WeightGrams > 0 {
		each = sku.WeightGrams
	}
	p.pieces += pieces
	p.grams += int64(each) * pieces
	return true
}

// freight estimates the freight of some pieces of an offer.
func freight(c *call) (result, error) {
	id, okID := c.args.integer("offerId")
	pieces, okPieces := c.args.integer("totalNum")
	parts, okParts := c.args.list("logisticsSkuNumModels")
	if !okID || !okPieces || !okParts {
		return refusedBy(badArgument, "参数错误"), nil
	}
	o, ok, err := market.Find(c.R.Context(), c.Goods, id)
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	if !ok {
		return refusedBy("404", "商品不存在"), nil
	}
	var p parcel
	for _, part := range parts {
		number, okNumber := part.integer("number")
		skuID, okSKU := part.integer("skuId")
		sku := slices.IndexFunc(o.SKUs, func(s catalog.SKU) bool { return s.ID == skuID })
		if !okNumber || !okSKU || sku < 0 || !p.add(o, &o.SKUs[sku], number) {
			return refusedBy(badArgument, "logisticsSkuNumModels参数错误"), nil
		}
	}
	if len(parts) == 0 && !p.add(o, nil, pieces) || p.pieces != pieces {
		return refusedBy(badArgument, "totalNum参数错误"), nil
	}
	province, _ := c.args.text("toProvinceCode")
	return result{payload: estimate(o, tariffTo(o, province), p)}, nil
}

func estimate(o *catalog.Offer, t tariff, p parcel) object {
	body := object{
		"offerId": o.ID, "freight": "", "freePostage": t.free, "sizeValueType": 1, "productFreightSkuInfoModels": []any{},
	}
	if o.WeightGrams > 0 {
		body["singleProductWeight"] = thousandths(o.WeightGrams)
	}
	for i, name := range []string{"singleProductLength", "singleProductWidth", "singleProductHeight"} {
		if o.SizeMM[i] > 0 {
			body[name] = json.Number(fmt.Sprintf("%d.%d", o.SizeMM[i]/10, o.SizeMM[i]%10))
		}
	}
	var skus []object
	for _, s := range o.SKUs {
		if s.WeightGrams > 0 && s.WeightGrams != o.WeightGrams {
			skus = append(skus, object{"skuId": strconv.FormatInt(s.ID, 10), "singleSkuWeight": thousandths(s.WeightGrams)})
		}
	}
	if len(skus) > 0 {
		body["sizeValueType"], body["productFreightSkuInfoModels"] = 2, skus
	}
	if t.none {
		return body
	}
	charge := "0"
	if t.byPieces {
		charge = "1"
	}
	maps.Copy(body, object{
		"templateId": 1000 + t.kind, "templateName": t.name, "templateType": t.kind, "subTemplateType": 0, "subTemplateName": "快递",
		"firstFee": market.Yuan(t.firstFen), "firstUnit": strconv.FormatInt(t.firstUnit, 10),
		"nextFee": market.Yuan(t.nextFen), "nextUnit": strconv.FormatInt(t.nextUnit, 10), "discount": "1", "chargeType": charge,
	})
	if !t.free {
		body["freight"] = market.Yuan(t.fen(p.grams, p.pieces))
	}
	return body
}

// previewOrder says what an order of one offer would cost, in fen. The offer's price is that of its smallest order: the
// sandbox's preview is for freight.
func previewOrder(c *call) (result, error) {
	address, okAddress := objectIn(c.args, "addressParam")
	cargo, okCargo := objectsIn(c.args, "cargoParamList")
	district, _ := address.text("districtCode")
	if !okAddress || !okCargo || len(cargo) == 0 || len(district) != 6 {
		return refusedBy(badArgument, "收货地址或商品参数错误"), nil
	}
	id, _ := cargo[0].integer("offerId")
	o, ok, err := market.Find(c.R.Context(), c.Goods, id)
	if err != nil {
		return result{}, fmt.Errorf("asking the catalogue: %w", err)
	}
	if !ok {
		return refusedBy("404", "商品不存在"), nil
	}
	var p parcel
	for _, item := range cargo {
		itemID, _ := item.integer("offerId")
		quantity, _ := item.integer("quantity")
		spec, _ := item.text("specId")
		sku := slices.IndexFunc(o.SKUs, func(s catalog.SKU) bool { return s.SpecID == spec })
		var chosen *catalog.SKU
		if sku >= 0 {
			chosen = &o.SKUs[sku]
		}
		if itemID != id || chosen == nil && len(o.SKUs) > 0 || !p.add(o, chosen, quantity) {
			return refusedBy("SPEC_ERROR", "规格或数量错误，请选择商品规格"), nil
		}
	}
	t := tariffTo(o, district)
	order := object{"status": true, "flowFlag": "general", "tradeModeNameList": []string{"assureTrade"}, "discountFee": 0, "sumCarriage": nil}
	byDescription := []int64{}
	switch {
	case t.none:
		byDescription = []int64{id}
	case t.free:
		order["sumCarriage"] = 0
	default:
		order["sumCarriage"] = t.fen(p.grams, p.pieces)
	}
	if o.PriceFen != nil {
		order["sumPaymentNoCarriage"] = *o.PriceFen * p.pieces
	}
	return result{payload: object{"orderPreviewResuslt": []object{order}, "postFeeByDescOfferList": byDescription}}, nil
}

// objectsIn reads a flat argument that holds a JSON list of objects.
func objectsIn(a arguments, name string) ([]arguments, bool) {
	text, _ := a.text(name)
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var all []arguments
	err := dec.Decode(&all)
	return all, err == nil
}

// objectIn reads a flat argument that holds a JSON object.
func objectIn(a arguments, name string) (arguments, bool) {
	text, _ := a.text(name)
	all, ok := objectsIn(arguments{name: "[" + text + "]"}, name)
	return slices.Concat(all, []arguments{nil})[0], ok && len(all) == 1
}
