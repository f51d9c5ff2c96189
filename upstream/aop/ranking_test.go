package aop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

const (
	sales      = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_SALES
	median     = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_MEDIAN_PRICE
	repurchase = zhaohuov1.ProductTrendKind_PRODUCT_TREND_KIND_REPURCHASE_RATE
)

func TestEncodeTopProducts(t *testing.T) {
	d := aop.New(aop.Config{})
	for value, q := range map[string]*zhaohuov1.ListTopProductsRequest{
		`{"rankId":"70","rankType":"complex","limit":10,"language":"en"}`: {CategoryId: "70"},
		`{"rankId":"70","rankType":"VNHot","limit":20,"language":"ja"}`:   {CategoryId: "70", RankType: "VNHot", Limit: proto.Int32(21), LanguageCode: "ja"},
	} {
		call, err := d.ListTopProducts.Encode(q)
		want := upstream.Call{API: crossborder + "product.topList.query-1", Params: []upstream.Param{{Name: "rankQueryParams", Value: value}}}
		if diff := cmp.Diff(want, call); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
}

func TestDecodeTopProducts(t *testing.T) {
	d := aop.New(aop.Config{})
	payload := gjson.Parse(`{"rankId":"1111","rankName":"Comprehensive List","rankType":"complex","rankProductModels":[
		{"itemId":699490252651,"title":"凉鞋","translateTitle":"sandals","imgUrl":"http://img.china.alibaba.com/img/ibank/O1.jpg","sort":1,
		"serviceList":["sendGoods48H","sendGoods24H","other","sendGoods48H"],"buyerNum":1334,"soldOut":433454,"goodsScore":"5"},
		{"itemId":"7","title":"鞋","sort":"x","serviceList":null,"buyerNum":null,"soldOut":"800+","goodsScore":""}]}`)
	want := &zhaohuov1.ListTopProductsResponse{
		Name: proto.String("Comprehensive List"), RankType: proto.String("complex"),
		Products: []*zhaohuov1.TopProduct{
			{
				Rank: proto.Int32(1), BuyerCount: proto.Int64(1334), TradeScore: proto.Float64(5),
				Product: &zhaohuov1.Product{
					Id: "699490252651", Title: "凉鞋", TitleTranslated: proto.String("sandals"), ImageUrl: proto.String("http://img.china.alibaba.com/img/ibank/O1.jpg"),
					DetailUrl: proto.String("https://detail.1688.com/offer/699490252651.html"), SoldCount: proto.Int64(433454), SoldDays: proto.Int32(30),
					Badges: []zhaohuov1.ProductBadge{zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_24H, zhaohuov1.ProductBadge_PRODUCT_BADGE_SHIPS_IN_48H},
				},
			},
			{Product: &zhaohuov1.Product{
				Id: "7", Title: "鞋", DetailUrl: proto.String("https://detail.1688.com/offer/7.html"), SoldCount: proto.Int64(800), SoldAtLeast: true, SoldDays: proto.Int32(30),
			}},
		},
	}
	got, err := d.ListTopProducts.Decode(&zhaohuov1.ListTopProductsRequest{LanguageCode: "en"}, payload)
	if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, text := range []string{`[]`, `{}`, `{"rankProductModels":null}`, `{"rankProductModels":[{"title":"鞋"}]}`} {
		if got, err := d.ListTopProducts.Decode(&zhaohuov1.ListTopProductsRequest{}, gjson.Parse(text)); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

func TestEncodeTrends(t *testing.T) {
	d := aop.New(aop.Config{})
	for kind, names := range map[zhaohuov1.ProductTrendKind][2]string{
		sales:      {"product.analyze.getPerdaySellQuantityTrendNew-1", "tendQueryParam"},
		median:     {"product.analyze.getThirtyDayMedianPriceTrendNew-1", "trendQueryParam"},
		repurchase: {"product.analyze.getRepurchaseRateTrendNew-1", "trendQueryParam"},
	} {
		call, err := d.GetProductTrends.Encode(&zhaohuov1.GetProductTrendsRequest{
			Id: "620201390233", Kinds: []zhaohuov1.ProductTrendKind{kind}, StartDate: "2026-07-01", EndDate: "2026-07-04",
		})
		want := upstream.Call{API: crossborder + names[0], Params: []upstream.Param{
			{Name: names[1], Value: `{"offerId":620201390233,"startDate":"20260701","endDate":"20260704"}`},
		}}
		if diff := cmp.Diff(want, call); err != nil || diff != "" {
			t.Errorf("%v: %v (-want +got):\n%s", kind, err, diff)
		}
	}
}

func TestDecodeTrends(t *testing.T) {
	d := aop.New(aop.Config{})
	decode := func(kind zhaohuov1.ProductTrendKind, list string) (*zhaohuov1.GetProductTrendsResponse, error) {
		opened, err := d.Wire.Open(upstream.Call{}, 200, []byte(`{"result":{"success":true,"retCode":"S000","retMsg":"成功","result":`+list+`}}`))
		if err != nil {
			return nil, err
		}
		return d.GetProductTrends.Decode(&zhaohuov1.GetProductTrendsRequest{Kinds: []zhaohuov1.ProductTrendKind{kind}}, opened)
	}
	first, second, third := "2024-07-01", "2024-07-02", "2024-07-03"
	for name, test := range map[string]struct {
		kind   zhaohuov1.ProductTrendKind
		list   string
		points []*zhaohuov1.ProductTrendPoint
	}{
		"units, out of order; none is not zero": {
			sales, `[{"date":"20240702","value":""},{"date":"20240701","value":"100"},{"date":20240703,"value":"0"}]`,
			[]*zhaohuov1.ProductTrendPoint{{Date: first, UnitsSold: proto.Int64(100)}, {Date: second}, {Date: third, UnitsSold: proto.Int64(0)}},
		},
		"a lower bound is no count": {sales, `[{"date":"20240701","value":"800+"}]`, []*zhaohuov1.ProductTrendPoint{{Date: first}}},
		"prices": {
			median, `[{"date":"20240701","value":"1.12"},{"date":"20240702","value":null},{"date":"20240703","value":"0"}]`,
			[]*zhaohuov1.ProductTrendPoint{{Date: first, MedianPrice: yuan(1, 120_000_000)}, {Date: second}, {Date: third}},
		},
		"a range is no median": {median, `[{"date":"20240701","value":"1.12-3.00"}]`, []*zhaohuov1.ProductTrendPoint{{Date: first}}},
		"rates": {
			repurchase, `[{"date":"20240701","value":"10%"},{"date":"20240702","value":"0%"},{"date":"20240703"}]`,
			[]*zhaohuov1.ProductTrendPoint{{Date: first, RepurchaseRate: proto.Float64(0.1)}, {Date: second, RepurchaseRate: proto.Float64(0)}, {Date: third}},
		},
		"no days": {sales, `[]`, nil},
	} {
		got, err := decode(test.kind, test.list)
		want := &zhaohuov1.GetProductTrendsResponse{Trends: []*zhaohuov1.ProductTrend{{Kind: test.kind, Points: test.points}}}
		if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	for _, list := range []string{`null`, `{}`, `[{"value":"1"}]`, `[{"date":"20240231","value":"1"}]`} {
		if got, err := decode(sales, list); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: %v, %v", list, got, err)
		}
	}
}
