package top_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/top"
)

var searchCall = upstream.Call{API: top.MethodProductSearch}

func open(status int, body string) (string, error) {
	payload, err := top.New(top.Config{}).Wire.Open(searchCall, status, []byte(body))
	return payload.Raw, err
}

func TestGatewayCodes(t *testing.T) {
	for _, row := range []struct {
		codes string
		kind  fault.Kind
	}{
		{"4 5 6 7 8", fault.UpstreamThrottled},
		{"10", fault.UpstreamUnavailable},
		{"26 27 44", fault.UpstreamTokenInvalid},
		{"30 31", fault.UpstreamClockSkew},
		{"24 25 28 29", fault.UpstreamCredentialsInvalid},
		{"9 21 22 23 32 33 34 47", fault.UpstreamAPIUnknown},
		{"11 12 13 42 53", fault.UpstreamPermissionDenied},
		{"40 41 43", fault.UpstreamArgumentRefused},
		{"3", fault.UpstreamImageRefused},
		{"15 50", fault.UpstreamUnavailable},
		{"0 1 2 14 99 200 -1", fault.UpstreamRefused},
	} {
		for code := range strings.FieldsSeq(row.codes) {
			for _, quoted := range []string{code, `"` + code + `"`, `" ` + code + ` "`} {
				body := fmt.Sprintf(`{"error_response":{"code":%s,"msg":"said","request_id":"r1"}}`, quoted)
				_, err := open(http.StatusOK, body)
				wantFault(t, body, err, row.kind, 0, map[string]string{
					fault.MetaUpstreamCode: code, fault.MetaUpstreamMessage: "said", fault.MetaUpstreamRequestID: "r1",
				})
			}
		}
	}
}

func TestSubCodes(t *testing.T) {
	for _, row := range []struct {
		code    int
		subCode string
		kind    fault.Kind
	}{
		// The tutorial's list.
		{15, "isv.invalid-parameter", fault.UpstreamArgumentRefused},
		{50, "isv.invalid-parameter:adzone_id", fault.UpstreamArgumentRefused},
		{11, "isv.permission-api-forbidden", fault.UpstreamPermissionDenied},
		{11, "isv.permission-ip-limit", fault.UpstreamIPNotAllowed},
		{7, "isp.call-limited", fault.UpstreamThrottled},
		{15, "isp.call-limited", fault.UpstreamThrottled},
		{25, "isv.invalid-signature", fault.UpstreamCredentialsInvalid},
		{40002, "isv.invalid-signature", fault.UpstreamCredentialsInvalid},
		{15, "isv.item-not-exist", fault.ProductNotFound},
		{41, "isv.item-not-exist:123", fault.ProductNotFound},
		// TOP's own.
		{11, "isv.permission-api-package-limit", fault.UpstreamPermissionDenied},
		{11, "isv.permission-api-package-not-allowed", fault.UpstreamPermissionDenied},
		{11, "isv.permission-ip-whitelist-limit", fault.UpstreamIPNotAllowed},
		{15, "isv.permission-ip-whitelist-limit", fault.UpstreamIPNotAllowed},
		{15, "isp.item-service-unavailable", fault.UpstreamUnavailable},
		{15, "isp.remote-service-error", fault.UpstreamUnavailable},
		{15, "isp.remote-service-timeout", fault.UpstreamUnavailable},
		{15, "isp.remote-connection-error", fault.UpstreamUnavailable},
		{15, "isp.unknown-error", fault.UpstreamUnavailable},
		{50, "isp.nobody-knows-this", fault.UpstreamUnavailable},
		{15, "isp.item-parse-error", fault.UpstreamArgumentRefused},
		{15, "isv.nobody-knows-this", fault.UpstreamArgumentRefused},
		{7, "accesscontrol.limited-by-app-access-count", fault.UpstreamThrottled},
		{7, "accesscontrol.limited-by-api-access-count", fault.UpstreamThrottled},
		{7, "accesscontrol.limited-by-app-api-access-count", fault.UpstreamThrottled},
		{15, "accesscontrol.limited-by-something-new", fault.UpstreamThrottled},
		// The number takes precedence over a family of texts.
		{10, "isv.nobody-knows-this", fault.UpstreamUnavailable},
		{26, "isp.nobody-knows-this", fault.UpstreamTokenInvalid},
		// Undocumented codes.
		{15, "4001", fault.UpstreamRefused},
		{15, "biz.error", fault.UpstreamRefused},
		{99, "biz.error", fault.UpstreamRefused},
	} {
		body := fmt.Sprintf(`{"error_response":{"code":%d,"msg":"m","sub_code":%q,"sub_msg":"s"}}`, row.code, row.subCode)
		_, err := open(http.StatusOK, body)
		wantFault(t, body, err, row.kind, 0, map[string]string{
			fault.MetaUpstreamCode: fmt.Sprint(row.code), fault.MetaUpstreamSubCode: row.subCode, fault.MetaUpstreamMessage: "s",
		})
	}
}

