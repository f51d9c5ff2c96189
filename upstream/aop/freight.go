package aop

import (
	"encoding/json"
	"fmt"

	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
	"github.com/zhaohuo-dev/zhaohuo/upstream/normal"
)

// paramFreight is the parameter that wraps the question.
const paramFreight = "productFreightQueryParamsNew"

// freightQuery is the value of productFreightQueryParamsNew (docs/PROTOCOL.md §4.1). toCountryCode is the district.
type freightQuery struct {
	OfferID  json.Number  `json:"offerId"`
	Province string       `json:"toProvinceCode"`
	City     string       `json:"toCityCode"`
	District string       `json:"toCountryCode"`
	TotalNum int64        `json:"totalNum"`
	SKUs     []freightSKU `json:"logisticsSkuNumModels,omitempty"`
}

type freightSKU struct {
	SKUID  string `json:"skuId"`
	Number int64  `json:"number"`
}

func (d dialect) encodeEstimateFreight(q *zhaohuov1.EstimateFreightRequest) (upstream.Call, error) {
	to := q.GetDestination()
	query := freightQuery{
		OfferID: json.Number(q.GetId()), Province: to.GetProvinceCode(), City: to.GetCityCode(), District: to.GetDistrictCode(),
		TotalNum: q.GetQuantity(),
	}
	for _, sku := range q.GetSkus() {
		query.SKUs = append(query.SKUs, freightSKU{SKUID: sku.GetId(), Number: sku.GetQuantity()})
	}
	return asking(d.methods.EstimateFreight, paramFreight, query)
}

// decodeEstimateFreight reads an estimate. Free shipping is an amount of 0, and is the only one: an amount of 0 where
// freePostage is not true contradicts itself, and says nothing that a buyer could rely on.
func (dialect) decodeEstimateFreight(q *zhaohuov1.EstimateFreightRequest, payload gjson.Result) (*zhaohuov1.EstimateFreightResponse, error) {
	if !payload.IsObject() {
		return nil, unreadable("a freight was expected")
	}
	if id, ok := normal.ID(payload.Get("offerId")); ok && id != q.GetId() {
		return nil, unreadable("the freight is for another product")
	}
	f := &zhaohuov1.FreightQuote{ProductId: q.GetId(), Quantity: q.GetQuantity(), Basis: zhaohuov1.FreightBasis_FREIGHT_BASIS_ESTIMATE}
	if free, known := normal.Bool(payload.Get("freePostage")); known {
		f.Free = &free
	}
	sent := payload.Get("freight")
	amount := normal.Price(sent)
	switch {
	case f.GetFree():
		f.Amount = money.Amount(0).Proto(money.CNY)
	case amount.Known && !amount.IsRange():
		f.Amount = amount.Low.Proto(money.CNY)
	default:
		f.AmountText = optionalText(normal.Text(sent))
	}
	f.Tariff = tariffOf(payload)
	addMeasures(f, payload)
	return &zhaohuov1.EstimateFreightResponse{Freight: f}, nil
}

// tariffOf reads the seller's tariff; nil if the answer names none.
func tariffOf(payload gjson.Result) *zhaohuov1.FreightTariff {
	t := &zhaohuov1.FreightTariff{
		Name:         optionalText(normal.Text(payload.Get("templateName"))),
		Kind:         zhaohuov1.FreightTariffKind(code(payload.Get("templateType"), 1, 3)),
		Delivery:     zhaohuov1.FreightDelivery(code(payload.Get("subTemplateType"), 0, 3) + 1),
		DeliveryName: optionalText(normal.Text(payload.Get("subTemplateName"))),
		Charge:       zhaohuov1.FreightCharge(code(payload.Get("chargeType"), 0, 2) + 1),
		FirstUnits:   optionalText(normal.Text(payload.Get("firstUnit"))),
		NextUnits:    optionalText(normal.Text(payload.Get("nextUnit"))),
	}
	if id, ok := normal.ID(payload.Get("templateId")); ok {
		t.Id = &id
	}
	if fee := normal.Price(payload.Get("firstFee")); fee.Known && !fee.IsRange() {
		t.FirstFee = fee.Low.Proto(money.CNY)
	}
	if fee := normal.Price(payload.Get("nextFee")); fee.Known && !fee.IsRange() {
		t.NextFee = fee.Low.Proto(money.CNY)
	}
	if discount := normal.Text(payload.Get("discount")); !undiscounted(discount) {
		t.Discount = &discount
	}
	if proto.Equal(t, &zhaohuov1.FreightTariff{}) {
		return nil
	}
	return t
}

// undiscounted reports whether a discount means that there is none.
func undiscounted(discount string) bool {
	factor, ok := money.Parse(discount)
	return discount == "" || ok && factor == money.Unit
}

// code reads one of the codes from low to high. Without one it is -1 where codes begin at 0, and 0 where they begin at 1.
func code(r gjson.Result, low, high int32) int32 {
	n, _, known := normal.Count(r)
	if !known || n < int64(low) || n > int64(high) {
		return low - 1
	}
	return int32(n)
}

// addMeasures adds the weights and sizes by which freight is calculated: those of the product, or those of its variants if
// sizeValueType says that they count; both if it says nothing.
func addMeasures(f *zhaohuov1.FreightQuote, payload gjson.Result) {
	const ofProduct, ofVariants = 1, 2
	counts := code(payload.Get("sizeValueType"), ofProduct, ofVariants)
	if counts != ofVariants {
		f.WeightGrams, f.Size = measures(payload, "singleProduct")
	}
	if counts == ofProduct {
		return
	}
	for _, row := range rows(payload.Get("productFreightSkuInfoModels"), 0) {
		id, ok := normal.ID(row.Get("skuId"))
		if !ok {
			continue
		}
		one := &zhaohuov1.FreightSkuSize{Id: id}
		if one.WeightGrams, one.Size = measures(row, "singleSku"); one.WeightGrams != nil || one.Size != nil {
			f.Skus = append(f.Skus, one)
		}
	}
}

