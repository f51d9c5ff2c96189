package top_test

import (
	"net/http"
	"slices"
	"strings"
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

var limits = upstream.Limits{PageSizeMax: 50, Window: 2000}

func TestKeywordEncode(t *testing.T) {
	everything := &zhaohuov1.KeywordSearchRequest{
		Keyword: `耳机 "5.0" <新>`, Page: proto.Int32(3), PageSize: proto.Int32(50),
		PriceMin: "10", PriceMax: "99.90", CategoryId: "1512", Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC,
		LanguageCode: "zh", IncludeRaw: true,
	}
	least := &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"}
	for _, row := range []struct {
		name   string
		config top.Config
		q      *zhaohuov1.KeywordSearchRequest
		want   upstream.Call
	}{
		{"flat, the least", top.Config{}, least, upstream.Call{API: "com.alibaba.product.search", Params: []upstream.Param{
			{Name: "q", Value: "耳机"}, {Name: "page", Value: "1"}, {Name: "pageSize", Value: "20"},
		}}},
		{"flat, everything", top.Config{Limits: limits}, everything, upstream.Call{API: "com.alibaba.product.search", Params: []upstream.Param{
			{Name: "q", Value: `耳机 "5.0" <新>`},
			{Name: "page", Value: "3"},
			{Name: "pageSize", Value: "50"},
			{Name: "priceStart", Value: "10"},
			{Name: "priceEnd", Value: "99.90"},
			{Name: "categoryId", Value: "1512"},
			{Name: "sort", Value: "price_desc"},
		}}},
		{"flat, another method, a smaller page", top.Config{
			Methods: top.Methods{KeywordSearch: top.MethodWholesaleSearch}, Limits: upstream.Limits{PageSizeMax: 40},
		}, everything, upstream.Call{API: "alibaba.wholesale.goods.search", Params: []upstream.Param{
			{Name: "q", Value: `耳机 "5.0" <新>`},
			{Name: "page", Value: "3"},
			{Name: "pageSize", Value: "40"},
			{Name: "priceStart", Value: "10"},
			{Name: "priceEnd", Value: "99.90"},
			{Name: "categoryId", Value: "1512"},
			{Name: "sort", Value: "price_desc"},
		}}},
		{"JSON, the least", top.Config{KeywordForm: top.FormWholesaleJSON}, least, upstream.Call{API: "com.alibaba.product.search", Params: []upstream.Param{
			{Name: "param_search_goods_option", Value: `{"keyword":"耳机","page_no":1,"page_size":20}`},
		}}},
		{"JSON, everything", top.Config{
			KeywordForm: top.FormWholesaleJSON, Methods: top.Methods{KeywordSearch: top.MethodWholesaleSearch},
		}, everything, upstream.Call{API: "alibaba.wholesale.goods.search", Params: []upstream.Param{
			{Name: "param_search_goods_option", Value: `{"keyword":"耳机 \"5.0\" <新>","category_id":1512,"price_from_cent":1000,"price_to_cent":9990,` +
				`"sort_by":"price_desc","page_no":3,"page_size":50}`},
		}}},
		{"JSON, a bound of nothing", top.Config{KeywordForm: top.FormWholesaleJSON}, &zhaohuov1.KeywordSearchRequest{
			Keyword: "a", PriceMin: "0", PriceMax: "0.01",
		}, upstream.Call{API: "com.alibaba.product.search", Params: []upstream.Param{
			{Name: "param_search_goods_option", Value: `{"keyword":"a","price_from_cent":0,"price_to_cent":1,"page_no":1,"page_size":20}`},
		}}},
	} {
		got, err := top.New(row.config).KeywordSearch.Encode(row.q)
		if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", row.name, err, diff)
		}
	}
}

