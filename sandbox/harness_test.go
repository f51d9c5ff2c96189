package sandbox_test

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

const (
	appKey    = "1000000"
	appSecret = "test123"
	token     = "f14da3b8-b0b1-4f73-a5de-9bed637e0188"

	crossborder  = "com.alibaba.fenxiao.crossborder"
	keywordQuery = crossborder + "/product.search.keywordQuery"
	keywordAPI   = crossborder + ":product.search.keywordQuery"
)

// now is the time of the sandbox's clock unless a test sets it: noon in China.
var now = time.Date(2026, 10, 10, 4, 0, 0, 223e6, time.UTC)

// shelf is a simple catalogue: every word must be in the title.
type shelf []*catalog.Offer

func (s shelf) Search(ctx context.Context, q catalog.Query) (catalog.Page, error) {
	if err := ctx.Err(); err != nil {
		return catalog.Page{}, err
	}
	var found []*catalog.Offer
	for _, o := range s {
		if q.Present != nil {
			o = q.Present(o)
		}
		if o != nil && matches(o, q) {
			found = append(found, o)
		}
	}
	if q.Sort == catalog.SortPrice {
		slices.SortStableFunc(found, func(a, b *catalog.Offer) int {
			order := cmp.Compare(price(a), price(b))
			if q.Desc {
				return -order
			}
			return order
		})
	}
	from := min(q.Offset, len(found))
	return catalog.Page{Total: len(found), Offers: found[from:min(from+q.Limit, len(found))]}, nil
}

func price(o *catalog.Offer) int64 {
	if o.PriceFen == nil {
		return 1 << 60
	}
	return *o.PriceFen
}

func matches(o *catalog.Offer, q catalog.Query) bool {
	for _, word := range strings.Fields(q.Words) {
		if !strings.Contains(o.Title, word) {
			return false
		}
	}
	for _, f := range q.Filters {
		if !slices.Contains(o.Filters, f) {
			return false
		}
	}
	if q.PriceMinFen != nil && (o.PriceFen == nil || *o.PriceFen < *q.PriceMinFen) {
		return false
	}
	if q.PriceMaxFen != nil && (o.PriceFen == nil || *o.PriceFen > *q.PriceMaxFen) {
		return false
	}
	if q.SellerOpenID != "" && o.Supplier.OpenID != q.SellerOpenID {
		return false
	}
	return len(q.CategoryIDs) == 0 || slices.Contains(q.CategoryIDs, o.ThirdCategory)
}

func (s shelf) Offer(id int64) (*catalog.Offer, bool) {
	i := slices.IndexFunc(s, func(o *catalog.Offer) bool { return o.ID == id })
	if i < 0 {
		return nil, false
	}
	return s[i], true
}

func (s shelf) Related(id int64, limit int) []*catalog.Offer {
	original, ok := s.Offer(id)
	if !ok {
		return nil
	}
	var found []*catalog.Offer
	for _, o := range s {
		if o.ID != id && o.ThirdCategory == original.ThirdCategory && len(found) < limit {
			found = append(found, o)
		}
	}
	return found
}

func (shelf) Categories() []catalog.Category {
	return []catalog.Category{
		{ID: 1, Name: "数码", NameEN: "Electronics", Level: 1},
		{ID: 100, ParentID: 1, Name: "蓝牙耳机", NameEN: "Bluetooth earphones", Level: 2, Leaf: true},
	}
}

func (shelf) TopKeywords(categoryID int64) []catalog.Keyword {
	if categoryID != 100 {
		return nil
	}
	return []catalog.Keyword{{Text: "蓝牙耳机", TextEN: "bluetooth earphones"}}
}

// stock is 2,100 earphones and three special offers.
func stock() shelf {
	maker := &catalog.Supplier{
		MemberID: "b2b-1", OpenID: "BBB1", Name: "深圳声音电子厂", Province: "广东", City: "深圳",
		Identities: []string{"super_factory"}, Years: 7, ServiceScoreTenths: 47,
	}
	var s shelf
	for i := range 2100 {
		s = append(s, &catalog.Offer{
			ID: 600_000_000_000 + int64(i), Title: fmt.Sprintf("蓝牙耳机 %d 号", i), TitleEN: fmt.Sprintf("Bluetooth earphones %d", i),
			Supplier: maker, PriceFen: new(int64(1000 + i)), MinOrder: 2, MonthSold: new(30 * i), ThirdCategory: 100 + int64(i%3),
			Filters: []string{"isOnePsale"}, DropshipFen: new(int64(1200 + i)), Status: "published",
			Created:    time.Date(2024, 4, 20, 0, 0, 0, 0, time.UTC),
			Attributes: []catalog.Attribute{{ID: 973, Name: "颜色", NameEN: "Colour", Value: []string{"黑色", "白色"}[i%2], ValueEN: []string{"black", "white"}[i%2]}},
		})
	}
	return append(s,
		&catalog.Offer{ID: 700_000_000_001, Title: "保温杯 面议", TitleEN: "Thermos, ask us", Supplier: maker, ThirdCategory: 200},
		&catalog.Offer{
			ID: 700_000_000_002, Title: "保温杯 范围", TitleEN: "Thermos, range", Supplier: maker, ThirdCategory: 201,
			PriceFen: new(int64(150)), PriceMaxFen: new(int64(320)), MonthSold: new(800), SoldAtLeast: true,
			Filters: []string{"jxhy", "isSelect", "1688Selection", "shipIn24Hours"}, RepurchasePercent: new(10), PromotionFen: new(int64(140)),
		},
		&catalog.Offer{ID: 700_000_000_003, Title: "雨伞", TitleEN: "Umbrella", Supplier: maker, PriceFen: new(int64(990)), MinOrder: 1},
	)
}

