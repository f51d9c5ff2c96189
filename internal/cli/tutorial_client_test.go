package cli

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tutorialClient works like the tutorial's Python code: it signs with MD5 or HMAC-SHA1, both labelled md5, uses its
// machine's clock for timestamps, computes with prices and counts as sent, and uses the first list it finds.
type tutorialClient struct {
	t           *testing.T
	root        string // of the sandbox, without a trailing slash
	key, secret string
	zone        *time.Location
	hmac        bool
	session     string
}

// row is an item of an answer, by the names that the tutorial reads.
type row struct {
	id, title, image, supplier, page, location string
	price, likeness                            float64 // yuan; percent
	minimum, sold                              int
}

// serveTutorial starts `zhaohuo sandbox --tutorial` and returns a client of it.
func serveTutorial(t *testing.T) *tutorialClient {
	t.Helper()
	d := launch(t, nil, "sandbox", "--addr=127.0.0.1:0", "--app-key=4711", "--app-secret=s", "--qps=0", "--tutorial")
	address := d.stdout.await(t, `top         (\S+)\n`)[0]
	return &tutorialClient{
		t: t, root: strings.TrimSuffix(address, "/router/rest"), key: "4711", secret: "s", zone: time.FixedZone("", -7*60*60),
	}
}

// sign is the tutorial's signature: sorted names, with the secret at both ends.
func (c *tutorialClient) sign(params map[string]string) string {
	text := c.secret
	for _, name := range slices.Sorted(maps.Keys(params)) {
		text += name + params[name]
	}
	text += c.secret
	if c.hmac {
		mac := hmac.New(sha1.New, []byte(c.secret))
		_, _ = io.WriteString(mac, text)
		return strings.ToUpper(hex.EncodeToString(mac.Sum(nil)))
	}
	digest := md5.Sum([]byte(text))
	return strings.ToUpper(hex.EncodeToString(digest[:]))
}

// call calls a method and returns the decoded body, whatever it is.
func (c *tutorialClient) call(method string, business map[string]string) map[string]any {
	c.t.Helper()
	params := map[string]string{
		"method": method, "app_key": c.key, "format": "json", "v": "2.0", "sign_method": "md5",
		"timestamp": time.Now().In(c.zone).Format(time.DateTime),
	}
	if c.session != "" {
		params["session"] = c.session
	}
	maps.Copy(params, business)
	form := url.Values{"sign": {c.sign(params)}}
	for name, value := range params {
		form.Set(name, value)
	}
	return c.read(http.PostForm(c.root+"/router/rest", form))
}

// read decodes a JSON object with numbers as floats, like Python.
func (c *tutorialClient) read(answer *http.Response, err error) map[string]any {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	body := map[string]any{}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		c.t.Fatalf("HTTP %d: %v", answer.StatusCode, err)
	}
	return body
}

// words searches by keyword; more are the tutorial's filters.
func (c *tutorialClient) words(keyword string, more map[string]string) []row {
	c.t.Helper()
	params := map[string]string{"q": keyword, "page": "1", "pageSize": "20"}
	maps.Copy(params, more)
	body := c.call("com.alibaba.product.search", params)
	return c.rows(body, "result.result", "productSearchResponse.products", "products")
}

// photo searches by an image: image_url or image_content, optionally with category_id or keyword.
func (c *tutorialClient) photo(params map[string]string) []row {
	c.t.Helper()
	return c.rows(c.call("alibaba.image.search", params), "imageSearchResponse.items", "result.items", "items")
}

// stream searches by an image that is read while it is sent.
func (c *tutorialClient) stream(picture io.Reader) []row {
	c.t.Helper()
	var text strings.Builder
	encoder := base64.NewEncoder(base64.StdEncoding, &text)
	if _, err := io.Copy(encoder, picture); err != nil {
		c.t.Fatal(err)
	}
	if err := encoder.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.photo(map[string]string{"image_content": text.String()})
}

// rows reads the first list that exists, even if it is empty.
func (c *tutorialClient) rows(body map[string]any, places ...string) []row {
	c.t.Helper()
	for _, place := range places {
		var at any = body
		for step := range strings.SplitSeq(place, ".") {
			members, _ := at.(map[string]any)
			at = members[step]
		}
		if list, ok := at.([]any); ok {
			out := make([]row, 0, len(list))
			for _, item := range list {
				out = append(out, c.row(item.(map[string]any)))
			}
			return out
		}
	}
	c.t.Fatalf("no list: %v", body)
	return nil
}

// row reads an item. It fails where the tutorial's code would: on a price or a count that is not a number.
func (c *tutorialClient) row(item map[string]any) row {
	c.t.Helper()
	number := func(names ...string) float64 {
		for _, name := range names {
			switch v := item[name].(type) {
			case nil:
			case float64:
				return v
			default:
				c.t.Errorf("%s is %#v, which is not a number", name, v)
			}
		}
		return 0
	}
	text := func(names ...string) string {
		for _, name := range names {
			switch v := item[name].(type) {
			case string:
				return v
			case float64:
				return strconv.FormatFloat(v, 'f', -1, 64)
			}
		}
		return ""
	}
	return row{
		id: text("productId", "offerId"), title: text("subject", "title"), image: text("imageUrl", "mainImage"),
		supplier: text("companyName", "supplier"), page: text("detailUrl"), location: text("location"),
		price: number("price", "salePrice"), likeness: number("similarity"),
		minimum: int(cmp.Or(number("minOrderQuantity"), 1)), sold: int(number("saleCount")),
	}
}

// detail is the productInfo of a product.
func (c *tutorialClient) detail(id string) map[string]any {
	c.t.Helper()
	body := c.call("alibaba.product.get", map[string]string{"productID": id})
	info, ok := body["productInfo"].(map[string]any)
	if !ok {
		c.t.Fatalf("%s: %v", id, body)
	}
	return info
}

// median is the correct answer to the tutorial's question: the middle price, or the mean of the two in the middle.
func median(prices []float64) float64 {
	sorted := slices.Sorted(slices.Values(prices))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