func TestKeywordSortWords(t *testing.T) {
	for sort, word := range map[zhaohuov1.SortOrder]string{
		zhaohuov1.SortOrder_SORT_ORDER_UNSPECIFIED: "",
		zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE:   "",
		zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC:   "price_asc",
		zhaohuov1.SortOrder_SORT_ORDER_PRICE_DESC:  "price_desc",
		zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC:  "sale",
	} {
		call, err := top.New(top.Config{}).KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "a", Sort: sort})
		i := slices.IndexFunc(call.Params, func(p upstream.Param) bool { return p.Name == "sort" })
		got := ""
		if i >= 0 {
			got = call.Params[i].Value
		}
		if err != nil || got != word || (i >= 0) != (word != "") {
			t.Errorf("%s is sent as %q, %v, want %q", sort, got, err, word)
		}
	}
}

func TestKeywordEncodeRefuses(t *testing.T) {
	for _, row := range []struct {
		field string
		kind  fault.Kind
		q     *zhaohuov1.KeywordSearchRequest
	}{
		{"sort", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC}},
		{"sort", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{Sort: 99}},
		{"filters", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS}}},
		{"category_ids", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{CategoryIds: []string{"1"}}},
		{"sales", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{Sales: &zhaohuov1.SalesFilter{}}},
		{"region_opp", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{RegionOpp: "JP"}},
		{"language_code", fault.UnsupportedByDialect, &zhaohuov1.KeywordSearchRequest{LanguageCode: "en"}},
		{"price_min", fault.InvalidField, &zhaohuov1.KeywordSearchRequest{PriceMin: "1.005"}},
		{"price_max", fault.InvalidField, &zhaohuov1.KeywordSearchRequest{PriceMax: "-1"}},
		{"category_id", fault.InvalidField, &zhaohuov1.KeywordSearchRequest{CategoryId: "shoes"}},
	} {
		row.q.Keyword = "a"
		call, err := top.New(top.Config{KeywordForm: top.FormWholesaleJSON}).KeywordSearch.Encode(row.q)
		f, ok := fault.As(err)
		if !ok || f.Kind != row.kind || len(f.Fields) != 1 || f.Fields[0].Path != row.field || len(call.Params) != 0 {
			t.Errorf("%v: got %v, %v, want %s about %s", row.q, call, err, row.kind, row.field)
		}
	}
}

// search opens and decodes a body as the answer to q.
func search(q *zhaohuov1.KeywordSearchRequest, l upstream.Limits, body string) (*zhaohuov1.KeywordSearchResponse, error) {
	d := top.New(top.Config{Limits: l})
	payload, err := d.Wire.Open(searchCall, http.StatusOK, []byte(body))
	if err != nil {
		return nil, err
	}
	return d.KeywordSearch.Decode(q, payload)
}

