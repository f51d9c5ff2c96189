package aop_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	moneypb "google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

func yuan(units int64, nanos int32) *moneypb.Money {
	return &moneypb.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

func TestEncodeHints(t *testing.T) {
	d := aop.New(aop.Config{})
	facets := func(language string) (upstream.Call, error) {
		return d.ListSearchFacets.Encode(&zhaohuov1.ListSearchFacetsRequest{Keyword: "连衣裙 <新>", LanguageCode: language})
	}
	top := func(language string) (upstream.Call, error) {
		return d.ListTopKeywords.Encode(&zhaohuov1.ListTopKeywordsRequest{CategoryId: "70", LanguageCode: language})
	}
	related := func(q *zhaohuov1.ListRelatedProductsRequest) (upstream.Call, error) {
		return d.ListRelatedProducts.Encode(q)
	}
	for _, c := range []struct {
		name, api, param, value string
		encode                  func() (upstream.Call, error)
	}{
		{
			"facets", "product.search.keywordSNQuery-1", "snParams", `{"keyword":"连衣裙 <新>","language":"en_US","region":"US","currency":"USD"}`,
			func() (upstream.Call, error) { return facets("zh") },
		},
		{
			"facets in Korean", "product.search.keywordSNQuery-1", "snParams", `{"keyword":"连衣裙 <新>","language":"ko_KR","region":"US","currency":"USD"}`,
			func() (upstream.Call, error) { return facets("ko") },
		},
		{
			"top keywords", "product.search.topKeyword-1", "topSeKeywordParam", `{"country":"en","sourceId":"70","hotKeywordType":"cate"}`,
			func() (upstream.Call, error) { return top("") },
		},
		{
			"top keywords in Japanese", "product.search.topKeyword-1", "topSeKeywordParam", `{"country":"ja","sourceId":"70","hotKeywordType":"cate"}`,
			func() (upstream.Call, error) { return top("ja") },
		},
		{
			"related", "product.related.recommend-1", "relatedQueryParams", `{"offerId":620201390233,"pageNo":1,"pageSize":10,"language":"en"}`,
			func() (upstream.Call, error) {
				return related(&zhaohuov1.ListRelatedProductsRequest{Id: "620201390233"})
			},
		},
		{
			"related, a page", "product.related.recommend-1", "relatedQueryParams", `{"offerId":7,"pageNo":3,"pageSize":4,"language":"fr"}`,
			func() (upstream.Call, error) {
				return related(&zhaohuov1.ListRelatedProductsRequest{Id: "7", Page: proto.Int32(3), PageSize: proto.Int32(4), LanguageCode: "fr"})
			},
		},
		{
			"related, more than there are", "product.related.recommend-1", "relatedQueryParams", `{"offerId":7,"pageNo":1,"pageSize":10,"language":"en"}`,
			func() (upstream.Call, error) {
				return related(&zhaohuov1.ListRelatedProductsRequest{Id: "7", PageSize: proto.Int32(50)})
			},
		},
	} {
		call, err := c.encode()
		want := upstream.Call{API: crossborder + c.api, Params: []upstream.Param{{Name: c.param, Value: c.value}}}
		if diff := cmp.Diff(want, call); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
	if call, err := facets("tlh"); fault.KindOf(err) != fault.InvalidField || err == nil {
		t.Errorf("an unknown language: %v, %v", call, err)
	}
}

// Every language of the contract has a locale.
func TestFacetLocales(t *testing.T) {
	for _, language := range []string{"en", "ja", "ru", "vi", "ko", "fr", "pt", "es", "th", "id", "ar"} {
		call, err := aop.New(aop.Config{}).ListSearchFacets.Encode(&zhaohuov1.ListSearchFacetsRequest{Keyword: "x", LanguageCode: language})
		if err != nil || !strings.Contains(call.Params[0].Value, `"language":"`+language+`_`) {
			t.Errorf("%s: %v, %v", language, call, err)
		}
	}
}

// The id of a facet narrows a search.
func TestFacetNarrowsKeywordSearch(t *testing.T) {
	call, err := aop.New(aop.Config{}).KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "裙", FacetIds: []string{"973:28105"}})
	want := `{"keyword":"裙","beginPage":1,"pageSize":20,"country":"en","snId":"973:28105"}`
	if err != nil || call.Params[0].Value != want {
		t.Errorf("got %v, %v; want %s", call, err, want)
	}
	// How the upstream would combine several is not known.
	_, err = aop.New(aop.Config{}).KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "裙", FacetIds: []string{"973", "974"}})
	if f, ok := fault.As(err); !ok || f.Kind != fault.UnsupportedByDialect || f.Fields[0].Path != "facet_ids" {
		t.Errorf("two facets: %v", err)
	}
}

