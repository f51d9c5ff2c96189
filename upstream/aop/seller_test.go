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

func TestEncodeListSellerProducts(t *testing.T) {
	for want, q := range map[string]*zhaohuov1.ListSellerProductsRequest{
		`{"beginPage":1,"pageSize":20,"country":"en","sellerOpenId":"BBB/x+="}`: {SellerId: "BBB/x+="},
		`{"keyword":"杯","beginPage":2,"pageSize":50,"country":"ja","filter":"new7","sort":"{\"price\":\"desc\"}",` +
			`"priceStart":"1","priceEnd":"9.90","categoryId":70,"sellerOpenId":"s"}`: {
			SellerId: "s", Keyword: "杯", Page: proto.Int32(2), PageSize: proto.Int32(50), LanguageCode: "ja", PriceMin: "1", PriceMax: "9.90",
			CategoryId: "70", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC, Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS}, IncludeRaw: true,
		},
	} {
		call, err := aop.New(aop.Config{}).ListSellerProducts.Encode(q)
		wanted := upstream.Call{
			API:    crossborder + "product.search.querySellerOfferList-1",
			Params: []upstream.Param{{Name: "offerQueryParam", Value: want}},
		}
		if diff := cmp.Diff(wanted, call); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	_, err := aop.New(aop.Config{}).ListSellerProducts.Encode(&zhaohuov1.ListSellerProductsRequest{Sort: 99})
	if f, ok := fault.As(err); !ok || f.Kind != fault.InvalidField || f.Fields[0].Path != "sort" {
		t.Errorf("an unknown order: %v", err)
	}
}

// The rows of a shop's list hold less than those of a search, and isSelect is text.
func TestDecodeListSellerProducts(t *testing.T) {
	const row = `{"offerId":7,"subject":"杯","subjectTrans":"Cup","priceInfo":{"price":"1.70"},"monthSold":12,"isSelect":"true"}`
	q := &zhaohuov1.ListSellerProductsRequest{SellerId: "s", Page: proto.Int32(2), PageSize: proto.Int32(1), LanguageCode: "en", IncludeRaw: true}
	answer, err := aop.New(aop.Config{}).ListSellerProducts.Decode(q,
		gjson.Parse(`{"totalRecords":2000,"totalPage":2001,"pageSize":1,"currentPage":2,"data":[`+row+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := &zhaohuov1.ListSellerProductsResponse{
		Products: []*zhaohuov1.Product{{
			Id: "7", Title: "杯", TitleTranslated: proto.String("Cup"), DetailUrl: proto.String("https://detail.1688.com/offer/7.html"),
			Price: yuan(1, 700_000_000), SoldCount: proto.Int64(12), SoldDays: proto.Int32(30),
			Badges: []zhaohuov1.ProductBadge{zhaohuov1.ProductBadge_PRODUCT_BADGE_CROSS_BORDER_SELECTION}, RawJson: proto.String(row),
		}},
		Total: proto.Int64(2000), Page: 2, EffectivePageSize: 1, NextPage: 3, Truncated: true,
	}
	if diff := cmp.Diff(want, answer, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, payload := range []string{`{"totalRecords":1}`, `{"totalRecords":1,"data":[{"subject":"杯"}]}`} {
		if _, err := aop.New(aop.Config{}).ListSellerProducts.Decode(q, gjson.Parse(payload)); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: %v", payload, err)
		}
	}
}