func TestTextInTheCodeItself(t *testing.T) {
	for code, kind := range map[string]fault.Kind{
		"isv.invalid-parameter":        fault.UpstreamArgumentRefused,
		"isv.permission-api-forbidden": fault.UpstreamPermissionDenied,
		"isv.permission-ip-limit":      fault.UpstreamIPNotAllowed,
		"isp.call-limited":             fault.UpstreamThrottled,
		"isv.invalid-signature":        fault.UpstreamCredentialsInvalid,
		"isv.item-not-exist:5":         fault.ProductNotFound,
		"isp.remote-service-error":     fault.UpstreamUnavailable,
		"isv.else":                     fault.UpstreamArgumentRefused,
		"SOMETHING_ELSE":               fault.UpstreamRefused,
	} {
		_, err := open(http.StatusOK, `{"error_response":{"code":"`+code+`"}}`)
		wantFault(t, code, err, kind, 0, map[string]string{fault.MetaUpstreamCode: code})
	}
}

func TestBans(t *testing.T) {
	for _, row := range []struct {
		name, body string
		ceiling    time.Duration
		kind       fault.Kind
		after      time.Duration
	}{
		{
			"short", `{"error_response":{"code":7,"msg":"App Call Limited","sub_code":"accesscontrol.limited-by-app-access-count","sub_msg":"This ban will last for 1 more seconds"}}`,
			0, fault.UpstreamThrottled, time.Second,
		},
		{
			"at the ceiling", `{"error_response":{"code":7,"sub_msg":"This ban will last for 600 more seconds"}}`,
			0, fault.UpstreamThrottled, 10 * time.Minute,
		},
		{
			"past the ceiling", `{"error_response":{"code":7,"sub_code":"accesscontrol.limited-by-api-access-count","sub_msg":"This ban will last for 601 more seconds"}}`,
			0, fault.UpstreamQuotaExhausted, 601 * time.Second,
		},
		{
			"past a ceiling set", `{"error_response":{"code":7,"sub_msg":"This ban will last for 31 more seconds"}}`,
			30 * time.Second, fault.UpstreamQuotaExhausted, 31 * time.Second,
		},
		{
			"longest seen", `{"error_response":{"code":7,"sub_msg":"This ban will last for 31062 more seconds"}}`,
			0, fault.UpstreamQuotaExhausted, 31062 * time.Second,
		},
		{
			"in msg", `{"error_response":{"code":7,"msg":"This ban will last for 5 more seconds"}}`,
			0, fault.UpstreamThrottled, 5 * time.Second,
		},
		{
			"one second", `{"error_response":{"code":7,"sub_msg":"this ban will last for 1 more second."}}`,
			0, fault.UpstreamThrottled, time.Second,
		},
		{
			"beyond any number", `{"error_response":{"code":7,"sub_msg":"This ban will last for 99999999999999999999 more seconds"}}`,
			0, fault.UpstreamQuotaExhausted, 31 * 24 * time.Hour,
		},
		{
			"no length", `{"error_response":{"code":7,"sub_msg":"slow down"}}`,
			0, fault.UpstreamThrottled, 0,
		},
		{
			"no throttle at all", `{"error_response":{"code":25,"sub_msg":"This ban will last for 5 more seconds"}}`,
			0, fault.UpstreamCredentialsInvalid, 0,
		},
	} {
		_, err := top.New(top.Config{BanCeiling: row.ceiling}).Wire.Open(searchCall, http.StatusOK, []byte(row.body))
		wantFault(t, row.name, err, row.kind, row.after, nil)
	}
}

func TestCodesByConfiguration(t *testing.T) {
	wire := top.New(top.Config{
		SuccessCodes: []string{"OK"},
		Faults:       map[string]fault.Kind{"isv.gone": fault.ProductNotFound, "99": fault.UpstreamThrottled, "25": fault.UpstreamClockSkew},
	}).Wire
	for body, kind := range map[string]fault.Kind{
		`{"error_response":{"code":15,"sub_code":"isv.gone:7"}}`: fault.ProductNotFound,
		`{"error_response":{"code":99}}`:                         fault.UpstreamThrottled,
		`{"error_response":{"code":25}}`:                         fault.UpstreamClockSkew,
		`{"code":"200","products":[]}`:                           fault.UpstreamRefused,
	} {
		_, err := wire.Open(searchCall, http.StatusOK, []byte(body))
		wantFault(t, body, err, kind, 0, nil)
	}
	if _, err := wire.Open(searchCall, http.StatusOK, []byte(`{"code":"OK","products":[]}`)); err != nil {
		t.Errorf("a code that means success gives %v", err)
	}
}

