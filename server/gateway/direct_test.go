package gateway_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// seen is what a caller sees of an answer. How its length is told may differ.
type seen struct {
	Code   int
	Header http.Header
	Body   string
}

func (r reply) seen(t *testing.T) seen {
	t.Helper()
	header := r.header.Clone()
	for _, name := range []string{"Date", "Content-Length"} {
		header.Del(name)
	}
	body := r.body
	if header.Get("Content-Encoding") == "gzip" && len(body) > 0 {
		zip, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body, err = io.ReadAll(zip); err != nil {
			t.Fatal(err)
		}
	}
	return seen{r.code, header, string(body)}
}

// TestDirectAnswersAreTheSame: callers see no difference between the two ways, neither the first time nor when the request is
// remembered and its answer is stored.
func TestDirectAnswersAreTheSame(t *testing.T) {
	both := startTwoWays(t, oneKey{"key-1"})
	var many []*zhaohuov1.Product
	for i := range 20 {
		many = append(many, &zhaohuov1.Product{Id: strconv.Itoa(i), Title: "蓝牙耳机 <b>\u2028 & \"x\" 😀 " + strconv.Itoa(i)})
	}
	both.goods.put("耳机", many...)
	both.goods.put("杯")
	key := []string{"X-Api-Key", "key-1", "X-Request-Id", "id-1"}
	posts := map[string]string{
		"POST":                      `{"keyword":"耳机"}`,
		"POST, gzip":                `{"keyword":"耳机"}`,
		"POST, any tag":             `{"keyword":"耳机"}`,
		"POST, no key":              `{"keyword":"耳机"}`,
		"POST, a type":              `{"keyword":"耳机"}`,
		"POST, an unknown field":    `{"keyword":"耳机","x":1}`,
		"POST, no JSON":             `{"keyword":`,
		"POST, no UTF-8":            "{\"keyword\":\"\xff\"}",
		"POST, two values":          `{"keyword":"耳机"} {}`,
		"POST, empty":               " \n",
		"POST, nothing":             "",
		"POST, long":                `{"keyword":"耳机"` + strings.Repeat(" ", 2000) + "}",
		"POST, too long":            `{"keyword":"耳机"` + strings.Repeat(" ", bytesMax) + "}",
		"POST, compressed":          gzipped(t, `{"keyword":"耳机"}`),
		"POST, compressed and long": gzipped(t, `{"keyword":"耳机"`+strings.Repeat(" ", 2000)+"}"),
		"POST, no gzip":             `{"keyword":"耳机"}`,
		"POST, a failing upstream":  `{"keyword":"毛巾"}`,
	}
	cases := map[string]struct {
		method, target string
		headers        []string
	}{
		"stored":             {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机&page_size=20", key},
		"names of JSON":      {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机&pageSize=20", key},
		"small":              {http.MethodGet, "/v1/products:keywordSearch?keyword=杯", key},
		"HEAD":               {http.MethodHead, "/v1/products:keywordSearch?keyword=杯", key},
		"gzip":               {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "Accept-Encoding", "gzip")},
		"gzip and deflate":   {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "Accept-Encoding", "deflate, gzip")},
		"gzip, small":        {http.MethodGet, "/v1/products:keywordSearch?keyword=杯", append(key, "Accept-Encoding", "gzip")},
		"gzip refused":       {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "Accept-Encoding", "gzip;q=0")},
		"zstd":               {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "Accept-Encoding", "gzip, zstd")},
		"any tag":            {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "If-None-Match", "*")},
		"another tag":        {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "If-None-Match", `"x"`)},
		"no key":             {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", []string{"X-Request-Id", "id-1"}},
		"another key":        {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", []string{"X-Api-Key", "key-2", "X-Request-Id", "id-1"}},
		"two keys":           {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "Authorization", "Bearer key-2")},
		"a class":            {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "X-Zhaohuo-Class", "batch")},
		"no class":           {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "X-Zhaohuo-Class", "urgent")},
		"Chinese":            {http.MethodGet, "/v1/products:keywordSearch?keyword=", append(key, "Accept-Language", "zh-CN")},
		"an unknown field":   {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机&x=1", key},
		"twice":              {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机&keyword=杯", key},
		"a bad query":        {http.MethodGet, "/v1/products:keywordSearch?keyword=%zz", key},
		"a bad page":         {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机&page=-1", key},
		"beyond the window":  {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机&page=1000", key},
		"a failing upstream": {http.MethodGet, "/v1/products:keywordSearch?keyword=毛巾", key},
		"a timeout":          {http.MethodGet, "/v1/products:keywordSearch?keyword=耳机", append(key, "Grpc-Timeout", "x")},
		"no such path":       {http.MethodGet, "/v1/products:nothing?keyword=耳机", key},
		"another method":     {http.MethodDelete, "/v1/products:keywordSearch?keyword=耳机", key},
	}
	for name := range posts {
		c := cases[name]
		c.method, c.target, c.headers = http.MethodPost, "/v1/products:keywordSearch", key
		cases[name] = c
	}
	for name, header := range map[string][]string{
		"POST, gzip": {"Accept-Encoding", "gzip"}, "POST, any tag": {"If-None-Match", "*"}, "POST, a type": {"Content-Type", "text/plain"},
		"POST, compressed": {"Content-Encoding", "gzip"}, "POST, compressed and long": {"Content-Encoding", "gzip"}, "POST, no gzip": {"Content-Encoding", "gzip"},
	} {
		c := cases[name]
		c.headers = append(slices.Clone(key), header...)
		cases[name] = c
	}
	for name, post := range map[string]string{
		"POST, by an address": `{"keyword":"耳机","image":{"url":"https://img.example.com/1.jpg"}}`,
		"POST, by an id":      `{"keyword":"耳机","image":{"id":"` + both.keep(t, "shop", 16) + `"}}`,
		"POST, by another id": `{"keyword":"耳机","image":{"id":"` + both.keep(t, "another shop", 16) + `"}}`,
		"POST, by content":    `{"keyword":"耳机","image":{"content":"` + base64.StdEncoding.EncodeToString(dot(t, 16)) + `"}}`,
		"POST, by nothing":    `{"keyword":"耳机"}`,
	} {
		posts[name] = post
		c := cases[name]
		c.method, c.target, c.headers = http.MethodPost, "/v1/products:imageSearch", key
		cases[name] = c
	}
	noKey := cases["POST, no key"]
	noKey.headers = []string{"X-Request-Id", "id-1"}
	cases["POST, no key"] = noKey
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			at, err := url.Parse(c.target)
			if err != nil && name != "a bad query" {
				t.Fatal(err)
			}
			target := c.target
			if err == nil && name != "a bad query" {
				at.RawQuery = at.Query().Encode()
				target = at.String()
			}
			ask := func(r *rig) reply {
				var body io.Reader
				if c.method == http.MethodPost {
					body = strings.NewReader(posts[name])
				}
				return r.do(t, c.method, target, body, c.headers...)
			}
			ask(both.wired) // Now the answer is stored, if there is one.
			want := ask(both.wired).seen(t)
			for n := range 3 {
				if diff := cmp.Diff(want, ask(both.direct).seen(t)); diff != "" {
					t.Errorf("%d (-over the connection +directly):\n%s", n, diff)
				}
			}
		})
	}
}

