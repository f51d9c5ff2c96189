package sandbox_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

const flatSearch = "com.alibaba.product.search"

// The faults are added one by one from the last step of the order to the first. Each must win over those before it in this
// list.
func TestTOPCheckOrder(t *testing.T) {
	c := config()
	c.Apps = append(c.Apps,
		sandbox.App{Key: "forbidden", Secret: appSecret, APIs: []string{}, NeedSession: true, Tokens: []sandbox.Token{{Value: token}}})
	c.Limits.PerSecond = 1
	p := serve(t, c)
	params := topUnsigned(flatSearch, map[string]string{"q": "雨伞"})
	signature := "good"
	send := func() reply {
		switch signature {
		case "good":
			delete(params, "sign")
			topSigned(appSecret, params)
		case "wrong":
			params["sign"] = "0"
		case "none":
			delete(params, "sign")
		}
		return p.post(t, "/router/rest", params)
	}
	if r := send(); !strings.Contains(r.body, "700000000003") {
		t.Fatalf("good request: %s", r.body)
	}
	for _, tc := range []struct {
		name   string
		change func()
		code   string
		sub    string
	}{
		{"arguments", func() { params["q"] = "" }, "7", "accesscontrol.limited-by-app-access-count"},
		{"permission", func() { params["app_key"], params["session"] = "forbidden", token }, "11", "isv.permission-api-forbidden"},
		{"session", func() { params["session"] = "invented" }, "27", "isv.invalid-session"},
		{"no session", func() { delete(params, "session") }, "26", ""},
		{"signature", func() { signature = "wrong" }, "25", "isv.invalid-signature"},
		{"no signature", func() { signature = "none" }, "24", ""},
		{"timestamp", func() { params["timestamp"] = "2026-10-10 11:49:59" }, "31", ""},
		{"timestamp form", func() { params["timestamp"] = "1791604800223" }, "31", ""},
		{"no timestamp", func() { delete(params, "timestamp") }, "30", ""},
		{"app key", func() { params["app_key"] = "nobody" }, "29", "isv.appkey-not-exists"},
		{"no app key", func() { delete(params, "app_key") }, "28", ""},
		{"version", func() { params["v"] = "1.0" }, "34", ""},
		{"version form", func() { params["v"] = "two" }, "33", ""},
		{"no version", func() { delete(params, "v") }, "32", ""},
		{"method", func() { params["method"] = "no.such.method" }, "22", ""},
		{"no method", func() { delete(params, "method") }, "21", ""},
	} {
		tc.change()
		r := send()
		e, ok := r.decode(t)["error_response"].(map[string]any)
		if !ok || r.status != http.StatusOK {
			t.Fatalf("%s: HTTP %d %s", tc.name, r.status, r.body)
		}
		if text(e["code"]) != tc.code || (tc.sub != "" && e["sub_code"] != tc.sub) || (tc.sub == "" && e["sub_code"] != nil) {
			t.Errorf("%s: %s, want %s %s", tc.name, r.body, tc.code, tc.sub)
		}
		if e["request_id"] == nil || e["msg"] == nil {
			t.Errorf("%s: no request_id or msg: %s", tc.name, r.body)
		}
	}
}

func TestTOPForm(t *testing.T) {
	p := serve(t, config())
	for name, tc := range map[string]struct {
		format, want string
	}{
		"format no one knows": {"yaml", "<code>23</code>"},
		"XML by default":      {"", "<code>40</code>"},
		"XML asked for":       {"xml", "<code>40</code>"},
		"JSON":                {"json", `"code":40`},
	} {
		r := p.top(t, flatSearch, map[string]string{"format": tc.format})
		if !strings.Contains(r.body, tc.want) {
			t.Errorf("%s: %s", name, r.body)
		}
	}
	req := form(t.Context(), p.url+"/router/rest", top(flatSearch, map[string]string{"q": "雨伞"}))
	req.Method = http.MethodPut
	if r, err := do(req); err != nil || !strings.Contains(r.body, "<code>9</code>") {
		t.Errorf("PUT: %v %s", err, r.body)
	}
}

