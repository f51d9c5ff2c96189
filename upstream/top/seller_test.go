package top_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func TestSellerEncode(t *testing.T) {
	for _, row := range []struct {
		config top.Config
		q      *zhaohuov1.ListSellerProductsRequest
		want   upstream.Call
	}{
		{top.Config{}, &zhaohuov1.ListSellerProductsRequest{SellerId: "o/1+="}, upstream.Call{API: "alibaba.product.getSellerProductList", Params: []upstream.Param{
			{Name: "sellerOpenId", Value: "o/1+="}, {Name: "page", Value: "1"}, {Name: "pageSize", Value: "20"},
		}}},
		{
			// KeywordForm does not apply here.
			top.Config{Methods: top.Methods{ListSellerProducts: "my.list"}, SellerIDParam: "memberId", KeywordForm: top.FormWholesaleJSON, Limits: upstream.Limits{PageSizeMax: 40}},
			&zhaohuov1.ListSellerProductsRequest{
				SellerId: "s", Keyword: "杯", Page: proto.Int32(2), PageSize: proto.Int32(50), PriceMin: "1", PriceMax: "9.90", CategoryId: "70",
				Sort: zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC, LanguageCode: "zh", IncludeRaw: true,
			},
			upstream.Call{API: "my.list", Params: []upstream.Param{
				{Name: "memberId", Value: "s"},
				{Name: "q", Value: "杯"},
				{Name: "page", Value: "2"},
				{Name: "pageSize", Value: "40"},
				{Name: "priceStart", Value: "1"},
				{Name: "priceEnd", Value: "9.90"},
				{Name: "categoryId", Value: "70"},
				{Name: "sort", Value: "sale"},
			}},
		},
	} {
		got, err := top.New(row.config).ListSellerProducts.Encode(row.q)
		if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
	for field, q := range map[string]*zhaohuov1.ListSellerProductsRequest{
		"sort":          {Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC},
		"filters":       {Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS}},
		"language_code": {LanguageCode: "en"},
	} {
		_, err := top.New(top.Config{}).ListSellerProducts.Encode(q)
		if f, ok := fault.As(err); !ok || f.Kind != fault.UnsupportedByDialect || f.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := top.New(top.Config{}).KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "a", FacetIds: []string{"973"}})
	if f, ok := fault.As(err); !ok || f.Kind != fault.UnsupportedByDialect || f.Fields[0].Path != "facet_ids" {
		t.Errorf("facet_ids: %v", err)
	}
}

func TestSellerDecode(t *testing.T) {
	const goods = `{"productId":7,"subject":"杯","price":"1.50-3.20","companyName":"某厂","location":"浙江义乌","saleCount":"800+"}`
	product := &zhaohuov1.Product{
		Id: "7", Title: "杯", Price: &money.Money{CurrencyCode: "CNY", Units: 1, Nanos: 500_000_000}, PriceMax: &money.Money{CurrencyCode: "CNY", Units: 3, Nanos: 200_000_000},
		Supplier: &zhaohuov1.Supplier{Name: proto.String("某厂"), Location: proto.String("浙江义乌")}, SoldCount: proto.Int64(800), SoldAtLeast: true, RawJson: proto.String(goods),
	}
	full := &zhaohuov1.ListSellerProductsResponse{Products: []*zhaohuov1.Product{product}, Page: 2, EffectivePageSize: 1, NextPage: 3}
	last := &zhaohuov1.ListSellerProductsResponse{Products: []*zhaohuov1.Product{product}, Page: 2, EffectivePageSize: 1, Total: proto.Int64(2)}
	empty := &zhaohuov1.ListSellerProductsResponse{Page: 2, EffectivePageSize: 1}
	for body, want := range map[string]*zhaohuov1.ListSellerProductsResponse{
		`{"alibaba_product_getSellerProductList_response":{"result":{"result":[` + goods + `]},"request_id":"r"}}`: full,
		`{"productList":[` + goods + `],"success":true,"message":""}`:                                              full,
		`{"result":{"success":true,"productList":[` + goods + `],"total":2}}`:                                      last,
		`{"products":[],"success":true}`:                                                                           empty,
		`{"alibaba_product_getSellerProductList_response":{"productList":[]}}`:                                     empty,
	} {
		d := top.New(top.Config{Limits: limits})
		payload, err := d.Wire.Open(upstream.Call{API: top.MethodSellerProducts}, http.StatusOK, []byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		got, err := d.ListSellerProducts.Decode(&zhaohuov1.ListSellerProductsRequest{Page: proto.Int32(2), PageSize: proto.Int32(1), IncludeRaw: true}, payload)
		if diff := cmp.Diff(want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", body, err, diff)
		}
		if _, err := d.ListSellerProducts.Decode(&zhaohuov1.ListSellerProductsRequest{}, payload.Get("nowhere")); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("no list: %v", err)
		}
	}
}

// A list that stands alone and is empty may be anything: it is no answer about a seller who sells nothing.
func TestSellerListsThatSayNothing(t *testing.T) {
	for _, body := range []string{`{"productList":[]}`, `{"products":[]}`, `{"result":[]}`, `{"items":[]}`, `{"productList":[],"request_id":"r"}`} {
		d := top.New(top.Config{Limits: limits})
		payload, err := d.Wire.Open(upstream.Call{API: top.MethodSellerProducts}, http.StatusOK, []byte(body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		if answer, err := d.ListSellerProducts.Decode(&zhaohuov1.ListSellerProductsRequest{}, payload); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s gives %v, %v", body, answer, err)
		}
	}
}

// TOP has no hints: its dialect has no such operations.
func TestNoHints(t *testing.T) {
	d := top.New(top.Config{})
	if d.ListSearchFacets.Offered() || d.ListTopKeywords.Offered() || d.ListRelatedProducts.Offered() {
		t.Error("hints are offered")
	}
}
