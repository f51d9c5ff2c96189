package cli

import (
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

func TestSeller(t *testing.T) {
	full := goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)
	s := &productServer{answer: &zhaohuov1.ListSellerProductsResponse{Products: full.GetProducts()[:1], Page: 2, NextPage: 3, Total: proto.Int64(40), Meta: full.GetMeta()}}
	want := "" +
		"ID            TITLE                     PRICE  MOQ  SOLD  REPURCHASE  SUPPLIER        BADGES\n" +
		"620201390233  Bluetooth earphones  ¥1.50-3.20    2  800+       23.5%  深圳某某电子厂  dropshipping, ships-in-24h\n" +
		"page 2: 1 product of 40; more with --page 3; source LIVE\n"
	got := run(t, nil, "seller", "s1", "--keyword=耳机", "--min-price=1", "--max-price=2", "--sort=sales", "--category=7", "--filter=new-7-days",
		"--page=2", "--page-size=1", "--language=en", "--addr", s.serve(t))
	if diff := gocmp.Diff(outcome{0, want, ""}, got, gocmp.AllowUnexported(outcome{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	asked := &zhaohuov1.ListSellerProductsRequest{
		SellerId: "s1", Keyword: "耳机", PriceMin: "1", PriceMax: "2", Sort: zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC, CategoryId: "7",
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS}, Page: proto.Int32(2), PageSize: proto.Int32(1), LanguageCode: "en",
	}
	if diff := gocmp.Diff(asked, s.asked, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestHints(t *testing.T) {
	meta := &zhaohuov1.AnswerMeta{Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE}
	full := goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)
	for name, test := range map[string]struct {
		answer, asked proto.Message
		args          []string
		stdout        string
	}{
		"facets": {
			&zhaohuov1.ListSearchFacetsResponse{Meta: meta, Facets: []*zhaohuov1.SearchFacet{
				{Id: "973", Name: "风格", NameTranslated: proto.String("Style"), Values: []*zhaohuov1.SearchFacetValue{{Id: "973:28105", Name: "韩版", NameTranslated: proto.String("Korean")}}},
				{Id: "8"},
			}},
			&zhaohuov1.ListSearchFacetsRequest{Keyword: "连衣裙 新款", LanguageCode: "en"},
			[]string{"facets", "连衣裙", "新款", "--language=en"},
			"FACET      NAME    TRANSLATED\n973        风格    Style\n973:28105    韩版    Korean\n8          -\n2 facets; source LIVE\n",
		},
		"no facets": {
			&zhaohuov1.ListSearchFacetsResponse{Meta: meta}, &zhaohuov1.ListSearchFacetsRequest{Keyword: "x"}, []string{"facets", "x"}, "0 facets; source LIVE\n",
		},
		"top keywords": {
			&zhaohuov1.ListTopKeywordsResponse{Meta: meta, Keywords: []*zhaohuov1.TopKeyword{{Keyword: "连衣裙", KeywordTranslated: proto.String("dress")}, {Keyword: "T恤"}}},
			&zhaohuov1.ListTopKeywordsRequest{CategoryId: "70"},
			[]string{"top-keywords", "70"},
			"KEYWORD  TRANSLATED\n连衣裙   dress\nT恤\n2 keywords; source LIVE\n",
		},
		"categories by name": {
			&zhaohuov1.FindCategoriesResponse{Meta: meta, Categories: []*zhaohuov1.ProductCategory{
				{Id: "1520", Name: "杯壶", NameTranslated: proto.String("Cups"), Level: proto.Int32(2), ParentId: proto.String("15"), Leaf: proto.Bool(false)}, {Id: "7"},
			}},
			&zhaohuov1.FindCategoriesRequest{Name: "杯 壶", LanguageCode: "en"},
			[]string{"category", "杯", "壶", "--language=en"},
			"ID    NAME  TRANSLATED  LEVEL  PARENT  LEAF\n1520  杯壶  Cups        2      15      no\n7     -                 -      -       -\n2 categories; source LIVE\n",
		},
		"a category by id": {
			&zhaohuov1.GetCategoryResponse{
				Meta: meta, Category: &zhaohuov1.ProductCategory{Id: "15", Name: "日用", Leaf: proto.Bool(false)},
				Children: []*zhaohuov1.ProductCategory{{Id: "1520", Name: "杯壶", ParentId: proto.String("15"), Leaf: proto.Bool(true)}},
			},
			&zhaohuov1.GetCategoryRequest{Id: "15"},
			[]string{"category", "15"},
			"ID    NAME    TRANSLATED  LEVEL  PARENT  LEAF\n15    日用                -      -       no\n1520    杯壶              -      15      yes\n2 categories; source LIVE\n",
		},
		"a category whose children are not known": {
			&zhaohuov1.GetCategoryResponse{Meta: meta, Category: &zhaohuov1.ProductCategory{Id: "0"}, ChildrenUnknown: true},
			&zhaohuov1.GetCategoryRequest{Id: "0"},
			[]string{"category", "0"},
			"ID  NAME  TRANSLATED  LEVEL  PARENT  LEAF\n0   -                 -      -       -\n1 category; source LIVE\n1688 did not say which categories are below this one\n",
		},
		"related": {
			&zhaohuov1.ListRelatedProductsResponse{Meta: meta, Products: full.GetProducts()[1:2], Page: 2, NextPage: 3},
			&zhaohuov1.ListRelatedProductsRequest{Id: "7", Page: proto.Int32(2), PageSize: proto.Int32(1), LanguageCode: "en"},
			[]string{"related", "7", "--page=2", "--page-size=1", "--language=en"},
			"ID  TITLE  PRICE  MOQ  SOLD  REPURCHASE  SUPPLIER  BADGES\n2   -       面议    -     0           -  -         -\npage 2: 1 product; more with --page 3; source LIVE\n",
		},
		"freight": {
			&zhaohuov1.EstimateFreightResponse{Meta: meta, Freight: &zhaohuov1.FreightQuote{
				ProductId: "7", Quantity: 30, Amount: &moneypb.Money{CurrencyCode: "CNY", Units: 12, Nanos: 500_000_000}, WeightGrams: proto.Int64(250),
				Tariff: &zhaohuov1.FreightTariff{
					Name: proto.String("模板"), Charge: zhaohuov1.FreightCharge_FREIGHT_CHARGE_WEIGHT,
					FirstFee: &moneypb.Money{CurrencyCode: "CNY", Units: 6}, FirstUnits: proto.String("1"),
					NextFee: &moneypb.Money{CurrencyCode: "CNY", Units: 2}, NextUnits: proto.String("1"),
				},
			}},
			&zhaohuov1.EstimateFreightRequest{
				Id: "7", Quantity: 30, Destination: &zhaohuov1.FreightDestination{ProvinceCode: "330000", CityCode: "330100", DistrictCode: "330108"},
				Skus: []*zhaohuov1.FreightSku{{Id: "1", Quantity: 10}, {Id: "2", SpecId: "a", Quantity: 20}},
			},
			[]string{"freight", "7", "--to=330108", "--quantity=30", "--sku=1:10,2:a:20"},
			"PROPERTY             VALUE\nfreight              ¥12.50\npieces               30\ntariff               模板\nfirst fee            ¥6 for 1 kg\n" +
				"each further         ¥2 for 1 kg\nweight of one piece  250 g\nsource LIVE\n",
		},
		"freight that is not known": {
			&zhaohuov1.EstimateFreightResponse{Meta: meta, Freight: &zhaohuov1.FreightQuote{
				ProductId: "7", Quantity: 1, Free: proto.Bool(false), Basis: zhaohuov1.FreightBasis_FREIGHT_BASIS_ORDER_PREVIEW,
			}},
			&zhaohuov1.EstimateFreightRequest{
				Id: "7", Quantity: 1, Destination: &zhaohuov1.FreightDestination{ProvinceCode: "440000", CityCode: "441900", DistrictCode: "441900"},
			},
			[]string{"freight", "7", "--to=441900"},
			"PROPERTY  VALUE\nfreight   not known, which is not free: ask the seller\npieces    1\nbased on  an order that was previewed and not made\nsource LIVE\n",
		},
		"related as CSV": {
			&zhaohuov1.ListRelatedProductsResponse{Meta: meta, Page: 1}, &zhaohuov1.ListRelatedProductsRequest{Id: "7"},
			[]string{"related", "7", "-ocsv"},
			strings.Join(csvHeader, ",") + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &productServer{answer: test.answer}
			addr := s.serve(t)
			got := run(t, nil, append(test.args, "--addr", addr)...)
			if diff := gocmp.Diff(outcome{0, test.stdout, ""}, got, gocmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(test.asked, s.asked, protocmp.Transform()); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			back := test.answer.ProtoReflect().New().Interface()
			got = run(t, nil, append(test.args, "-ojson", "--addr", addr)...)
			if err := protojson.Unmarshal([]byte(got.stdout), back); err != nil || got.code != 0 {
				t.Fatalf("%v %+v", err, got)
			}
			if diff := gocmp.Diff(test.answer, back, protocmp.Transform()); diff != "" {
				t.Errorf("json (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGoodsUsage(t *testing.T) {
	for want, args := range map[string][]string{
		"error: --raw needs -o json\n":                                                        {"product", "1", "--raw"},
		"error: expected \"<id> ...\"\n":                                                      {"product"},
		"error: expected \"<seller-id>\"\n":                                                   {"seller"},
		"error: expected \"<category>\"\n":                                                    {"top-keywords"},
		"error: expected \"<words> ...\"\n":                                                   {"facets"},
		"error: --to must be the code of a district in China: 6 digits, such as 330108\n":     {"freight", "1", "--to=杭州"},
		"error: --sku must be ID:N or ID:SPEC_ID:N, such as 6023333753098:20, but is \"9\"\n": {"freight", "1", "--to=330108", "--sku=9"},
		"error: expected \"<id>\"\n":                                                          {"related"},
		"error: unexpected argument 2\n":                                                      {"related", "1", "2"},
		"error: --output must be one of \"table\",\"json\" but got \"csv\"\n":                 {"facets", "x", "-ocsv"},
	} {
		if got := run(t, nil, args...); got != (outcome{exitUsage, "", want}) {
			t.Errorf("%v: %+v", args, got)
		}
	}
	s := &productServer{err: failure(codes.NotFound, "gone", &errdetails.ErrorInfo{Reason: "PRODUCT_NOT_FOUND", Domain: "zhaohuo.dev"})}
	if got := run(t, nil, "product", "1", "--addr", s.serve(t)); got != (outcome{exitRefused, "", "error: NOT_FOUND PRODUCT_NOT_FOUND: gone\n"}) {
		t.Errorf("one product that is gone: %+v", got)
	}
}

func TestSearchByFacet(t *testing.T) {
	s := &searchServer{answer: goods(zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE)}
	if got := run(t, nil, "search", "x", "--facet=973:28105", "--addr", s.serve(t)); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if diff := gocmp.Diff(&zhaohuov1.KeywordSearchRequest{Keyword: "x", FacetIds: []string{"973:28105"}}, s.asked, protocmp.Transform()); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}
