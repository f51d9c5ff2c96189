package sandbox_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// rich is an offer with every field that a detail can have.
func rich() *catalog.Offer {
	return &catalog.Offer{
		ID: 800_000_000_001, Title: "真丝围巾", TitleEN: "Silk scarf", TopCategory: 1, SecondCategory: 2, ThirdCategory: 3, CategoryName: "围巾",
		Supplier: &catalog.Supplier{MemberID: "b2b-2", OpenID: "BBB2", Name: "杭州丝绸厂", Province: "浙江", City: "杭州", ServiceScoreTenths: 48},
		PriceFen: new(int64(1550)), PromotionFen: new(int64(1500)), DropshipFen: new(int64(1990)), MinOrder: 2, MonthSold: new(12342),
		Tiers: []catalog.Tier{{From: 2, PriceFen: 1880}, {From: 100, PriceFen: 1550}},
		SKUs: []catalog.SKU{{
			ID: 5001, SpecID: "a1b2", PriceFen: 1880, Stock: 40, WeightGrams: 85,
			Attributes: []catalog.Attribute{{ID: 3216, Name: "颜色", NameEN: "Colour", Value: "红", ValueEN: "red"}},
		}, {ID: 5002, SpecID: "c3d4", PriceFen: 1900, Stock: 2}},
		Attributes: []catalog.Attribute{{ID: 287, Name: "材质", NameEN: "Material", Value: "真丝", ValueEN: "silk"}},
		Filters:    []string{"isOnePsale", "isSelect"}, Status: "auto expired", WeightGrams: 1250, SizeMM: [3]int{305, 200, 10},
	}
}

func detailOf(id any, more map[string]any) map[string]string {
	args := map[string]any{"offerId": id, "country": "en"}
	for name, value := range more {
		args[name] = value
	}
	return wrapped("offerDetailParam", args)
}

const productDetail = crossborder + "/product.search.queryProductDetail"

