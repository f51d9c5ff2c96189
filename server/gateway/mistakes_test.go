package gateway_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
)

// gzipped compresses a text.
func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func invalid(method, target, body, message string, fields ...string) refusal {
	r := refusal{
		method: method, target: target, code: 400, grpc: codes.InvalidArgument, reason: "INVALID_FIELD", message: message, fields: fields,
	}
	if method == "POST" {
		r.body, r.headers = strings.NewReader(body), []string{"Content-Type", "application/json"}
	}
	return r
}

func (r refusal) because(reason string) refusal {
	r.reason = reason
	return r
}

func encodedAs(encoding, body string, code int, reason, message string) refusal {
	return refusal{
		method: "POST", target: path, body: strings.NewReader(body), headers: []string{"Content-Type", "application/json", "Content-Encoding", encoding},
		code: code, grpc: codes.InvalidArgument, reason: reason, message: message,
	}
}

// mistakes are requests to the other routes, and compressed bodies.
func mistakes(t *testing.T) map[string]refusal {
	t.Helper()
	const malformed, unknown = "MALFORMED_REQUEST", "UNKNOWN_FIELD"
	packed := gzipped(t, `{"keyword":"a"}`)
	return map[string]refusal{
		"product, a word":        invalid("GET", "/v1/products/abc", "", "id: must be a product's id: at most 19 digits, such as 610947572360", "id STRING_PRODUCT_ID"),
		"product, zero first":    invalid("GET", "/v1/products/0123", "", "id: must be a product's id: at most 19 digits, such as 610947572360", "id STRING_PRODUCT_ID"),
		"product, too long":      invalid("GET", "/v1/products/12345678901234567890", "", "id: must be a product's id: at most 19 digits, such as 610947572360", "id STRING_PRODUCT_ID"),
		"product, language":      invalid("GET", "/v1/products/7?languageCode=german", "", "language_code: must be one of the languages zh, en, ja, ru, vi, ko, fr, pt, es, th, id, ar, as a BCP-47 tag such as zh-CN", "language_code STRING_LANGUAGE_CODE"),
		"product, id once more":  invalid("GET", "/v1/products/7?id=8", "", `unknown query parameter "id"`, "id UNKNOWN_FIELD").because(unknown),
		"product, staleness":     invalid("GET", "/v1/products/7?maxStaleness=1m", "", "max_staleness must be a duration in seconds, such as 60s or 1.5s", "max_staleness TYPE").because(malformed),
		"product, negative":      invalid("GET", "/v1/products/7?maxStaleness=-1s", "", "max_staleness: must be greater than or equal to 0s", "max_staleness DURATION_GTE"),
		"products, none":         invalid("POST", "/v1/products:batchGet", `{}`, "ids: must contain at least 1 item(s)", "ids REPEATED_MIN_ITEMS"),
		"products, too many":     invalid("POST", "/v1/products:batchGet", `{"ids":[`+strings.Repeat(`"7",`, 50)+`"7"]}`, "ids: must hold at most 50 items, and holds 51", "ids REPEATED_MAX_ITEMS"),
		"products, one":          invalid("POST", "/v1/products:batchGet", `{"ids":"7"}`, "ids must be a list", "ids TYPE").because(malformed),
		"products, numbers":      invalid("POST", "/v1/products:batchGet", `{"ids":[7]}`, "ids[0] must be text", "ids[0] TYPE").because(malformed),
		"related, page size":     invalid("GET", "/v1/products/7/related?pageSize=-1", "", "page_size: must not be negative: 0 is the default size", "page_size INT32_PAGE_SIZE"),
		"seller, encoded twice":  invalid("GET", "/v1/sellers/a%252Fb/products", "", "seller_id: must be the id as it was given: it looks percent-encoded", "seller_id STRING_OPAQUE_ID"),
		"seller, price":          invalid("GET", "/v1/sellers/a/products?priceMin=1,5", "", "price_min: must be a price in yuan, such as 99.90", "price_min STRING_YUAN"),
		"seller, category":       invalid("GET", "/v1/sellers/a/products?categoryId=shoes", "", "category_id: must be a category's id: digits, such as 1512", "category_id STRING_CATEGORY_ID"),
		"top keywords, none":     invalid("GET", "/v1/topKeywords", "", "category_id: must be a category's id: digits, such as 1512", "category_id STRING_CATEGORY_ID"),
		"facets, wide space":     invalid("GET", "/v1/searchFacets?keyword=%E3%80%80", "", "keyword: must have a character that is not white space", "keyword KEYWORD_BLANK"),
		"facet":                  invalid("GET", path+"?keyword=a&facetIds=red", "", "facet_ids[0]: must be an id that ListSearchFacets gave, such as 100:2001", "facet_ids[0] STRING_FACET_ID"),
		"price, a currency":      invalid("GET", path+"?keyword=a&priceMax=%C2%A599", "", "price_max: must be a price in yuan, such as 99.90", "price_max STRING_YUAN"),
		"keyword, too long":      invalid("GET", path+"?keyword="+strings.Repeat("a", 101), "", "keyword: must be at most 100 characters", "keyword STRING_MAX_LEN"),
		"stream, no results":     invalid("GET", "/v1/products:streamKeywordSearch?keyword=a&maxResults=0", "", "max_results: must be greater than or equal to 1 and less than or equal to 2000", "max_results INT32_GTE_LTE"),
		"stream, POST":           notAllowed("POST", "/v1/products:streamKeywordSearch", "GET, HEAD"),
		"batch, none":            invalid("POST", "/v1/products:batchKeywordSearch", `{"keywords":[]}`, "keywords: must contain at least 1 item(s)", "keywords REPEATED_MIN_ITEMS"),
		"batch, a blank one":     invalid("POST", "/v1/products:batchKeywordSearch", `{"keywords":["a"," "]}`, "keywords[1]: must have a character that is not white space", "keywords[1] KEYWORD_BLANK"),
		"batch, a token":         invalid("POST", "/v1/products:batchKeywordSearch", `{"keywords":["a"],"resumeToken":"x"}`, "the resume token is not one of ours", "resume_token RESUME_TOKEN_INVALID").because("RESUME_TOKEN_INVALID"),
		"image, none":            invalid("POST", "/v1/products:imageSearch", `{}`, "image: value is required", "image REQUIRED"),
		"image, empty":           invalid("POST", "/v1/products:imageSearch", `{"image":{}}`, "image.source: exactly one field is required in oneof", "image.source REQUIRED"),
		"image, no address":      invalid("POST", "/v1/products:imageSearch", `{"image":{"url":""}}`, "image.url: must be at least 1 characters", "image.url STRING_MIN_LEN"),
		"image, two":             invalid("POST", "/v1/products:imageSearch", `{"image":{"url":"https://a.cn/a.jpg","content":null,"id":"img_a"}}`, "image.id: must not be given beside url", "image.id ONEOF"),
		"image, no base64":       invalid("POST", "/v1/products:imageSearch", `{"image":{"content":"???"}}`, "image.content must be base64", "image.content TYPE").because(malformed),
		"image, text":            invalid("POST", "/v1/products:imageSearch", `{"image":"https://a.cn/a.jpg"}`, "a JSON object is required", "image TYPE").because(malformed),
		"image, a box turned":    invalid("POST", "/v1/products:imageSearch", `{"image":{"id":"img_a"},"region":{"left":1,"right":0,"bottom":1}}`, "region: left must be below right", "region REGION_WIDTH"),
		"image, a box in pixels": invalid("POST", "/v1/products:imageSearch", `{"image":{"id":"img_a"},"region":{"right":640,"bottom":1}}`, "region.right: must be greater than or equal to 0 and less than or equal to 1", "region.right DOUBLE_GTE_LTE"),
		"images, none":           invalid("POST", "/v1/products:batchImageSearch", `{"images":[]}`, "images: must hold at least one image", "images REQUIRED"),
		"images, two of one":     invalid("POST", "/v1/products:batchImageSearch", `{"images":[{"image":{"id":"img_a","url":"https://a.cn/a.jpg"}}]}`, "images[0].image.url: must not be given beside id", "images[0].image.url ONEOF"),
		"images, an option":      invalid("POST", "/v1/products:batchImageSearch", `{"options":{"pages":1},"images":[{"image":{"id":"img_a"}}]}`, `unknown field "options.pages"`, "options.pages UNKNOWN_FIELD").because(unknown),
		"source, two images":     invalid("POST", "/v1/combo:findSource", `{"image":{"content":"eA==","id":"img_a"}}`, "image.id: must not be given beside content", "image.id ONEOF"),
		"images, GET":            notAllowed("GET", "/v1/products:batchImageSearch", "POST"),
		"diagnose, a field":      invalid("POST", "/v1/info:diagnose", `{"check":"all"}`, `unknown field "check"`, "check UNKNOWN_FIELD").because(unknown),
		"info, a parameter":      invalid("GET", "/v1/info?verbose=true", "", `unknown query parameter "verbose"`, "verbose UNKNOWN_FIELD").because(unknown),
		"class": {
			method: "GET", target: path + "?keyword=a", headers: []string{"X-Zhaohuo-Class", "urgent"},
			code: 400, grpc: codes.InvalidArgument, reason: "INVALID_FIELD", message: "x-zhaohuo-class: must be interactive or batch", fields: []string{"x-zhaohuo-class CLASS_UNKNOWN"},
		},

		"compressed, brotli":  encodedAs("br", packed, 415, "UNSUPPORTED_MEDIA_TYPE", `the Content-Encoding is "br"; only gzip is supported`),
		"compressed, twice":   encodedAs("gzip, gzip", packed, 415, "UNSUPPORTED_MEDIA_TYPE", `the Content-Encoding is "gzip, gzip"; only gzip is supported`),
		"compressed, not":     encodedAs("gzip", `{"keyword":"a"}`, 400, malformed, "Content-Encoding is gzip, but the body is not valid gzip"),
		"compressed, cut":     encodedAs("gzip", packed[:len(packed)-6], 400, malformed, "Content-Encoding is gzip, but the body is not valid gzip"),
		"compressed, damaged": encodedAs("gzip", packed[:len(packed)-6]+"XXXXXX", 400, malformed, "Content-Encoding is gzip, but the body is not valid gzip"),
		"compressed, a bomb":  encodedAs("gzip", gzipped(t, `{"keyword":"`+strings.Repeat("a", 1<<20)+`"}`), 413, "REQUEST_TOO_LARGE", "the body is larger than 4096 bytes"),
		"compressed, a photo": {
			method: "POST", target: uploadPath, body: strings.NewReader(packed), headers: []string{"Content-Type", "image/jpeg", "Content-Encoding", "gzip"},
			code: 415, grpc: codes.InvalidArgument, reason: "UNSUPPORTED_MEDIA_TYPE", message: `the Content-Encoding is "gzip"; photos must have none`,
		},
	}
}

