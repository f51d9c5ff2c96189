package envelope_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/upstream/envelope"
)

const absent = ""

func TestOpenPayload(t *testing.T) {
	for _, c := range []struct{ name, body, payload string }{
		{"E1", `{"result":{"success":true,"code":"200","message":"成功","result":{"totalRecords":1,"data":[1]}}}`, `{"totalRecords":1,"data":[1]}`},
		{"E1 S0000", `{"result":{"success":true,"code":"S0000","result":[1]}}`, `[1]`},
		{"E1 number", `{"result":{"success":true,"code":200,"result":[1]}}`, `[1]`},
		{"E1 payload first", `{"result":{"result":[1],"code":"200","success":true}}`, `[1]`},
		{"E1 empty list", `{"result":{"success":true,"code":"200","result":[]}}`, `[]`},
		{"E1 without flags", `{"result":{"result":{"data":[1]}}}`, `{"data":[1]}`},
		{"E1 with class", `{"class":"a.B","result":{"class":"a.C","success":true,"result":{"data":[]}}}`, `{"data":[]}`},
		{"E2 list", `{"result":{"success":"true","code":"200","result":{"data":[1]}}}`, `{"data":[1]}`},
		{"E2 text", `{"result":{"success":"true","code":"200","result":"1490507813791335080"}}`, `"1490507813791335080"`},
		{"E3", `{"result":{"success":true,"retCode":"S0000","retMsg":"ok","result":[{"id":"973"}]}}`, `[{"id":"973"}]`},
		{"E3 S000", `{"result":{"success":true,"retCode":"S000","result":[1]}}`, `[1]`},
		{"E4", `{"result":{"success":true,"msg":"ok","traceId":"t","model":7}}`, `7`},
		{"E4 without model", `{"result":{"success":true,"msg":"ok","traceId":"t"}}`, absent},
		{"E5", `{"result":{"success":"true","code":"200","msg":"ok","traceId":"t","model":1053}}`, `1053`},
		{"E6", `{"result":{"success":true,"msg":"","data":{"a":1}}}`, `{"a":1}`},
		{"E6 top level", `{"success":true,"msg":"","data":{"a":1}}`, `{"a":1}`},
		{"E7", `{"productInfo":{"productID":1},"success":true,"errorCode":null,"errorMsg":null}`, `{"productID":1}`},
		{"E7 other spelling", `{"productInfo":{"productID":1},"success":true,"errorCode":"","errorMessage":""}`, `{"productID":1}`},
		{"E8", `{"productList":[{"a":1}],"success":true,"message":"ok"}`, `[{"a":1}]`},
		{"E9", `{"resultList":[{"a":1}],"success":"true","errorCode":"","errorMsg":""}`, `[{"a":1}]`},
		{"E10", `{"succes":"true","categoryInfo":[{"categoryID":1}],"errorCode":"","errorMsg":""}`, `[{"categoryID":1}]`},
		{"E11", `{"code":0,"message":"ok"}`, absent},
		{"E12", `{"result":{"success":true,"errorCode":null,"errorMsg":null}}`, absent},
		{"E12 value", `{"result":{"success":true,"errorCode":"","errorMessage":"","returnValue":{"a":1}}}`, `{"a":1}`},
		{"E13", `{"success":true,"result":{"total":9,"page":1,"pageSize":20,"result":[{"offerId":"1"}]}}`, `{"total":9,"page":1,"pageSize":20,"result":[{"offerId":"1"}]}`},
		{"E14", `{"success":true,"code":"200","message":"","result":[{"a":1}]}`, `[{"a":1}]`},
		{"E14 with its paging", `{"success":true,"result":[1],"pageInfo":{"currentPage":1}}`, `{"success":true,"result":[1],"pageInfo":{"currentPage":1}}`},
		{"E15", `{"success":"true","code":"200","message":"","result":{"categoryId":1,"leaf":"false"}}`, `{"categoryId":1,"leaf":"false"}`},
		{"E16 text", `"20261010164552223+0800"`, `"20261010164552223+0800"`},
		{"E16 number", `1700000000000`, `1700000000000`},
		{"E17", `{"success":true,"code":"S0000","message":"","data":{"a":1},"result":true}`, `{"a":1}`},
		{"an error text beside data", `{"productInfo":{"productID":1},"success":true,"errorMsg":"partly"}`, `{"productID":1}`},
		{"absent flags", `{"result":{"data":[1],"totalRecords":1}}`, `{"data":[1],"totalRecords":1}`},

		{"a bare page", `{"totalRecords":1,"data":[1]}`, `{"totalRecords":1,"data":[1]}`},
		{"an empty list, called a success", `{"success":true,"result":[]}`, `[]`},

		{"an empty list nobody calls a success", `{"result":[]}`, absent},
		{"null inside", `{"result":{"success":true,"code":"200","result":null}}`, absent},
		{"null outside", `{"result":null}`, absent},
		{"missing inside", `{"result":{"success":true,"code":"200"}}`, absent},
		{"empty inside", `{"result":{}}`, absent},
		{"null without flags", `{"result":{"result":null}}`, absent},
		{"true alone", `{"success":true,"result":true}`, absent},
		{"nothing", `{}`, absent},
		{"a bare list", `[1]`, absent},
		{"null", `null`, absent},
		{"true", `true`, absent},
	} {
		payload, refusal := envelope.Open(gjson.Parse(c.body), envelope.DefaultSuccessCodes)
		if refusal != nil || payload.Raw != c.payload {
			t.Errorf("%s: got %q, %+v; want %q", c.name, payload.Raw, refusal, c.payload)
		}
	}
}

