package top_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

// picture is a photo in memory.
type picture string

func (p picture) Size() int64     { return int64(len(p)) }
func (p picture) Open() io.Reader { return strings.NewReader(string(p)) }

func TestImageEncode(t *testing.T) {
	const photo = picture("\xfb\xef\xbe\xff photo")
	everything := &zhaohuov1.ImageSearchRequest{
		Keyword: "耳机", CategoryId: "1512", Sort: zhaohuov1.SortOrder_SORT_ORDER_RELEVANCE, LanguageCode: "zh", IncludeRaw: true,
	}
	for _, row := range []struct {
		name   string
		config top.Config
		q      upstream.ImageQuestion
		want   upstream.Call
	}{
		{
			"a photo",
			top.Config{},
			upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, Photo: photo},
			upstream.Call{API: "alibaba.image.search", Params: []upstream.Param{{Name: "image_content", Photo: photo}}},
		},
		{
			"an address",
			top.Config{},
			upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}, URL: "https://x.test/a.jpg"},
			upstream.Call{API: "alibaba.image.search", Params: []upstream.Param{{Name: "image_url", Value: "https://x.test/a.jpg"}}},
		},
		{
			"everything, of another method",
			top.Config{Methods: top.Methods{ImageSearch: "my.image"}},
			upstream.ImageQuestion{ImageSearchRequest: everything, URL: "https://x.test/a.jpg", Photo: photo},
			upstream.Call{API: "my.image", Params: []upstream.Param{
				{Name: "image_content", Photo: photo}, {Name: "category_id", Value: "1512"}, {Name: "keyword", Value: "耳机"},
			}},
		},
	} {
		d := top.New(row.config)
		if d.UploadImage.Offered() {
			t.Error("the protocol has no upload")
		}
		got, err := d.ImageSearch.Encode(row.q)
		if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", row.name, err, diff)
		}
	}
	call, cred := upstream.Call{API: "alibaba.image.search", Params: []upstream.Param{{Name: "image_content", Photo: photo}}}, upstream.Credential{AppKey: "k", AppSecret: "s"}
	if _, form := sent(t, top.Config{}, call, cred, time.Now()); form.Get("image_content") != "++++/yBwaG90bw==" {
		t.Errorf("sent %q", form.Get("image_content"))
	}
}