// TestCompressedBodies: a body may be gzip, announced or not, in one piece or several, and may name no encoding.
func TestCompressedBodies(t *testing.T) {
	s := &searcher{}
	r := start(t, s, nil)
	one, other := gzipped(t, `{"keyword":`), gzipped(t, `"a"}`)
	for name, test := range map[string]struct {
		encoding string
		body     io.Reader
	}{
		"gzip":          {"gzip", strings.NewReader(gzipped(t, `{"keyword":"a"}`))},
		"upper case":    {"GZIP", strings.NewReader(gzipped(t, `{"keyword":"a"}`))},
		"x-gzip":        {"x-gzip", strings.NewReader(gzipped(t, `{"keyword":"a"}`))},
		"two members":   {"gzip", strings.NewReader(one + other)},
		"of no length":  {"gzip", endless(gzipped(t, `{"keyword":"a"}`))},
		"much smaller":  {"gzip", strings.NewReader(gzipped(t, `{"keyword":"a"`+strings.Repeat(" ", bytesMax-20)+`}`))},
		"no encoding":   {"identity", strings.NewReader(`{"keyword":"a"}`)},
		"nothing named": {"", strings.NewReader(`{"keyword":"a"}`)},
	} {
		got := r.do(t, "POST", path, test.body, "Content-Type", "application/json", "Content-Encoding", test.encoding)
		asked := s.take()
		if got.code != 200 || len(asked) != 1 || asked[0].GetKeyword() != "a" {
			t.Errorf("%s: %d %s, asked %v", name, got.code, got.body, asked)
		}
	}
	got := r.do(t, "POST", path, strings.NewReader("x"), "Content-Type", "application/json", "Content-Encoding", "br")
	if got.header.Get("Accept-Encoding") != "gzip" {
		t.Errorf("the answer does not name the accepted encoding: %v", got.header)
	}
}