func TestErrorsElsewhere(t *testing.T) {
	const xmlError = `<?xml version="1.0" encoding="GBK"?><error_response><code> 15 </code><msg>Remote service error</msg>` +
		`<sub_code>isv.item-not-exist</sub_code><sub_msg>gone</sub_msg><request_id>r9</request_id></error_response><!--top-->`
	for _, row := range []struct {
		name   string
		status int
		body   string
		kind   fault.Kind
		meta   map[string]string
	}{
		{"XML twin", 200, xmlError, fault.ProductNotFound, map[string]string{
			fault.MetaUpstreamCode: "15", fault.MetaUpstreamSubCode: "isv.item-not-exist",
			fault.MetaUpstreamMessage: "gone", fault.MetaUpstreamRequestID: "r9",
		}},
		{"error inside the wrapper", 200, `{"com_alibaba_product_search_response":{"error_response":{"code":7}}}`, fault.UpstreamThrottled, nil},
		{"error beside the wrapper", 200, `{"com_alibaba_product_search_response":{"products":[]},"error_response":{"code":7}}`, fault.UpstreamThrottled, nil},
		{"error beside an empty list", 200, `{"products":[],"error_response":{"code":41}}`, fault.UpstreamArgumentRefused, nil},
		{"error told a second time", 200, `{"error_response":null,"error_response":{"code":41}}`, fault.UpstreamArgumentRefused, nil},
		{
			"error that quotes the request", 200, `{"error_response":{"code":25,"msg":"Invalid Signature","sub_msg":"sign=66987CB115214E59E6EC978214934FB8 session=abc"}}`,
			fault.UpstreamCredentialsInvalid,
			map[string]string{
				fault.MetaUpstreamCode: "25", fault.MetaUpstreamMessage: "sign=[redacted] session=[redacted]",
			},
		},
		{"error without a word", 200, `{"error_response":{}}`, fault.UpstreamRefused, nil},
		{"error that is a word", 200, `{"error_response":"no","products":[]}`, fault.UpstreamRefused, nil},
		{"error with HTTP 400", 400, `{"error_response":{"code":8}}`, fault.UpstreamThrottled, nil},
		{"error with HTTP 500", 500, `{"error_response":{"code":25}}`, fault.UpstreamCredentialsInvalid, nil},
		{
			"AOP's form", 400, `{"error_code":"gw.Whatever","error_message":"m"}`, fault.UpstreamRefused,
			map[string]string{fault.MetaUpstreamCode: "gw.Whatever", fault.MetaUpstreamMessage: "m"},
		},
		{"refusal beside an empty list", 200, `{"success":false,"products":[]}`, fault.UpstreamRefused, nil},
		{"refusal as text", 200, `{"success":"false","code":"isv.item-not-exist","result":{"result":[]}}`, fault.ProductNotFound, nil},
		{
			"refusal in the envelope", 200, `{"result":{"success":false,"code":"500","message":"m","result":[]}}`, fault.UpstreamRefused,
			map[string]string{fault.MetaUpstreamCode: "500", fault.MetaUpstreamMessage: "m"},
		},
		{"a service's number is not the gateway's", 200, `{"result":{"code":7,"result":[]}}`, fault.UpstreamRefused, nil},
		{"refusal in the search's own envelope", 200, `{"productSearchResponse":{"success":false,"products":[]}}`, fault.UpstreamRefused, nil},
		{"refusal deeper in", 200, `{"a_response":{"productSearchResponse":{"errorCode":"X","products":[]}}}`, fault.UpstreamRefused, nil},
		{"error text instead of the list", 200, `{"success":true,"errorMessage":"broken","products":[]}`, fault.UpstreamRefused, nil},
		{"wholesale: system error", 200, `{"wholesale_goods_search_result":{"result_code":20020000}}`, fault.UpstreamUnavailable, nil},
		{"wholesale: not permitted", 200, `{"wholesale_goods_search_result":{"result_code":20030000}}`, fault.UpstreamPermissionDenied, nil},
		{"wholesale: keyword", 200, `{"wholesale_goods_search_result":{"result_code":"20030070"}}`, fault.UpstreamArgumentRefused, nil},
		{"wholesale: page size", 200, `{"wholesale_goods_search_result":{"result_code":20030150,"result":[]}}`, fault.UpstreamArgumentRefused, nil},
		{"wholesale: unknown", 200, `{"wholesale_goods_search_result":{"result_code":1,"result":[]}}`, fault.UpstreamRefused, nil},
		{"HTML", 200, `<html><body>maintenance</body></html>`, fault.UpstreamUnavailable, nil},
		{"HTML of another server", 404, `<html>404</html>`, fault.UpstreamAPIUnknown, nil},
		{"XML that is no error", 200, `<search_response/>`, fault.UpstreamUnavailable, nil},
		{"nothing", 200, ``, fault.UpstreamUnavailable, nil},
		{"white space", 502, " \n", fault.UpstreamUnavailable, nil},
		{"half an answer", 200, `{"products":[{"productId":1}`, fault.UpstreamUnavailable, nil},
		{"JSON with HTTP 503", 503, `{"products":[]}`, fault.UpstreamUnavailable, nil},
		{"JSON with HTTP 429", 429, `{}`, fault.UpstreamThrottled, nil},
		{"text with HTTP 429", 429, `slow down`, fault.UpstreamThrottled, nil},
		{
			"refusal without a code, HTTP 503", 503, `{"success":false,"message":"m"}`, fault.UpstreamUnavailable,
			map[string]string{fault.MetaUpstreamMessage: "m"},
		},
		{"refusal with a code, HTTP 503", 503, `{"success":false,"code":"isv.item-not-exist"}`, fault.ProductNotFound, nil},
		{"JSON with HTTP 401", 401, `{"products":[]}`, fault.UpstreamTokenInvalid, nil},
		{"JSON with HTTP 403", 403, `{"products":[]}`, fault.UpstreamPermissionDenied, nil},
		{"JSON with HTTP 404", 404, `{}`, fault.UpstreamAPIUnknown, nil},
		{"JSON with HTTP 418", 418, `{"products":[]}`, fault.UpstreamRefused, nil},
		{"brackets without end", 200, strings.Repeat("[", 1<<20), fault.UpstreamAnswerUnreadable, nil},
		{"another character encoding", 200, "{\"products\":[{\"productId\":1,\"subject\":\"\xb6\xfa\xbb\xfa\"}]}", fault.UpstreamAnswerUnreadable, nil},
		{"an error in another character encoding", 200, "{\"error_response\":{\"code\":7,\"msg\":\"\xb6\xfa\"}}", fault.UpstreamThrottled, nil},
		{"JSON with HTTP 302", 302, `{"products":[]}`, fault.UpstreamRefused, nil},
		{"null", 200, `null`, fault.UpstreamAnswerUnreadable, nil},
		{"a word", 200, `"ok"`, fault.UpstreamAnswerUnreadable, nil},
		{"a bare list", 200, `[]`, fault.UpstreamAnswerUnreadable, nil},
		{"wrapped null", 200, `{"com_alibaba_product_search_response":null}`, fault.UpstreamAnswerUnreadable, nil},
		{"wrapped list", 200, `{"com_alibaba_product_search_response":[]}`, fault.UpstreamAnswerUnreadable, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			payload, err := open(row.status, row.body)
			if payload != "" {
				t.Errorf("a payload comes with the error: %s", payload)
			}
			wantFault(t, row.name, err, row.kind, 0, row.meta)
		})
	}
}