func TestDecodeFacets(t *testing.T) {
	const sent = `[{"class":"x","id":"973","name":"风格","translateName":"Style","children":[{"id":"973:28105","name":"韩版","translateName":"Korean"},
		{"id":"973:2","name":"通勤","translateName":"","children":null}]},{"id":1352,"name":"材质","children":null},{"id":"9"}]`
	for language, translated := range map[string]bool{"en": true, "": false, "zh": false} {
		answer, err := aop.New(aop.Config{}).ListSearchFacets.Decode(&zhaohuov1.ListSearchFacetsRequest{LanguageCode: language}, gjson.Parse(sent))
		if err != nil {
			t.Fatal(err)
		}
		want := &zhaohuov1.ListSearchFacetsResponse{Facets: []*zhaohuov1.SearchFacet{
			{Id: "973", Name: "风格", Values: []*zhaohuov1.SearchFacetValue{{Id: "973:28105", Name: "韩版"}, {Id: "973:2", Name: "通勤"}}},
			{Id: "1352", Name: "材质"},
			{Id: "9"},
		}}
		if translated {
			want.Facets[0].NameTranslated = proto.String("Style")
			want.Facets[0].Values[0].NameTranslated = proto.String("Korean")
		}
		if diff := cmp.Diff(want, answer, protocmp.Transform()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", language, diff)
		}
	}
}

func TestDecodeTopKeywords(t *testing.T) {
	const sent = `[{"seKeyword":" 连衣裙 ","seKeywordTranslation":"dress"},{"seKeyword":"T恤","seKeywordTranslation":null}]`
	for language, translation := range map[string]*string{"en": proto.String("dress"), "": nil, "zh": nil} {
		answer, err := aop.New(aop.Config{}).ListTopKeywords.Decode(&zhaohuov1.ListTopKeywordsRequest{LanguageCode: language}, gjson.Parse(sent))
		want := &zhaohuov1.ListTopKeywordsResponse{Keywords: []*zhaohuov1.TopKeyword{{Keyword: "连衣裙", KeywordTranslated: translation}, {Keyword: "T恤"}}}
		if diff := cmp.Diff(want, answer, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", language, err, diff)
		}
	}
}

func TestDecodeRelated(t *testing.T) {
	const row = `{"offerId":"7","subject":"杯","subjectTrans":"Cup","priceInfo":{"price":"1.70"},"monthSold":"172","sellerIdentities":["tp_member"]}`
	product := func(raw bool) *zhaohuov1.Product {
		p := &zhaohuov1.Product{
			Id: "7", Title: "杯", DetailUrl: proto.String("https://detail.1688.com/offer/7.html"), Price: yuan(1, 700_000_000),
			SoldCount: proto.Int64(172), SoldDays: proto.Int32(90),
			Supplier: &zhaohuov1.Supplier{Kinds: []zhaohuov1.SupplierKind{zhaohuov1.SupplierKind_SUPPLIER_KIND_TRUST_PASS_MEMBER}},
		}
		if raw {
			p.RawJson = proto.String(row)
		}
		return p
	}
	unsold := &zhaohuov1.Product{Id: "8", DetailUrl: proto.String("https://detail.1688.com/offer/8.html")}
	for _, c := range []struct {
		name, sent string
		q          *zhaohuov1.ListRelatedProductsRequest
		want       *zhaohuov1.ListRelatedProductsResponse
	}{
		{"a short page is the last", `[` + row + `,{"offerId":8}]`, &zhaohuov1.ListRelatedProductsRequest{}, &zhaohuov1.ListRelatedProductsResponse{
			Products: []*zhaohuov1.Product{product(false), unsold}, Page: 1, EffectivePageSize: 10,
		}},
		{
			"after a full page there may be another", `[` + row + `]`, &zhaohuov1.ListRelatedProductsRequest{Page: proto.Int32(2), PageSize: proto.Int32(1), IncludeRaw: true},
			&zhaohuov1.ListRelatedProductsResponse{Products: []*zhaohuov1.Product{product(true)}, Page: 2, NextPage: 3, EffectivePageSize: 1},
		},
		{"nothing", `[]`, &zhaohuov1.ListRelatedProductsRequest{Page: proto.Int32(9)}, &zhaohuov1.ListRelatedProductsResponse{Page: 9, EffectivePageSize: 10}},
		{"the window ends", `[{"offerId":8}]`, &zhaohuov1.ListRelatedProductsRequest{Page: proto.Int32(2000), PageSize: proto.Int32(1)}, &zhaohuov1.ListRelatedProductsResponse{
			Products: []*zhaohuov1.Product{unsold}, Page: 2000, EffectivePageSize: 1,
		}},
	} {
		answer, err := aop.New(aop.Config{}).ListRelatedProducts.Decode(c.q, gjson.Parse(c.sent))
		if diff := cmp.Diff(c.want, answer, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
}

func TestDecodeHintsRefuses(t *testing.T) {
	d := aop.New(aop.Config{})
	facets := func(p gjson.Result) (proto.Message, error) {
		return d.ListSearchFacets.Decode(&zhaohuov1.ListSearchFacetsRequest{}, p)
	}
	top := func(p gjson.Result) (proto.Message, error) {
		return d.ListTopKeywords.Decode(&zhaohuov1.ListTopKeywordsRequest{}, p)
	}
	related := func(p gjson.Result) (proto.Message, error) {
		return d.ListRelatedProducts.Decode(&zhaohuov1.ListRelatedProductsRequest{}, p)
	}
	for _, c := range []struct {
		name, payload string
		decode        func(gjson.Result) (proto.Message, error)
	}{
		{"facets are an object", `{"a":1}`, facets},
		{"facets are text", `"x"`, facets},
		{"a facet without an id", `[{"id":"1"},{"name":"风格"}]`, facets},
		{"a facet that is null", `[null]`, facets},
		{"a value without an id", `[{"id":"1","children":[{"name":"韩版"}]}]`, facets},
		{"keywords are an object", `{}`, top},
		{"a keyword that is blank", `[{"seKeyword":" "}]`, top},
		{"a keyword that is text", `["裙"]`, top},
		{"related goods are text", `"x"`, related},
		{"related goods without an id", `[{"subject":"杯"}]`, related},
	} {
		answer, err := c.decode(gjson.Parse(c.payload))
		if err == nil || fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: got %v, %v", c.name, answer, err)
		}
	}
}

func TestHintsNameTheConfiguredAPIs(t *testing.T) {
	m := func(name string) aop.Method { return aop.Method{Namespace: "n", Name: name, Version: "2"} }
	d := aop.New(aop.Config{Methods: aop.Methods{
		GetProduct: m("a"), ListSellerProducts: m("b"), ListSearchFacets: m("c"), ListTopKeywords: m("d"), ListRelatedProducts: m("e"),
	}})
	var got []string
	for _, encode := range []func() (upstream.Call, error){
		func() (upstream.Call, error) { return d.GetProduct.Encode(&zhaohuov1.GetProductRequest{Id: "1"}) },
		func() (upstream.Call, error) {
			return d.ListSellerProducts.Encode(&zhaohuov1.ListSellerProductsRequest{SellerId: "1"})
		},
		func() (upstream.Call, error) {
			return d.ListSearchFacets.Encode(&zhaohuov1.ListSearchFacetsRequest{Keyword: "1"})
		},
		func() (upstream.Call, error) {
			return d.ListTopKeywords.Encode(&zhaohuov1.ListTopKeywordsRequest{CategoryId: "1"})
		},
		func() (upstream.Call, error) {
			return d.ListRelatedProducts.Encode(&zhaohuov1.ListRelatedProductsRequest{Id: "1"})
		},
	} {
		call, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, call.API)
	}
	if diff := cmp.Diff([]string{"n:a-2", "n:b-2", "n:c-2", "n:d-2", "n:e-2"}, got); diff != "" {
		t.Error(diff)
	}
}