func TestKeywordListPlaces(t *testing.T) {
	const one, other = `{"productId":1}`, `{"productId":2}`
	for _, row := range []struct {
		name, body string
		ids        string
	}{
		{"result.result", `{"result":{"result":[` + one + `]}}`, "1"},
		{"AOP's page of a list", `{"result":{"success":true,"code":"200","result":{"totalRecords":1,"data":[` + one + `]}}}`, "1"},
		{"result.data", `{"result":{"success":"true","data":[` + one + `]}}`, "1"},
		{"result itself", `{"success":true,"result":[` + one + `]}`, "1"},
		{"productSearchResponse", `{"productSearchResponse":{"products":[` + one + `]}}`, "1"},
		{"products", `{"products":[` + one + `]}`, "1"},
		{"wrapped", `{"com_alibaba_product_search_response":{"result":{"result":[` + one + `]}}}`, "1"},
		{"wholesale", `{"alibaba_wholesale_goods_search_response":{"wholesale_goods_search_result":{"result_code":20010000,` +
			`"result":{"items":{"goods_summary":[{"id":1},{"id":2}]}}}}}`, "1 2"},
		{"wholesale with a plain code", `{"wholesale_goods_search_result":{"result_code":"200","result":{"items":{"goods_summary":[{"id":1}]}}}}`, "1"},
		{"wholesale as a flat list", `{"wholesale_goods_search_result":{"result_code":"20010000","result":[` + one + `]}}`, "1"},
		{"the first place wins", `{"products":[` + other + `],"productSearchResponse":{"products":[` + other + `]},"result":{"result":[` + one + `]}}`, "1"},
		{"the second before the third", `{"products":[` + other + `],"productSearchResponse":{"products":[` + one + `]}}`, "1"},
		{"also when its list is empty", `{"products":[` + other + `],"result":{"result":[]}}`, ""},
		{"null is passed over", `{"result":{"result":null},"products":[` + one + `]}`, "1"},
		{"a word in result is passed over", `{"result":"ok","products":[` + one + `]}`, "1"},
		{"nothing found, as the answer says itself", `{"result":{"result":{"totalRecords":0,"data":null}}}`, ""},
		{"nothing found, without a list", `{"result":{"result":{"totalRecords":0}}}`, ""},
		{"an empty list where the tutorial has it", `{"result":{"result":[]}}`, ""},
		{"an empty result that is said to be a success", `{"success":true,"result":[]}`, ""},
		{"an empty result with its count", `{"total":0,"result":[]}`, ""},
		{"empty products with their count", `{"total_results":"0","products":[]}`, ""},
		{"empty products with their count beside", `{"pageInfo":{"totalRecords":0},"products":[]}`, ""},
		{"empty products that are said to be a success", `{"success":"true","products":[]}`, ""},
		{"empty products in the method's response", `{"com_alibaba_product_search_response":{"products":[],"request_id":"r"}}`, ""},
		{"empty products in the search's own object", `{"productSearchResponse":{"products":[]}}`, ""},
	} {
		answer, err := search(&zhaohuov1.KeywordSearchRequest{}, limits, row.body)
		var ids []string
		for _, p := range answer.GetProducts() {
			ids = append(ids, p.GetId())
		}
		if got := strings.Join(ids, " "); err != nil || got != row.ids {
			t.Errorf("%s: got %q, %v, want %q", row.name, got, err, row.ids)
		}
	}
}

// TestABareEmptyListOfALaterPage: it is the end of the list, and says no total. What is no list is unreadable on each page.
func TestABareEmptyListOfALaterPage(t *testing.T) {
	third := &zhaohuov1.KeywordSearchRequest{Page: proto.Int32(3)}
	for _, body := range []string{`{"products":[]}`, `{"products":[],"request_id":"r"}`, `{"result":[]}`} {
		answer, err := search(third, limits, body)
		want := &zhaohuov1.KeywordSearchResponse{Page: 3, EffectivePageSize: 20}
		if diff := cmp.Diff(want, answer, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", body, err, diff)
		}
	}
	for _, body := range []string{`{}`, `{"products":null}`, `{"products":{}}`, `{"result":{}}`, `{"products":"[]"}`} {
		if answer, err := search(third, limits, body); fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s gives %v, %v", body, answer, err)
		}
	}
}

func TestKeywordAnswersThatAreNoList(t *testing.T) {
	for _, body := range []string{
		`{}`,
		`{"result":null}`,
		`{"result":[]}`,
		`{"com_alibaba_product_search_response":{"result":[]}}`,
		`{"products":[]}`,
		`{"products":[],"request_id":"r"}`,
		`{"products":[],"total":null}`,
		`{"products":[],"total":"many"}`,
		`{"result":{}}`,
		`{"result":{"result":null}}`,
		`{"result":{"result":{}}}`,
		`{"result":{"result":{"data":null}}}`,
		`{"result":{"result":{"totalRecords":3,"data":null}}}`,
		`{"result":{"result":"0"}}`,
		`{"result":{"result":true},"products":[]}`,
		`{"result":{"result":{"data":"x"}}}`,
		`{"products":null}`,
		`{"products":{}}`,
		`{"products":0}`,
		`{"productSearchResponse":null}`,
		`{"productSearchResponse":{}}`,
		`{"items":[]}`,
		`{"products":[null]}`,
		`{"products":["x"]}`,
		`{"products":[[]]}`,
		`{"products":[{"subject":"no id"}]}`,
		`{"products":[{"productId":1},{"productId":"abc"}]}`,
		`{"products":[{"productId":0,"offerId":null}]}`,
		`{"wholesale_goods_search_result":{"result_code":20010000}}`,
		`{"wholesale_goods_search_result":{"result":{"items":{"goods_summary":[{"subject":"no id"}]}}}}`,
		`{"wholesale_goods_search_result":{"result":{"items":{"goods_summary":["x"]}}}}`,
	} {
		answer, err := search(&zhaohuov1.KeywordSearchRequest{}, limits, body)
		if fault.KindOf(err) != fault.UpstreamAnswerUnreadable || answer != nil {
			t.Errorf("%s gives %v, %v, want %s", body, answer, err, fault.UpstreamAnswerUnreadable)
		}
	}
}

