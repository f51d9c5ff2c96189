package gateway_test

import (
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
)

const path = "/v1/products:keywordSearch"

// endless is a body of unknown length.
func endless(text string) io.Reader { return io.MultiReader(strings.NewReader(text)) }

type refusal struct {
	method, target string
	body           io.Reader
	headers        []string

	code    int
	grpc    codes.Code
	reason  string
	fields  []string
	message string
	allow   string
}

func get(query, reason, message string, fields ...string) refusal {
	return refusal{
		method: "GET", target: path + query, code: 400, grpc: codes.InvalidArgument,
		reason: reason, message: message, fields: fields,
	}
}

func post(body, reason, message string, fields ...string) refusal {
	return refusal{
		method: "POST", target: path, body: strings.NewReader(body), headers: []string{"Content-Type", "application/json"},
		code: 400, grpc: codes.InvalidArgument, reason: reason, message: message, fields: fields,
	}
}

func refusals() map[string]refusal {
	surrogate := `{"keyword":"\ud83d"}`
	const invalid, malformed, unknown = "INVALID_FIELD", "MALFORMED_REQUEST", "UNKNOWN_FIELD"
	return map[string]refusal{
		// Queries.
		"query, unknown":             get("?keyword=a&pagesize=1", unknown, `unknown query parameter "pagesize"`, "pagesize UNKNOWN_FIELD"),
		"query, two unknown":         get("?keyword=a&b=1&c.d=2", unknown, `unknown query parameter "b", "c.d"`, "b UNKNOWN_FIELD", "c.d UNKNOWN_FIELD"),
		"query, index":               get("?keyword=a&filters[0]=PRODUCT_FILTER_NEW_7_DAYS", unknown, `unknown query parameter "filters[0]"`, "filters[0] UNKNOWN_FIELD"),
		"query, below a scalar":      get("?keyword.x=a", unknown, `unknown query parameter "keyword.x"`, "keyword.x UNKNOWN_FIELD"),
		"query, empty name":          get("?keyword=a&=1", unknown, `unknown query parameter ""`, " UNKNOWN_FIELD"),
		"query, wrong type":          get("?keyword=a&page=two", malformed, "page must be an integer of 32 bits", "page TYPE"),
		"query, two wrong types":     get("?keyword=a&page=&pageSize=1.5", malformed, "page must be an integer of 32 bits", "page TYPE", "page_size TYPE"),
		"query, too big a number":    get("?keyword=a&page=2147483648", malformed, "page must be an integer of 32 bits", "page TYPE"),
		"query, plus":                get("?keyword=a&page=%2B1", malformed, "page must be an integer of 32 bits", "page TYPE"),
		"query, bool":                get("?keyword=a&includeRaw=1", malformed, "include_raw must be true or false", "include_raw TYPE"),
		"query, twice":               get("?keyword=a&keyword=b", malformed, "keyword is given more than once", "keyword ONCE"),
		"query, twice by two names":  get("?keyword=a&pageSize=1&page_size=2", malformed, "page_size is given more than once", "page_size ONCE"),
		"query, enum":                get("?keyword=a&sort=CHEAP", invalid, `sort: "CHEAP" is not one of its values`, "sort ENUM"),
		"query, enum in a list":      get("?keyword=a&filters=PRODUCT_FILTER_NEW_7_DAYS&filters=x", invalid, `filters[1]: "x" is not one of its values`, "filters[1] ENUM"),
		"query, not UTF-8":           get("?keyword=%ff", malformed, "keyword must be text in UTF-8", "keyword TEXT"),
		"query, surrogate":           get("?keyword=%ED%A0%80", malformed, "keyword must be text in UTF-8", "keyword TEXT"),
		"query, name not UTF-8":      get("?%ff=1", malformed, "a query parameter's name is not UTF-8"),
		"query, broken escape":       get("?keyword=%2", malformed, "the query cannot be read: an invalid % escape, or a semicolon"),
		"query, semicolon":           get("?keyword=a;b", malformed, "the query cannot be read: an invalid % escape, or a semicolon"),
		"query, rule":                get("?keyword=a&page=-1", invalid, "page: must not be negative: pages count from 1, and 0 is the first one", "page INT32_PAGE_NUMBER"),
		"query, window":              get("?keyword=a&page=101", invalid, "page: begins at item 2001, but only the first 2000 items of a search can be paged to", "page WINDOW"),
		"query, prices":              get("?keyword=a&priceMin=2&priceMax=1", invalid, "price_min: must not be above price_max (1)", "price_min PRICE_RANGE"),
		"query, the none of an enum": get("?keyword=a&filters=PRODUCT_FILTER_UNSPECIFIED", invalid, "filters[0]: must not be in list [0]", "filters[0] ENUM_NOT_IN"),
		"query, no keyword":          get("", invalid, "keyword: must have a character that is not white space", "keyword KEYWORD_BLANK"),
		"query, with a body": {
			method: "GET", target: path + "?keyword=a", body: strings.NewReader("{}"), code: 400, grpc: codes.InvalidArgument,
			reason: malformed, message: "GET takes no body on this path",
		},

		// Bodies.
		"body, broken":             post(`{"keyword":`, malformed, "the body is not JSON"),
		"body, more than one":      post(`{"keyword":"a"} {}`, malformed, "the body is not JSON"),
		"body, not UTF-8":          post("{\"keyword\":\"\xff\"}", malformed, "the body is not UTF-8"),
		"body, surrogate":          post(surrogate, malformed, "keyword must be text without broken escapes, such as half a surrogate pair", "keyword TEXT"),
		"body, turned surrogates":  post(`{"keyword":"\ude00\ud83d"}`, malformed, "keyword must be text without broken escapes, such as half a surrogate pair", "keyword TEXT"),
		"body, list":               post(`[]`, malformed, "a JSON object is required"),
		"body, null":               post(`null`, malformed, "a JSON object is required"),
		"body, unknown":            post(`{"keyword":"a","pagesize":1}`, unknown, `unknown field "pagesize"`, "pagesize UNKNOWN_FIELD"),
		"body, unknown null":       post(`{"keyword":"a","x":null}`, unknown, `unknown field "x"`, "x UNKNOWN_FIELD"),
		"body, wrong type":         post(`{"keyword":7}`, malformed, "keyword must be text", "keyword TYPE"),
		"body, number as object":   post(`{"page":{"value":1}}`, malformed, "page must be a number of type int32", "page TYPE"),
		"body, fraction":           post(`{"page":1.5}`, malformed, "page must be a number of type int32", "page TYPE"),
		"body, too big a number":   post(`{"page":2147483648}`, malformed, "page must be a number of type int32", "page TYPE"),
		"body, bool as text":       post(`{"includeRaw":"true"}`, malformed, "include_raw must be true or false", "include_raw TYPE"),
		"body, enum":               post(`{"keyword":"a","sort":"CHEAP"}`, invalid, `sort: "CHEAP" is not one of its values`, "sort ENUM"),
		"body, enum of a list":     post(`{"filters":["PRODUCT_FILTER_NEW_7_DAYS","x"]}`, invalid, `filters[1]: "x" is not one of its values`, "filters[1] ENUM"),
		"body, enum as object":     post(`{"filters":[{}]}`, malformed, "filters[0] must be the name of one of its values", "filters[0] TYPE"),
		"body, no list":            post(`{"filters":"PRODUCT_FILTER_NEW_7_DAYS"}`, malformed, "filters must be a list", "filters TYPE"),
		"body, twice":              post(`{"keyword":"a","keyword":"b"}`, malformed, "keyword is given more than once", "keyword ONCE"),
		"body, twice by two names": post(`{"pageSize":1,"page_size":1}`, malformed, "page_size is given more than once", "page_size ONCE"),
		"body, enum number":        post(`{"keyword":"a","sort":99}`, invalid, "sort: value must be one of the defined enum values", "sort ENUM_DEFINED_ONLY"),
		"body, empty":              post(``, invalid, "keyword: must have a character that is not white space", "keyword KEYWORD_BLANK"),
		"body, rule":               post(`{"keyword":"a","pageSize":-1}`, invalid, "page_size: must not be negative: 0 is the default size", "page_size INT32_PAGE_SIZE"),
		"body and query": {
			method: "POST", target: path + "?page=2", body: strings.NewReader(`{"keyword":"a"}`), headers: []string{"Content-Type", "application/json"},
			code: 400, grpc: codes.InvalidArgument, reason: unknown, message: `unknown query parameter "page"`, fields: []string{"page UNKNOWN_FIELD"},
		},
		"body, too large": {
			method: "POST", target: path, body: strings.NewReader(`{"keyword":"` + strings.Repeat("a", bytesMax) + `"}`),
			code: 413, grpc: codes.InvalidArgument, reason: "REQUEST_TOO_LARGE", message: "the body is larger than 4096 bytes",
		},
		"body, too large and unannounced": {
			method: "POST", target: path, body: endless(`{"keyword":"` + strings.Repeat("a", bytesMax) + `"}`),
			code: 413, grpc: codes.InvalidArgument, reason: "REQUEST_TOO_LARGE", message: "the body is larger than 4096 bytes",
		},
		"body, a form": {
			method: "POST", target: path, body: strings.NewReader("keyword=a"), headers: []string{"Content-Type", "application/x-www-form-urlencoded"},
			code: 415, grpc: codes.InvalidArgument, reason: "UNSUPPORTED_MEDIA_TYPE", message: "the body must be application/json in UTF-8",
		},
		"body, another charset": {
			method: "POST", target: path, body: strings.NewReader(`{"keyword":"a"}`), headers: []string{"Content-Type", "application/json; charset=gbk"},
			code: 415, grpc: codes.InvalidArgument, reason: "UNSUPPORTED_MEDIA_TYPE", message: "the body must be application/json in UTF-8",
		},

		// Paths and methods.
		"no such path":     notFound("/v1/nothing"),
		"root":             notFound("/"),
		"no such verb":     notFound("/v1/products:nothing"),
		"verb alone":       notFound("/v1/:keywordSearch"),
		"slash at the end": notFound(path + "/"),
		"path is not text": notFound("/v1/%ff"),
		"DELETE":           notAllowed("DELETE", path, "GET, HEAD, POST"),
		"made up":          notAllowed("BREW", path, "GET, HEAD, POST"),
		"POST info":        notAllowed("POST", "/v1/info", "GET, HEAD"),
		"POST health":      notAllowed("POST", "/healthz", "GET, HEAD"),
		"override by header": {
			method: "POST", target: "/v1/info", headers: []string{"X-Http-Method-Override", "GET", "Content-Type", "application/x-www-form-urlencoded"},
			code: 405, grpc: codes.Unimplemented, reason: "METHOD_NOT_ALLOWED", message: `"POST" is not for this path, which takes GET and HEAD`, allow: "GET, HEAD",
		},
		"timeout that is none": {
			method: "GET", target: path + "?keyword=a", headers: []string{"Grpc-Timeout", "soon"},
			code: 400, grpc: codes.InvalidArgument, reason: malformed, message: "invalid grpc-timeout: soon",
		},
	}
}