// measures reads a weight in kilograms and a size in centimetres; nil for what is not known.
func measures(row gjson.Result, prefix string) (grams *int64, size *zhaohuov1.ProductDimensions) {
	if n, ok := normal.Kilograms(row.Get(prefix + "Weight")); ok {
		grams = &n
	}
	d := &zhaohuov1.ProductDimensions{}
	for member, to := range map[string]**int64{"Length": &d.LengthMm, "Width": &d.WidthMm, "Height": &d.HeightMm} {
		if n, ok := normal.Centimetres(row.Get(prefix + member)); ok {
			*to = &n
			size = d
		}
	}
	return grams, size
}

// previewAddress is the value of addressParam. A person's name, telephone and street are not needed to calculate freight, and
// are not sent.
type previewAddress struct {
	Province string `json:"provinceText,omitempty"`
	City     string `json:"cityText,omitempty"`
	Area     string `json:"areaText,omitempty"`
	District string `json:"districtCode"`
}

// previewCargo is an item of cargoParamList.
type previewCargo struct {
	OfferID  json.Number `json:"offerId"`
	SpecID   string      `json:"specId,omitempty"`
	Quantity int64       `json:"quantity"`
}

// previewFlow is the order of the wholesale market, whose prices the contract's prices are.
const previewFlow = "general"

func (d dialect) encodePreviewFreight(q *zhaohuov1.EstimateFreightRequest) (upstream.Call, error) {
	to := q.GetDestination()
	address, err := compact(previewAddress{
		Province: to.GetProvinceName(), City: to.GetCityName(), Area: to.GetDistrictName(), District: to.GetDistrictCode(),
	})
	if err != nil {
		return upstream.Call{}, err
	}
	var cargo []previewCargo
	for i, sku := range q.GetSkus() {
		if sku.GetSpecId() == "" {
			return upstream.Call{}, specNeeded(i)
		}
		cargo = append(cargo, previewCargo{OfferID: json.Number(q.GetId()), SpecID: sku.GetSpecId(), Quantity: sku.GetQuantity()})
	}
	if cargo == nil {
		cargo = []previewCargo{{OfferID: json.Number(q.GetId()), Quantity: q.GetQuantity()}}
	}
	goods, err := compact(cargo)
	if err != nil {
		return upstream.Call{}, err
	}
	return upstream.Call{API: d.methods.PreviewOrder.String(), Params: []upstream.Param{
		{Name: "flow", Value: previewFlow}, {Name: "addressParam", Value: address}, {Name: "cargoParamList", Value: goods},
	}}, nil
}

// decodePreviewFreight reads the freight of an order that was not made, in fen. 1688 may divide it into several orders; the
// freight is their sum, and unknown if that of one is.
func (dialect) decodePreviewFreight(q *zhaohuov1.EstimateFreightRequest, payload gjson.Result) (*zhaohuov1.EstimateFreightResponse, error) {
	list := rows(payload, 0)
	if payload.IsObject() {
		list = rows(payload.Get("orderPreviewResuslt"), 0) // The platform writes it so.
	}
	if len(list) == 0 {
		return nil, unreadable("the preview of an order was expected")
	}
	f := &zhaohuov1.FreightQuote{ProductId: q.GetId(), Quantity: q.GetQuantity(), Basis: zhaohuov1.FreightBasis_FREIGHT_BASIS_ORDER_PREVIEW}
	answer := &zhaohuov1.EstimateFreightResponse{Freight: f}
	sum, all := money.Amount(0), true
	for _, order := range list {
		if ok, known := normal.Bool(order.Get("status")); known && !ok {
			return nil, previewRefused(normal.Text(order.Get("resultCode")), normal.Text(order.Get("message")))
		}
		carriage, known := fen(order.Get("sumCarriage"))
		sum, all = sum+carriage, all && known
	}
	if !all || len(rows(payload.Get("postFeeByDescOfferList"), 0)) > 0 {
		return answer, nil // The seller agrees on it with the buyer.
	}
	f.Amount, f.Free = sum.Proto(money.CNY), proto.Bool(sum == 0)
	return answer, nil
}

// fen reads an amount in fen, which may be 0: the sum of an order says what its buyer pays.
func fen(r gjson.Result) (money.Amount, bool) {
	if normal.Text(r) == "0" {
		return 0, true
	}
	amount := normal.Fen(r)
	return amount.Low, amount.Known
}

// specNeeded refuses a variant that an order preview cannot name.
func specNeeded(i int) error {
	return fault.Invalid(fmt.Sprintf("skus[%d].spec_id", i), "SPEC_ID_NEEDED",
		"must be given: this App Key may not call the estimate of freight, and an order preview names variants by it")
}

// previewRefused is the refusal of one order within a preview that otherwise succeeded.
func previewRefused(code, message string) error {
	return fault.New(fault.UpstreamRefused, "the upstream does not preview this order").WithFromResult(true).
		WithMeta(fault.MetaUpstreamCode, envelope.Scrub(code)).WithMeta(fault.MetaUpstreamMessage, envelope.Scrub(message))
}
