package sandbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// noRedirects shows a redirect instead of following it.
var noRedirects = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func offerIDOf(t *testing.T, name string) int64 {
	t.Helper()
	for _, w := range faultword.Table() {
		if w.Name == name {
			return w.OfferID
		}
	}
	t.Fatalf("no fault word %s", name)
	return 0
}

// Both dialects find the same goods of the embedded catalogue in the same order. No offer has a reserved id.
func TestEmbeddedCatalogue(t *testing.T) {
	goods, err := catalog.New(catalog.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := goods.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, o := range goods.Offers() {
		if o.ID >= 990_000_000_000 {
			t.Fatalf("offer %d has a reserved id", o.ID)
		}
	}
	c := bare()
	c.Catalogue = goods
	p := serve(t, c)
	aop := p.aop(t, keywordQuery, query("蓝牙耳机", nil)).decode(t)
	top := p.top(t, flatSearch, map[string]string{"q": "蓝牙耳机"}).decode(t)
	rows, flat := dig(t, aop, data).([]any), dig(t, top, "result.result").([]any)
	if len(rows) != 20 || len(flat) != 20 {
		t.Fatalf("%d and %d rows, want 20", len(rows), len(flat))
	}
	for i := range rows {
		if a, b := text(dig(t, rows[i], "offerId")), text(dig(t, flat[i], "productId")); a != b {
			t.Errorf("row %d: %s and %s", i, a, b)
		}
		if title := text(dig(t, rows[i], "subject")); !strings.Contains(title, "耳机") {
			t.Errorf("row %d: %s", i, title)
		}
	}
	// Group and Kind, the ground truth, never leave the catalogue.
	for _, o := range goods.Offers()[:50] {
		r := p.aop(t, productDetail, detailOf(o.ID, nil))
		if o.Group != "" && strings.Contains(r.body, `"`+o.Group+`"`) {
			t.Errorf("the group of %d is in its detail", o.ID)
		}
	}
}

// Whatever is sent, the sandbox answers with its mark header and does not crash.
func FuzzServe(f *testing.F) {
	f.Add("POST", "/router/rest", "method=com.alibaba.product.search&format=json", "application/x-www-form-urlencoded")
	f.Add("POST", "/openapi/param2/1/system/currentTime/1000000", "_aop_signature=6DE0BF22A879A7631C7C0706D95EEB60184D9EAF", "application/x-www-form-urlencoded")
	f.Add("GET", "/openapi/param2/1/"+keywordQuery+"/1000000", "", "")
	f.Add("POST", "/openapi/http/1/system.oauth2/getToken/1000000", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", "multipart/form-data; boundary=b")
	f.Add("GET", "/oauth/authorize?client_id=1000000&site=1688&redirect_uri=http://localhost/", "", "")
	f.Add("GET", "/offer/700000000003.html", "", "")
	s, err := sandbox.New(config())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target, body, contentType string) {
		req, err := http.NewRequestWithContext(context.Background(), method, "http://127.0.0.1/", strings.NewReader(body))
		if err != nil {
			return
		}
		at, err := req.URL.Parse(target)
		if err != nil {
			return
		}
		req.URL = at
		req.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Header().Get(sandbox.MarkHeader) != "true" {
			t.Errorf("no mark on HTTP %d", w.Code)
		}
	})
}

// Signed calls with any arguments get a business answer, never a panic.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{
		`{"keyword":"雨伞","beginPage":1,"pageSize":20,"country":"en"}`, `{"keyword":"伞","beginPage":"x","pageSize":1e9,"country":{}}`,
		`{"keyword":"雨伞","beginPage":1,"pageSize":20,"country":"en","saleFilterList":[{}],"snId":":,;","sort":"{}","categoryIdList":","}`,
		`{"offerId":1,"country":"en","pageNo":9223372036854775807,"pageSize":9223372036854775807,"language":"en"}`, `[]`, `null`,
	} {
		f.Add(0, seed)
	}
	s, err := sandbox.New(config())
	if err != nil {
		f.Fatal(err)
	}
	apis := []struct{ name, wrapper string }{
		{keywordQuery, "offerQueryParam"},
		{crossborder + "/product.search.querySellerOfferList", "offerQueryParam"},
		{productDetail, "offerDetailParam"},
		{crossborder + "/product.related.recommend", "relatedQueryParams"},
		{crossborder + "/product.search.keywordSNQuery", "snParams"},
		{crossborder + "/product.search.topKeyword", "topSeKeywordParam"},
		{crossborder + "/product.search.offerRecommend", "recommendOfferParam"},
	}
	f.Fuzz(func(t *testing.T, which int, args string) {
		if strings.Contains(args, "sandbox:") || strings.Contains(args, `\u`) {
			return // a fault word asked for a broken answer
		}
		api := apis[uint(which)%uint(len(apis))]
		path := "param2/1/" + api.name + "/" + appKey
		params := aopSigned(path, appSecret, map[string]string{"access_token": token, api.wrapper: args})
		req := form(context.Background(), "http://127.0.0.1/openapi/"+path, params)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, req)
		if w.Code != 200 && w.Code != 400 && w.Code != 401 {
			t.Errorf("HTTP %d %s", w.Code, w.Body)
		}
	})
}