func yuan(units int64, nanos int32) *money.Money {
	return &money.Money{CurrencyCode: "CNY", Units: units, Nanos: nanos}
}

func TestKeywordProducts(t *testing.T) {
	for _, row := range []struct {
		name, item string
		want       *zhaohuov1.Product
	}{
		{
			"the tutorial's first names", `{"productId":620201390233,"subject":"蓝牙耳机","price":"12.50","imageUrl":"https://cbu01.alicdn.com/a.jpg",` +
				`"companyName":"厂","minOrderQuantity":2,"saleCount":1213,"location":"广东 深圳","detailUrl":"https://detail.1688.com/offer/620201390233.html"}`,
			&zhaohuov1.Product{
				Id: "620201390233", Title: "蓝牙耳机", Price: yuan(12, 500_000_000),
				ImageUrl: proto.String("https://cbu01.alicdn.com/a.jpg"), DetailUrl: proto.String("https://detail.1688.com/offer/620201390233.html"),
				Supplier:     &zhaohuov1.Supplier{Name: proto.String("厂"), Location: proto.String("广东 深圳")},
				MinimumOrder: proto.Int64(2), SoldCount: proto.Int64(1213),
			},
		},
		{
			"its second names", `{"offerId":"620201390233","title":"耳机","salePrice":9,"mainImage":"//cbu01.alicdn.com/b.jpg","supplier":"店"}`,
			&zhaohuov1.Product{
				Id: "620201390233", Title: "耳机", Price: yuan(9, 0),
				ImageUrl: proto.String("https://cbu01.alicdn.com/b.jpg"), Supplier: &zhaohuov1.Supplier{Name: proto.String("店")},
			},
		},
		{
			"second names where the first say nothing", `{"productId":0,"offerId":7,"subject":" ","title":"t","price":"","salePrice":"1.5",` +
				`"imageUrl":null,"mainImage":"img/ibank/x.jpg","companyName":"","supplier":"s"}`,
			&zhaohuov1.Product{
				Id: "7", Title: "t", Price: yuan(1, 500_000_000),
				ImageUrl: proto.String("https://cbu01.alicdn.com/img/ibank/x.jpg"), Supplier: &zhaohuov1.Supplier{Name: proto.String("s")},
			},
		},
		{"nothing but an id: absent is absent", `{"productId":"0042"}`, &zhaohuov1.Product{Id: "42"}},
		{"an id beyond floats", `{"productId":1490507813791335080}`, &zhaohuov1.Product{Id: "1490507813791335080"}},
		{"a range", `{"productId":1,"price":"1.50-3.20"}`, &zhaohuov1.Product{Id: "1", Price: yuan(1, 500_000_000), PriceMax: yuan(3, 200_000_000)}},
		{"a decorated price", `{"productId":1,"price":"￥1,200"}`, &zhaohuov1.Product{Id: "1", Price: yuan(1200, 0)}},
		{"negotiable", `{"productId":1,"price":"面议","salePrice":"1"}`, &zhaohuov1.Product{Id: "1", PriceText: proto.String("面议")}},
		{"a price of 0 is none", `{"productId":1,"price":0}`, &zhaohuov1.Product{Id: "1"}},
		{"a price of 0 under both names", `{"productId":1,"price":"0.00","salePrice":"¥0"}`, &zhaohuov1.Product{Id: "1"}},
		{"the second price where the first is 0", `{"productId":1,"price":"0.00","salePrice":"1.5"}`, &zhaohuov1.Product{Id: "1", Price: yuan(1, 500_000_000)}},
		{"a range from 0 is no price", `{"productId":1,"price":"0.00-3.20"}`, &zhaohuov1.Product{Id: "1", PriceText: proto.String("0.00-3.20")}},
		{"sold at least", `{"productId":1,"saleCount":"1.2万+"}`, &zhaohuov1.Product{Id: "1", SoldCount: proto.Int64(12000), SoldAtLeast: true}},
		{"sold none", `{"productId":1,"saleCount":0}`, &zhaohuov1.Product{Id: "1", SoldCount: proto.Int64(0)}},
		{"sold, nobody knows", `{"productId":1,"saleCount":"many"}`, &zhaohuov1.Product{Id: "1"}},
		{"a minimum order of 0 is none", `{"productId":1,"minOrderQuantity":0}`, &zhaohuov1.Product{Id: "1"}},
		{"minimum order as text", `{"productId":1,"minOrderQuantity":"10"}`, &zhaohuov1.Product{Id: "1", MinimumOrder: proto.Int64(10)}},
		{"location without a name", `{"productId":1,"location":"浙江"}`, &zhaohuov1.Product{Id: "1", Supplier: &zhaohuov1.Supplier{Location: proto.String("浙江")}}},
		{"no likeness to words", `{"productId":1,"similarity":93}`, &zhaohuov1.Product{Id: "1"}},
		{"addresses that are none", `{"productId":1,"imageUrl":"javascript:alert(1)","detailUrl":"offer/1.html"}`, &zhaohuov1.Product{Id: "1"}},
		{
			"types that do not fit", `{"productId":1,"subject":{},"price":[],"imageUrl":1,"companyName":true,"minOrderQuantity":{},"saleCount":[],"location":{},"detailUrl":0}`,
			&zhaohuov1.Product{Id: "1"},
		},
	} {
		for _, raw := range []bool{false, true} {
			q := &zhaohuov1.KeywordSearchRequest{IncludeRaw: raw}
			want := proto.CloneOf(row.want)
			if raw {
				want.RawJson = &row.item
			}
			answer, err := search(q, limits, `{"products":[ `+row.item+` ]}`)
			if err != nil {
				t.Errorf("%s: %v", row.name, err)
				continue
			}
			if diff := cmp.Diff([]*zhaohuov1.Product{want}, answer.GetProducts(), protocmp.Transform()); diff != "" {
				t.Errorf("%s: %s", row.name, diff)
			}
		}
	}
}