func TestImageEncodeRefuses(t *testing.T) {
	for field, q := range map[string]*zhaohuov1.ImageSearchRequest{
		"sort":          {Sort: zhaohuov1.SortOrder_SORT_ORDER_PRICE_ASC},
		"page":          {Page: proto.Int32(2)},
		"page_size":     {PageSize: proto.Int32(10)},
		"price_min":     {PriceMin: "1"},
		"price_max":     {PriceMax: "1"},
		"filters":       {Filters: []zhaohuov1.ProductFilter{zhaohuov1.ProductFilter_PRODUCT_FILTER_NEW_7_DAYS}},
		"language_code": {LanguageCode: "en"},
	} {
		_, err := top.New(top.Config{}).ImageSearch.Encode(upstream.ImageQuestion{ImageSearchRequest: q, URL: "https://x.test/a.jpg"})
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.UnsupportedByDialect || len(f.Fields) != 1 || f.Fields[0].Path != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	_, err := top.New(top.Config{}).ImageSearch.Encode(upstream.ImageQuestion{ImageSearchRequest: &zhaohuov1.ImageSearchRequest{}})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Internal {
		t.Errorf("no image: got %v", err)
	}
}

// imageSearch opens and decodes a body.
func imageSearch(q *zhaohuov1.ImageSearchRequest, body string) (*zhaohuov1.ImageSearchResponse, error) {
	d := top.New(top.Config{})
	payload, err := d.Wire.Open(upstream.Call{API: top.MethodImageSearch}, http.StatusOK, []byte(body))
	if err != nil {
		return nil, err
	}
	return d.ImageSearch.Decode(upstream.ImageQuestion{ImageSearchRequest: q}, payload)
}

func TestImageDecode(t *testing.T) {
	const full = `{"productId":1,"subject":"杯","price":"1.50","imageUrl":"//cbu01.alicdn.com/a.jpg","companyName":"某厂","minOrderQuantity":2,` +
		`"detailUrl":"https://detail.1688.com/offer/1.html","saleCount":"800+","location":"广东 深圳","similarity":87.5}`
	product := &zhaohuov1.Product{
		Id: "1", Title: "杯", Price: &money.Money{CurrencyCode: "CNY", Units: 1, Nanos: 500_000_000},
		ImageUrl: proto.String("https://cbu01.alicdn.com/a.jpg"), DetailUrl: proto.String("https://detail.1688.com/offer/1.html"),
		Supplier:     &zhaohuov1.Supplier{Name: proto.String("某厂"), Location: proto.String("广东 深圳")},
		MinimumOrder: proto.Int64(2), SoldCount: proto.Int64(800), SoldAtLeast: true, Similarity: proto.Float64(0.875),
	}
	for _, row := range []struct {
		name, body string
		want       *zhaohuov1.ImageSearchResponse
	}{
		{
			"imageSearchResponse, wrapped", `{"alibaba_image_search_response":{"imageSearchResponse":{"items":[` + full + `]},"request_id":"r"}}`,
			&zhaohuov1.ImageSearchResponse{Products: []*zhaohuov1.Product{product}, Page: 1, EffectivePageSize: 1},
		},
		{
			"result, with a total", `{"result":{"success":true,"total":40,"items":[{"offerId":"2"},{"offerId":"3","price":null,"salePrice":"1"}]}}`,
			&zhaohuov1.ImageSearchResponse{Products: []*zhaohuov1.Product{{Id: "2"}, {Id: "3", Price: yuan(1, 0)}}, Page: 1, EffectivePageSize: 2, Total: proto.Int64(40)},
		},
		{"items, of which there are none", `{"total":0,"items":[]}`, &zhaohuov1.ImageSearchResponse{Page: 1, Total: proto.Int64(0)}},
		{"no items in the method's response", `{"alibaba_image_search_response":{"items":[],"request_id":"r"}}`, &zhaohuov1.ImageSearchResponse{Page: 1}},
		{
			"the first place wins", `{"items":[{"productId":2}],"imageSearchResponse":{"items":[]}}`,
			&zhaohuov1.ImageSearchResponse{Page: 1},
		},
		{
			"a similarity of 0, and of none", `{"items":[{"productId":1,"similarity":0},{"productId":2,"similarity":null},{"productId":3,"similarity":"99%"},{"productId":4,"similarity":101}]}`,
			&zhaohuov1.ImageSearchResponse{
				Products: []*zhaohuov1.Product{{Id: "1", Similarity: proto.Float64(0)}, {Id: "2"}, {Id: "3", Similarity: proto.Float64(0.99)}, {Id: "4"}},
				Page:     1, EffectivePageSize: 4,
			},
		},
	} {
		got, err := imageSearch(&zhaohuov1.ImageSearchRequest{}, row.body)
		if diff := cmp.Diff(row.want, got, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", row.name, err, diff)
		}
	}
	got, err := imageSearch(&zhaohuov1.ImageSearchRequest{IncludeRaw: true}, `{"items":[{"productId": 1}]}`)
	if err != nil || got.GetProducts()[0].GetRawJson() != `{"productId": 1}` {
		t.Errorf("raw: got %v, %v", got, err)
	}
}

func TestImageAnswersThatAreNoList(t *testing.T) {
	for body, kind := range map[string]fault.Kind{
		`{}`:                            fault.UpstreamAnswerUnreadable,
		`{"items":null}`:                fault.UpstreamAnswerUnreadable,
		`{"products":[]}`:               fault.UpstreamAnswerUnreadable,
		`{"items":[]}`:                  fault.UpstreamAnswerUnreadable,
		`{"items":[],"request_id":"r"}`: fault.UpstreamAnswerUnreadable,
		`{"items":[{"subject":"no"}]}`:  fault.UpstreamAnswerUnreadable,
		`{"result":{"items":"x"}}`:      fault.UpstreamAnswerUnreadable,
		`{"error_response":{"code":3}}`: fault.UpstreamImageRefused,
		`{"imageSearchResponse":{"success":false,"code":"isv.invalid-parameter","items":[]}}`: fault.UpstreamArgumentRefused,
	} {
		if answer, err := imageSearch(&zhaohuov1.ImageSearchRequest{}, body); err == nil || fault.KindOf(err) != kind || answer != nil {
			t.Errorf("%s gives %v, %v, want %s", body, answer, err, kind)
		}
	}
}