// dot is a small photo; side is its width and height in pixels.
func dot(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, side, side)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDirectJSONIsTheSame: the JSON of random stored answers is the same both ways.
func TestDirectJSONIsTheSame(t *testing.T) {
	both := startTwoWays(t, nil)
	first, second := both.keep(t, "", 16), both.keep(t, "", 24)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		var products []*zhaohuov1.Product
		for range rapid.IntRange(0, 5).Draw(rt, "products") {
			products = append(products, &zhaohuov1.Product{
				Id: rapid.StringN(0, 10, 30).Draw(rt, "id"), Title: rapid.StringN(0, 40, 160).Draw(rt, "title"),
			})
		}
		n++
		keyword := "词" + strconv.Itoa(n)
		both.goods.put(keyword, products...)
		target := "/v1/products:keywordSearch?" + url.Values{"keyword": {keyword}}.Encode()
		byWords, err := json.Marshal(map[string]any{"keyword": keyword})
		if err != nil {
			rt.Fatal(err)
		}
		picture := rapid.SampledFrom([]map[string]string{{"url": "https://img.example.com/1.jpg"}, {"id": first}, {"id": second}}).Draw(rt, "picture")
		byPicture, err := json.Marshal(map[string]any{"keyword": keyword, "image": picture})
		if err != nil {
			rt.Fatal(err)
		}
		for _, ask := range []func(r *rig, headers ...string) reply{
			func(r *rig, headers ...string) reply { return r.do(t, http.MethodGet, target, nil, headers...) },
			func(r *rig, headers ...string) reply {
				return r.do(t, http.MethodPost, "/v1/products:keywordSearch", bytes.NewReader(byWords), headers...)
			},
			func(r *rig, headers ...string) reply {
				return r.do(t, http.MethodPost, "/v1/products:imageSearch", bytes.NewReader(byPicture), headers...)
			},
		} {
			ask(both.wired)
			want := ask(both.wired)
			for range 3 {
				got := ask(both.direct, "Accept-Encoding", "gzip")
				if diff := cmp.Diff(string(want.body), got.seen(t).Body); diff != "" || want.code != http.StatusOK || want.header.Get("ETag") != got.header.Get("ETag") {
					rt.Fatalf("%d: (-over the connection +directly):\n%s\n%s", want.code, diff, got.header)
				}
			}
		}
	})
}

