package aop_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
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
			CategoryId: "1034340000000000123", Sort: zhaohuov1.Sort_SORT_REPURCHASE_DESC, Language: "ja", IncludeRaw: true,
			Filters: []zhaohuov1.Filter{zhaohuov1.Filter_FILTER_NEW_30_DAYS, zhaohuov1.Filter_FILTER_CERTIFIED_FACTORY},
		}, `{"keyword":"<杯> & \"盖\" 'x'","beginPage":3,"pageSize":50,"country":"ja","filter":"new30,certifiedFactory",` +
			`"sort":"{\"rePurchaseRate\":\"desc\"}","priceStart":"10","priceEnd":"99.90","categoryId":1034340000000000123}`},
		{
			"Chinese has no translation",
			aop.Config{},
			&zhaohuov1.KeywordSearchRequest{Keyword: "杯", Language: "zh"},
			`{"keyword":"杯","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"the upstream's own order",
			aop.Config{},
			&zhaohuov1.KeywordSearchRequest{Keyword: "杯", Sort: zhaohuov1.Sort_SORT_RELEVANCE},
			`{"keyword":"杯","beginPage":1,"pageSize":20,"country":"en"}`,
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
		"filters[1]": {Keyword: "x", Filters: []zhaohuov1.Filter{zhaohuov1.Filter_FILTER_NEW_7_DAYS, 99}},
		"filters[0]": {Keyword: "x", Filters: []zhaohuov1.Filter{zhaohuov1.Filter_FILTER_UNSPECIFIED}},
	} {
		_, err := aop.New(aop.Config{}).KeywordSearch.Encode(q)
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.InvalidField || len(f.Fields) != 1 || f.Fields[0].Path != path {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

// Every filter and order of the contract has a word of its own.
func TestWordsCoverTheContract(t *testing.T) {
	seen := map[string]int32{}
	for number, name := range zhaohuov1.Filter_name {
		word, ok := aop.FilterWord(zhaohuov1.Filter(number))
		if ok != (number != 0) {
			t.Errorf("%s: %q, %v", name, word, ok)
		}
		if other, twice := seen[word]; twice {
			t.Errorf("%s and %s share %q", name, zhaohuov1.Filter_name[other], word)
		}
		seen[word] = number
	}
	for number, name := range zhaohuov1.Sort_name {
		word, ok := aop.SortWord(zhaohuov1.Sort(number))
		if !ok || (word != "" && !gjson.Valid(word)) {
			t.Errorf("%s: %q, %v", name, word, ok)
		}
	}
}

// fullOffer holds every documented member of a list answer; several are spelled in their rarer way.
const fullOffer = `{"class":"com.x.Offer","offerId":620201390233,"subject":" 曲奇饼干 ","subjectTrans":"Cookies",
 "imageUrl":"img/ibank/O1.jpg","priceInfo":{"price":"1.70-2.50","consignPrice":"2.00","jxhyPrice":null,"promotionPrice":"¥1.60"},
 "monthSold":"1.2万+","repurchaseRate":"10%","minOrderQuantity":2,"isOnePsale":"true","isJxhy":true,"isPatentProduct":true,
 "isSelect":"true","sellerIdentities":["tp_member","super_factory","unheard_of"],"offerIdentities":["yx","select"],
 "topCategoryId":10,"secondCategoryId":"20","thirdCategoryId":30,"promotionModel":{"hasPromotion":true,"promotionType":"plus"},
 "productSimpleShippingInfo":{"shippingTimeGuarantee":"shipIn48Hours"},"companyName":"某厂","companyAddress":"浙江 义乌",
 "promotionUrl":"http://detail.1688.com/offer/620201390233.html?kj=1","createDate":"2024-04-20 08:00:00"}`

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
		{"everything", &zhaohuov1.KeywordSearchRequest{Language: "en"}, fullOffer, `{
			"id":"620201390233","title":"曲奇饼干","titleTranslated":"Cookies",
			"imageUrl":"https://cbu01.alicdn.com/img/ibank/O1.jpg",
			"detailUrl":"https://detail.1688.com/offer/620201390233.html?kj=1",
			"price":{"currencyCode":"CNY","units":"1","nanos":700000000},
			"priceMax":{"currencyCode":"CNY","units":"2","nanos":500000000},
			"promotionPrice":{"currencyCode":"CNY","units":"1","nanos":600000000},
			"dropshippingPrice":{"currencyCode":"CNY","units":"2"},
			"supplier":{"name":"某厂","location":"浙江 义乌","kinds":["SUPPLIER_KIND_SUPER_FACTORY","SUPPLIER_KIND_TRUST_PASS_MEMBER"]},
			"minimumOrder":"2","soldCount":"12000","soldAtLeast":true,"soldDays":30,"repurchaseRate":0.1,
			"badges":["BADGE_DROPSHIPPING","BADGE_CURATED_SUPPLY","BADGE_STRICT_SELECTION","BADGE_CROSS_BORDER_SELECTION",
				"BADGE_PATENTED","BADGE_PROMOTION","BADGE_SHIPS_IN_48H"],
			"categoryIds":["10","20","30"]}`},
		{
			"only an id", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":"7"}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html"}`,
		},
		{
			"nothing is known", &zhaohuov1.KeywordSearchRequest{Language: "en"}, `{"offerId":7,"subject":null,"subjectTrans":"","imageUrl":null,
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
			"Chinese leaves the title alone", &zhaohuov1.KeywordSearchRequest{Language: "zh"}, `{"offerId":7,"subject":"杯","subjectTrans":"cup"}`,
			`{"id":"7","title":"杯","detailUrl":"https://detail.1688.com/offer/7.html"}`,
		},
		{
			"prices that are not valid now", &zhaohuov1.KeywordSearchRequest{}, `{"offerId":7,"isOnePsale":false,
			"promotionModel":{"hasPromotion":"false"},"priceInfo":{"price":12.5,"consignPrice":"2.00","promotionPrice":"9"}}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","price":{"currencyCode":"CNY","units":"12","nanos":500000000}}`,
		},
		{
			"the other spelling of dropshipping", &zhaohuov1.KeywordSearchRequest{}, `{"priceInfo":{"consignPrice":"2"},"onePsale":true,"offerId":7}`,
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","dropshippingPrice":{"currencyCode":"CNY","units":"2"},"badges":["BADGE_DROPSHIPPING"]}`,
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
			`{"id":"7","detailUrl":"https://detail.1688.com/offer/7.html","badges":["BADGE_SHIPS_IN_24H"]}`,
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

// offers are n rows.
func offers(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = fmt.Sprintf(`{"offerId":%d}`, i+1)
	}
	return strings.Join(rows, ",")
}

