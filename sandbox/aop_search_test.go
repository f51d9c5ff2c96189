package sandbox_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ids lists the offer ids of a page, shortened to their last digits.
func ids(t *testing.T, body map[string]any, path string) []string {
	t.Helper()
	rows, ok := dig(t, body, path).([]any)
	if !ok {
		t.Fatalf("no list at %s: %v", path, body)
	}
	list := []string{}
	for _, row := range rows {
		for _, name := range []string{"offerId", "productId", "id"} {
			if id, ok := row.(map[string]any)[name]; ok {
				list = append(list, strings.TrimLeft(text(id)[1:], "0"))
			}
		}
	}
	return list
}

const data = "result.result.data"

func TestKeywordQueryPages(t *testing.T) {
	p := serve(t, config())
	for name, tc := range map[string]struct {
		keyword              string
		args                 map[string]any
		total, pages         string
		size, rows           int
		first, current, last string
	}{
		"first of the window":  {"蓝牙耳机", nil, "2000", "101", 20, 20, "", "1", "19"},
		"50 a page":            {"蓝牙耳机", map[string]any{"pageSize": 50}, "2000", "41", 50, 50, "", "1", "49"},
		"60 a page is capped":  {"蓝牙耳机", map[string]any{"pageSize": 60}, "2000", "41", 50, 50, "", "1", "49"},
		"last of the window":   {"蓝牙耳机", map[string]any{"beginPage": 100}, "2000", "101", 20, 20, "1980", "100", "1999"},
		"one page too many":    {"蓝牙耳机", map[string]any{"beginPage": 101}, "2000", "101", 20, 0, "", "101", ""},
		"far beyond":           {"蓝牙耳机", map[string]any{"beginPage": 99999999}, "2000", "101", 20, 0, "", "2001", ""},
		"window cuts the page": {"蓝牙耳机", map[string]any{"beginPage": 67, "pageSize": 30}, "2000", "67", 30, 20, "1980", "67", "1999"},
		"numbers as text":      {"蓝牙耳机", map[string]any{"beginPage": "2", "pageSize": "10"}, "2000", "201", 10, 10, "10", "2", "19"},
		"few":                  {"保温杯", nil, "2", "1", 20, 2, "1", "1", "2"},
		"full last page":       {"保温杯", map[string]any{"pageSize": 2}, "2", "2", 2, 2, "1", "1", "2"},
		"none":                 {"没有的东西", nil, "0", "1", 20, 0, "", "1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			body := p.aop(t, keywordQuery, query(tc.keyword, tc.args)).decode(t)
			page, _ := dig(t, body, "result.result").(map[string]any)
			got := ids(t, body, data)
			if len(got) != tc.rows {
				t.Fatalf("%d rows, want %d", len(got), tc.rows)
			}
			if tc.rows > 0 && (got[0] != tc.first || got[len(got)-1] != tc.last) {
				t.Errorf("rows %s … %s, want %s … %s", got[0], got[len(got)-1], tc.first, tc.last)
			}
			want := []string{tc.total, tc.pages, tc.current}
			if diff := cmp.Diff(want, []string{text(page["totalRecords"]), text(page["totalPage"]), text(page["currentPage"])}); diff != "" {
				t.Errorf("totals (-want +got):\n%s", diff)
			}
			if text(page["pageSize"]) != text(tc.size) {
				t.Errorf("pageSize %v, want %d", page["pageSize"], tc.size)
			}
		})
	}
}

