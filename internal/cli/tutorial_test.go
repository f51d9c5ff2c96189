package cli

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// tutorialKeywords are the tutorial's search words, each with words in the titles of its products.
var tutorialKeywords = map[string]string{
	"T恤批发": "T恤", "手机壳": "手机壳", "数据线": "数据线", "保温杯": "保温杯", "无线蓝牙耳机 降噪": "耳机", "卫衣": "卫衣", "牛仔裤": "牛仔裤",
}

// TestTutorial: with --tutorial, the tutorial's client finds products in all of its ways, and can compute with the
// answers.
func TestTutorial(t *testing.T) {
	c := serveTutorial(t)
	for name, flow := range map[string]func(*testing.T, tutorialClient){
		"keywords": tutorialSearches, "filters": tutorialFilters, "pages": tutorialPages, "pictures": tutorialPictures,
		"batch": tutorialBatch, "products": tutorialProducts, "authorization": tutorialAuthorization,
		"find source": tutorialSource, "compare prices": tutorialComparison, "competitors": tutorialCompetitors,
		"expand": tutorialExpansion,
	} {
		t.Run(name, func(t *testing.T) {
			mine := *c
			mine.t = t
			flow(t, mine)
		})
	}
}

// checkRows fails for a row that the tutorial's table could not show or compute with.
func checkRows(t *testing.T, what string, rows []row) {
	t.Helper()
	if len(rows) == 0 {
		t.Errorf("%s: no goods", what)
	}
	for _, r := range rows {
		if r.id == "" || r.title == "" || r.supplier == "" || r.location == "" || r.price <= 0 || r.minimum < 1 ||
			!strings.HasPrefix(r.image, "http://") || !strings.HasPrefix(r.page, "http://") {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

func tutorialSearches(t *testing.T, c tutorialClient) {
	for keyword, noun := range tutorialKeywords {
		for _, c.hmac = range []bool{false, true} {
			rows := c.words(keyword, nil)
			checkRows(t, keyword, rows)
			if len(rows) != 20 {
				t.Errorf("%s, HMAC %t: %d goods", keyword, c.hmac, len(rows))
			}
			for _, r := range rows {
				if !strings.Contains(r.title, noun) {
					t.Errorf("%s: %s", keyword, r.title)
				}
			}
		}
	}
	c.secret = "wrong"
	for _, c.hmac = range []bool{false, true} {
		refusal, _ := c.call("com.alibaba.product.search", map[string]string{"q": "手机壳"})["error_response"].(map[string]any)
		if refusal["sub_code"] != "isv.invalid-signature" {
			t.Errorf("a wrong secret, HMAC %t: %v", c.hmac, refusal)
		}
	}
}

func tutorialFilters(t *testing.T, c tutorialClient) {
	bounded := c.words("T恤批发", map[string]string{"priceStart": "15", "priceEnd": "30"})
	checkRows(t, "prices", bounded)
	for _, r := range bounded {
		if r.price < 15 || r.price > 30 {
			t.Errorf("15 to 30 yuan: %v", r.price)
		}
	}
	for order, before := range map[string]func(a, b row) bool{
		"price_asc":  func(a, b row) bool { return a.price <= b.price },
		"price_desc": func(a, b row) bool { return a.price >= b.price },
		"sale":       func(a, b row) bool { return a.sold >= b.sold },
	} {
		rows := c.words("卫衣", map[string]string{"sort": order, "pageSize": "50"})
		checkRows(t, order, rows)
		for i := range len(rows) - 1 {
			if !before(rows[i], rows[i+1]) {
				t.Errorf("%s: %+v before %+v", order, rows[i], rows[i+1])
			}
		}
		if first, last := rows[0], rows[len(rows)-1]; first.price == last.price && first.sold == last.sold {
			t.Errorf("%s: too few rows to sort", order)
		}
	}
	for keyword, noun := range map[string]string{"T恤批发": "T恤", "卫衣": "卫衣", "牛仔裤": "牛仔裤"} {
		rows := c.words(keyword, map[string]string{"categoryId": "1512"})
		checkRows(t, keyword+" in 1512", rows)
		for _, r := range rows {
			if !strings.Contains(r.title, noun) {
				t.Errorf("%s in 1512: %s", keyword, r.title)
			}
		}
	}
	if rows := c.words("手机壳", map[string]string{"categoryId": "1512"}); len(rows) != 0 {
		t.Errorf("phone cases among clothes: %d", len(rows))
	}
}

func tutorialPages(t *testing.T, c tutorialClient) {
	collect := func(size int) []string {
		var ids []string
		last := 0.0
		for page := 1; ; page++ {
			rows := c.words("牛仔裤", map[string]string{
				"page": strconv.Itoa(page), "pageSize": strconv.Itoa(size), "sort": "price_asc",
			})
			if len(rows) == 0 {
				return ids
			}
			for _, r := range rows {
				if r.price < last {
					t.Errorf("page %d of %d: %v after %v", page, size, r.price, last)
				}
				last = r.price
				ids = append(ids, r.id)
			}
		}
	}
	large, small := collect(50), collect(20)
	if !slices.Equal(large, small) || len(large) <= 50 {
		t.Errorf("%d goods in pages of 50, %d in pages of 20", len(large), len(small))
	}
	unique := slices.Clone(large)
	slices.Sort(unique)
	if n := len(slices.Compact(unique)); n != len(large) {
		t.Errorf("%d goods, %d different", len(large), n)
	}
}

func tutorialPictures(t *testing.T, c tutorialClient) {
	asked := c.words("卫衣", nil)[0]
	byAddress := c.photo(map[string]string{"image_url": asked.image})
	checkRows(t, "by address", byAddress)
	if !slices.ContainsFunc(byAddress[:3], func(r row) bool { return r.id == asked.id && r.likeness > 95 }) {
		t.Errorf("the goods of the image are not among the first: %+v", byAddress[:3])
	}
	for i := range len(byAddress) - 1 {
		if a, b := byAddress[i].likeness, byAddress[i+1].likeness; a < b || a > 100 || b < 0 {
			t.Errorf("likeness %v before %v", a, b)
		}
	}
	download := func() *http.Response {
		answer, err := http.Get(asked.image)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%v %v", answer, err)
		}
		t.Cleanup(func() { answer.Body.Close() })
		return answer
	}
	data, err := io.ReadAll(download().Body)
	if err != nil {
		t.Fatal(err)
	}
	byBytes := c.photo(map[string]string{"image_content": base64.StdEncoding.EncodeToString(data)})
	checkRows(t, "by bytes", byBytes)
	if got, want := byBytes[0].id, byAddress[0].id; got != want {
		t.Errorf("by bytes %s is first, by address %s", got, want)
	}
	if byStream := c.stream(download().Body); !slices.Equal(byStream, byBytes) {
		t.Errorf("the same image as bytes and as a stream: %v and %v first", byBytes[0], byStream[0])
	}
	// The tutorial's image is on a foreign host: it matches some products, always the same.
	const elsewhere = "https://cbu01.alicdn.com/img/ibank/example.jpg"
	rows := c.photo(map[string]string{"image_url": elsewhere, "category_id": "1512"})
	checkRows(t, "an address elsewhere", rows)
	if second := c.photo(map[string]string{"image_url": elsewhere, "category_id": "1512"}); !slices.Equal(rows, second) {
		t.Errorf("the same address: %v first, then %v", rows[0], second[0])
	}
	for _, r := range rows {
		if id := c.detail(r.id)["categoryID"]; id != 10166110. && id != 151210. && id != 151220. {
			t.Errorf("%s is of category %v", r.title, id)
		}
	}
	for _, r := range c.photo(map[string]string{"image_url": asked.image, "keyword": "牛仔裤"}) {
		if !strings.Contains(r.title, "牛仔裤") || r.likeness >= 95 {
			t.Errorf("jeans like a sweatshirt: %+v", r)
		}
	}
	refusal, _ := c.call("alibaba.image.search", map[string]string{"image_url": "no address"})["error_response"].(map[string]any)
	if refusal["sub_code"] != "isv.invalid-parameter:image_url" {
		t.Errorf("no address: %v", refusal)
	}
}

// tutorialBatch searches all keywords, three concurrently.
func tutorialBatch(t *testing.T, c tutorialClient) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	found, places := map[string][]row{}, make(chan struct{}, 3)
	for keyword := range tutorialKeywords {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			rows := c.words(keyword, map[string]string{"pageSize": "50"})
			mu.Lock()
			defer mu.Unlock()
			found[keyword] = rows
		})
	}
	wg.Wait()
	of := map[string]string{}
	for keyword := range tutorialKeywords {
		checkRows(t, keyword, found[keyword])
		for _, r := range found[keyword] {
			if other, twice := of[r.id]; twice {
				t.Errorf("%s is found by both %s and %s", r.title, other, keyword)
			}
			of[r.id] = keyword
		}
	}
}