func TestOpenRefusal(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       envelope.Refusal
	}{
		{
			"gateway", `{"error_code":"gw.APIACLDecline","error_message":"AppKey is not allowed(acl)","exception":"AppKey is not allowed(acl)","request_id":"r1"}`,
			envelope.Refusal{Code: "gw.APIACLDecline", Message: "AppKey is not allowed(acl)", RequestID: "r1"},
		},
		{
			"gateway, camel case", `{"errorCode":"401","errorMessage":"Request need user authorized"}`,
			envelope.Refusal{Code: "401", Message: "Request need user authorized"},
		},
		{"gateway, number", `{"error_code":401}`, envelope.Refusal{Code: "401"}},
		{"gateway beside data", `{"error_code":"gw.Odd","result":{"success":true,"result":{"data":[]}}}`, envelope.Refusal{Code: "gw.Odd"}},
		{
			"E1", `{"result":{"success":false,"code":"500","message":"offerId:1 不是精选货源商品"}}`,
			envelope.Refusal{Code: "500", Message: "offerId:1 不是精选货源商品"},
		},
		{"E1 with a success code", `{"result":{"success":false,"code":"200","message":"no"}}`, envelope.Refusal{Message: "no"}},
		{"E1 with data", `{"result":{"success":false,"code":"500","result":{"data":[]}}}`, envelope.Refusal{Code: "500"}},
		{"E1 code alone", `{"result":{"code":"500","result":[]}}`, envelope.Refusal{Code: "500"}},
		{"E2", `{"result":{"success":"false","code":"500","message":"m"}}`, envelope.Refusal{Code: "500", Message: "m"}},
		{"E3", `{"result":{"success":false,"retCode":"E1","retMsg":"m","result":[]}}`, envelope.Refusal{Code: "E1", Message: "m"}},
		{"E4", `{"result":{"success":false,"msg":"m","traceId":"t"}}`, envelope.Refusal{Message: "m", RequestID: "t"}},
		{"E7", `{"success":false,"errorCode":"E","errorMsg":"m"}`, envelope.Refusal{Code: "E", Message: "m"}},
		{"E9", `{"resultList":[],"success":"false","errorCode":"E","errorMsg":"m"}`, envelope.Refusal{Code: "E", Message: "m"}},
		{"E10", `{"succes":"false","categoryInfo":null,"errorCode":"","errorMsg":"m"}`, envelope.Refusal{Message: "m"}},
		{"E11", `{"code":1,"message":"m"}`, envelope.Refusal{Code: "1", Message: "m"}},
		{"E12", `{"result":{"success":true,"errorCode":"E","errorMsg":"m"}}`, envelope.Refusal{Code: "E", Message: "m"}},
		{
			"E13", `{"success":false,"code":"SYSTEM_ERROR","message":"handle image error with url x"}`,
			envelope.Refusal{Code: "SYSTEM_ERROR", Message: "handle image error with url x"},
		},
		{"E13 beside a list", `{"success":false,"result":{"total":0,"page":1,"result":[]}}`, envelope.Refusal{}},
		{"E17", `{"success":false,"code":"500","message":"m"}`, envelope.Refusal{Code: "500", Message: "m"}},
		{"E17 an error despite true", `{"errorMessage":"m","success":true}`, envelope.Refusal{Message: "m"}},
		{"an error text beside an empty page", `{"errorMsg":"m","success":true,"result":{"totalRecords":0,"data":[]}}`, envelope.Refusal{Message: "m"}},
		{"an error text inside", `{"result":{"success":true,"errorMsg":"m","result":{"totalRecords":0,"data":null}}}`, envelope.Refusal{Message: "m"}},
		{"unclear success", `{"result":{"success":"perhaps","result":[1]}}`, envelope.Refusal{}},
		{"success is an object", `{"success":{},"result":[1]}`, envelope.Refusal{}},
		{"code is an object", `{"code":{"a":1},"result":[1]}`, envelope.Refusal{Code: `{"a":1}`}},
		{"the worse of two", `{"success":true,"success":false,"result":[1]}`, envelope.Refusal{}},
		{"outside over inside", `{"success":false,"message":"out","result":{"success":true,"message":"in","result":[1]}}`, envelope.Refusal{Message: "out"}},
		{"inside, message outside", `{"message":"out","result":{"success":false,"result":[1]}}`, envelope.Refusal{Message: "out"}},
	} {
		payload, refusal := envelope.Open(gjson.Parse(c.body), envelope.DefaultSuccessCodes)
		if refusal == nil {
			t.Errorf("%s: success %q", c.name, payload.Raw)
			continue
		}
		if diff := cmp.Diff(c.want, *refusal, cmpopts.IgnoreFields(envelope.Refusal{}, "Inside")); diff != "" || payload.Exists() {
			t.Errorf("%s: payload %q\n%s", c.name, payload.Raw, diff)
		}
	}
}