func TestWholesaleProducts(t *testing.T) {
	for _, row := range []struct {
		name, item string
		want       *zhaohuov1.Product
	}{
		{
			"everything", `{"id":"32222","subject":"Headset","thumb_url":"http://img.example/t.jpg","detail_url":"https://x.example/p","currency":"USD","moq":5,"min_price_cent":150,"max_price_cent":"320"}`,
			&zhaohuov1.Product{
				Id: "32222", Title: "Headset", ImageUrl: proto.String("http://img.example/t.jpg"), DetailUrl: proto.String("https://x.example/p"),
				Price:    &money.Money{CurrencyCode: "USD", Units: 1, Nanos: 500_000_000},
				PriceMax: &money.Money{CurrencyCode: "USD", Units: 3, Nanos: 200_000_000}, MinimumOrder: proto.Int64(5),
			},
		},
		{"one price", `{"id":1,"min_price_cent":1010,"max_price_cent":1010}`, &zhaohuov1.Product{Id: "1", Price: yuan(10, 100_000_000)}},
		{"the least", `{"id":1}`, &zhaohuov1.Product{Id: "1"}},
	} {
		answer, err := search(&zhaohuov1.KeywordSearchRequest{}, limits,
			`{"wholesale_goods_search_result":{"result":{"items":{"goods_summary":[`+row.item+`]}}}}`)
		if diff := cmp.Diff([]*zhaohuov1.Product{row.want}, answer.GetProducts(), protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v %s", row.name, err, diff)
		}
	}
}