// FuzzHints checks what holds for every answer: no panic, every failure is a fault, and hints are usable and fit the
// contract.
func FuzzHints(f *testing.F) {
	for _, seed := range []string{
		`[{"id":"973","name":"风格","translateName":"Style","children":[{"id":"973:28105"}]}]`, `[{"seKeyword":"裙","seKeywordTranslation":"dress"}]`,
		`[{"offerId":"7","monthSold":"172"}]`, `[]`, `[null]`, `{}`, `[{"id":1e3,"children":7}]`, "[{\"seKeyword\":\"\\ud83d\"}]",
	} {
		f.Add([]byte(seed), int32(1))
	}
	d := aop.New(aop.Config{})
	f.Fuzz(func(t *testing.T, payload []byte, number int32) {
		wrapped := append(append([]byte(`{"result":{"success":true,"retCode":"S0000","result":`), payload...), `}}`...)
		opened, err := d.Wire.Open(upstream.Call{}, 200, wrapped)
		if err != nil {
			return
		}
		facets, err1 := d.ListSearchFacets.Decode(&zhaohuov1.ListSearchFacetsRequest{LanguageCode: "en"}, opened)
		top, err2 := d.ListTopKeywords.Decode(&zhaohuov1.ListTopKeywordsRequest{LanguageCode: "en"}, opened)
		number = max(number, 1)
		related, err3 := d.ListRelatedProducts.Decode(&zhaohuov1.ListRelatedProductsRequest{Page: &number, IncludeRaw: true}, opened)
		for _, err := range []error{err1, err2, err3} {
			if err != nil && fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
				t.Errorf("got %v", err)
			}
		}
		for _, facet := range facets.GetFacets() {
			if facet.GetId() == "" {
				t.Errorf("a facet without an id: %v", facet)
			}
		}
		for _, k := range top.GetKeywords() {
			if k.GetKeyword() == "" {
				t.Error("an empty keyword")
			}
		}
		for _, p := range related.GetProducts() {
			if p.GetId() == "" || (p.SoldCount != nil) != (p.SoldDays != nil) || (p.SoldDays != nil && p.GetSoldDays() != 90) {
				t.Errorf("got %v", p)
			}
		}
		for _, m := range []proto.Message{facets, top, related} {
			if _, err := proto.Marshal(m); err != nil {
				t.Errorf("cannot be sent: %v", err)
			}
		}
	})
}
