package top_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

func TestProductEncode(t *testing.T) {
	for _, row := range []struct {
		config top.Config
		want   upstream.Call
	}{
		{top.Config{}, upstream.Call{API: "alibaba.product.get", Params: []upstream.Param{{Name: "productID", Value: "620201390233"}}}},
		{
			top.Config{Methods: top.Methods{GetProduct: "my.get"}, ProductIDParam: "offer_id"},
			upstream.Call{API: "my.get", Params: []upstream.Param{{Name: "offer_id", Value: "620201390233"}}},
		},
	} {
		for _, language := range []string{"", "zh"} {
			got, err := top.New(row.config).GetProduct.Encode(&zhaohuov1.GetProductRequest{Id: "620201390233", LanguageCode: language})
			if diff := cmp.Diff(row.want, got); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		}
	}
	_, err := top.New(top.Config{}).GetProduct.Encode(&zhaohuov1.GetProductRequest{Id: "1", LanguageCode: "en"})
	if f, ok := fault.As(err); !ok || f.Kind != fault.UnsupportedByDialect || f.Fields[0].Path != "language_code" {
		t.Errorf("another language: %v", err)
	}
}

// getProduct opens and decodes a body as the answer to q.
func getProduct(q *zhaohuov1.GetProductRequest, body string) (*zhaohuov1.GetProductResponse, error) {
	d := top.New(top.Config{Limits: limits})
	payload, err := d.Wire.Open(upstream.Call{API: top.MethodProductGet}, http.StatusOK, []byte(body))
	if err != nil {
		return nil, err
	}
	return d.GetProduct.Decode(q, payload)
}

// aopAnswer is an answer with the names of the corresponding AOP method.
const aopAnswer = `{"productID":7,"subject":" 杯 ","categoryID":5,"categoryName":"水杯","status":"published","description":"<p>杯</p>","companyName":"某厂",
 "sellerOpenId":"o1","location":"浙江义乌","detailUrl":"https://detail.1688.com/offer/7.html","image":{"images":["img/ibank/1.jpg","img/ibank/2.jpg","img/ibank/1.jpg"]},
 "attributes":[{"attributeID":3,"attributeName":"材质","value":"玻璃"},{"attributeID":4,"attributeName":"风格","value":"简约"},{"attributeID":"3","attributeName":"材质","value":"陶瓷"}],
 "skuInfos":[{"skuId":71,"specId":"s","price":"5.00","amountOnSale":9,"attributes":[{"attributeID":1,"attributeName":"色","value":"红"}]},{"skuId":"72","price":"0.00","amountOnSale":null}],
 "saleInfo":{"unit":"件","quoteType":1,"price":"4.50-6","minOrderQuantity":2,"amountOnSale":"12","saleCount":"800+","priceRanges":[{"startQuantity":1,"price":"4.50"}]},
 "shippingInfo":{"unitWeight":"0.250","sendGoodsAddressText":"浙江省 义乌市"}}`

const twinProduct = `{"summary":{"id":"7","title":"杯","imageUrl":"https://cbu01.alicdn.com/img/ibank/1.jpg","detailUrl":"https://detail.1688.com/offer/7.html",
 "price":{"currencyCode":"CNY","units":"4","nanos":500000000},"priceMax":{"currencyCode":"CNY","units":"6"},
 "supplier":{"id":"o1","name":"某厂","location":"浙江义乌"},"minimumOrder":"2","soldCount":"800","soldAtLeast":true},
 "status":"PRODUCT_STATUS_ON_SALE","statusText":"published",
 "skus":[{"id":"71","specId":"s","attributes":[{"id":"1","name":"色","value":"红"}],"price":{"currencyCode":"CNY","units":"5"},"stock":"9"},{"id":"72"}],
 "attributes":[{"id":"3","name":"材质","value":"玻璃"},{"id":"3","name":"材质","value":"陶瓷"},{"id":"4","name":"风格","value":"简约"}],
 "imageUrls":["https://cbu01.alicdn.com/img/ibank/1.jpg","https://cbu01.alicdn.com/img/ibank/2.jpg"],"descriptionHtml":"<p>杯</p>","unit":"件",
 "shipsFrom":"浙江省 义乌市","stock":"12","categoryName":"水杯"}`