func TestDecodePaging(t *testing.T) {
	total := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name       string
		page, size int32
		members    string
		rows       int
		want       *zhaohuov1.KeywordSearchResponse
	}{
		{
			"first of many", 1, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"numbers as text", 2, 20, `"totalRecords":"172","totalPage":"9","pageSize":"20","currentPage":"2"`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 2, EffectivePageSize: 20, NextPage: 3},
		},
		{
			"the last, short", 9, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":9`, 12,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 9, EffectivePageSize: 20},
		},
		{
			"the last, full", 2, 20, `"totalRecords":40,"totalPage":2,"pageSize":20,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(40), Page: 2, EffectivePageSize: 20},
		},
		{
			"one page too many", 2, 20, `"totalRecords":40,"totalPage":3,"pageSize":20,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(40), Page: 2, EffectivePageSize: 20},
		},
		{
			"an empty page", 3, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":3`, 0,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 3, EffectivePageSize: 20},
		},
		{
			"nothing found", 1, 20, `"totalRecords":0,"totalPage":0,"pageSize":20,"currentPage":1`, 0,
			&zhaohuov1.KeywordSearchResponse{Total: total(0), Page: 1, EffectivePageSize: 20},
		},
		{
			"the window is full", 1, 50, `"totalRecords":2000,"totalPage":41,"pageSize":50,"currentPage":1`, 50,
			&zhaohuov1.KeywordSearchResponse{Total: total(2000), Page: 1, EffectivePageSize: 50, NextPage: 2, Truncated: true},
		},
		{
			"the window ends, at 50", 40, 50, `"totalRecords":2000,"totalPage":41,"pageSize":50,"currentPage":40`, 50,
			&zhaohuov1.KeywordSearchResponse{Total: total(2000), Page: 40, EffectivePageSize: 50, Truncated: true},
		},
		{
			"the window ends, at 20", 100, 20, `"totalRecords":5321,"totalPage":267,"pageSize":20,"currentPage":100`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(5321), Page: 100, EffectivePageSize: 20, Truncated: true},
		},
		{
			"the window ends within a page", 67, 30, `"totalRecords":2000,"pageSize":30,"currentPage":67`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(2000), Page: 67, EffectivePageSize: 30, Truncated: true},
		},
		{
			"cut and told", 1, 50, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"cut silently", 1, 50, `"totalRecords":172,"totalPage":4,"pageSize":50,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"cut silently, later", 2, 50, `"totalRecords":60,"totalPage":2,"pageSize":50,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(60), Page: 2, EffectivePageSize: 20, NextPage: 3},
		},
		{
			"more than told", 1, 20, `"totalRecords":172,"pageSize":20,"currentPage":1`, 25,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 25, NextPage: 2},
		},
		{
			"no total, pages told", 1, 20, `"totalPage":2,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20, NextPage: 2},
		},
		{
			"no total, last page", 2, 20, `"totalPage":2,"pageSize":20,"currentPage":2`, 20,
			&zhaohuov1.KeywordSearchResponse{Page: 2, EffectivePageSize: 20},
		},
		{"nothing told, full", 1, 20, `"x":1`, 20, &zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20, NextPage: 2}},
		{"nothing told, short", 1, 20, `"totalRecords":null,"pageSize":null`, 19, &zhaohuov1.KeywordSearchResponse{Page: 1, EffectivePageSize: 20}},
		{
			"the page parameter is ignored", 3, 20, `"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1`, 20,
			&zhaohuov1.KeywordSearchResponse{Total: total(172), Page: 1, EffectivePageSize: 20},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := decode(t, &zhaohuov1.KeywordSearchRequest{Page: &c.page, PageSize: &c.size}, page(c.members, offers(c.rows)))
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.GetProducts()) != c.rows {
				t.Errorf("%d products of %d", len(answer.GetProducts()), c.rows)
			}
			answer.Products = nil
			if diff := cmp.Diff(c.want, answer, protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A caller who follows next_page sees every row of a truthful upstream once, and comes to an end, whatever size the
// upstream silently cuts pages to.
func TestFollowingNextPage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(0, 2100).Draw(t, "total")
		asked := rapid.Int32Range(1, 50).Draw(t, "asked")
		serves := int(asked)
		tellsSize := rapid.Bool().Draw(t, "tellsSize")
		if rapid.Bool().Draw(t, "cuts") {
			serves = int(rapid.Int32Range(1, asked).Draw(t, "serves"))
		}
		told := int(asked)
		if tellsSize {
			told = serves
		}
		seen, ambiguous := 0, false
		for number, asks := int32(1), 0; number != 0; asks++ {
			if asks > total+1 {
				t.Fatal("paging does not end")
			}
			from := min((int(number)-1)*serves, total)
			rows := min(serves, total-from)
			payload := page(fmt.Sprintf(`"totalRecords":%d,"pageSize":%d,"currentPage":%d`, total, told, number), offers(rows))
			answer, err := aop.New(aop.Config{}).KeywordSearch.Decode(
				&zhaohuov1.KeywordSearchRequest{Page: &number, PageSize: &asked}, gjson.Parse(payload))
			if err != nil {
				t.Fatal(err)
			}
			if answer.GetTruncated() != (total >= 2000) {
				t.Fatalf("truncated %v at %d", answer.GetTruncated(), total)
			}
			seen += rows
			// A page cut to just what a last page of the size told would hold cannot be told from that page.
			ambiguous = ambiguous || (serves != told && rows == total-(int(number)-1)*told)
			number = answer.GetNextPage()
		}
		// What begins beyond the window by the size asked for cannot be asked for.
		reachable := min(total, int(math.Ceil(2000/float64(asked)))*serves)
		if seen < reachable && !ambiguous {
			t.Fatalf("saw %d of %d", seen, reachable)
		}
	})
}