// TestStoredAnswersAreShared: many callers get one stored answer at the same time, in all its forms, and nobody changes it for others.
func TestStoredAnswersAreShared(t *testing.T) {
	both := startTwoWays(t, nil)
	products := make([]*zhaohuov1.Product, 50)
	for i := range products {
		products[i] = &zhaohuov1.Product{Id: strconv.Itoa(i), Title: "杯"}
	}
	both.goods.put("杯", products...)
	target := "/v1/products:keywordSearch?" + url.Values{"keyword": {"杯"}}.Encode()
	both.wired.do(t, http.MethodGet, target, nil)
	want := both.wired.do(t, http.MethodGet, target, nil, "X-Request-Id", "1").seen(t).Body
	rpcs := zhaohuov1.NewSearchServiceClient(both.wired.conn)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			for range 20 {
				headers := []string{"Accept-Encoding", []string{"gzip", "identity", "zstd"}[i%3]}
				got := both.direct.do(t, http.MethodGet, target, nil, headers...)
				if body := got.seen(t).Body; i%3 < 2 && body != want {
					t.Errorf("another answer: %.200s", body)
				}
				answer, err := rpcs.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"})
				if err != nil || len(answer.GetProducts()) != len(products) {
					t.Errorf("%v, %d products", err, len(answer.GetProducts()))
				}
			}
		})
	}
	all.Wait()
}

// discarded is an answer that nobody reads.
type discarded struct{ header http.Header }

func (d discarded) Header() http.Header         { return d.header }
func (d discarded) Write(b []byte) (int, error) { return len(b), nil }
func (discarded) WriteHeader(int)               {}

// TestStoredAnswersOverRESTAllocateLittle: from the request to the last byte, with the complete chain.
func TestStoredAnswersOverRESTAllocateLittle(t *testing.T) {
	both := startTwoWays(t, nil)
	id := both.keep(t, "", 16)
	for _, size := range []int{1, 500} {
		keyword := "杯" + strconv.Itoa(size)
		products := make([]*zhaohuov1.Product, size)
		for i := range products {
			products[i] = &zhaohuov1.Product{Id: strconv.Itoa(i), Title: keyword}
		}
		both.goods.put(keyword, products...)
		target := "/v1/products:keywordSearch?" + url.Values{"keyword": {keyword}}.Encode()
		for name, c := range map[string]struct {
			request *http.Request
			body    string
			bound   float64 // A few more than measured, of which a third are of making the request.
		}{
			"GET":           {httptest.NewRequest(http.MethodGet, target, nil), "", 120},
			"POST":          {httptest.NewRequest(http.MethodPost, "/v1/products:keywordSearch", nil), `{"keyword":"` + keyword + `"}`, 185},
			"POST, a photo": {httptest.NewRequest(http.MethodPost, "/v1/products:imageSearch", nil), `{"keyword":"` + keyword + `","image":{"id":"` + id + `"}}`, 196},
		} {
			ask := func() {
				request := c.request.Clone(context.Background())
				if c.body != "" {
					request.Body, request.ContentLength = io.NopCloser(strings.NewReader(c.body)), int64(len(c.body))
				}
				both.handler.ServeHTTP(discarded{http.Header{}}, request)
			}
			for range 3 {
				ask()
			}
			allocated := testing.AllocsPerRun(500, ask)
			t.Logf("%s, %d products: %.0f allocations", name, size, allocated)
			if allocated > c.bound {
				t.Errorf("%s, %d products: %.0f allocations, want at most %.0f", name, size, allocated, c.bound)
			}
		}
	}
}