// Only a refusal inside result comes from the service.
func TestWhereARefusalStands(t *testing.T) {
	for body, inside := range map[string]bool{
		`{"result":{"success":false,"code":"500"}}`:                             true,
		`{"success":true,"result":{"success":"false","message":"m"}}`:           true,
		`{"result":{"success":true,"errorMsg":"m","result":{"data":null}}}`:     true,
		`{"success":false,"code":"500"}`:                                        false,
		`{"error_code":"400","success":false}`:                                  false,
		`{"error_code":"400","result":{"success":false,"code":"500"}}`:          false,
		`{"success":false,"result":{"success":false,"code":"500"}}`:             false,
		`{"success":false,"result":{"total":0,"page":1,"result":[]}}`:           false,
		`{"errorMsg":"m","success":true,"result":{"totalRecords":0,"data":[]}}`: false,
	} {
		if _, refusal := envelope.Open(gjson.Parse(body), envelope.DefaultSuccessCodes); refusal == nil || refusal.Inside != inside {
			t.Errorf("%s: %+v, want inside %v", body, refusal, inside)
		}
	}
}

func TestSuccessCodesAreConfiguration(t *testing.T) {
	body := gjson.Parse(`{"result":{"success":true,"code":"OK","result":[1]}}`)
	if _, refusal := envelope.Open(body, envelope.DefaultSuccessCodes); refusal == nil || refusal.Code != "OK" {
		t.Errorf("got %+v", refusal)
	}
	if payload, refusal := envelope.Open(body, []string{"OK"}); refusal != nil || payload.Raw != "[1]" {
		t.Errorf("got %q, %+v", payload.Raw, refusal)
	}
}

func TestScrub(t *testing.T) {
	for text, want := range map[string]string{
		"AppKey is not allowed(acl)":                            "AppKey is not allowed(acl)",
		"Required argument offerId":                             "Required argument offerId",
		"offerId:1004582496795 不是精选货源商品":                        "offerId:1004582496795 不是精选货源商品",
		"getPerdaySellQuantityTrendNew":                         "getPerdaySellQuantityTrendNew",
		"imageId 1490507813791335080":                           "imageId 1490507813791335080",
		"sign 33E54F4F7B989E3E0E912D3FBD2F1A03CA7CCE88 bad":     "sign [redacted] bad",
		"f14da3b8-b0b1-4f73-a5de-9bed637e0188 expired":          "[redacted] expired",
		"bad access_token=short&x=1":                            "bad access_token=[redacted]&x=1",
		`{"access_token":"short","x":1}`:                        `{"access_token":"[redacted]","x":1}`,
		"Session: abc, next":                                    "Session: [redacted], next",
		"_aop_signature = ABC":                                  "_aop_signature = [redacted]",
		"appSecret=abc":                                         "appSecret=[redacted]",
		"a\x00b\x1b[31mc\r\nd\u202ee":                           "a b [31mc  d e",
		"":                                                      "",
		strings.Repeat("长", 300):                                strings.Repeat("长", 200) + "…",
		strings.Repeat("x", 790) + " access_token=" + "tail123": strings.Repeat("x", 200) + "…",
	} {
		if got := envelope.Scrub(text); got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, body string
		kind       fault.Kind
	}{
		{"an error page", "<html>502</html>", fault.UpstreamUnavailable},
		{"nothing", "", fault.UpstreamUnavailable},
		{"cut off", `{"result":{"succ`, fault.UpstreamUnavailable},
		{"two values", `{} {}`, fault.UpstreamUnavailable},
		{"GBK", "{\"message\":\"\xb3\xc9\xb9\xa6\"}", fault.UpstreamAnswerUnreadable},
		{"a deep nest", strings.Repeat("[", 5_000_000), fault.UpstreamAnswerUnreadable},
	} {
		if _, err := envelope.Parse(200, []byte(c.body)); err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%s: got %v, want %v", c.name, err, c.kind)
		}
	}
	if r, err := envelope.Parse(200, []byte(` {"a":1} `)); err != nil || r.Get("a").Int() != 1 {
		t.Errorf("got %v, %v", r, err)
	}
}

func FuzzScrub(f *testing.F) {
	const token = "f14da3b8-b0b1-4f73-a5de-9bed637e0188"
	f.Add("access_token=")
	f.Add("\x00\u202e\xff")
	f.Fuzz(func(t *testing.T, around string) {
		got := envelope.Scrub(around + " " + token + " " + around)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 201 || strings.ContainsAny(got, "\n\r\x1b\x00") {
			t.Errorf("%q is not fit to be shown", got)
		}
		if strings.Contains(got, token) {
			t.Errorf("%q shows the token", got)
		}
	})
}
