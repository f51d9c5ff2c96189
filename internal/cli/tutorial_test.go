package cli

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// tutorialKeywords are what the tutorial searches for, each with what its goods are called.
var tutorialKeywords = map[string]string{
	"T恤批发": "T恤", "手机壳": "手机壳", "数据线": "数据线", "保温杯": "保温杯", "无线蓝牙耳机 降噪": "耳机", "卫衣": "卫衣", "牛仔裤": "牛仔裤",
}

// TestTutorial: with --tutorial, the tutorial's client finds its goods by each of its ways, and can compute with what it is
// answered.
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
			t.Errorf("%s: nothing to put in order", order)
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
		t.Errorf("%d goods, %d of them different", len(large), n)
	}
}

func tutorialPictures(t *testing.T, c tutorialClient) {
	asked := c.words("卫衣", nil)[0]
	byAddress := c.photo(map[string]string{"image_url": asked.image})
	checkRows(t, "by address", byAddress)
	if !slices.ContainsFunc(byAddress[:3], func(r row) bool { return r.id == asked.id && r.likeness > 95 }) {
		t.Errorf("the goods of the picture are not among the first: %+v", byAddress[:3])
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
		t.Errorf("the same picture as bytes and as a stream: %v and %v first", byBytes[0], byStream[0])
	}
	// The tutorial's own picture is on a host of somebody else's: it stands for some goods, always the same.
	const elsewhere = "https://cbu01.alicdn.com/img/ibank/example.jpg"
	rows := c.photo(map[string]string{"image_url": elsewhere, "category_id": "1512"})
	checkRows(t, "an address elsewhere", rows)
	if again := c.photo(map[string]string{"image_url": elsewhere, "category_id": "1512"}); !slices.Equal(rows, again) {
		t.Errorf("the same address: %v first, then %v", rows[0], again[0])
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

// tutorialBatch searches all keywords, three at a time.
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
				t.Errorf("%s is found by %s and by %s", r.title, other, keyword)
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

// tutorialAuthorization: a code by the user's consent, tokens by the code, a search in the user's session, a fresh token.
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

// tutorialSource finds who sells the goods of a picture, the cheapest first.
func tutorialSource(t *testing.T, c tutorialClient) {
	groups := map[string]string{}
	sellers := map[string]int{}
	for _, o := range catalog.Embedded() {
		if o.Status == catalog.StatusPublished && o.PriceFen != nil {
			groups[strconv.FormatInt(o.ID, 10)] = o.Group
			sellers[o.Group]++
		}
	}
	wanted := c.words("保温杯", map[string]string{"pageSize": "50"})
	at := slices.IndexFunc(wanted, func(r row) bool { return sellers[groups[r.id]] >= 4 })
	if at < 0 {
		t.Fatal("no goods of several sellers")
	}
	asked := wanted[at]
	sources := c.photo(map[string]string{"image_url": asked.image, "keyword": "保温杯"})
	checkRows(t, "sources", sources)
	same := slices.DeleteFunc(slices.Clone(sources), func(r row) bool { return r.likeness < 80 })
	slices.SortFunc(same, func(a, b row) int { return cmp.Compare(a.price, b.price) })
	suppliers := map[string]bool{}
	for _, r := range same {
		if groups[r.id] == groups[asked.id] {
			suppliers[r.supplier] = true
		}
	}
	if len(suppliers) < 2 || same[0].price > asked.price {
		t.Errorf("%d sellers of %s, from %v (it costs %v): %+v", len(suppliers), asked.title, same[0].price, asked.price, same)
	}
}

// tutorialComparison computes the prices of a keyword's goods; what is right is computed from the catalogue, in fen.
func tutorialComparison(t *testing.T, c tutorialClient) {
	fen := map[string]int64{}
	for _, o := range catalog.Embedded() {
		if o.PriceFen != nil {
			fen[strconv.FormatInt(o.ID, 10)] = *o.PriceFen
		}
	}
	for _, size := range []int{20, 19} {
		rows := c.words("无线蓝牙耳机 降噪", map[string]string{"pageSize": strconv.Itoa(size)})
		checkRows(t, "goods to compare", rows)
		var prices []float64
		var right []int64
		sum := int64(0)
		for _, r := range rows {
			prices = append(prices, r.price)
			right = append(right, fen[r.id])
			sum += fen[r.id]
		}
		slices.Sort(right)
		total := 0.0
		for _, p := range prices {
			total += p
		}
		n := len(right)
		for what, pair := range map[string][2]float64{
			"lowest":  {slices.Min(prices), float64(right[0]) / 100},
			"highest": {slices.Max(prices), float64(right[n-1]) / 100},
			"mean":    {total / float64(n), float64(sum) / float64(n) / 100},
			"median":  {median(prices), float64(right[(n-1)/2]+right[n/2]) / 200},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-6 {
				t.Errorf("%s of %d prices: %v, want %v", what, n, pair[0], pair[1])
			}
		}
	}
}

// tutorialCompetitors counts who else sells what is on a picture, where, at what prices, and who sells most.
func tutorialCompetitors(t *testing.T, c tutorialClient) {
	asked := c.words("手机壳", nil)[0]
	rivals := c.photo(map[string]string{"image_url": asked.image})
	checkRows(t, "competitors", rivals)
	bySupplier, byPlace, byBand := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range rivals {
		bySupplier[r.supplier]++
		byPlace[r.location]++
		switch {
		case r.price < 5:
			byBand["below 5"]++
		case r.price < 15:
			byBand["5 to 15"]++
		default:
			byBand["from 15"]++
		}
	}
	for what, counts := range map[string]map[string]int{"suppliers": bySupplier, "places": byPlace, "bands": byBand} {
		sum := 0
		for _, n := range counts {
			sum += n
		}
		if sum != len(rivals) || len(counts) < 2 {
			t.Errorf("%s: %v of %d goods", what, counts, len(rivals))
		}
	}
	most := slices.MaxFunc(rivals, func(a, b row) int { return cmp.Compare(a.sold, b.sold) })
	sold := map[string]int{}
	for _, o := range catalog.Embedded() {
		if o.MonthSold != nil {
			sold[strconv.FormatInt(o.ID, 10)] = *o.MonthSold
		}
	}
	for _, r := range rivals {
		if r.sold != sold[r.id] || r.sold > most.sold {
			t.Errorf("%s sold %d, is said to have sold %d; most is %d", r.title, sold[r.id], r.sold, most.sold)
		}
	}
	if most.sold == 0 {
		t.Error("nobody sells anything")
	}
}

// tutorialExpansion finds by the pictures of the best sellers what the keyword did not find.
func tutorialExpansion(t *testing.T, c tutorialClient) {
	base := c.words("卫衣", map[string]string{"sort": "sale"})
	checkRows(t, "best sellers", base)
	known := map[string]bool{}
	for _, r := range base {
		known[r.id] = true
	}
	var more []row
	for _, seed := range base[:3] {
		low, high := seed.price/2, seed.price*2
		for _, r := range c.photo(map[string]string{"image_url": seed.image}) {
			if !known[r.id] && r.price >= low && r.price <= high {
				known[r.id] = true
				more = append(more, r)
			}
		}
	}
	checkRows(t, "what else to sell", more)
	if len(more) < 5 {
		t.Errorf("%d goods more: %+v", len(more), more)
	}
	for _, r := range more {
		if slices.ContainsFunc(base, func(b row) bool { return b.id == r.id }) {
			t.Errorf("%s was known", r.title)
		}
	}
}