func TestDecodeRefuses(t *testing.T) {
	for name, payload := range map[string]string{
		"no list":                   `{"totalRecords":0}`,
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
	answer, err := decode(t, &zhaohuov1.KeywordSearchRequest{}, `{"totalRecords":0,"data":null}`)
	if err != nil || len(answer.GetProducts()) != 0 || answer.GetTotal() != 0 {
		t.Errorf("nothing found, as null: got %v, %v", answer, err)
	}
}

// A list answer is understood in whichever envelope it comes.
func TestEveryEnvelope(t *testing.T) {
	const rows = `[{"offerId":"7"}]`
	const whole = `{"totalRecords":172,"totalPage":9,"pageSize":20,"currentPage":1,"data":` + rows + `}`
	total := proto.Int64(172)
	d := aop.New(aop.Config{})
	for name, c := range map[string]struct {
		body  string
		total *int64
	}{
		"E1":                    {`{"result":{"success":true,"code":"200","message":"成功","result":` + whole + `}}`, total},
		"E2":                    {`{"result":{"success":"true","code":"S0000","message":"成功","result":` + whole + `}}`, total},
		"E3":                    {`{"result":{"success":true,"retCode":"S000","retMsg":"","result":` + rows + `}}`, nil},
		"E4":                    {`{"result":{"success":true,"msg":"","traceId":"t","model":` + whole + `}}`, total},
		"E5":                    {`{"result":{"success":"true","code":"200","msg":"","traceId":"t","model":` + whole + `}}`, total},
		"E6":                    {`{"result":{"success":true,"msg":"","data":` + whole + `}}`, total},
		"E6 top level":          {`{"success":true,"msg":"","data":` + whole + `}`, total},
		"E7":                    {`{"productInfo":` + whole + `,"success":true,"errorCode":null,"errorMsg":null}`, total},
		"E8":                    {`{"productList":` + rows + `,"success":true,"message":""}`, nil},
		"E9":                    {`{"resultList":` + rows + `,"success":"true","errorCode":"","errorMsg":""}`, nil},
		"E10":                   {`{"succes":"true","categoryInfo":` + whole + `,"errorCode":null,"errorMsg":null}`, total},
		"E12":                   {`{"result":{"success":true,"errorCode":null,"errorMessage":null,"returnValue":` + whole + `}}`, total},
		"E13":                   {`{"success":true,"result":{"total":172,"page":1,"pageSize":20,"result":` + rows + `}}`, total},
		"E14":                   {`{"success":true,"code":"200","message":"","result":` + rows + `,"pageInfo":{"currentPage":1,"pageSize":20,"totalPage":9,"totalRecords":172}}`, total},
		"E15":                   {`{"result":` + whole + `,"success":"true","code":"200","message":""}`, total},
		"E16, which is no such": {whole, total},
		"E17":                   {`{"success":true,"code":"S0000","message":"","data":` + whole + `,"result":true}`, total},
	} {
		payload, err := d.Wire.Open(upstream.Call{API: keywordAPI}, 200, []byte(c.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answer, err := d.KeywordSearch.Decode(&zhaohuov1.KeywordSearchRequest{}, payload)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(answer.GetProducts()) != 1 || answer.GetProducts()[0].GetId() != "7" || !cmp.Equal(answer.Total, c.total) {
			t.Errorf("%s: got %v", name, answer)
		}
	}
}

// errorMark tells whether a body speaks of failure at one of its two envelope levels.
func errorMark(body gjson.Result, depth int) bool {
	marked := false
	body.ForEach(func(key, value gjson.Result) bool {
		text := strings.TrimSpace(value.String())
		switch key.Str {
		case "error_code", "errorCode", "errorMessage", "errorMsg", "error_message":
			marked = marked || text != ""
		case "success", "succes":
			marked = marked || strings.EqualFold(text, "false")
		case "code", "retCode":
			marked = marked || strings.HasPrefix(text, "gw.")
		case "result":
			marked = marked || (depth == 0 && value.IsObject() && value.Get("success").Exists() && errorMark(value, 1))
		}
		return true
	})
	return marked
}

func FuzzAnswer(f *testing.F) {
	whole := `{"result":{"success":true,"code":"200","message":"成功","result":` + page(onePage, fullOffer) + `}}`
	for _, body := range []string{
		whole, gateway("gw.APIACLDecline", "m"), `{"result":null}`, `{"success":false,"result":{"total":0,"data":[]}}`,
		`{"errorMessage":"m","success":true,"result":{"data":[],"totalRecords":0}}`, `[]`, `"x"`, `1`, `{`, whole[:200],
		`{"result":{"result":{"data":[{"offerId":1e2}],"totalRecords":-1,"pageSize":9999999999}}}`,
		`{"result":{"success":"true","result":{"data":[]}}}`,
	} {
		f.Add(200, []byte(body), int32(1), int32(20))
		f.Add(400, []byte(body), int32(41), int32(50))
	}
	d := aop.New(aop.Config{})
	f.Fuzz(func(t *testing.T, status int, body []byte, number, size int32) {
		payload, err := d.Wire.Open(upstream.Call{API: keywordAPI}, status, body)
		if _, typed := fault.As(err); (err != nil) != typed {
			t.Fatalf("an untyped error: %v", err)
		}
		if err != nil {
			return
		}
		number, size = max(number, 1), max(min(size, 50), 1)
		q := &zhaohuov1.KeywordSearchRequest{Page: &number, PageSize: &size, IncludeRaw: true, Language: "en"}
		answer, err := d.KeywordSearch.Decode(q, payload)
		if err != nil {
			if fault.KindOf(err) != fault.UpstreamAnswerUnreadable {
				t.Fatalf("got %v", err)
			}
			return
		}
		if len(answer.GetProducts()) == 0 && (errorMark(gjson.ParseBytes(body), 0) || status/100 != 2) {
			t.Errorf("an error passes for an empty page: %d %s", status, body)
		}
		if answer.GetPage() < 1 || answer.GetEffectivePageSize() < 1 || answer.GetNextPage() < 0 || answer.GetTotal() < 0 {
			t.Errorf("paging makes no sense: %v", answer)
		}
		if _, err := proto.Marshal(answer); err != nil {
			t.Errorf("cannot be sent: %v", err)
		}
	})
}

// BenchmarkDecode reads an answer of 20 goods, from the bytes to the contract.
func BenchmarkDecode(b *testing.B) {
	rows := make([]string, 20)
	for i := range rows {
		rows[i] = strings.Replace(fullOffer, "620201390233", fmt.Sprint(620201390233+i), 1)
	}
	body := []byte(`{"result":{"success":true,"code":"200","message":"成功","result":` +
		page(`"totalRecords":2000,"totalPage":101,"pageSize":20,"currentPage":1`, strings.Join(rows, ",")) + `}}`)
	d := aop.New(aop.Config{})
	q := &zhaohuov1.KeywordSearchRequest{Keyword: "饼干", Language: "en"}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		payload, err := d.Wire.Open(upstream.Call{API: keywordAPI}, 200, body)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := d.KeywordSearch.Decode(q, payload); err != nil {
			b.Fatal(err)
		}
	}
}