func TestPayloads(t *testing.T) {
	for _, row := range []struct{ name, body, payload string }{
		{"bare", `{"products":[]}`, `{"products":[]}`},
		{"wrapped", `{"com_alibaba_product_search_response":{"products":[],"request_id":"r"}}`, `{"products":[],"request_id":"r"}`},
		{"wrapped under another name", `{"alibaba_product_search_response":{"products":[]}}`, `{"products":[]}`},
		{"the exact name goes before another", `{"x_response":{"a":1},"com_alibaba_product_search_response":{"products":[]}}`, `{"products":[]}`},
		{"an absent error", `{"error_response":null,"products":[]}`, `{"error_response":null,"products":[]}`},
		{"white space and a byte order mark", "\xef\xbb\xbf \n{\"products\":[]}\n", `{"products":[]}`},
		{
			"success told", `{"success":"true","code":"200","result":{"success":true,"code":0,"result":[]}}`,
			`{"success":"true","code":"200","result":{"success":true,"code":0,"result":[]}}`,
		},
	} {
		payload, err := open(http.StatusOK, row.body)
		if err != nil || payload != row.payload {
			t.Errorf("%s: got %q, %v, want %q", row.name, payload, err, row.payload)
		}
	}
}

// wantFault compares kind, wait and, unless it is nil, the metadata.
func wantFault(t *testing.T, name string, err error, kind fault.Kind, after time.Duration, meta map[string]string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok {
		t.Errorf("%s: got %v, want %s", name, err, kind)
		return
	}
	if f.Kind != kind || f.RetryAfter != after || f.Detail == "" {
		t.Errorf("%s: got %q after %s, want %s after %s", name, f, f.RetryAfter, kind, after)
	}
	if meta != nil {
		if diff := cmp.Diff(meta, f.Meta); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