func TestTOPXML(t *testing.T) {
	p := serve(t, config())
	var failed struct {
		XMLName xml.Name `xml:"error_response"`
		Code    int      `xml:"code"`
		SubCode string   `xml:"sub_code"`
	}
	r := p.top(t, flatSearch, map[string]string{"q": "雨伞 sandbox:throttle", "format": "xml"})
	if err := xml.Unmarshal([]byte(r.body), &failed); err != nil || failed.Code != 7 || failed.SubCode != "isp.call-limited" {
		t.Errorf("error twin: %v %+v\n%s", err, failed, r.body)
	}
	var found struct {
		XMLName xml.Name `xml:"com_alibaba_product_search_response"`
		IDs     []string `xml:"result>result>item>productId"`
	}
	r = p.top(t, flatSearch, map[string]string{"q": "保温杯", "format": "xml"})
	if err := xml.Unmarshal([]byte(r.body), &found); err != nil {
		t.Fatalf("%v\n%s", err, r.body)
	}
	if diff := cmp.Diff([]string{"700000000001", "700000000002"}, found.IDs); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestTOPTimestamp(t *testing.T) {
	strict := serve(t, config())
	loose := serve(t, config().Tutorial())
	for stamp, want := range map[string][2]string{ // strict, any zone
		"2026-10-10 12:00:00": {"", ""},
		"2026-10-10 12:10:00": {"", ""},
		"2026-10-10 11:50:01": {"", ""},
		"2026-10-10 12:10:01": {"31", ""}, // ten minutes fast in China, five minutes slow in a zone that is 15 minutes ahead
		"2026-10-10 04:00:00": {"31", ""}, // UTC
		"2026-10-09 23:59:59": {"31", ""}, // New York
		"2026-10-10 09:30:00": {"31", ""}, // Kolkata
		"2026-10-12 12:00:00": {"31", "31"},
		"2025-10-10 12:00:00": {"31", "31"},
		"2026-10-10T12:00:00": {"31", "31"},
	} {
		for i, p := range []platform{strict, loose} {
			got := ""
			if e, refused := p.top(t, flatSearch, map[string]string{"q": "雨伞", "timestamp": stamp}).decode(t)["error_response"]; refused {
				got = text(dig(t, e, "code"))
			}
			if got != want[i] {
				t.Errorf("%s, any zone %v: %q, want %q", stamp, i == 1, got, want[i])
			}
		}
	}
}

// Each shape has the list in its own place, under the first or second names that the tutorial gives.
func TestTOPShapes(t *testing.T) {
	for shape, tc := range map[sandbox.Shape]struct{ list, id, title, price, image, supplier string }{
		sandbox.Wrapped:        {"com_alibaba_product_search_response.result.result", "productId", "subject", "price", "imageUrl", "companyName"},
		sandbox.Bare:           {"result.result", "productId", "subject", "price", "imageUrl", "companyName"},
		sandbox.SearchResponse: {"productSearchResponse.products", "offerId", "title", "salePrice", "mainImage", "supplier"},
		sandbox.Products:       {"products", "offerId", "title", "salePrice", "mainImage", "supplier"},
	} {
		c := config()
		c.TOPShape = shape
		p := serve(t, c)
		body := p.top(t, flatSearch, map[string]string{"q": "保温杯"}).decode(t)
		row := dig(t, body, tc.list+".1")
		want := map[string]any{
			tc.id: "700000000002", tc.title: "保温杯 范围", tc.price: "1.50-3.20", tc.image: p.url + "/img/700000000002.jpg",
			tc.supplier: "深圳声音电子厂", "detailUrl": p.url + "/offer/700000000002.html", "saleCount": "800+", "location": "广东深圳",
		}
		got := map[string]any{}
		for name := range want {
			got[name] = text(row.(map[string]any)[name])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", shape, diff)
		}
		// A fault word changes the shape of a single answer.
		body = p.top(t, flatSearch, map[string]string{"q": "保温杯 sandbox:shape=products"}).decode(t)
		if got := text(dig(t, body, "products.0.offerId")); got != "700000000001" {
			t.Errorf("shape word: %s", got)
		}
	}
	p := serve(t, config())
	body := p.top(t, flatSearch, map[string]string{"q": "保温杯", "simplify": "true"}).decode(t)
	if got := text(dig(t, body, "result.result.0.productId")); got != "700000000001" {
		t.Errorf("simplify: %s", got)
	}
}

func TestTOPSearch(t *testing.T) {
	p := serve(t, bare())
	for name, tc := range map[string]struct {
		params map[string]string
		want   []string
	}{
		"q":               {map[string]string{"q": "保温杯"}, []string{"1", "2"}},
		"aliases":         {map[string]string{"keyword": "蓝牙耳机", "page_no": "2", "page_size": "3"}, []string{"3", "4", "5"}},
		"first names":     {map[string]string{"q": "蓝牙耳机", "page": "2", "pageSize": "2"}, []string{"2", "3"}},
		"prices":          {map[string]string{"q": "蓝牙耳机", "priceStart": "10.5", "priceEnd": "10.52"}, []string{"50", "51", "52"}},
		"dear first":      {map[string]string{"q": "蓝牙耳机", "pageSize": "2", "sort": "price_desc"}, []string{"2099", "2098"}},
		"cheap first":     {map[string]string{"q": "蓝牙耳机", "pageSize": "2", "sort": "price_asc"}, []string{"", "1"}},
		"category":        {map[string]string{"q": "保温杯", "categoryId": "200"}, []string{"1"}},
		"beyond":          {map[string]string{"q": "蓝牙耳机", "page": "101"}, []string{}},
		"fault word only": {map[string]string{"q": "sandbox:slow=1ms", "pageSize": "1"}, []string{""}},
	} {
		for _, method := range []string{flatSearch, "alibaba.wholesale.goods.search"} {
			if diff := cmp.Diff(tc.want, ids(t, p.top(t, method, tc.params).decode(t), "result.result")); diff != "" {
				t.Errorf("%s by %s (-want +got):\n%s", name, method, diff)
			}
		}
	}
	for name, tc := range map[string]struct {
		params    map[string]string
		code, sub string
	}{
		"no q":       {map[string]string{"page": "1"}, "40", "isv.missing-parameter:q"},
		"page 0":     {map[string]string{"q": "x", "page": "0"}, "15", "isv.invalid-parameter:page"},
		"size 1.0":   {map[string]string{"q": "x", "pageSize": "1.0"}, "15", "isv.invalid-parameter:pageSize"},
		"price":      {map[string]string{"q": "x", "priceStart": "ten"}, "15", "isv.invalid-parameter:priceStart"},
		"sort":       {map[string]string{"q": "x", "sort": "price"}, "15", "isv.invalid-parameter:sort"},
		"categoryId": {map[string]string{"q": "x", "categoryId": "shoes"}, "15", "isv.invalid-parameter:categoryId"},
	} {
		e := dig(t, p.top(t, flatSearch, tc.params).decode(t), "error_response")
		if text(dig(t, e, "code")) != tc.code || dig(t, e, "sub_code") != tc.sub {
			t.Errorf("%s: %v, want %s %s", name, e, tc.code, tc.sub)
		}
	}
}

func TestWholesaleOption(t *testing.T) {
	p := serve(t, config())
	const method, list = "alibaba.wholesale.goods.search", "alibaba_wholesale_goods_search_response.wholesale_goods_search_result.result.items.goods_summary"
	for name, tc := range map[string]struct {
		option string
		want   []string
	}{
		"cents":      {`{"keyword":"蓝牙耳机","price_from_cent":1050,"price_to_cent":1052}`, []string{"50", "51", "52"}},
		"page":       {`{"keyword":"蓝牙耳机","page_no":2,"page_size":2}`, []string{"2", "3"}},
		"sort":       {`{"keyword":"蓝牙耳机","page_size":1,"sort_by":"price_desc"}`, []string{"2099"}},
		"category":   {`{"keyword":"保温杯","category_id":201}`, []string{"2"}},
		"tags":       {`{"keyword":"保温杯","product_refine_tags":["jxhy"]}`, []string{"2"}},
		"min order":  {`{"keyword":"雨伞","min_order_from":1,"min_order_to":1}`, []string{"3"}},
		"none":       {`{"keyword":"雨伞","min_order_from":2}`, []string{}},
		"fault word": {`{"keyword":"雨伞 sandbox:empty","page_no":1}`, []string{}},
	} {
		body := p.top(t, method, map[string]string{"param_search_goods_option": tc.option}).decode(t)
		if diff := cmp.Diff(tc.want, ids(t, body, list)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	body := p.top(t, method, map[string]string{"param_search_goods_option": `{"keyword":"范围"}`}).decode(t)
	row := dig(t, body, list+".0")
	if dig(t, row, "subject") != "保温杯 范围" || text(dig(t, row, "min_price_cent")) != "150" || text(dig(t, row, "max_price_cent")) != "320" {
		t.Errorf("row %v", row)
	}
	for option, sub := range map[string]string{
		`{"page_no":1}`: "isv.missing-parameter:keyword", `{`: "isv.invalid-parameter:param_search_goods_option",
		`{"keyword":"x","page_no":0}`: "isv.invalid-parameter:page_no", `{"keyword":"x","sort_by":"up"}`: "isv.invalid-parameter:sort_by",
	} {
		body := p.top(t, method, map[string]string{"param_search_goods_option": option}).decode(t)
		if got := dig(t, body, "error_response.sub_code"); got != sub {
			t.Errorf("%s: %v, want %s", option, got, sub)
		}
	}
}

// The tutorial's own client, as its text describes it: MD5, machine-local time, the first branch that exists wins.
func TestTutorialClient(t *testing.T) {
	c := config().Tutorial()
	c.Clock = time.Now
	p := serve(t, c)
	for _, zone := range []string{"America/St_Johns", "Asia/Shanghai", "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"} {
		place, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		body := p.post(t, "/router/rest", top(flatSearch, map[string]string{
			"q": "保温杯", "page": "1", "pageSize": "20", "timestamp": time.Now().In(place).Format("2006-01-02 15:04:05"),
		})).decode(t)
		var list []any
		if result, ok := body["result"].(map[string]any); ok {
			list, _ = result["result"].([]any)
		}
		if len(list) != 1 { // The other one's price is on request, so the client cannot compute with it.
			t.Fatalf("%s: %d goods: %v", zone, len(list), body)
		}
		row := list[0].(map[string]any)
		if text(row["price"]) != "1.50" || text(row["saleCount"]) != "800" {
			t.Errorf("%s: price %#v, sold %#v", zone, row["price"], row["saleCount"])
		}
		for name, number := range map[string]any{"price": row["price"], "saleCount": row["saleCount"]} {
			if _, ok := number.(json.Number); !ok {
				t.Errorf("%s: %s is %#v", zone, name, number)
			}
		}
	}
	detail := p.post(t, "/router/rest", top("alibaba.product.get", map[string]string{
		"productID": "700000000001", "timestamp": time.Now().Format("2006-01-02 15:04:05"),
	})).decode(t)
	if price, there := dig(t, detail, "productInfo.saleInfo").(map[string]any)["price"]; price != nil || !there {
		t.Errorf("a price on request: %#v", price)
	}
}

// The tutorial's HMAC-SHA1 function leaves sign_method at md5. The platform refuses that, since sign_method says which
// method to check. It is accepted only where the tutorial's client is served.
func TestTutorialHMAC(t *testing.T) {
	for name, tc := range map[string]struct {
		config sandbox.Config
		secret string
		want   string
	}{
		"the platform": {bare(), appSecret, "25"},
		"the tutorial": {config().Tutorial(), appSecret, "null"},
		"a wrong key":  {config().Tutorial(), "wrong", "25"},
	} {
		p := serve(t, tc.config)
		params := topUnsigned(flatSearch, map[string]string{"q": "雨伞"})
		joined := tc.secret
		for _, name := range slices.Sorted(maps.Keys(params)) {
			joined += name + params[name]
		}
		mac := hmac.New(sha1.New, []byte(tc.secret))
		_, _ = io.WriteString(mac, joined+tc.secret)
		params["sign"] = fmt.Sprintf("%X", mac.Sum(nil))
		refusal, _ := p.post(t, "/router/rest", params).decode(t)["error_response"].(map[string]any)
		if got := text(refusal["code"]); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
