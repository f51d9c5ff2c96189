package aop_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

const crossborder = "com.alibaba.fenxiao.crossborder:"

func TestEncodeGetProduct(t *testing.T) {
	for language, want := range map[string]string{
		"":   `{"offerId":620201390233,"country":"en"}`, // as in vector V3
		"zh": `{"offerId":620201390233,"country":"en"}`,
		"ja": `{"offerId":620201390233,"country":"ja"}`,
	} {
		call, err := aop.New(aop.Config{}).GetProduct.Encode(&zhaohuov1.GetProductRequest{Id: "620201390233", LanguageCode: language})
		wanted := upstream.Call{
			API:    crossborder + "product.search.queryProductDetail-1",
			Params: []upstream.Param{{Name: "offerDetailParam", Value: want}},
		}
		if diff := cmp.Diff(wanted, call); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", language, err, diff)
		}
	}
	_, err := aop.New(aop.Config{}).GetProduct.Encode(&zhaohuov1.GetProductRequest{Id: "x"})
	if f, ok := fault.As(err); !ok || f.Kind != fault.InvalidField || f.Fields[0].Path != "id" {
		t.Errorf("an id that is no number: %v", err)
	}
}

// fullDetail holds every documented member of a detail that is read. Some of them are traps: weights in two units,
// prices in another currency, addresses in place of HTML, and spellings that differ from lists.
const fullDetail = `{"class":"com.x.Detail","offerId":620201390233,"categoryId":30,"topCategoryId":10,"secondCategoryId":20,"thirdCategoryId":30,
 "categoryName":"曲奇","subject":" 曲奇饼干 ","subjectTrans":"Cookies","mainVideo":"//cloud.video.taobao.com/1.mp4","detailVideo":"https://cloud.video.taobao.com/2.mp4",
 "soldOut":"12342","description":" <p>曲奇</p> ","descriptionTrans":"https://x.alicdn.com/d.html","minOrderQuantity":2,"batchNumber":6,
 "productImage":{"images":["img/ibank/O1.jpg","https://cbu01.alicdn.com/img/ibank/O2.jpg","img/ibank/O1.jpg"],"whiteImage":"https://cbu01.alicdn.com/img/ibank/W.jpg"},
 "productImageTrans":{"images":["img/ibank/T1.jpg"]},
 "productAttribute":[{"attributeId":"3216","attributeName":"口味","attributeNameTrans":"Flavour","value":"原味","valueTrans":"Plain"},
  {"attributeId":"973","attributeName":"风格","attributeNameTrans":"Style","value":"韩版","valueTrans":"Korean"},
  {"attributeId":"3216","attributeName":"口味","attributeNameTrans":"Flavour","value":"巧克力","valueTrans":"Chocolate"},
  {"attributeId":"3216","attributeName":"口味","attributeNameTrans":"Flavour","value":"原味","valueTrans":"Plain"}],
 "productSkuInfos":[
  {"skuId":4900000000000000123,"specId":"s1","cargoNumber":"C-1","amountOnSale":100,"price":"1.70","promotionPrice":"1.60","retailPrice":"9.00",
   "jxhyPrice":"0.10","consignPrice":"0.20","foreignCurrencyPrice":3.50,"fenxiaoPriceInfo":{"onePiecePrice":"2.00","offerPrice":"1.70"},
   "skuAttributes":[{"attributeId":3216,"attributeName":"口味","attributeNameTrans":"Flavour","value":"原味","valueTrans":"Plain","skuImageUrl":"img/ibank/S1.jpg","skuImageUrlTrans":"img/ibank/S1T.jpg"}]},
  {"skuId":"4900000000000000124","specId":"s2","amountOnSale":0,"price":"2.50","promotionPrice":"2.40","fenxiaoPriceInfo":null,"skuAttributes":[]},
  {"skuId":125,"specId":"s3","price":"0.00"}],
 "productCargoNumber":"K-7","sellingPoint":["防潮","独立包装","防潮",""],"modifyDate":"2026-10-10 16:45:52",
 "productSaleInfo":{"amountOnSale":2147483646,"quoteType":1,"foreignCurrencyPrice":3.50,"consignPrice":"0.20","retailPrice":"9.00",
  "priceRangeList":[{"startQuantity":2,"price":"1.70","promotionPrice":"1.60","foreignCurrencyPrice":3.50}],
  "unitInfo":{"unit":"盒","transUnit":"box"},"fenxiaoSaleInfo":{"onePieceFreePostage":true,"startQuantity":1,"onePiecePrice":"2.20","offerPrice":"1.70"}},
 "productShippingInfo":{"sendGoodsAddressText":"浙江省 义乌市","weight":0.25,"length":12.5,"width":"10","height":0.34,"officialWeight":9.9,"officialLength":99,
  "pkgSizeSource":"商家填写","shippingTimeGuarantee":"shipIn48Hours",
  "skuShippingInfoList":[{"specId":"s1","skuId":4900000000000000123,"weight":250,"length":12.5},{"specId":"s2","weight":1.5}],
  "skuShippingDetails":[{"skuId":"4900000000000000123","weight":0.9,"width":9},{"skuId":"4900000000000000124","weight":0.3,"height":3},
   {"skuId":"125","officialWeight":0.0004,"aiWeight":5,"aiWeightAccuracy":"80%","officialLength":2}]},
 "sellerOpenId":"BBBs-4+/=x","companyName":"某厂","sellerDataInfo":{"repeatPurchasePercent":"0.4666","collect30DayWithin48HPercent":"0.9812","qualityRefundWithin30Day":"0.21%","compositeServiceScore":"4.7",
  "logisticsExperienceScore":"0","tradeMedalLevel":"4"},"status":"published",
 "tagInfoList":[{"key":"isOnePsale","value":true},{"key":"select","value":true},{"key":"1688_yx","value":"true"},{"key":"new7","value":true}],
 "sellerMixSetting":{"generalHunpi":true,"mixAmount":100,"mixNumber":5},"channelPrice":{"channelSkuPriceList":[{"skuId":1,"currentPrice":"0.01"}]},
 "isJxhy":true,"isSelect":"true","offerIdentities":["select"],"promotionModel":{"hasPromotion":true,"promotionType":"plus-plus会员","endTime":"2026-12-01 00:00:00"},
 "invoiceInfo":{"supportOnlineInvoice":true,"supportFastInvoice":"false","invoiceTypes":["普票","专票"],"taxpayerType":"一般纳税人"},
 "createDate":"2024-04-20 08:00:00","certificateList":[{"certificateName":"食品经营许可证","certificateCode":"JY1","certificatePhotoList":["img/ibank/C.jpg"]},{}],"promotionUrl":"http://detail.1688.com/offer/620201390233.html?kj=1"}`

