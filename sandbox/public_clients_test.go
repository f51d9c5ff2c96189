package sandbox_test

import (
	"net/http"
	"net/url"
	"testing"
)

// The sandbox accepts what public clients of the platform send, as the real gateway does.
func TestPublicClientsAreAccepted(t *testing.T) {
	p := serve(t, config())
	if r := p.post(t, "/openapi/param2/1/system/currentTimeMillis/"+appKey, nil); r.status != http.StatusOK {
		t.Errorf("the time without a signature: HTTP %d %s", r.status, r.body)
	}
	client := map[string]string{"client_id": appKey, "client_secret": appSecret}
	ask := func(path string, more map[string]string) (reply, map[string]any) {
		params := map[string]string{}
		for _, from := range []map[string]string{client, more} {
			for name, value := range from {
				params[name] = value
			}
		}
		r := p.post(t, "/openapi/"+path+"/"+appKey, params)
		return r, r.decode(t)
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := browser.Get(p.url + "/oauth/authorize?client_id=" + appKey + "&site=1688&redirect_uri=" + url.QueryEscape("http://127.0.0.1/back"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	back, err := r.Location()
	if err != nil {
		t.Fatal(err)
	}
	got, body := ask("http/1/system.oauth2/getToken", map[string]string{
		"grant_type": "authorization_code", "need_refresh_token": "true", "redirect_uri": "default", "code": back.Query().Get("code"),
	})
	if got.status != http.StatusOK || text(body["refresh_token"]) == "" {
		t.Fatalf("a code with redirect_uri=default: HTTP %d %v", got.status, body)
	}
	if got, body := ask("param2/1/system.oauth2/getToken", map[string]string{"grant_type": "refresh_token", "refreshToken": text(body["refresh_token"])}); got.status != http.StatusOK {
		t.Errorf("refreshToken=: HTTP %d %v", got.status, body)
	}
	got, body = ask("param2/1/system.oauth2/getToken", map[string]string{"grant_type": "refresh_token", "refresh_token": "false"})
	if got.status != http.StatusBadRequest || text(body["error_code"]) == "" || text(body["error_message"]) == "" || text(body["error"]) != "invalid_grant" {
		t.Errorf("a refusal: HTTP %d %v", got.status, body)
	}
}

func TestOtherAPIsOfPublicClients(t *testing.T) {
	p := serve(t, config())
	freight := p.aop(t, "com.alibaba.fenxiao.crossborder/product.freight.estimate", wrapped("productFreightQueryParamsNew", map[string]any{
		"offerId": 700_000_000_003, "toProvinceCode": "330000", "toCityCode": "330100", "toCountryCode": "330108", "totalNum": 3,
	}))
	if got := text(dig(t, freight.decode(t), "result.result.freight")); got != "6.00" {
		t.Errorf("freight of light goods: %q", got)
	}
	ranked := p.aop(t, "com.alibaba.fenxiao.crossborder/product.topList.query", wrapped("rankQueryParams", map[string]any{
		"rankId": "1", "rankType": "hot", "limit": 5, "language": "en",
	}))
	if got := text(dig(t, ranked.decode(t), "result.result.rankType")); got != "hot" {
		t.Errorf("top list: %s", ranked.body)
	}
	category := p.aop(t, "com.alibaba.product/alibaba.category.get", map[string]string{"categoryID": "0", "webSite": "1688"})
	if got := text(dig(t, category.decode(t), "succes")); got != "true" {
		t.Errorf("category: %s", category.body)
	}
}
