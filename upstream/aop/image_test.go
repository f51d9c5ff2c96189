package aop_test

import (
	"image"
	"io"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

const (
	uploadAPI = "com.alibaba.fenxiao.crossborder:product.image.upload-1"
	imageAPI  = "com.alibaba.fenxiao.crossborder:product.search.imageQuery-1"
)

// The call holds the photo's bytes. The request holds them as base64 in JSON in a form; the JSON is what is signed.
func TestUploadOnTheWire(t *testing.T) {
	d := aop.New(aop.Config{})
	picture := photo("\xfb\xef\xbe\xff photo")
	call, err := d.UploadImage.Encode(picture)
	want := upstream.Call{API: uploadAPI, Params: []upstream.Param{{Name: "uploadImageParam", Value: `{"imageBase64":"`, Photo: picture, Tail: `"}`}}}
	if diff := cmp.Diff(want, call); err != nil || diff != "" {
		t.Fatalf("%v %s", err, diff)
	}
	request, err := d.Wire.NewRequest(t.Context(), call, upstream.Credential{AppKey: "1", AppSecret: "test123"}, time.UnixMilli(1700000000000))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil || int64(len(body)) != request.ContentLength {
		t.Fatalf("%d bytes of %d, %v", len(body), request.ContentLength, err)
	}
	got, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	const text = `{"imageBase64":"++++/yBwaG90bw=="}`
	signed := []upstream.Param{{Name: "uploadImageParam", Value: text}, {Name: "_aop_timestamp", Value: "1700000000000"}}
	form := url.Values{
		"uploadImageParam": {text}, "_aop_timestamp": {"1700000000000"},
		"_aop_signature": {naive("test123", "param2/1/com.alibaba.fenxiao.crossborder/product.image.upload/1", signed)},
	}
	if diff := cmp.Diff(form, got); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestUploadAnswers(t *testing.T) {
	d := aop.New(aop.Config{})
	for _, c := range []struct {
		name, body string
		id         string
		kind       fault.Kind
	}{
		{name: "text", body: `{"result":{"success":"true","code":"200","result":"1490507813791335080"}}`, id: "1490507813791335080"},
		{name: "number", body: `{"result":{"success":true,"code":"200","result":1490507813791335080}}`, id: "1490507813791335080"},
		{name: "not of digits", body: `{"result":{"success":"true","result":" O1CN01 "}}`, id: "O1CN01"},
		{name: "0 with success", body: `{"result":{"success":"true","code":"200","result":"0"}}`, kind: fault.UpstreamImageRefused},
		{name: "the number 0", body: `{"result":{"success":"true","code":"200","result":0}}`, kind: fault.UpstreamImageRefused},
		{name: "empty with success", body: `{"result":{"success":"true","code":"200","result":""}}`, kind: fault.UpstreamImageRefused},
		{name: "none", body: `{"result":{"success":"true","code":"200","result":null}}`, kind: fault.UpstreamAnswerUnreadable},
		{name: "an object", body: `{"result":{"success":"true","code":"200","result":{"id":"1"}}}`, kind: fault.UpstreamAnswerUnreadable},
		{name: "a list", body: `{"result":{"success":"true","code":"200","result":["1"]}}`, kind: fault.UpstreamAnswerUnreadable},
		{name: "refused", body: `{"result":{"success":"false","code":"E","message":"no"}}`, kind: fault.UpstreamRefused},
	} {
		payload, err := d.Wire.Open(upstream.Call{API: uploadAPI}, 200, []byte(c.body))
		id := ""
		if err == nil {
			id, err = d.UploadImage.Decode(photo(""), payload)
		}
		if id != c.id || (err == nil) != (c.id != "") || err != nil && fault.KindOf(err) != c.kind {
			t.Errorf("%s: got %q, %v", c.name, id, err)
		}
	}
}

func TestEncodeImageSearch(t *testing.T) {
	everything := &zhaohuov1.ImageSearchRequest{
		Image: &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: "https://not.looked.at/"}}, Keyword: "红 <杯>", Page: proto.Int32(2), PageSize: proto.Int32(10), PriceMin: "1", PriceMax: "9.50",
		CategoryId: "1034340000000000123", Sort: zhaohuov1.SortOrder_SORT_ORDER_SALES_DESC, LanguageCode: "ja",
		Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS, zhaohuov1.ProductFilter_PRODUCT_FILTER_DROPSHIPPING},
	}
	for _, c := range []struct {
		name   string
		config aop.Config
		q      upstream.ImageQuestion
		api    string
		want   string
	}{
		{
			"by id",
			aop.Config{},
			upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, ID: "1490507813791335080"},
			imageAPI, `{"imageId":"1490507813791335080","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"by address",
			aop.Config{},
			upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, URL: "https://cbu01.alicdn.com/a.jpg?x=1&y=2"},
			imageAPI, `{"imageAddress":"https://cbu01.alicdn.com/a.jpg?x=1&y=2","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"an id before an address",
			aop.Config{},
			upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, ID: "7", URL: "https://cbu01.alicdn.com/a.jpg"},
			imageAPI, `{"imageId":"7","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"a part, rounded outwards, in the upstream's order",
			aop.Config{},
			upstream.ImageQuestion{
				ImageSearchRequest: &zhaohuov1.ImageSearchRequest{Region: &zhaohuov1.ImageRegion{Left: 0.1001, Top: 0.25, Right: 0.5, Bottom: 0.9999}},
				ID:                 "7", Pixels: image.Pt(1000, 400),
			},
			imageAPI, `{"imageId":"7","region":"100,500,100,400","beginPage":1,"pageSize":20,"country":"en"}`,
		},
		{
			"everything, of another API",
			aop.Config{Methods: aop.Methods{ImageSearch: aop.Method{Namespace: "n", Name: "i", Version: "2"}}},
			upstream.ImageQuestion{ImageSearchRequest: everything, ID: "7"},
			"n:i-2", `{"imageId":"7","keyword":"红 <杯>","beginPage":2,"pageSize":10,"country":"ja","filter":"new7,isOnePsale","sort":"{\"monthSold\":\"desc\"}",` +
				`"priceStart":"1","priceEnd":"9.50","categoryId":1034340000000000123}`,
		},
	} {
		call, err := aop.New(c.config).ImageSearch.Encode(c.q)
		want := upstream.Call{API: c.api, Params: []upstream.Param{{Name: "offerQueryParam", Value: c.want}}}
		if diff := cmp.Diff(want, call); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
	_, err := aop.New(aop.Config{}).ImageSearch.Encode(upstream.ImageQuestion{ImageSearchRequest: everything, Photo: photo("x")})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Internal {
		t.Errorf("a photo that was not sent: got %v", err)
	}
	_, err = aop.New(aop.Config{}).ImageSearch.Encode(upstream.ImageQuestion{
		ImageSearchRequest: &zhaohuov1.ImageSearchRequest{Region: &zhaohuov1.ImageRegion{Right: 1, Bottom: 1}}, URL: "https://cbu01.alicdn.com/a.jpg",
	})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Internal {
		t.Errorf("a region of an image of unknown size: got %v", err)
	}
}

func TestDecodeImageSearch(t *testing.T) {
	const body = `{"result":{"success":"true","code":"200","message":"成功","result":{"totalRecords":2000,"totalPage":41,"pageSize":50,"currentPage":2,` +
		`"picRegionInfo":{"currentRegion":"266,799,48,581","yoloCropRegion":"265,597,326,764;443,783,154,595"},` +
		`"data":[{"offerId":620201390233,"subject":"杯","subjectTrans":"cup","priceInfo":{"price":"1.70"},"companyName":"某厂"}]}}}`
	d := aop.New(aop.Config{})
	payload, err := d.Wire.Open(upstream.Call{API: imageAPI}, 200, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	q := &zhaohuov1.ImageSearchRequest{Page: proto.Int32(2), PageSize: proto.Int32(50), LanguageCode: "en"}
	got, err := d.ImageSearch.Decode(upstream.ImageQuestion{ImageSearchRequest: q, ID: "7"}, payload)
	if err != nil {
		t.Fatal(err)
	}
	// A full page of one row that is not the last: the page size is one.
	want := &zhaohuov1.ImageSearchResponse{}
	if err := protojson.Unmarshal([]byte(`{"products":[{"id":"620201390233","title":"杯","titleTranslated":"cup",
		"detailUrl":"https://detail.1688.com/offer/620201390233.html","price":{"currencyCode":"CNY","units":"1","nanos":700000000},
		"supplier":{"name":"某厂"}}],"total":"2000","page":2,"effectivePageSize":1,"nextPage":3,"truncated":true}`), want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// With the image's size known, pixels become fractions. The order is x0,x1,y0,y1.
	got, err = d.ImageSearch.Decode(upstream.ImageQuestion{ImageSearchRequest: q, ID: "7", Pixels: image.Pt(800, 1000)}, payload)
	if err != nil {
		t.Fatal(err)
	}
	want.Regions = &zhaohuov1.ImageRegions{
		Searched: &zhaohuov1.ImageRegion{Left: 266. / 800, Right: 799. / 800, Top: .048, Bottom: .581},
		Detected: []*zhaohuov1.DetectedGoods{
			{Region: &zhaohuov1.ImageRegion{Left: 265. / 800, Right: 597. / 800, Top: .326, Bottom: .764}},
			{Region: &zhaohuov1.ImageRegion{Left: 443. / 800, Right: 783. / 800, Top: .154, Bottom: .595}},
		},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("with a size (-want +got):\n%s", diff)
	}
}

// TestRegionsThatAreNotKnown: regions that do not fit the image are about another one and are dropped.
func TestRegionsThatAreNotKnown(t *testing.T) {
	d := aop.New(aop.Config{})
	all := &zhaohuov1.ImageRegion{Right: 1, Bottom: 1}
	for info, want := range map[string]*zhaohuov1.ImageRegions{
		`{"currentRegion":"0,600,0,400","yoloCropRegion":""}`:                    {Searched: all},
		`{"currentRegion":"","yoloCropRegion":"0,600,0,400;"}`:                   {Detected: []*zhaohuov1.DetectedGoods{{Region: all}}},
		`{"currentRegion":" 0, 600, 0, 400 "}`:                                   {Searched: all},
		`{"currentRegion":"0,601,0,400"}`:                                        nil,
		`{"currentRegion":"0,600,0,400","yoloCropRegion":"1,2,3,4;0,600,0,401"}`: nil,
		`{"currentRegion":"0,600,0,400","yoloCropRegion":"-1,2,3,4"}`:            nil,
		`{"currentRegion":"300,300,0,400"}`:                                      nil,
		`{"currentRegion":"0,600,400,0"}`:                                        nil,
		`{"currentRegion":"0,600,0"}`:                                            nil,
		`{"currentRegion":"0,600,0,400,0"}`:                                      nil,
		`{"currentRegion":"a,b,c,d"}`:                                            nil,
		`{"currentRegion":"NaN,600,0,400"}`:                                      nil,
		`{"currentRegion":"0,Inf,0,400"}`:                                        nil,
		`{"currentRegion":null,"yoloCropRegion":null}`:                           nil,
		`{"currentRegion":[0,600,0,400]}`:                                        nil,
		`"0,600,0,400"`:                                                          nil,
		`null`:                                                                   nil,
	} {
		body := `{"result":{"success":"true","code":"200","result":{"totalRecords":0,"pageSize":20,"currentPage":1,"picRegionInfo":` + info + `,"data":[]}}}`
		payload, err := d.Wire.Open(upstream.Call{API: imageAPI}, 200, []byte(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.ImageSearch.Decode(upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, ID: "7", Pixels: image.Pt(600, 400)}, payload)
		if err != nil {
			t.Fatalf("%s: %v", info, err)
		}
		if diff := cmp.Diff(want, got.GetRegions(), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", info, diff)
		}
	}
}

// TestRegionsComeBack: a detected region, used in the next search, gives the same pixels for every image size.
func TestRegionsComeBack(t *testing.T) {
	d := aop.New(aop.Config{})
	rapid.Check(t, func(t *rapid.T) {
		size := image.Pt(rapid.IntRange(1, 20_000).Draw(t, "width"), rapid.IntRange(1, 20_000).Draw(t, "height"))
		axis := func(n int, name string) string {
			from := rapid.IntRange(0, n-1).Draw(t, name+"0")
			return strconv.Itoa(from) + "," + strconv.Itoa(rapid.IntRange(from+1, n).Draw(t, name+"1"))
		}
		region := axis(size.X, "x") + "," + axis(size.Y, "y")
		payload := gjson.Parse(`{"totalRecords":0,"pageSize":20,"currentPage":1,"picRegionInfo":{"yoloCropRegion":"` + region + `"},"data":[]}`)
		seen, err := d.ImageSearch.Decode(upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, Pixels: size}, payload)
		if err != nil || len(seen.GetRegions().GetDetected()) != 1 {
			t.Fatalf("%v %v", seen, err)
		}
		q := &zhaohuov1.ImageSearchRequest{Region: seen.GetRegions().GetDetected()[0].GetRegion()}
		call, err := d.ImageSearch.Encode(upstream.ImageQuestion{ImageSearchRequest: q, ID: "7", Pixels: size})
		if err != nil {
			t.Fatal(err)
		}
		if got := gjson.Get(call.Params[0].Value, "region").Str; got != region {
			t.Errorf("%s, asked for as %s of %v", region, got, size)
		}
	})
}

// Whether a keyword is translated is said only where there is a keyword.
func TestImageSearchWithAKeywordAsWritten(t *testing.T) {
	d := aop.New(aop.Config{SkipKeywordTranslation: true})
	for keyword, want := range map[string]string{
		"":    `{"imageId":"7","beginPage":1,"pageSize":20,"country":"en"}`,
		"cup": `{"imageId":"7","keyword":"cup","beginPage":1,"pageSize":20,"country":"en","keywordTranslate":true}`,
	} {
		call, err := d.ImageSearch.Encode(upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{Keyword: keyword}, ID: "7"})
		if err != nil || len(call.Params) != 1 || call.Params[0].Value != want {
			t.Errorf("%q: got %v, %v", keyword, call.Params, err)
		}
	}
}