func tutorialProducts(t *testing.T, c tutorialClient) {
	listed := c.words("牛仔裤", nil)[0]
	info := c.detail(listed.id)
	sale, _ := info["saleInfo"].(map[string]any)
	if info["subject"] != listed.title || info["companyName"] != listed.supplier || info["detailUrl"] != listed.page || sale["price"] != listed.price {
		t.Errorf("%v\nlisted as %+v", info, listed)
	}
	prices := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				if strings.HasSuffix(name, "rice") {
					prices++
					if yuan, ok := value.(float64); !ok || yuan <= 0 {
						t.Errorf("%s.%s is %#v", at, name, value)
					}
				}
				walk(at+"."+name, value)
			}
		case []any:
			for i, value := range v {
				walk(fmt.Sprint(at, ".", i), value)
			}
		}
	}
	walk("productInfo", info)
	if prices < 2 {
		t.Errorf("%d prices in %v", prices, info)
	}
	seller, _ := info["sellerOpenId"].(string)
	rows := c.rows(c.call("alibaba.product.getSellerProductList", map[string]string{"sellerOpenId": seller, "pageSize": "50"}), "result.result")
	checkRows(t, "the seller's goods", rows)
	if !slices.ContainsFunc(rows, func(r row) bool { return r.id == listed.id }) || len(rows) < 2 {
		t.Errorf("the seller's %d goods are without %s", len(rows), listed.id)
	}
	for _, r := range rows {
		if r.supplier != listed.supplier {
			t.Errorf("%s sells the goods of %s", r.supplier, listed.supplier)
		}
	}
	refusal, _ := c.call("alibaba.product.get", map[string]string{"productID": "1"})["error_response"].(map[string]any)
	if refusal["sub_code"] != "isv.item-not-exist" {
		t.Errorf("no such product: %v", refusal)
	}
}