func TestKeywordQueryRestrictions(t *testing.T) {
	p := serve(t, config())
	few := func(more map[string]any) map[string]any {
		more["pageSize"] = 3
		return more
	}
	for name, tc := range map[string]struct {
		keyword string
		args    map[string]any
		want    []string
	}{
		"prices in yuan":        {"蓝牙耳机", map[string]any{"priceStart": "10.02", "priceEnd": "10.04"}, []string{"2", "3", "4"}},
		"price text of zeros":   {"蓝牙耳机", map[string]any{"priceStart": "10.0", "priceEnd": "10"}, []string{""}},
		"dear first":            {"蓝牙耳机", few(map[string]any{"sort": `{"price":"desc"}`}), []string{"2099", "2098", "2097"}},
		"cheap first":           {"蓝牙耳机", few(map[string]any{"sort": `{"price":"asc"}`}), []string{"", "1", "2"}},
		"category":              {"保温杯", map[string]any{"categoryId": 201}, []string{"2"}},
		"union of categories":   {"保温杯", map[string]any{"categoryIdList": "200, 201"}, []string{"1", "2"}},
		"filters":               {"保温杯", map[string]any{"filter": "jxhy,shipIn24Hours"}, []string{"2"}},
		"no filter has it":      {"保温杯", map[string]any{"filter": "new7"}, []string{}},
		"sample's ksCiphertext": {"保温杯", map[string]any{"filter": "ksCiphertext,jxhy"}, []string{"2"}},
		"facet":                 {"蓝牙耳机", few(map[string]any{"snId": "973"}), []string{"", "1", "2"}},
		"no such facet":         {"蓝牙耳机", few(map[string]any{"snId": "974"}), []string{}},
		"sales": {"蓝牙耳机", map[string]any{"saleFilterList": []any{
			map[string]any{"saleType": "sales30", "saleStart": "30", "saleEnd": "90"},
			map[string]any{"saleType": "sales7", "saleStart": "14"},
		}}, []string{"2", "3"}},
		"unknown shelf": {"蓝牙耳机", map[string]any{"productCollectionId": "1"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			body := p.aop(t, keywordQuery, query(tc.keyword, tc.args)).decode(t)
			if diff := cmp.Diff(tc.want, ids(t, body, data)); diff != "" {
				t.Errorf("offers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKeywordQueryRefusals(t *testing.T) {
	p := serve(t, config())
	for name, args := range map[string]map[string]any{
		"page 0":            {"beginPage": 0},
		"page no number":    {"beginPage": "x"},
		"size 0":            {"pageSize": 0},
		"Chinese asked for": {"country": "zh"},
		"price no decimal":  {"priceStart": "ten"},
		"price negative":    {"priceEnd": "-1"},
		"unknown filter":    {"filter": "certifiedfactory"},
		"sort as object":    {"sort": map[string]any{"price": "asc"}},
		"sort key":          {"sort": `{"repurchaseRate":"asc"}`},
		"sort direction":    {"sort": `{"price":"up"}`},
		"two sort keys":     {"sort": `{"price":"asc","monthSold":"asc"}`},
		"categories":        {"categoryIdList": "1,x"},
		"sale filter":       {"saleFilterList": []any{map[string]any{"saleType": "sales8"}}},
		"sale filter text":  {"saleFilterList": "x"},
		"translation":       {"keywordTranslate": "perhaps"},
	} {
		r := p.aop(t, keywordQuery, query("雨伞", args))
		body := r.decode(t)
		if r.status != 200 || dig(t, body, "result.success") != false || dig(t, body, "result.result") != nil {
			t.Errorf("%s: HTTP %d %s", name, r.status, r.body)
		}
	}
}

func TestKeywordQueryRow(t *testing.T) {
	p := serve(t, config())
	body := p.aop(t, keywordQuery, query("保温杯", map[string]any{"country": "ja"})).decode(t)
	if diff := cmp.Diff([]string{"true", "200", "成功"}, []string{
		text(dig(t, body, "result.success")), text(dig(t, body, "result.code")), text(dig(t, body, "result.message")),
	}); diff != "" {
		t.Errorf("envelope (-want +got):\n%s", diff)
	}
	row := dig(t, body, data+".1").(map[string]any)
	got := map[string]string{}
	for _, path := range []string{
		"offerId", "subject", "subjectTrans", "imageUrl", "promotionURL", "priceInfo.price", "priceInfo.jxhyPrice", "priceInfo.pfJxhyPrice",
		"priceInfo.consignPrice", "priceInfo.promotionPrice", "monthSold", "repurchaseRate", "isJxhy", "isOnePsale", "isSelect",
		"offerIdentities.0", "offerIdentities.1", "sellerIdentities.0", "promotionModel.promotionType", "sellerDataInfo.compositeServiceScore",
		"sellerDataInfo.tpYear", "productSimpleShippingInfo.shippingTimeGuarantee", "companyName", "companyAddress", "similarity", "thirdCategoryId",
	} {
		got[path] = text(dig(t, row, path))
	}
	want := map[string]string{
		"offerId": "700000000002", "subject": "保温杯 范围", "subjectTrans": "[ja] Thermos, range",
		"imageUrl": p.url + "/img/700000000002.jpg", "promotionURL": p.url + "/offer/700000000002.html",
		"priceInfo.price": "1.50", "priceInfo.jxhyPrice": "1.50-3.20", "priceInfo.pfJxhyPrice": "1.50-3.20",
		"priceInfo.consignPrice": "null", "priceInfo.promotionPrice": "1.40", "monthSold": "800+", "repurchaseRate": "10%",
		"isJxhy": "true", "isOnePsale": "false", "isSelect": "true", "offerIdentities.0": "yx", "offerIdentities.1": "select",
		"sellerIdentities.0": "super_factory", "promotionModel.promotionType": "plus", "sellerDataInfo.compositeServiceScore": "4.7",
		"sellerDataInfo.tpYear": "7", "productSimpleShippingInfo.shippingTimeGuarantee": "shipIn24Hours",
		"companyName": "null", "companyAddress": "null", "similarity": "null", "thirdCategoryId": "201",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("row (-want +got):\n%s", diff)
	}
	// Unknown values stay unknown, and a negotiable price is not a number.
	row = dig(t, body, data+".0").(map[string]any)
	for _, name := range []string{"monthSold", "repurchaseRate", "minOrderQuantity", "createDate"} {
		if v, present := row[name]; present {
			t.Errorf("%s is %v, want it absent", name, v)
		}
	}
	if got := text(dig(t, row, "priceInfo.price")); got != "面议" && got != "" && got != "null" {
		t.Errorf("negotiable price is %q", got)
	}
}

func TestPublicURLAndPages(t *testing.T) {
	c := config()
	c.PublicURL = "https://sandbox.example/"
	p := serve(t, c)
	body := p.aop(t, keywordQuery, query("雨伞", nil)).decode(t)
	if got := dig(t, body, data+".0.imageUrl"); got != "https://sandbox.example/img/700000000003.jpg" {
		t.Errorf("imageUrl %v", got)
	}
	for path, want := range map[string]int{
		"/offer/700000000003.html": 200, "/offer/1.html": 404, "/offer/x.html": 404, "/offer/700000000003": 404,
		"/img/700000000003.jpg": 404, "/": 404, "/sandbox/stats": 200,
	} {
		req := form(t.Context(), p.url+path, nil)
		req.Method = "GET"
		r, err := do(req)
		if err != nil {
			t.Fatal(err)
		}
		if r.status != want || r.header.Get("Zhaohuo-Sandbox") != "true" {
			t.Errorf("%s: HTTP %d, mark %q; want %d, true", path, r.status, r.header.Get("Zhaohuo-Sandbox"), want)
		}
	}
}