func TestProductDecode(t *testing.T) {
	const tiers = `"price":{"currencyCode":"CNY","units":"2"},"priceMax":{"currencyCode":"CNY","units":"4"}},
		"priceTiers":[{"minQuantity":"1","price":{"currencyCode":"CNY","units":"4"}},{"minQuantity":"10","price":{"currencyCode":"CNY","units":"2"}}]`
	for _, row := range []struct {
		name, info, want string
		raw              bool
	}{
		{"everything", aopAnswer, twinProduct, false},
		{"only an id", `{"productId":"7"}`, `{"summary":{"id":"7"}}`, false},
		{"AOP's own words", `{"offerId":7,"productImage":{"images":["img/1.jpg"]},"productAttribute":[{"attributeId":"3","attributeName":"材质","value":"玻璃"}],
			"productSkuInfos":[{"skuId":71,"price":"9","skuAttributes":[{"attributeId":1,"attributeName":"色","value":"红"}]}],"soldOut":"5",
			"productSaleInfo":{"quoteType":2,"unitInfo":{"unit":"盒"},"priceRangeList":[{"startQuantity":10,"price":"2"},{"price":"4"},7]},
			"productShippingInfo":{"sendGoodsAddressText":"广东"}}`, `{"summary":{"id":"7","imageUrl":"https://cbu01.alicdn.com/img/1.jpg","soldCount":"5",` + tiers + `,
			"attributes":[{"id":"3","name":"材质","value":"玻璃"}],"imageUrls":["https://cbu01.alicdn.com/img/1.jpg"],"unit":"盒","shipsFrom":"广东",
			"skus":[{"id":"71","attributes":[{"id":"1","name":"色","value":"红"}]}]}`, false},
		{
			"flat", `{"productId":7,"title":"杯","mainImage":"img/m.jpg","imageUrls":["img/1.jpg"],"price":"3","minOrderQuantity":4,"saleCount":6,"unit":"个","supplier":"某厂","memberId":"b2b-1"}`,
			`{"summary":{"id":"7","title":"杯","imageUrl":"https://cbu01.alicdn.com/img/m.jpg","price":{"currencyCode":"CNY","units":"3"},"minimumOrder":"4","soldCount":"6",
			"supplier":{"id":"b2b-1","name":"某厂"}},"imageUrls":["https://cbu01.alicdn.com/img/m.jpg","https://cbu01.alicdn.com/img/1.jpg"],"unit":"个"}`, false,
		},
		{"negotiable", `{"productId":7,"saleInfo":{"price":"面议","priceRanges":[]},"skuInfos":[{"skuId":1,"price":"0.00"}]}`, `{"summary":{"id":"7","priceText":"面议"},"skus":[{"id":"1"}]}`, false},
		{
			"negotiable, but for its variants", `{"productId":7,"saleInfo":{"price":"面议"},"skuInfos":[{"price":"3"}]}`,
			`{"summary":{"id":"7","price":{"currencyCode":"CNY","units":"3"}},"skus":[{"price":{"currencyCode":"CNY","units":"3"}}]}`, false,
		},
		{"nothing for nothing", `{"productId":7,"saleInfo":{"price":"0","saleCount":0,"amountOnSale":0}}`, `{"summary":{"id":"7","soldCount":"0"},"stock":"0"}`, false},
		{"delisted", `{"productId":7,"status":"member deleted"}`, `{"summary":{"id":"7"},"status":"PRODUCT_STATUS_OFF_SALE","statusText":"member deleted"}`, false},
		{"other types than expected", `{"productId":7,"saleInfo":"x","skuInfos":null,"attributes":"x","image":7,"description":{},"shippingInfo":[]}`, `{"summary":{"id":"7"}}`, false},
		{"raw", `{"productId": 7}`, `{"summary":{"id":"7","rawJson":"{\"productId\": 7}"}}`, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer, err := getProduct(&zhaohuov1.GetProductRequest{Id: "7", IncludeRaw: row.raw}, `{"alibaba_product_get_response":{"productInfo":`+row.info+`,"success":true,"request_id":"r"}}`)
			if err != nil {
				t.Fatal(err)
			}
			want := &zhaohuov1.ProductDetail{}
			if err := protojson.Unmarshal([]byte(row.want), want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, answer.GetProduct(), protocmp.Transform()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestProductPlaces(t *testing.T) {
	for _, body := range []string{
		`{"alibaba_product_get_response":{"productInfo":{"productID":7},"success":true}}`,
		`{"productInfo":{"productID":7},"success":"true","errorCode":null,"errorMsg":null}`,
		`{"result":{"success":true,"code":"200","result":{"offerId":7}}}`,
		`{"result":{"productInfo":{"productID":7}}}`,
		`{"result":{"success":true,"data":{"productID":7}}}`,
		`{"result":{"product_id":7}}`,
		`{"product":{"productId":7}}`,
		`{"data":{"offer_id":"7"}}`,
		`{"productId":7,"request_id":"r"}`,
		`{"productInfo":null,"result":{"productId":"007"}}`,
	} {
		answer, err := getProduct(&zhaohuov1.GetProductRequest{Id: "7"}, body)
		if err != nil || answer.GetProduct().GetSummary().GetId() != "7" {
			t.Errorf("%s: %v, %v", body, answer, err)
		}
	}
}

func TestProductFaults(t *testing.T) {
	for body, want := range map[string]fault.Kind{
		`{"productInfo":null,"success":true}`:               fault.UpstreamAnswerUnreadable,
		`{"productInfo":{"subject":"杯"}}`:                   fault.UpstreamAnswerUnreadable,
		`{"productInfo":{"productID":8}}`:                   fault.UpstreamAnswerUnreadable,
		`{"productInfo":[{"productID":7}]}`:                 fault.UpstreamAnswerUnreadable,
		`{"productInfo":{"productID":7,"skuInfos":"x"}}`:    fault.UpstreamAnswerUnreadable,
		`{"productInfo":{"productID":7,"skuInfos":[null]}}`: fault.UpstreamAnswerUnreadable,
		`{}`: fault.UpstreamAnswerUnreadable,
		`{"error_response":{"code":15,"sub_code":"isv.item-not-exist","sub_msg":"商品不存在"}}`:       fault.ProductNotFound,
		`{"error_response":{"code":"isv.item-not-exist:7","msg":"商品不存在"}}`:                       fault.ProductNotFound,
		`{"productInfo":null,"success":false,"errorCode":"500","errorMsg":"商品不存在"}`:              fault.ProductNotFound,
		`{"result":{"success":false,"code":"500","message":"offerId:7 不是精选货源商品"}}`:               fault.ProductNotFound,
		`{"success":"false","errorMsg":"商品已下架"}`:                                                 fault.ProductNotFound,
		`{"success":false,"errorCode":"500","errorMsg":"系统异常"}`:                                  fault.UpstreamRefused,
		`{"error_response":{"code":15,"sub_code":"isv.invalid-parameter:productID","msg":"下架"}}`: fault.UpstreamArgumentRefused,
		`{"error_response":{"code":9999,"msg":"下架"}}`:                                            fault.UpstreamRefused,
		`{"error_response":{"code":40,"msg":"Missing Required Arguments:productID"}}`:            fault.UpstreamArgumentRefused,
	} {
		answer, err := getProduct(&zhaohuov1.GetProductRequest{Id: "7"}, body)
		if answer != nil || err == nil || fault.KindOf(err) != want {
			t.Errorf("%s: got %v, %v; want %s", body, answer, err, want)
		}
	}
}

// FuzzProduct checks what holds for every answer: no panic, every failure is a fault, and the product is the requested
// one and fits the contract.
func FuzzProduct(f *testing.F) {
	for _, seed := range []string{
		`{"productInfo":` + aopAnswer + `}`, `{"result":{"success":true,"result":{"offerId":7,"productSaleInfo":{"priceRangeList":[{"price":"1-2"}]}}}}`,
		`{"error_response":{"code":15,"sub_code":"isv.item-not-exist"}}`, `{"productId":7,"skuInfos":[{}],"attributes":{"a":1}}`, `[]`, `null`,
		"{\"productId\":7,\"title\":\"\\ud83d\",\"price\":1e-9}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := getProduct(&zhaohuov1.GetProductRequest{Id: "7", IncludeRaw: true}, string(body))
		if err != nil {
			if f, ok := fault.As(err); !ok || f.Kind == fault.Internal {
				t.Errorf("%q fails with %v, which is not an upstream fault", body, err)
			}
			return
		}
		if why := errorMark(http.StatusOK, body); why != "" {
			t.Errorf("%q is a success in spite of %s", body, why)
		}
		if answer.GetProduct().GetSummary().GetId() != "7" {
			t.Errorf("%q gives %v", body, answer)
		}
		if _, err := proto.Marshal(answer); err != nil {
			t.Errorf("%q cannot be carried: %v", body, err)
		}
	})
}