// tutorialAuthorization: a code by the user's consent, tokens for the code, a search in the user's session, a new
// token.
func tutorialAuthorization(t *testing.T, c tutorialClient) {
	const back = "http://127.0.0.1:9/callback"
	consent := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := consent.Get(c.root + "/oauth/authorize?" + url.Values{
		"client_id": {c.key}, "site": {"1688"}, "redirect_uri": {back}, "state": {"s"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	to, err := answer.Location()
	if err != nil || !strings.HasPrefix(to.String(), back) || to.Query().Get("state") != "s" {
		t.Fatalf("redirected to %v: %v", to, err)
	}
	exchange := func(form url.Values) map[string]any {
		form.Set("client_id", c.key)
		form.Set("client_secret", c.secret)
		return c.read(http.PostForm(c.root+"/openapi/http/1/system.oauth2/getToken/"+c.key, form))
	}
	tokens := exchange(url.Values{
		"grant_type": {"authorization_code"}, "need_refresh_token": {"true"}, "redirect_uri": {back}, "code": {to.Query().Get("code")},
	})
	refresh, _ := tokens["refresh_token"].(string)
	fresh := exchange(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	for _, issued := range []map[string]any{tokens, fresh} {
		if c.session, _ = issued["access_token"].(string); c.session == "" {
			t.Fatalf("no access token: %v", issued)
		}
		checkRows(t, "in the user's session", c.words("保温杯", nil))
	}
	c.session = "invented"
	if refusal, _ := c.call("com.alibaba.product.search", map[string]string{"q": "保温杯"})["error_response"].(map[string]any); refusal["sub_code"] != "isv.invalid-session" {
		t.Errorf("an invented session: %v", refusal)
	}
}
