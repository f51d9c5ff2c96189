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

func TestEncodeKeywordSearch(t *testing.T) {
	for _, c := range []struct {
		name   string
		config aop.Config
		q      *zhaohuov1.KeywordSearchRequest
		want   string
	}{
		{
			"the vector's question",
			aop.Config{},
			&zhaohuov1.KeywordSearchRequest{Keyword: "饼干"},
			`{"keyword":"饼干","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{"everything", aop.Config{}, &zhaohuov1.KeywordSearchRequest{
			Keyword: `<杯> & "盖" 'x'`, Page: proto.Int32(3), PageSize: proto.Int32(50), PriceMin: "10", PriceMax: "99.90",
			CategoryId: "1034340000000000123", Sort: zhaohuov1.SortOrder_SORT_ORDER_REPURCHASE_DESC, LanguageCode: "ja", IncludeRaw: true,
			Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_30_DAYS, zhaohuov1.ProductFilter_PRODUCT_FILTER_CERTIFIED_FACTORY},
		}, `{"keyword":"<杯> & \"盖\" 'x'","beginPage":3,"pageSize":50,"country":"ja","filter":"new30,certifiedFactory",` +
			`"sort":"{\"rePurchaseRate\":\"desc\"}","priceStart":"10","priceEnd":"99.90","categoryId":1034340000000000123}`},
		{"options of this search alone", aop.Config{}, &zhaohuov1.KeywordSearchRequest{
			Keyword: "杯", CategoryIds: []string{"2", "45"}, RegionOpp: "JP", FacetIds: []string{"978:1352"},
			Sales: &zhaohuov1.SalesFilter{
				Week: &zhaohuov1.SalesRange{Min: proto.Int64(0), Max: proto.Int64(7)}, TwoWeeks: &zhaohuov1.SalesRange{Max: proto.Int64(14)},
				Month: &zhaohuov1.SalesRange{Min: proto.Int64(30)}, AllTime: &zhaohuov1.SalesRange{Min: proto.Int64(99)},
			},
		}, `{"keyword":"杯","beginPage":1,"pageSize":20,"country":"en","categoryIdList":"2,45","regionOpp":"JP",` +
			`"saleFilterList":[{"saleType":"sales7","saleStart":"0","saleEnd":"7"},{"saleType":"sales14","saleEnd":"14"},` +
			`{"saleType":"sales30","saleStart":"30"},{"saleType":"totalSales","saleStart":"99"}],"snId":"978:1352"}`},
		{
			"Chinese has no translation",
			aop.Config{},
			&zhaohuov1.KeywordSearchRequest{Keyword: "杯", LanguageCode: "zh"},
			`{"keyword":"杯","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"the upstream's own order",
			aop.Config{},
			&zhaohuov1.KeywordSearchRequest{Keyword: "杯", Sort: zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE},
			`{"keyword":"杯","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"a keyword as it is written",
			aop.Config{SkipKeywordTranslation: true},
			&zhaohuov1.KeywordSearchRequest{Keyword: "phone case"},
			`{"keyword":"phone case","beginPage":1,"pageSize":20,"country":"en","keywordTranslate":true}`,
		},
		{
			"a smaller ceiling",
			aop.Config{Limits: upstream.Limits{PageSizeMax: 10}},
			&zhaohuov1.KeywordSearchRequest{Keyword: "杯", PageSize: proto.Int32(50)},
			`{"keyword":"杯","beginPage":1,"pageSize":10,"country":"en"}`,
		},
	} {
		call, err := aop.New(c.config).KeywordSearch.Encode(c.q)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := upstream.Call{API: keywordAPI, Params: []upstream.Param{{Name: "offerQueryParam", Value: c.want}}}
		if diff := cmp.Diff(want, call); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestEncodeNamesTheConfiguredAPI(t *testing.T) {
	d := aop.New(aop.Config{Methods: aop.Methods{KeywordSearch: aop.Method{Namespace: "n", Name: "q", Version: "2"}}})
	call, err := d.KeywordSearch.Encode(&zhaohuov1.KeywordSearchRequest{Keyword: "x"})
	if err != nil || call.API != "n:q-2" {
		t.Errorf("got %q, %v", call.API, err)
	}
}

func TestEncodeRefusesWhatItDoesNotKnow(t *testing.T) {
	for path, q := range map[string]*zhaohuov1.KeywordSearchRequest{
		"sort":       {Keyword: "x", Sort: 99},
		"filters[1]": {Keyword: "x", Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS, 99}},
		"filters[0]": {Keyword: "x", Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_UNSPECIFIED}},
	} {
		_, err := aop.New(aop.Config{}).KeywordSearch.Encode(q)
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.InvalidField || len(f.Fields) != 1 || f.Fields[0].Path != path {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// Every filter and order of the contract has its own word.
func TestWordsCoverTheContract(t *testing.T) {
	seen := map[string]int32{}
	for number, name := range zhaohuov1.ProductFilter_name {
		word, ok := aop.FilterWord(zhaohuov1.ProductFilter(number))
		if ok != (number != 0) {
			t.Errorf("%s: %q, %v", name, word, ok)
		}
		if other, twice := seen[word]; twice {
			t.Errorf("%s and %s share %q", name, zhaohuov1.ProductFilter_name[other], word)
		}
		seen[word] = number
	}
	for number, name := range zhaohuov1.SortOrder_name {
		word, ok := aop.SortWord(zhaohuov1.SortOrder(number))
		if !ok || (word != "" && !gjson.Valid(word)) {
			t.Errorf("%s: %q, %v", name, word, ok)
		}
	}
}

// fullOffer holds every documented member of a list answer, several in their rarer spelling.
const fullOffer = `{"class":"com.x.Offer","offerId":620201390233,"subject":" 曲奇饼干 ","subjectTrans":"Cookies",
 "imageUrl":"img/ibank/O1.jpg","priceInfo":{"price":"1.70-2.50","consignPrice":"2.00","jxhyPrice":null,"promotionPrice":"¥1.60"},
 "monthSold":"1.2万+","repurchaseRate":"10%","minOrderQuantity":2,"isOnePsale":"true","isJxhy":true,"isPatentProduct":true,
 "isSelect":"true","sellerIdentities":["tp_member","super_factory-超级工厂","unheard_of"],"offerIdentities":["yx-严选","select"],
 "topCategoryId":10,"secondCategoryId":"20","thirdCategoryId":30,"promotionModel":{"hasPromotion":true,"promotionType":"plus"},
 "productSimpleShippingInfo":{"shippingTimeGuarantee":"shipIn48Hours",
  "pickupWithin24hRate7d":"97.00%","pickupWithin24hRate30d":"96.2%","perfectFulfillmentRate7d":"100.00%","perfectFulfillmentRate30d":"99.9%","qualityReturnRate30d":"",
  "delayedShippingRate7d":"0.1"},"companyName":"某厂","companyAddress":"浙江 义乌",
 "promotionUrl":"http://detail.1688.com/offer/620201390233.html?kj=1","createDate":"2024-04-20 08:00:00","modifyDate":"2026-10-10 16:45:52",
 "aigcImageUrl":"img/ibank/A1.jpg","sales7d":"1,050","sellerDataInfo":{"tradeMedalLevel":"5","compositeServiceScore":"4.7","logisticsExperienceScore":"4.6",
  "disputeComplaintScore":"5.0","offerExperienceScore":4,"afterSalesExperienceScore":"","consultingExperienceScore":"0.00","repeatPurchasePercent":"0.4666","tpYear":12},
 "offerDataInfo":{"offerApplauseRate":"98.5%"},"invoiceInfo":{"supportOnlineInvoice":true,"supportFastInvoice":false,"invoiceTypes":["普票"],"taxpayerType":null}}`

func page(members, rows string) string {
	return `{` + members + `,"data":[` + rows + `]}`
}

const onePage = `"totalRecords":1,"totalPage":1,"pageSize":20,"currentPage":1`

func decode(t testing.TB, q *zhaohuov1.KeywordSearchRequest, payload string) (*zhaohuov1.KeywordSearchResponse, error) {
	t.Helper()
	if !gjson.Valid(payload) {
		t.Fatalf("the test's payload is no JSON: %s", payload)
	}
	return aop.New(aop.Config{}).KeywordSearch.Decode(q, gjson.Parse(payload))
}

func TestDecodeProduct(t *testing.T) {
	for _, c := range []struct {
		name string
		q    *zhaohuov1.KeywordSearchRequest
		row  string
		want string // protojson
	}{
		{"everything", &zhaohuov1.KeywordSearchRequest{LanguageCode: "en"}, fullOffer, `{
			"id":"620201390233","title":"曲奇饼干","titleTranslated":"Cookies",
			"imageUrl":"https://cbu01.alicdn.com/img/ibank/O1.jpg",
			"detailUrl":"https://detail.1688.com/offer/620201390233.html?kj=1",
			"price":{"currencyCode":"CNY","units":"1","nanos":700000000},
			"priceMax":{"currencyCode":"CNY","units":"2","nanos":500000000},
			"otherPrices":[{"kind":"PRICE_KIND_PLUS","price":{"currencyCode":"CNY","units":"1","nanos":600000000}}],
			"dropshippingPrice":{"currencyCode":"CNY","units":"2"},
			"supplier":{"name":"某厂","location":"浙江 义乌","kinds":["SUPPLIER_KIND_SUPER_FACTORY","SUPPLIER_KIND_TRUST_PASS_MEMBER"],
				"scores":{"overall":4.7,"logistics":4.6,"disputes":5,"products":4},"trustPassYears":12,"tradeMedalLevel":5,"repurchaseRate":0.4666},
			"createTime":"2024-04-20T00:00:00Z","updateTime":"2026-10-10T08:45:52Z","weeklySoldCount":"1050","imageUrlTranslated":"https://cbu01.alicdn.com/img/ibank/A1.jpg",
			"serviceRates":{"weeklyPickup24hRate":0.97,"monthlyPickup24hRate":0.962,"weeklyPerfectFulfillmentRate":1,"monthlyPerfectFulfillmentRate":0.999,
				"monthlyQualityReturnRate":0,"positiveRatingRate":0.985},
			"invoiceTerms":{"online":true,"fast":false,"types":["普票"]},
			"minimumOrder":"2","soldCount":"12000","soldAtLeast":true,"soldDays":30,"repurchaseRate":0.1,
			"badges":["PRODUCT_BADGE_DROPSHIPPING","PRODUCT_BADGE_CURATED_SUPPLY","PRODUCT_BADGE_STRICT_SELECTION","PRODUCT_BADGE_CROSS_BORDER_SELECTION",
				"PRODUCT_BADGE_PATENTED","PRODUCT_BADGE_SHIPS_IN_48H"],
			"categoryIds":["10","20","30"]}`},
		{
			"only an id", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":"7"}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html"}`,
		},
		{
			"nothing is known", &zhaohuov1.KeywordSearchRequest{LanguageCode: "en"}, `{"offerId":7,"subject":null,"subjectTrans":"","imageUrl":null,
			"priceInfo":{"price":null,"consignPrice":null,"promotionPrice":""},"monthSold":null,"minOrderQuantity":"","repurchaseRate":"",
			"isOnePsale":null,"isSelect":"","sellerIdentities":null,"offerIdentities":[],"topCategoryId":0,"promotionModel":null,
			"productSimpleShippingInfo":null,"promotionURL":""}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html"}`,
		},
		{
			"zero is known", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"monthSold":0,"repurchaseRate":"0%","minOrderQuantity":0}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","soldCount":"0","soldDays":30,"repurchaseRate":0}`,
		},
		{
			"negotiable", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"priceInfo":{"price":"面议"}}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","priceText":"面议"}`,
		},
		{
			"Chinese leaves the title alone", &zhaohuov1.KeywordSearchRequest{LanguageCode: "zh"}, `{"offerId":7,"subject":"杯","subjectTrans":"cup"}`,
			`{"id":"7","title":"杯","detailUrl":"https://detail.1688.com/offer/7.html"}`,
		},
		{
			"prices that are not valid now", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"isOnePsale":false,
			"promotionModel":{"hasPromotion":"false"},"priceInfo":{"price":12.5,"consignPrice":"2.00","promotionPrice":"9"}}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","price":{"currencyCode":"CNY","units":"12","nanos":500000000}}`,
		},
		{
			"the other spelling of dropshipping", &zhaohuov1.KeywordSearchRequest{}, `{"priceInfo":{"consignPrice":"2"},"onePsale":true,"offerId":7}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","dropshippingPrice":{"currencyCode":"CNY","units":"2"},"badges":["PRODUCT_BADGE_DROPSHIPPING"]}`,
		},
		{
			"kinds without a name", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"sellerIdentities":["powerful_merchants","powerful_merchants"]}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","supplier":{"kinds":["SUPPLIER_KIND_POWERFUL_MERCHANT"]}}`,
		},
		{
			"a gap in the categories", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"topCategoryId":1,"thirdCategoryId":3}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","categoryIds":["1"]}`,
		},
		{
			"ships in 24 hours", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"productSimpleShippingInfo":{"shippingTimeGuarantee":"shipIn24Hours"}}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","badges":["PRODUCT_BADGE_SHIPS_IN_24H"]}`,
		},
		{
			"raw", &zhaohuov1.KeywordSearchRequest{IncludeRaw: true}, `{"offerId": 7, "new":[1]}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","rawJson":"{\"offerId\": 7, \"new\":[1]}"}`,
		},
		{
			"other types than expected", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"subject":{"a":1},"priceInfo":"1.70","monthSold":[],
			"sellerIdentities":"tp_member","promotionModel":[1],"imageUrl":5}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","supplier":{"kinds":["SUPPLIER_KIND_TRUST_PASS_MEMBER"]}}`,
		},
		{
			"a cut surrogate", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"subject":"杯\ud83d"}`,
			`{"id":"7","title":"杯\ufffd","detailUrl":"https://detail.1688.com/offer/7.html"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := decode(t, c.q, page(onePage, c.row))
			if err != nil {
				t.Fatal(err)
			}
			want := &zhaohuov1.Product{}
			if err := protojson.Unmarshal([]byte(c.want), want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]*zhaohuov1.Product{want}, answer.GetProducts(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := proto.Marshal(answer); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, payload := range map[string]string{
		"no list, goods counted":    `{"totalRecords":5}`,
		"null list, goods told":     `{"totalRecords":5,"data":null}`,
		"null list, nothing told":   `{"data":null}`,
		"the list is an object":     `{"totalRecords":0,"data":{}}`,
		"the list is text":          `{"totalRecords":0,"data":"[]"}`,
		"an empty list alone":       `{"data":[]}`,
		"the payload is text":       `"x"`,
		"a row without an id":       page(onePage, `{"offerId":7},{"subject":"杯"}`),
		"a row with a useless id":   page(onePage, `{"offerId":"0"}`),
		"a row that is null":        page(onePage, `null`),
		"a row that is text":        page(onePage, `"x"`),
		"a row that is an id alone": page(onePage, `620201390233`),
	} {
		answer, err := decode(t, &zhaohuov1.KeywordSearchRequest{Keyword: "x"}, payload)
		if answer != nil || err == nil || fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
			t.Errorf("%s: got %v, %v", name, answer, err)
		}
	}
	answer, err := decode(t, &zhaohuov1.KeywordSearchRequest{Page: proto.Int32(3)}, `{"data":[]}`)
	want := &zhaohuov1.KeywordSearchResponse{Page: 3, EffectivePageSize: 20}
	if diff := cmp.Diff(want, answer, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("an empty list alone on a later page: %v (-want +got):\n%s", err, diff)
	}
	for _, none := range []string{`{"totalRecords":0,"data":null}`, `{"totalRecords":0}`} {
		answer, err := decode(t, &zhaohuov1.KeywordSearchRequest{}, none)
		if err != nil || len(answer.GetProducts()) != 0 || answer.Total == nil || answer.GetTotal() != 0 {
			t.Errorf("nothing found, as %s: got %v, %v", none, answer, err)
		}
	}
}
