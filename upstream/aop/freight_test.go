package aop_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/money"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

func binjiang() *zhaohuov1.FreightDestination {
	return &zhaohuov1.FreightDestination{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330108"}
}

func TestEncodeFreight(t *testing.T) {
	d := aop.New(aop.Config{})
	call, err := d.EstimateFreight.Encode(&zhaohuov1.EstimateFreightRequest{
		Id: "620201390233", Destination: binjiang(), Quantity: 30, Skus: []*zhaohuov1.FreightSku{{Id: "5", Quantity: 10}, {Id: "6", Quantity: 20}},
	})
	want := upstream.Call{API: "com.alibaba.fenxiao.crossborder:product.freight.estimate-1", Params: []upstream.Param{{
		Name: "productFreightQueryParamsNew",
		Value: `{"offerId":620201390233,"toProvinceCode":"330000","toCityCode":"330100","toCountryCode":"330108","totalNum":30,` +
			`"logisticsSkuNumModels":[{"skuId":"5","number":10},{"skuId":"6","number":20}]}`,
	}}}
	if diff := cmp.Diff(want, call); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}

func TestEncodeOrderPreview(t *testing.T) {
	d := aop.New(aop.Config{})
	to := binjiang()
	to.ProvinceName, to.CityName, to.DistrictName = "浙江省", "杭州市", "滨江区"
	call, err := d.PreviewFreight.Encode(&zhaohuov1.EstimateFreightRequest{
		Id: "7", Destination: to, Quantity: 30, Skus: []*zhaohuov1.FreightSku{{Id: "5", SpecId: "a", Quantity: 10}, {Id: "6", SpecId: "b", Quantity: 20}},
	})
	want := upstream.Call{API: "com.alibaba.trade:alibaba.createOrder.preview-1", Params: []upstream.Param{
		{Name: "flow", Value: "general"},
		{Name: "addressParam", Value: `{"provinceText":"浙江省","cityText":"杭州市","areaText":"滨江区","districtCode":"330108"}`},
		{Name: "cargoParamList", Value: `[{"offerId":7,"specId":"a","quantity":10},{"offerId":7,"specId":"b","quantity":20}]`},
	}}
	if diff := cmp.Diff(want, call); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	_, err = d.PreviewFreight.Encode(&zhaohuov1.EstimateFreightRequest{
		Id: "7", Destination: to, Quantity: 3, Skus: []*zhaohuov1.FreightSku{{Id: "5", SpecId: "a", Quantity: 1}, {Id: "6", Quantity: 2}},
	})
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.InvalidField || f.Fields[0].Path != "skus[1].spec_id" {
		t.Errorf("a variant without specification: %v", err)
	}
}

// Only what the upstream says is there: an amount that it does not say is absent, and never 0.
func TestDecodeFreight(t *testing.T) {
	free, paid := proto.Bool(true), proto.Bool(false)
	for name, c := range map[string]struct {
		payload string
		want    *zhaohuov1.FreightQuote
	}{
		"paid":                 {`{"freight":"12.50","freePostage":false}`, &zhaohuov1.FreightQuote{Amount: yuan(12, 500_000_000), Free: paid}},
		"a number":             {`{"freight":6,"freePostage":"false"}`, &zhaohuov1.FreightQuote{Amount: yuan(6, 0), Free: paid}},
		"free":                 {`{"freight":"","freePostage":true}`, &zhaohuov1.FreightQuote{Amount: yuan(0, 0), Free: free}},
		"free, with an amount": {`{"freight":"5.00","freePostage":true}`, &zhaohuov1.FreightQuote{Amount: yuan(0, 0), Free: free}},
		"nothing said":         {`{}`, &zhaohuov1.FreightQuote{}},
		"empty":                {`{"freight":"","freePostage":false}`, &zhaohuov1.FreightQuote{Free: paid}},
		"null":                 {`{"freight":null,"freePostage":null}`, &zhaohuov1.FreightQuote{}},
		"0 that is not free":   {`{"freight":"0.00","freePostage":false}`, &zhaohuov1.FreightQuote{Free: paid, AmountText: proto.String("0.00")}},
		"0 alone":              {`{"freight":0}`, &zhaohuov1.FreightQuote{AmountText: proto.String("0")}},
		"a range":              {`{"freight":"5-8","freePostage":false}`, &zhaohuov1.FreightQuote{Free: paid, AmountText: proto.String("5-8")}},
		"words":                {`{"freight":"面议","freePostage":false}`, &zhaohuov1.FreightQuote{Free: paid, AmountText: proto.String("面议")}},
		"tariff": {
			`{"freight":"9","templateId":77,"templateName":"模板","templateType":2,"subTemplateType":0,"subTemplateName":"快递","firstFee":"6","firstUnit":"1","nextFee":"1.5","nextUnit":"0.5","discount":"0.9","chargeType":"0"}`,
			&zhaohuov1.FreightQuote{Amount: yuan(9, 0), Tariff: &zhaohuov1.FreightTariff{
				Id: proto.String("77"), Name: proto.String("模板"), Kind: zhaohuov1.FreightTariffKind_FREIGHT_TARIFF_KIND_OWN,
				Delivery: zhaohuov1.FreightDelivery_FREIGHT_DELIVERY_EXPRESS, DeliveryName: proto.String("快递"), Charge: zhaohuov1.FreightCharge_FREIGHT_CHARGE_WEIGHT,
				FirstFee: yuan(6, 0), FirstUnits: proto.String("1"), NextFee: yuan(1, 500_000_000), NextUnits: proto.String("0.5"), Discount: proto.String("0.9"),
			}},
		},
		"no discount, unknown codes": {
			`{"freight":"9","templateType":9,"subTemplateType":"x","discount":"1","chargeType":3}`, &zhaohuov1.FreightQuote{Amount: yuan(9, 0)},
		},
		"measures of the product": {
			`{"sizeValueType":1,"singleProductWeight":0.25,"singleProductLength":10,"singleProductWidth":"5.5","productFreightSkuInfoModels":[{"skuId":"5","singleSkuWeight":1}]}`,
			&zhaohuov1.FreightQuote{WeightGrams: proto.Int64(250), Size: &zhaohuov1.ProductDimensions{LengthMm: proto.Int64(100), WidthMm: proto.Int64(55)}},
		},
		"measures of variants": {
			`{"sizeValueType":2,"singleProductWeight":0.25,"productFreightSkuInfoModels":[{"skuId":5,"singleSkuWeight":1},{"skuId":"6"}]}`,
			&zhaohuov1.FreightQuote{Skus: []*zhaohuov1.FreightSkuSize{{Id: "5", WeightGrams: proto.Int64(1000)}}},
		},
		"not weighed": {`{"singleProductWeight":0}`, &zhaohuov1.FreightQuote{}},
	} {
		c.want.ProductId, c.want.Quantity, c.want.Basis = "7", 30, zhaohuov1.FreightBasis_FREIGHT_BASIS_ESTIMATE
		got, err := aop.New(aop.Config{}).EstimateFreight.Decode(&zhaohuov1.EstimateFreightRequest{Id: "7", Quantity: 30}, gjson.Parse(c.payload))
		if diff := cmp.Diff(c.want, got.GetFreight(), protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	for name, payload := range map[string]string{"a list": `[]`, "text": `"9"`, "another product": `{"offerId":8,"freight":"9"}`} {
		if _, err := aop.New(aop.Config{}).EstimateFreight.Decode(&zhaohuov1.EstimateFreightRequest{Id: "7"}, gjson.Parse(payload)); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// previewed opens and decodes the body of an order preview.
func previewed(t testing.TB, body string) (*zhaohuov1.FreightQuote, error) {
	t.Helper()
	d := aop.New(aop.Config{})
	q := &zhaohuov1.EstimateFreightRequest{Id: "7", Quantity: 3, Destination: binjiang()}
	call, err := d.PreviewFreight.Encode(q)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := d.Wire.Open(call, 200, []byte(body))
	if err != nil {
		return nil, err
	}
	answer, err := d.PreviewFreight.Decode(q, payload)
	return answer.GetFreight(), err
}

func TestDecodeOrderPreview(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		amount *money.Amount
		free   *bool
	}{
		"fen":             {`{"orderPreviewResuslt":[{"status":true,"sumCarriage":350,"sumPayment":1671}],"postFeeByDescOfferList":null,"success":true,"errorCode":null}`, new(350 * money.Fen), proto.Bool(false)},
		"nothing beside":  {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":"5"}]}`, new(5 * money.Fen), proto.Bool(false)},
		"two orders":      {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":600},{"sumCarriage":1}],"postFeeByDescOfferList":[]}`, new(601 * money.Fen), proto.Bool(false)},
		"free":            {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":0}],"postFeeByDescOfferList":[]}`, new(money.Amount(0)), proto.Bool(true)},
		"absent":          {`{"success":true,"orderPreviewResuslt":[{"sumPayment":900}]}`, nil, nil},
		"one absent":      {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":600},{"sumCarriage":null}]}`, nil, nil},
		"not integer":     {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":3.5}]}`, nil, nil},
		"by arrangement":  {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":0}],"postFeeByDescOfferList":[7]}`, nil, nil},
		"arranged, a sum": {`{"success":true,"orderPreviewResuslt":[{"sumCarriage":90}],"postFeeByDescOfferList":["7"]}`, nil, nil},
	} {
		got, err := previewed(t, c.body)
		want := &zhaohuov1.FreightQuote{ProductId: "7", Quantity: 3, Free: c.free, Basis: zhaohuov1.FreightBasis_FREIGHT_BASIS_ORDER_PREVIEW}
		if c.amount != nil {
			want.Amount = c.amount.Proto(money.CNY)
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
	}
	for name, c := range map[string]struct {
		body string
		want fault.Kind
	}{
		"refused":       {`{"success":false,"errorCode":"500_1","errorMsg":"库存不足","orderPreviewResuslt":null}`, fault.UpstreamRefused},
		"off sale":      {`{"success":false,"errorCode":"500_1","errorMsg":"商品已下架"}`, fault.ProductNotFound},
		"order refused": {`{"success":true,"orderPreviewResuslt":[{"status":false,"resultCode":"SPEC","message":"规格错误","sumCarriage":0}]}`, fault.UpstreamRefused},
		"no orders":     {`{"success":true,"orderPreviewResuslt":[]}`, fault.UpstreamAnswerUnreadable},
		"no data":       {`{"success":true}`, fault.UpstreamAnswerUnreadable},
	} {
		if got, err := previewed(t, c.body); fault.KindOf(err) != c.want || got != nil {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

// The freight of a divided order is the sum to the fen, and unknown if that of any part is.
func TestOrderPreviewAddsUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.Int64Range(-1, 1<<31), 1, 8).Draw(rt, "fen, or -1 for unknown")
		var sum int64
		known := true
		orders := make([]string, len(parts))
		for i, fen := range parts {
			orders[i] = fmt.Sprintf(`{"sumCarriage":%s}`, strings.Replace(strconv.FormatInt(fen, 10), "-1", "null", 1))
			sum += fen
			known = known && fen >= 0
		}
		got, err := previewed(t, `{"success":true,"orderPreviewResuslt":[`+strings.Join(orders, ",")+`]}`)
		if err != nil {
			rt.Fatal(err)
		}
		amount, said := money.Of(got.GetAmount())
		if said != known || known && amount != money.Amount(sum)*money.Fen || known && got.GetFree() != (sum == 0) {
			rt.Errorf("%v: got %v", parts, got)
		}
	})
}