const fullProduct = `{
 "summary":{"id":"620201390233","title":"曲奇饼干","titleTranslated":"Cookies","imageUrl":"https://cbu01.alicdn.com/img/ibank/O1.jpg",
  "detailUrl":"https://detail.1688.com/offer/620201390233.html?kj=1",
  "price":{"currencyCode":"CNY","units":"1","nanos":700000000},"priceMax":{"currencyCode":"CNY","units":"2","nanos":500000000},
  "dropshippingPrice":{"currencyCode":"CNY","units":"2","nanos":200000000},
  "otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"1","nanos":600000000},"endTime":"2026-11-30T16:00:00Z"},
   {"kind":"PRICE_KIND_DROPSHIPPING_FREE_SHIPPING","price":{"currencyCode":"CNY","units":"2","nanos":200000000}},
   {"kind":"PRICE_KIND_RETAIL","price":{"currencyCode":"CNY","units":"9"}}],
  "supplier":{"id":"BBBs-4+/=x","name":"某厂","scores":{"overall":4.7},"tradeMedalLevel":4,"repurchaseRate":0.4666,
   "serviceRates":{"monthlyPickup48hRate":0.9812,"monthlyQualityReturnRate":0.0021}},"minimumOrder":"2","soldCount":"12342",
  "createTime":"2024-04-20T00:00:00Z","updateTime":"2026-10-10T08:45:52Z","imageUrlTranslated":"https://cbu01.alicdn.com/img/ibank/T1.jpg",
  "invoiceTerms":{"online":true,"fast":false,"types":["普票","专票"],"taxpayerType":"一般纳税人"},
  "badges":["PRODUCT_BADGE_DROPSHIPPING","PRODUCT_BADGE_CURATED_SUPPLY","PRODUCT_BADGE_STRICT_SELECTION","PRODUCT_BADGE_CROSS_BORDER_SELECTION","PRODUCT_BADGE_SHIPS_IN_48H"],
  "categoryIds":["10","20","30"]},
 "status":"PRODUCT_STATUS_ON_SALE","statusText":"published",
 "skus":[
  {"id":"4900000000000000123","specId":"s1","attributes":[{"id":"3216","name":"口味","value":"原味","nameTranslated":"Flavour","valueTranslated":"Plain"}],
   "price":{"currencyCode":"CNY","units":"1","nanos":700000000},"dropshippingPrice":{"currencyCode":"CNY","units":"2"},"stock":"100",
   "imageUrl":"https://cbu01.alicdn.com/img/ibank/S1.jpg","weightGrams":"250","size":{"lengthMm":"125"},
   "otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"1","nanos":600000000},"endTime":"2026-11-30T16:00:00Z"},
    {"kind":"PRICE_KIND_DROPSHIPPING_FREE_SHIPPING","price":{"currencyCode":"CNY","units":"2"}},{"kind":"PRICE_KIND_RETAIL","price":{"currencyCode":"CNY","units":"9"}}],
   "cargoNumber":"C-1","imageUrlTranslated":"https://cbu01.alicdn.com/img/ibank/S1T.jpg"},
  {"id":"4900000000000000124","specId":"s2","price":{"currencyCode":"CNY","units":"2","nanos":500000000},"stock":"0","weightGrams":"300","size":{"heightMm":"30"},
   "otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"2","nanos":400000000},"endTime":"2026-11-30T16:00:00Z"}]},
  {"id":"125","specId":"s3","weightGrams":"1","size":{"lengthMm":"20"}}],
 "attributes":[
  {"id":"3216","name":"口味","value":"原味","nameTranslated":"Flavour","valueTranslated":"Plain"},
  {"id":"3216","name":"口味","value":"巧克力","nameTranslated":"Flavour","valueTranslated":"Chocolate"},
  {"id":"973","name":"风格","value":"韩版","nameTranslated":"Style","valueTranslated":"Korean"}],
 "imageUrls":["https://cbu01.alicdn.com/img/ibank/O1.jpg","https://cbu01.alicdn.com/img/ibank/O2.jpg","https://cbu01.alicdn.com/img/ibank/W.jpg"],
 "videoUrl":"https://cloud.video.taobao.com/1.mp4","descriptionHtml":" <p>曲奇</p> ","unit":"盒","weightGrams":"9900",
 "mixedOrder":{"accepted":true,"minimumAmount":{"currencyCode":"CNY","units":"100"},"minimumQuantity":"5"},
 "certificates":[{"name":"食品经营许可证","code":"JY1","imageUrls":["https://cbu01.alicdn.com/img/ibank/C.jpg"]}],
 "cargoNumber":"K-7","sellingPoints":["防潮","独立包装"],"descriptionUrlTranslated":"https://x.alicdn.com/d.html",
 "imageUrlsTranslated":["https://cbu01.alicdn.com/img/ibank/T1.jpg"],"unitTranslated":"box",
 "size":{"lengthMm":"125","widthMm":"100","heightMm":"3"},"shipsFrom":"浙江省 义乌市","stock":"2147483646","batchSize":"6","categoryName":"曲奇"}`