func notFound(target string) refusal {
	message := fmt.Sprintf("there is no path %q", strings.ReplaceAll(target, "%ff", "\xff"))
	return refusal{method: "GET", target: target, code: 404, grpc: codes.Unimplemented, reason: "ROUTE_NOT_FOUND", message: message}
}

func notAllowed(method, target, allow string) refusal {
	return refusal{
		method: method, target: target, code: 405, grpc: codes.Unimplemented, reason: "METHOD_NOT_ALLOWED", allow: allow,
		message: `"` + method + `" is not for this path, which takes ` + strings.ReplaceAll(allow, ", ", " and "),
	}
}

// TestRefusals: every bad request gets its status, reason, field names and message, and costs no upstream call.
func TestRefusals(t *testing.T) {
	s := &searcher{}
	r := start(t, s, nil)
	table := refusals()
	maps.Copy(table, mistakes(t))
	if len(table) < 60 {
		t.Errorf("%d mistakes", len(table))
	}
	for name, test := range table {
		t.Run(name, func(t *testing.T) {
			got := r.do(t, test.method, test.target, test.body, test.headers...)
			f, reason, fields := got.read(t)
			if got.code != test.code || codes.Code(f.Code) != test.grpc || reason != test.reason {
				t.Errorf("%d %s %s, want %d %s %s", got.code, codes.Code(f.Code), reason, test.code, test.grpc, test.reason)
			}
			if f.Message != test.message {
				t.Errorf("message %q, want %q", f.Message, test.message)
			}
			if diff := cmp.Diff(test.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if allow := got.header.Get("Allow"); allow != test.allow {
				t.Errorf("Allow %q, want %q", allow, test.allow)
			}
			if asked := s.take(); asked != nil {
				t.Errorf("asked upstream: %v", asked)
			}
		})
	}
}