func config() sandbox.Config {
	return sandbox.Config{
		Apps:      []sandbox.App{{Key: appKey, Secret: appSecret, Tokens: []sandbox.Token{{Value: token}}}},
		Catalogue: stock(),
		Clock:     func() time.Time { return now },
	}
}

// bare is the configuration in which the list stands directly under result.
func bare() sandbox.Config {
	c := config()
	c.TOPShape = sandbox.Bare
	return c
}

// platform is a sandbox behind an HTTP server.
type platform struct {
	*sandbox.Sandbox
	url string
}

func serve(t testing.TB, c sandbox.Config) platform {
	t.Helper()
	s, err := sandbox.New(c)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return platform{s, server.URL}
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) decode(t testing.TB) map[string]any {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(r.body))
	dec.UseNumber()
	var v map[string]any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("HTTP %d, not a JSON object: %v\n%.500s", r.status, err, r.body)
	}
	return v
}

func do(req *http.Request) (reply, error) {
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(body)}, err
}

func form(ctx context.Context, address string, params map[string]string) *http.Request {
	values := url.Values{}
	for name, value := range params {
		values.Set(name, value)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	return req
}

func (p platform) post(t testing.TB, path string, params map[string]string) reply {
	t.Helper()
	r, err := do(form(t.Context(), p.url+path, params))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// aopSigned signs by the tests' own implementation of the signature rule.
func aopSigned(path, secret string, params map[string]string) map[string]string {
	signed := map[string]string{}
	var joined []string
	for name, value := range params {
		signed[name] = value
		joined = append(joined, name+value)
	}
	slices.SortFunc(joined, func(a, b string) int { return slices.Compare([]byte(a), []byte(b)) })
	mac := hmac.New(sha1.New, []byte(secret))
	_, _ = io.WriteString(mac, path+strings.Join(joined, ""))
	signed["_aop_signature"] = fmt.Sprintf("%X", mac.Sum(nil))
	return signed
}

// aop calls "namespace/name" with a correct signature.
func (p platform) aop(t testing.TB, api string, params map[string]string) reply {
	t.Helper()
	path := "param2/1/" + api + "/" + appKey
	return p.post(t, "/openapi/"+path, aopSigned(path, appSecret, params))
}

// wrapped makes the parameters of an API with a wrapper, with the token.
func wrapped(wrapper string, args map[string]any) map[string]string {
	text, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return map[string]string{"access_token": token, wrapper: string(text)}
}

// query makes the parameters of a keyword search. Further arguments replace the four required ones.
func query(keyword string, more map[string]any) map[string]string {
	args := map[string]any{"keyword": keyword, "beginPage": 1, "pageSize": 20, "country": "en"}
	for name, value := range more {
		args[name] = value
	}
	return wrapped("offerQueryParam", args)
}

// top makes the parameters of a TOP call, signed with MD5.
func top(method string, more map[string]string) map[string]string {
	return topSigned(appSecret, topUnsigned(method, more))
}

func topUnsigned(method string, more map[string]string) map[string]string {
	params := map[string]string{
		"method": method, "app_key": appKey, "format": "json", "v": "2.0", "sign_method": "md5",
		"timestamp": now.Add(8 * time.Hour).Format("2006-01-02 15:04:05"),
	}
	for name, value := range more {
		params[name] = value
	}
	return params
}

func topSigned(secret string, params map[string]string) map[string]string {
	var names []string
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	text := secret
	for _, name := range names {
		text += name + params[name]
	}
	params["sign"] = fmt.Sprintf("%X", md5.Sum([]byte(text+secret)))
	return params
}

func (p platform) top(t testing.TB, method string, more map[string]string) reply {
	t.Helper()
	return p.post(t, "/router/rest", top(method, more))
}

// dig follows a path through objects and lists, such as "result.result.data.0.offerId".
func dig(t testing.TB, v any, path string) any {
	t.Helper()
	for step := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(at) {
				t.Fatalf("%s: no index %s in a list of %d", path, step, len(at))
			}
			v = at[i]
		default:
			t.Fatalf("%s: no %s in %v", path, step, v)
		}
	}
	return v
}

func text(v any) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprint(v)
}