func TestProductDetail(t *testing.T) {
	c := config()
	c.Catalogue = append(stock(), rich())
	p := serve(t, c)
	body := dig(t, p.aop(t, productDetail, detailOf(int64(800_000_000_001), map[string]any{"currency": "HKD"})).decode(t), "result.result")
	got := map[string]string{}
	for path := range strings.FieldsSeq(`offerId subjectTrans status sellerOpenId companyName minOrderQuantity soldOut isSelect promotionUrl
		productAttribute.0.attributeId productAttribute.0.valueTrans productSkuInfos.0.skuId productSkuInfos.0.price
		productSkuInfos.0.foreignCurrencyPrice productSkuInfos.0.foreignCurrencyPromotionPrice
		productSaleInfo.priceRangeList.1.foreignCurrencyPromotionPrice productSkuInfos.0.skuAttributes.0.attributeId productSkuInfos.0.fenxiaoPriceInfo.onePiecePrice
		productSaleInfo.amountOnSale productSaleInfo.quoteType productSaleInfo.priceRangeList.0.startQuantity productSaleInfo.priceRangeList.1.price
		productShippingInfo.weight productShippingInfo.length productShippingInfo.sendGoodsAddressText
		productShippingInfo.skuShippingInfoList.0.weight productShippingInfo.skuShippingDetails.0.weight sellerDataInfo.compositeServiceScore`) {
		got[path] = text(dig(t, body, path))
	}
	want := map[string]string{
		"offerId": "800000000001", "subjectTrans": "Silk scarf", "status": "auto expired", "sellerOpenId": "BBB2", "companyName": "杭州丝绸厂",
		"minOrderQuantity": "2", "soldOut": "12342", "isSelect": "true", "promotionUrl": p.url + "/offer/800000000001.html",
		"productAttribute.0.attributeId": "287", "productAttribute.0.valueTrans": "silk", "productSkuInfos.0.skuId": "5001",
		"productSkuInfos.0.price": "18.80", "productSkuInfos.0.foreignCurrencyPrice": "20.68", "productSkuInfos.0.foreignCurrencyPromotionPrice": "16.50",
		"productSaleInfo.priceRangeList.1.foreignCurrencyPromotionPrice": "16.50", "productSkuInfos.0.skuAttributes.0.attributeId": "3216",
		"productSkuInfos.0.fenxiaoPriceInfo.onePiecePrice": "19.90", "productSaleInfo.amountOnSale": "42", "productSaleInfo.quoteType": "2",
		"productSaleInfo.priceRangeList.0.startQuantity": "2", "productSaleInfo.priceRangeList.1.price": "15.50",
		"productShippingInfo.weight": "1.250", "productShippingInfo.length": "30.5", "productShippingInfo.sendGoodsAddressText": "浙江省 杭州市",
		"productShippingInfo.skuShippingInfoList.0.weight": "85", "productShippingInfo.skuShippingDetails.0.weight": "0.085",
		"sellerDataInfo.compositeServiceScore": "4.8",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// The same attribute id is text in one place and a number in the other.
	if _, isText := dig(t, body, "productAttribute.0.attributeId").(string); !isText {
		t.Error("an attribute's id is no text")
	}
	if _, isText := dig(t, body, "productShippingInfo.skuShippingDetails.0.skuId").(string); !isText {
		t.Error("the second SKU list's id is no text")
	}
	// Without a currency there is no foreign price. Without weight and SKUs, none is invented.
	plain := dig(t, p.aop(t, productDetail, detailOf("700000000003", nil)).decode(t), "result.result")
	for _, path := range []string{"productShippingInfo.weight", "productShippingInfo.skuShippingInfoList", "productSaleInfo.foreignCurrencyPrice", "productSaleInfo.foreignCurrencyRetailPrice", "soldOut"} {
		if v := dig(t, plain, path); v != nil {
			t.Errorf("%s is %v, want none", path, v)
		}
	}
	if got := text(dig(t, plain, "status")) + text(dig(t, plain, "productSaleInfo.quoteType")); got != "published0" {
		t.Errorf("status and quoteType %s", got)
	}
}

func TestProductDetailRefusals(t *testing.T) {
	p := serve(t, config())
	body := p.aop(t, productDetail, detailOf(1004582496795, nil)).decode(t)
	if dig(t, body, "result.success") != false || dig(t, body, "result.message") != "offerId:1004582496795 不是精选货源商品" {
		t.Errorf("unknown id: %v", body)
	}
	r := p.aop(t, productDetail, wrapped("offerDetailParam", map[string]any{"country": "en"}))
	if got := r.decode(t)["error_message"]; got != "Required argument offerId" {
		t.Errorf("no id: %s", r.body)
	}
}

// A reserved id does what its fault word does, in both dialects.
func TestReservedIDs(t *testing.T) {
	p := serve(t, config())
	for word, want := range map[string][2]string{
		"throttle": {"400 error_code=gw.QosAppFrequencyLimit", "7"},
		"delisted": {"200 ok", "15"},
		"text-ids": {"200 ok", "null"},
		"500":      {"500 no JSON \"Internal Server\"", ""},
	} {
		id := offerIDOf(t, word)
		if got := aopOutcome(p.aop(t, productDetail, detailOf(id, nil))); got != want[0] {
			t.Errorf("AOP %s: %s, want %s", word, got, want[0])
		}
		r := p.top(t, "alibaba.product.get", map[string]string{"productID": text(id)})
		if want[1] == "" {
			if r.status != 500 {
				t.Errorf("TOP %s: HTTP %d", word, r.status)
			}
			continue
		}
		e, refused := r.decode(t)["error_response"]
		got := "null"
		if refused {
			got = text(dig(t, e, "code"))
		}
		if got != want[1] {
			t.Errorf("TOP %s: %s, want %s", word, r.body, want[1])
		}
	}
	id := offerIDOf(t, "text-ids")
	body := p.aop(t, productDetail, detailOf(id, nil)).decode(t)
	if got, isText := dig(t, body, "result.result.offerId").(string); !isText || got != text(id) {
		t.Errorf("offerId %v", dig(t, body, "result.result.offerId"))
	}
}

func TestSellerOfferList(t *testing.T) {
	c := config()
	c.Catalogue = append(stock(), rich())
	p := serve(t, c)
	call := func(seller string, more map[string]any) map[string]any {
		args := map[string]any{"beginPage": 1, "pageSize": 2, "country": "japan", "sellerOpenId": seller}
		for name, value := range more {
			args[name] = value
		}
		return p.aop(t, crossborder+"/product.search.querySellerOfferList", wrapped("offerQueryParam", args)).decode(t)
	}
	if diff := cmp.Diff([]string{"1"}, ids(t, call("BBB2", nil), data)); diff != "" {
		t.Errorf("one shop (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1", "2"}, ids(t, call("BBB1", map[string]any{"keyword": "保温杯"}), data)); diff != "" {
		t.Errorf("a shop with a keyword (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{}, ids(t, call("nobody", nil), data)); diff != "" {
		t.Errorf("no such shop (-want +got):\n%s", diff)
	}
	row := dig(t, call("BBB2", nil), data+".0").(map[string]any)
	if row["isSelect"] != "true" || row["subjectTrans"] != "[ja] Silk scarf" || row["minOrderQuantity"] != nil || row["sellerDataInfo"] != nil {
		t.Errorf("row %v", row)
	}
}

func TestHints(t *testing.T) {
	p := serve(t, config())
	facets := p.aop(t, crossborder+"/product.search.keywordSNQuery", wrapped("snParams", map[string]any{
		"keyword": "蓝牙耳机", "language": "en_US", "region": "US", "currency": "USD",
	})).decode(t)
	if got := []string{
		text(dig(t, facets, "result.retCode")), text(dig(t, facets, "result.result.0.id")), text(dig(t, facets, "result.result.0.name")),
		text(dig(t, facets, "result.result.0.translateName")), text(len(dig(t, facets, "result.result.0.children").([]any))),
	}; !slices.Equal(got, []string{"S0000", "973", "颜色", "Colour", "2"}) {
		t.Errorf("facets: %q", got)
	}
	// The id of a facet value narrows the search.
	value := dig(t, facets, "result.result.0.children.0").(map[string]any)
	want := map[any][]string{"black": {"", "2", "4"}, "white": {"1", "3", "5"}}[value["translateName"]]
	narrowed := p.aop(t, keywordQuery, query("蓝牙耳机", map[string]any{"snId": value["id"], "pageSize": 3})).decode(t)
	if diff := cmp.Diff(want, ids(t, narrowed, data)); diff != "" {
		t.Errorf("narrowed by %v (-want +got):\n%s", value, diff)
	}

	// topKeyword needs no token.
	params := wrapped("topSeKeywordParam", map[string]any{"country": "ja", "sourceId": "100", "hotKeywordType": "cate"})
	delete(params, "access_token")
	top := p.aop(t, crossborder+"/product.search.topKeyword", params).decode(t)
	if diff := cmp.Diff(map[string]any{"result": map[string]any{"success": "true", "code": "200", "message": "成功", "result": []any{
		map[string]any{"seKeyword": "蓝牙耳机", "seKeywordTranslation": "[ja] bluetooth earphones"},
	}}}, top); diff != "" {
		t.Errorf("top keywords (-want +got):\n%s", diff)
	}

	related := func(page, size int) []string {
		return ids(t, p.aop(t, crossborder+"/product.related.recommend", wrapped("relatedQueryParams", map[string]any{
			"offerId": 600_000_000_000, "pageNo": page, "pageSize": size, "language": "en",
		})).decode(t), "result.result")
	}
	if diff := cmp.Diff([][]string{{"3", "6"}, {"9", "12"}, {"3", "6", "9", "12", "15", "18", "21", "24", "27", "30"}},
		[][]string{related(1, 2), related(2, 2), related(1, 50)}); diff != "" {
		t.Errorf("related (-want +got):\n%s", diff)
	}

	recommended := p.aop(t, crossborder+"/product.search.offerRecommend", wrapped("recommendOfferParam", map[string]any{
		"beginPage": 1, "pageSize": 1, "country": "en", "outMemberId": "m1",
	})).decode(t)
	row := dig(t, recommended, "result.result.0").(map[string]any)
	if row["onePsale"] != true || row["isOnePsale"] != nil {
		t.Errorf("recommended %v", row)
	}
}

func TestCategories(t *testing.T) {
	p := serve(t, config())
	root := p.aop(t, crossborder+"/category.translation.getById", map[string]string{"access_token": token, "language": "en", "categoryId": "1"}).decode(t)
	got := dig(t, root, "result.result").(map[string]any)
	if got["leaf"] != "false" || got["parentCateId"] != "0" || got["translatedName"] != "Electronics" {
		t.Errorf("top: %v", got)
	}
	child := dig(t, got, "children.0").(map[string]any)
	if child["leaf"] != true || text(child["parentCateId"]) != "1" || child["chineseName"] != "蓝牙耳机" {
		t.Errorf("child: %v", child)
	}
	found := p.aop(t, crossborder+"/category.translation.getByKeyword", map[string]string{"access_token": token, "language": "en", "cateName": "耳机"}).decode(t)
	if got := text(dig(t, found, "result.result.0.categoryId")); got != "100" {
		t.Errorf("by keyword: %v", found)
	}
	missing := p.aop(t, crossborder+"/category.translation.getById", map[string]string{"access_token": token, "language": "en", "categoryId": "5"}).decode(t)
	if dig(t, missing, "result.success") != false {
		t.Errorf("no such category: %v", missing)
	}
}

func TestTOPProduct(t *testing.T) {
	c := config()
	c.Catalogue = append(stock(), rich())
	p := serve(t, c)
	for _, name := range []string{"productID", "productId", "product_id", "offerId", "offer_id"} {
		body := p.top(t, "alibaba.product.get", map[string]string{name: "800000000001"}).decode(t)
		info := dig(t, body, "alibaba_product_get_response.productInfo")
		got := []string{
			text(dig(t, info, "productID")), text(dig(t, info, "subject")), text(dig(t, info, "saleInfo.priceRanges.1.price")),
			text(dig(t, info, "skuInfos.0.price")), text(dig(t, info, "sellerOpenId")), text(dig(t, info, "status")), text(dig(t, info, "shippingInfo.unitWeight")),
		}
		if diff := cmp.Diff([]string{"800000000001", "真丝围巾", "15.50", "18.80", "BBB2", "auto expired", "1.250"}, got); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", name, diff)
		}
	}
	for params, sub := range map[string]string{"productID=1": "isv.item-not-exist", "productID=x": "isv.invalid-parameter:productID", "x=1": "isv.missing-parameter:productID"} {
		name, value, _ := strings.Cut(params, "=")
		body := p.top(t, "alibaba.product.get", map[string]string{name: value}).decode(t)
		if got := dig(t, body, "error_response.sub_code"); got != sub {
			t.Errorf("%s: %v, want %s", params, got, sub)
		}
	}
	list := p.top(t, "alibaba.product.getSellerProductList", map[string]string{"sellerOpenId": "BBB1", "keyword": "保温杯", "page_size": "1", "page": "2"}).decode(t)
	if diff := cmp.Diff([]string{"2"}, ids(t, list, "alibaba_product_getSellerProductList_response.result.result")); diff != "" {
		t.Errorf("shop (-want +got):\n%s", diff)
	}
	list = p.top(t, "alibaba.product.getSellerProductList", nil).decode(t)
	if got := dig(t, list, "error_response.sub_code"); got != "isv.missing-parameter:sellerOpenId" {
		t.Errorf("no seller: %v", got)
	}
}

func TestOAuth(t *testing.T) {
	c := config()
	var clock testClock
	c.Clock = clock.now
	p := serve(t, c)
	const back = "http://127.0.0.1:7777/callback?x=1"
	authorize := func(params string) reply {
		req := form(t.Context(), p.url+"/oauth/authorize?"+params, nil)
		req.Method = "GET"
		res, err := noRedirects.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return reply{status: res.StatusCode, header: res.Header}
	}
	good := url.Values{"client_id": {appKey}, "site": {"1688"}, "redirect_uri": {back}, "state": {"s 1"}}.Encode()
	code := func() string {
		to, err := url.Parse(authorize(good).header.Get("Location"))
		if err != nil || to.Query().Get("state") != "s 1" || to.Query().Get("x") != "1" || to.Host != "127.0.0.1:7777" {
			t.Fatalf("redirected to %v: %v", to, err)
		}
		return to.Query().Get("code")
	}
	for name, params := range map[string]string{
		"nothing": "", "another host": strings.Replace(good, "127.0.0.1", "shop.example", 1), "unknown app": strings.Replace(good, appKey, "9", 1),
	} {
		if r := authorize(params); r.status != 400 {
			t.Errorf("%s: HTTP %d", name, r.status)
		}
	}
	exchange := func(path string, more map[string]string) (reply, map[string]any) {
		params := map[string]string{"client_id": appKey, "client_secret": appSecret}
		for name, value := range more {
			params[name] = value
		}
		r := p.post(t, "/openapi/"+path+"/"+appKey, params)
		return r, r.decode(t)
	}
	byCode := func(code string) (reply, map[string]any) {
		return exchange("http/1/system.oauth2/getToken", map[string]string{
			"grant_type": "authorization_code", "need_refresh_token": "true", "redirect_uri": back, "code": code,
		})
	}
	refresh := func(token string) (reply, map[string]any) {
		return exchange("param2/1/system.oauth2/getToken", map[string]string{"grant_type": "refresh_token", "refresh_token": token})
	}
	postpone := func(token string) (reply, map[string]any) {
		return exchange("param2/1/system.oauth2/postponeToken", map[string]string{"refresh_token": token, "access_token": "any"})
	}
	use := func(token any) any {
		params := query("雨伞", nil)
		params["access_token"] = text(token)
		return p.aop(t, keywordQuery, params).decode(t)["error_code"]
	}

	first := code()
	r, tokens := byCode(first)
	if r.status != 200 || tokens["expires_in"] != "36000" || tokens["refresh_token_timeout"] != "20270411120000223+0800" {
		t.Fatalf("HTTP %d %v", r.status, tokens)
	}
	if got := use(tokens["access_token"]); got != nil {
		t.Errorf("fresh token: %v", got)
	}
	if r, reused := byCode(first); r.status != 400 || reused["error"] != "invalid_grant" {
		t.Errorf("a code works twice: %v", reused)
	}
	late := code()
	clock.set(2 * time.Minute)
	if r, _ := byCode(late); r.status != 400 {
		t.Error("a code works after two minutes")
	}
	clock.set(10 * time.Hour)
	if got := use(tokens["access_token"]); got != "401" {
		t.Errorf("token after ten hours: %v", got)
	}
	old := text(tokens["refresh_token"])
	r, second := refresh(old)
	if _, has := second["refresh_token"]; has || r.status != 200 {
		t.Errorf("refreshed: HTTP %d %v", r.status, second)
	}
	if got := use(second["access_token"]); got != nil {
		t.Errorf("refreshed token: %v", got)
	}
	if r, _ := postpone(old); r.status != 400 {
		t.Error("postponed long before the end")
	}
	clock.set(160 * 24 * time.Hour)
	r, third := postpone(old)
	if r.status != 200 || third["refresh_token"] == old {
		t.Errorf("postponed: HTTP %d %v", r.status, third)
	}
	if r, _ := refresh(old); r.status != 400 {
		t.Error("the old refresh token outlives postponeToken")
	}
	if r, _ := refresh(text(third["refresh_token"])); r.status != 200 {
		t.Error("the new refresh token does not work")
	}
	if r, body := exchange("param2/1/system.oauth2/getToken", map[string]string{"client_secret": "wrong", "grant_type": "refresh_token"}); r.status != 400 || body["error"] != "invalid_client" {
		t.Errorf("wrong secret: %v", body)
	}
}