func decodeDetail(t testing.TB, q *zhaohuov1.GetProductRequest, payload string) (*zhaohuov1.GetProductResponse, error) {
	t.Helper()
	if !gjson.Valid(payload) {
		t.Fatalf("the test's payload is no JSON: %s", payload)
	}
	return aop.New(aop.Config{}).GetProduct.Decode(q, gjson.Parse(payload))
}

// least is a minimal detail.
func least(more string) string {
	return `{"summary":{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html"` + more + `}`
}

func TestDecodeDetail(t *testing.T) {
	const seven = `{"offerId":7`
	for _, c := range []struct {
		name, payload, want string
		q                   *zhaohuov1.GetProductRequest
	}{
		{"everything", fullDetail, fullProduct, &zhaohuov1.GetProductRequest{Id: "620201390233", LanguageCode: "en"}},
		{"only an id", seven + `}`, least(`}`), nil},
		{
			"nothing is known", seven + `,"subject":null,"status":null,"description":"","mainVideo":"","soldOut":"","batchNumber":0,"minOrderQuantity":null,
			"productImage":null,"productAttribute":null,"productSkuInfos":null,"productSaleInfo":{"amountOnSale":null,"priceRangeList":null,"quoteType":null,
			"unitInfo":null,"fenxiaoSaleInfo":null},"productShippingInfo":{"weight":0,"length":"","width":null,"height":0.0,"skuShippingInfoList":null},
			"sellerOpenId":"","companyName":null,"tagInfoList":[],"promotionModel":null,"isSelect":"false"}`, least(`}`), nil,
		},
		{"zero is known", seven + `,"soldOut":"0","productSaleInfo":{"amountOnSale":0}}`, least(`,"soldCount":"0"},"stock":"0"`), nil},
		{
			"Chinese leaves the texts alone", seven + `,"subject":"杯","subjectTrans":"cup","productAttribute":[{"attributeId":1,"attributeName":"色",
			"attributeNameTrans":"colour","value":"红","valueTrans":"red"}]}`,
			least(`,"title":"杯"},"attributes":[{"id":"1","name":"色","value":"红"}]`), &zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "zh"},
		},
		{"raw", `{"offerId": 7, "new":[1]}`, least(`,"rawJson":"{\"offerId\": 7, \"new\":[1]}"}`), &zhaohuov1.GetProductRequest{Id: "7", IncludeRaw: true}},
		{"an id as text", `{"offerId":"7"}`, least(`}`), nil},
		{"a seller without a name", seven + `,"sellerOpenId":"o"}`, least(`,"supplier":{"id":"o"}}`), nil},
		{
			"goods of single pieces are not sold", seven + `,"tagInfoList":[{"key":"isOnePsale","value":false}],"productSkuInfos":[{"skuId":1,
			"fenxiaoPriceInfo":{"onePiecePrice":"2"}}],"productSaleInfo":{"fenxiaoSaleInfo":{"onePiecePrice":"2"}}}`, least(`},"skus":[{"id":"1"}]`), nil,
		},
		{
			"the platform's own measures", seven + `,"productShippingInfo":{"weight":null,"officialWeight":"1.2","width":0,"officialLength":10,"officialWidth":20.5,"officialHeight":30}}`,
			least(`},"weightGrams":"1200","size":{"lengthMm":"100","widthMm":"205","heightMm":"300"}`), nil,
		},
		{
			"the platform's own measures before the seller's", seven + `,"productSkuInfos":[{"skuId":1},{"skuId":2}],"productShippingInfo":{"weight":0.1,"length":1,"width":2,"height":3,
			"officialWeight":"0.2","officialLength":4,"officialWidth":5,"officialHeight":6,"skuShippingInfoList":[{"skuId":1,"weight":100},{"skuId":2,"weight":100}],
			"skuShippingDetails":[{"skuId":"1","weight":0.3,"officialWeight":0.25}]}}`,
			least(`},"weightGrams":"200","size":{"lengthMm":"40","widthMm":"50","heightMm":"60"},"skus":[{"id":"1","weightGrams":"250"},{"id":"2","weightGrams":"100"}]`), nil,
		},
		{
			"a promotion for everybody, and its end", seven + `,"promotionModel":{"hasPromotion":true,"endTime":"2026-12-01 00:00:00"},
			"productSkuInfos":[{"skuId":1,"price":"3","promotionPrice":"2.50"},{"skuId":2,"price":"3","promotionPrice":"0.00"}],"productSaleInfo":{"quoteType":1}}`,
			least(`,"price":{"currencyCode":"CNY","units":"3"},"promotionPrice":{"currencyCode":"CNY","units":"2","nanos":500000000},"promotionEndTime":"2026-11-30T16:00:00Z",
			"badges":["PRODUCT_BADGE_PROMOTION"]},"skus":[{"id":"1","price":{"currencyCode":"CNY","units":"3"},"promotionPrice":{"currencyCode":"CNY","units":"2","nanos":500000000}},
			{"id":"2","price":{"currencyCode":"CNY","units":"3"}}]`), nil,
		},
		{
			"a promotion of an unknown type", seven + `,"promotionModel":{"hasPromotion":true,"promotionType":"newcomer-新人价"},
			"productSaleInfo":{"priceRangeList":[{"startQuantity":1,"price":"3","promotionPrice":"2"}]}}`,
			least(`,"price":{"currencyCode":"CNY","units":"3"},"otherPrices":[{"kindText":"newcomer-新人价","price":{"currencyCode":"CNY","units":"2"}}]},
			"priceTiers":[{"minQuantity":"1","price":{"currencyCode":"CNY","units":"3"},"otherPrices":[{"kindText":"newcomer-新人价","price":{"currencyCode":"CNY","units":"2"}}]}]`), nil,
		},
		{
			"free shipping by a tag, and at a price of its own", seven + `,"tagInfoList":[{"key":"isOnePsaleFreePostage","value":true}],
			"productSaleInfo":{"fenxiaoSaleInfo":{"onePiecePrice":"2","onePieceFreePostage":"6.50"}}}`,
			least(`,"dropshippingPrice":{"currencyCode":"CNY","units":"2"},"otherPrices":[{"kind":"PRICE_KIND_DROPSHIPPING_FREE_SHIPPING",
			"price":{"currencyCode":"CNY","units":"6","nanos":500000000}}]}`), nil,
		},
		{
			"no mixed orders", seven + `,"sellerMixSetting":{"generalHunpi":false,"mixAmount":100,"mixNumber":0}}`, least(`},"mixedOrder":{"accepted":false}`), nil,
		},
		{
			"a translated description as HTML", seven + `,"descriptionTrans":"<p>cup</p>"}`, least(`},"descriptionHtmlTranslated":"<p>cup</p>"`),
			&zhaohuov1.GetProductRequest{Id: "7", LanguageCode: "en"},
		},
		{
			"a variant without an id or more", seven + `,"productSkuInfos":[{"price":"3"}],"productShippingInfo":{"skuShippingDetails":[{"weight":3},7]}}`,
			least(`,"price":{"currencyCode":"CNY","units":"3"}},"skus":[{"price":{"currencyCode":"CNY","units":"3"}}]`), nil,
		},
		{
			"a white image alone", seven + `,"productImage":{"images":[],"whiteImage":"img/w.jpg"}}`,
			least(`,"imageUrl":"https://cbu01.alicdn.com/img/w.jpg"},"imageUrls":["https://cbu01.alicdn.com/img/w.jpg"]`), nil,
		},
		{"the second video", seven + `,"detailVideo":"https://v.alicdn.com/2.mp4","mainVideo":"none"}`, least(`},"videoUrl":"https://v.alicdn.com/2.mp4"`), nil},
		{
			"attributes without ids", seven + `,"productAttribute":[{"attributeName":"色","value":"红"},{"attributeName":"款","value":"A"},{"attributeName":"色","value":"蓝"},{},7]}`,
			least(`},"attributes":[{"name":"色","value":"红"},{"name":"色","value":"蓝"},{"name":"款","value":"A"}]`), nil,
		},
		{"other types than expected", seven + `,"productSaleInfo":"x","productShippingInfo":[1],"productImage":7,"tagInfoList":"isOnePsale","status":{"a":1},"description":5}`, least(`}`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := c.q
			if q == nil {
				q = &zhaohuov1.GetProductRequest{Id: "7"}
			}
			answer, err := decodeDetail(t, q, c.payload)
			if err != nil {
				t.Fatal(err)
			}
			want := &zhaohuov1.ProductDetail{}
			if err := protojson.Unmarshal([]byte(c.want), want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, answer.GetProduct(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := proto.Marshal(answer); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDetailQuoteTypes: quoteType says which prices hold.
func TestDetailQuoteTypes(t *testing.T) {
	const (
		sku    = `{"id":"1","price":{"currencyCode":"CNY","units":"5"}},{"id":"2","price":{"currencyCode":"CNY","units":"6"}}`
		noSKU  = `{"id":"1"},{"id":"2"}`
		tiers  = `{"minQuantity":"1","price":{"currencyCode":"CNY","units":"4"},"promotionPrice":{"currencyCode":"CNY","units":"3"}},{"minQuantity":"10","price":{"currencyCode":"CNY","units":"2"}}`
		two    = `"price":{"currencyCode":"CNY","units":"2"}`
		ranged = `"promotionPrice":{"currencyCode":"CNY","units":"3"}`
	)
	const skusSent = `"productSkuInfos":[{"skuId":1,"price":"5"},{"skuId":2,"price":6}]`
	const tiersSent = `"priceRangeList":[{"startQuantity":10,"price":"2.00"},{"startQuantity":null,"price":"4.00","promotionPrice":"3"},null]`
	for _, c := range []struct{ name, payload, want string }{
		{
			"0, by quantity", `{"offerId":7,"productSaleInfo":{"quoteType":0,` + tiersSent + `}}`,
			least(`,` + two + `,"priceMax":{"currencyCode":"CNY","units":"4"},` + ranged + `},"priceTiers":[` + tiers + `]`),
		},
		{
			"2, variants by quantity", `{"offerId":7,` + skusSent + `,"productSaleInfo":{"quoteType":"2",` + tiersSent + `}}`,
			least(`,` + two + `,"priceMax":{"currencyCode":"CNY","units":"4"},` + ranged + `},"priceTiers":[` + tiers + `],"skus":[` + noSKU + `]`),
		},
		{
			"2, without quantities", `{"offerId":7,` + skusSent + `,"productSaleInfo":{"quoteType":2}}`,
			least(`,"price":{"currencyCode":"CNY","units":"5"},"priceMax":{"currencyCode":"CNY","units":"6"}},"skus":[` + sku + `]`),
		},
		{
			"1, by variant", `{"offerId":7,` + skusSent + `,"productSaleInfo":{"quoteType":1,` + tiersSent + `}}`,
			least(`,"price":{"currencyCode":"CNY","units":"5"},"priceMax":{"currencyCode":"CNY","units":"6"},` + ranged + `},"skus":[` + sku + `]`),
		},
		{
			"1, without prices of variants", `{"offerId":7,"productSkuInfos":[{"skuId":1,"price":null}],"productSaleInfo":{"quoteType":1,"priceRangeList":[{"startQuantity":3,"price":"2"}]}}`,
			least(`,` + two + `},"priceTiers":[{"minQuantity":"3",` + two + `}],"skus":[{"id":"1"}]`),
		},
		{
			"not said", `{"offerId":7,` + skusSent + `,"productSaleInfo":{` + tiersSent + `}}`,
			least(`,` + two + `,"priceMax":{"currencyCode":"CNY","units":"6"},` + ranged + `},"priceTiers":[` + tiers + `],"skus":[` + sku + `]`),
		},
		{
			"no promotion runs", `{"offerId":7,"promotionModel":{"hasPromotion":false},"productSaleInfo":{"priceRangeList":[{"startQuantity":1,"price":"2","promotionPrice":"1"}]}}`,
			least(`,` + two + `},"priceTiers":[{"minQuantity":"1",` + two + `}]`),
		},
		{
			"negotiable", `{"offerId":7,"productSaleInfo":{"quoteType":0,"priceRangeList":[{"startQuantity":1,"price":"面议"}]}}`,
			least(`,"priceText":"面议"},"priceTiers":[{"minQuantity":"1"}]`),
		},
		{"another currency alone", `{"offerId":7,"productSkuInfos":[{"skuId":1,"foreignCurrencyPrice":3.50}],"productSaleInfo":{"foreignCurrencyPrice":3.50,
			"priceRangeList":[{"startQuantity":1,"foreignCurrencyPrice":3.50}]}}`, least(`},"priceTiers":[{"minQuantity":"1"}],"skus":[{"id":"1"}]`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := decodeDetail(t, &zhaohuov1.GetProductRequest{Id: "7"}, c.payload)
			if err != nil {
				t.Fatal(err)
			}
			want := &zhaohuov1.ProductDetail{}
			if err := protojson.Unmarshal([]byte(c.want), want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, answer.GetProduct(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDetailStatus(t *testing.T) {
	for text, want := range map[string]zhaohuov1.ProductStatus{
		"": zhaohuov1.ProductStatus_PRODUCT_STATUS_UNSPECIFIED, "published": zhaohuov1.ProductStatus_PRODUCT_STATUS_ON_SALE,
	} {
		checkStatus(t, text, want)
	}
	for _, text := range []string{
		"member expired", "auto expired", "expired", "member deleted", "modified", "new", "deleted", "TBD", "approved", "auditing", "untread", "Published", "unheard of",
	} {
		checkStatus(t, text, zhaohuov1.ProductStatus_PRODUCT_STATUS_OFF_SALE)
	}
}

func checkStatus(t *testing.T, text string, want zhaohuov1.ProductStatus) {
	t.Helper()
	answer, err := decodeDetail(t, &zhaohuov1.GetProductRequest{Id: "7"}, `{"offerId":7,"status":"`+text+`"}`)
	if err != nil || answer.GetProduct().GetStatus() != want || answer.GetProduct().GetStatusText() != text {
		t.Errorf("%q is %v, %v; want %s", text, answer, err, want)
	}
}

func TestDecodeDetailRefuses(t *testing.T) {
	for name, payload := range map[string]string{
		"a list":                   `[{"offerId":7}]`,
		"text":                     `"x"`,
		"nothing":                  `{}`,
		"no id":                    `{"subject":"杯"}`,
		"a useless id":             `{"offerId":0}`,
		"another product's":        `{"offerId":8}`,
		"variants that are text":   `{"offerId":7,"productSkuInfos":"x"}`,
		"a variant that is null":   `{"offerId":7,"productSkuInfos":[{"skuId":1},null]}`,
		"a variant that is a text": `{"offerId":7,"productSkuInfos":["1"]}`,
	} {
		answer, err := decodeDetail(t, &zhaohuov1.GetProductRequest{Id: "7"}, payload)
		if answer != nil || err == nil || fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: got %v, %v", name, answer, err)
		}
	}
}

// FuzzDetail checks what holds for every answer: no panic, every failure is a fault, the product is the requested one
// and fits the contract, and unknown values are not 0.
func FuzzDetail(f *testing.F) {
	for _, seed := range []string{
		fullDetail, `{"offerId":620201390233}`, `{"offerId":7}`, `[]`, `{"offerId":620201390233,"productSkuInfos":[{}],"productShippingInfo":{"weight":1e-9}}`,
		`{"offerId":620201390233,"productSaleInfo":{"priceRangeList":[{"startQuantity":-1,"price":"1-2"}],"quoteType":2}}`,
		"{\"offerId\":620201390233,\"subject\":\"\\ud83d\",\"description\":\"\\u0000\"}",
	} {
		f.Add([]byte(seed))
	}
	d := aop.New(aop.Config{})
	f.Fuzz(func(t *testing.T, payload []byte) {
		wrapped := append(append([]byte(`{"result":{"success":true,"code":"200","result":`), payload...), `}}`...)
		opened, err := d.Wire.Open(upstream.Call{}, 200, wrapped)
		if err != nil {
			return
		}
		answer, err := d.GetProduct.Decode(&zhaohuov1.GetProductRequest{Id: "620201390233", IncludeRaw: true, LanguageCode: "en"}, opened)
		if err != nil {
			if fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
				t.Errorf("got %v", err)
			}
			return
		}
		p := answer.GetProduct()
		if p.GetSummary().GetId() != "620201390233" || !gjson.Valid(p.GetSummary().GetRawJson()) {
			t.Errorf("got %v", p.GetSummary())
		}
		if (p.WeightGrams != nil && p.GetWeightGrams() < 1) || (p.BatchSize != nil && p.GetBatchSize() < 1) {
			t.Errorf("weight %d, batch %d", p.GetWeightGrams(), p.GetBatchSize())
		}
		var before int64
		for _, tier := range p.GetPriceTiers() {
			if tier.GetMinQuantity() < max(before, 1) || (tier.GetPrice() != nil && tier.GetPrice().GetUnits() == 0 && tier.GetPrice().GetNanos() == 0) {
				t.Errorf("tiers %v", p.GetPriceTiers())
			}
			before = tier.GetMinQuantity()
		}
		if _, err := proto.Marshal(answer); err != nil {
			t.Errorf("cannot be sent: %v", err)
		}
	})
}
