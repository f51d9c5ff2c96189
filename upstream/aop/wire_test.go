package aop_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

const keywordAPI = "com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1"

func TestNewRequest(t *testing.T) {
	const query = `{"keyword":"a+b & c/饼干=","beginPage":1}`
	for _, c := range []struct {
		name    string
		base    string
		cred    upstream.Credential
		address string
		form    url.Values
	}{
		{
			"documented gateway, with a token", "",
			upstream.Credential{AppKey: "1000000", AppSecret: "test123", AccessToken: vectorToken},
			"https://gw.open.1688.com/openapi/param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/1000000",
			url.Values{"access_token": {vectorToken}},
		},
		{
			"another gateway, without a token", "http://127.0.0.1:1688/",
			upstream.Credential{AppKey: "a/b?c", AppSecret: "test123"},
			"http://127.0.0.1:1688/openapi/param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/a%2Fb%3Fc",
			url.Values{},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			call := upstream.Call{API: keywordAPI, Params: []upstream.Param{{Name: "offerQueryParam", Value: query}}}
			zone := time.FixedZone("elsewhere", -7*3600)
			request, err := aop.New(aop.Config{BaseURL: c.base}).Wire.NewRequest(t.Context(), call, c.cred, time.UnixMilli(1700000000123).In(zone))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(request.Body)
			if err != nil {
				t.Fatal(err)
			}
			form, err := url.ParseQuery(string(body))
			if err != nil {
				t.Fatal(err)
			}
			c.form.Set("offerQueryParam", query)
			c.form.Set("_aop_timestamp", "1700000000123")
			var signed []upstream.Param
			for name := range c.form {
				signed = append(signed, upstream.Param{Name: name, Value: c.form.Get(name)})
			}
			path := "param2/1/com.alibaba.fenxiao.crossborder/product.search.keywordQuery/" + c.cred.AppKey
			c.form.Set("_aop_signature", naive("test123", path, signed))
			if diff := cmp.Diff(c.form, form); diff != "" {
				t.Errorf("form (-want +got):\n%s", diff)
			}
			got := []string{request.Method, request.URL.String(), request.Header.Get("Content-Type")}
			want := []string{"POST", c.address, "application/x-www-form-urlencoded; charset=UTF-8"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if request.ContentLength != int64(len(body)) || request.GetBody != nil {
				t.Errorf("length %d of %d, replayable %v", request.ContentLength, len(body), request.GetBody != nil)
			}
		})
	}
}

// A configuration that cannot work is an internal fault, and its text holds no secret.
func TestNewRequestRefusesConfiguration(t *testing.T) {
	cred := upstream.Credential{AppKey: "k", AppSecret: secret.Text("hush-secret"), AccessToken: secret.Text("hush-token")}
	for base, api := range map[string]string{"http://[": keywordAPI, "": "no-namespace"} {
		_, err := aop.New(aop.Config{BaseURL: base}).Wire.NewRequest(context.Background(), upstream.Call{API: api}, cred, time.Now())
		if err == nil || fault.KindOf(err) != fault.Internal || strings.Contains(err.Error(), "hush") || strings.Contains(errors.Unwrap(err).Error(), "hush") {
			t.Errorf("%q %q: got %v", base, api, err)
		}
	}
}

func TestParseMethod(t *testing.T) {
	for id, want := range map[string]aop.Method{
		keywordAPI:                      {Namespace: "com.alibaba.fenxiao.crossborder", Name: "product.search.keywordQuery", Version: "1"},
		"com.alibaba.x:get-something-2": {Namespace: "com.alibaba.x", Name: "get-something", Version: "2"},
		"system:currentTime-1":          {Namespace: "system", Name: "currentTime", Version: "1"},
	} {
		got, err := aop.ParseMethod(id)
		if err != nil || got != want || got.String() != id {
			t.Errorf("%s: got %+v, %v", id, got, err)
		}
	}
	for _, id := range []string{"", "a", "a:b", "a:-1", "a:b-", ":b-1", "a/b:c-1", "a:b:c-1", "a:b c-1"} {
		if got, err := aop.ParseMethod(id); err == nil {
			t.Errorf("%q: taken as %+v", id, got)
		}
	}
}

// refusal is what a caller sees of a fault.
type refusal struct {
	Kind fault.Kind
	Meta map[string]string
}

func meta(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

func gateway(code, message string) string {
	return `{"error_code":"` + code + `","error_message":"` + message + `","exception":"` + message + `","request_id":"r-1"}`
}

func TestOpenFaults(t *testing.T) {
	const code, message, request = fault.MetaUpstreamCode, fault.MetaUpstreamMessage, fault.MetaUpstreamRequestID
	type row struct {
		name   string
		status int
		body   string
		want   refusal
	}
	rows := []row{
		{
			"token, HTTP 200", 200, gateway("401", "Request need user authorized"),
			refusal{fault.UpstreamTokenInvalid, meta(code, "401", message, "Request need user authorized", request, "r-1")},
		},
		{"token, as a number", 401, `{"errorCode":401,"errorMessage":"m"}`, refusal{fault.UpstreamTokenInvalid, meta(code, "401", message, "m")}},
		{
			"throttled, HTTP 500", 500, gateway("gw.QosAppFrequencyLimit", "slow"),
			refusal{fault.UpstreamThrottled, meta(code, "gw.QosAppFrequencyLimit", message, "slow", request, "r-1")},
		},
		{
			"secrets are not passed on", 400, gateway("gw.SignatureInvalid", "bad _aop_signature=33E5, access_token=tok\\u0007"),
			refusal{fault.UpstreamCredentialsInvalid, meta(code, "gw.SignatureInvalid", message, "bad _aop_signature=[redacted], access_token=[redacted]", request, "r-1")},
		},
		{
			"not in the pool", 200, `{"result":{"success":false,"code":"500","message":"offerId:1004582496795 不是精选货源商品"}}`,
			refusal{fault.ProductNotFound, meta(code, "500", message, "offerId:1004582496795 不是精选货源商品")},
		},
		{"delisted", 200, `{"result":{"success":"false","message":"商品已下架"}}`, refusal{fault.ProductNotFound, meta(message, "商品已下架")}},
		{"a business argument", 200, `{"result":{"success":false,"code":"E1","message":"参数错误"}}`, refusal{fault.UpstreamArgumentRefused, meta(code, "E1", message, "参数错误")}},
		{"a business refusal", 200, `{"success":false,"code":"SYSTEM_ERROR","message":"on strike"}`, refusal{fault.UpstreamRefused, meta(code, "SYSTEM_ERROR", message, "on strike")}},
		{"an image it cannot take", 200, `{"success":false,"code":"SYSTEM_ERROR","message":"Handle image error with url x"}`, refusal{fault.UpstreamImageRefused, meta(code, "SYSTEM_ERROR", message, "Handle image error with url x")}},
		{"an image it does not know, by code", 200, `{"result":{"success":"false","code":"IMAGE_NOT_EXIST","message":"m"}}`, refusal{fault.UpstreamImageForgotten, meta(code, "IMAGE_NOT_EXIST", message, "m")}},
		{"an image it does not know, by words", 200, `{"result":{"success":"false","code":"E2","message":"image not exist"}}`, refusal{fault.UpstreamImageForgotten, meta(code, "E2", message, "image not exist")}},
		{"no phrase overrules a gateway code", 400, gateway("gw.Odd", "参数 下架"), refusal{fault.UpstreamRefused, meta(code, "gw.Odd", message, "参数 下架", request, "r-1")}},
		{"an error despite true", 200, `{"errorMessage":"m","success":true}`, refusal{fault.UpstreamRefused, meta(message, "m")}},
		{"5xx, JSON", 503, `{}`, refusal{fault.UpstreamUnavailable, nil}},
		{"5xx, refused without a code", 500, `{"success":false,"message":"m"}`, refusal{fault.UpstreamUnavailable, meta(message, "m")}},
		{"5xx, success", 500, `{"result":{"success":true,"result":{"totalRecords":0,"data":[]}}}`, refusal{fault.UpstreamUnavailable, nil}},
		{"401 without a code", 401, `{"message":"m"}`, refusal{fault.UpstreamTokenInvalid, nil}},
		{"403 without a code", 403, `{}`, refusal{fault.UpstreamPermissionDenied, nil}},
		{"404 without a code", 404, `{}`, refusal{fault.UpstreamAPIUnknown, nil}},
		{"429 without a code", 429, `{}`, refusal{fault.UpstreamThrottled, nil}},
		{"400 without a code", 400, `{}`, refusal{fault.UpstreamRefused, nil}},
		{"302 without a code", 302, `{}`, refusal{fault.UpstreamRefused, nil}},
		{"an error page", 502, `<html>bad gateway</html>`, refusal{fault.UpstreamUnavailable, nil}},
		{"an error page with 200", 200, `<html>maintenance</html>`, refusal{fault.UpstreamUnavailable, nil}},
		{"nothing", 200, ``, refusal{fault.UpstreamUnavailable, nil}},
		{"cut off", 200, `{"result":{"success":true,"result":{"data":[`, refusal{fault.UpstreamUnavailable, nil}},
		{"result null", 200, `{"result":null}`, refusal{fault.UpstreamAnswerUnreadable, nil}},
		{"result null inside", 200, `{"result":{"success":true,"code":"200","result":null}}`, refusal{fault.UpstreamAnswerUnreadable, nil}},
		{"no data", 200, `{"result":{"success":true,"code":"200","message":"成功"}}`, refusal{fault.UpstreamAnswerUnreadable, nil}},
		{"empty object", 200, `{}`, refusal{fault.UpstreamAnswerUnreadable, nil}},
		{"null", 200, `null`, refusal{fault.UpstreamAnswerUnreadable, nil}},
	}
	for codeText, kind := range map[string]fault.Kind{
		"gw.SignatureMissing":     fault.UpstreamCredentialsInvalid,
		"gw.SignatureInvalid":     fault.UpstreamCredentialsInvalid,
		"gw.AppKeyMissing":        fault.UpstreamCredentialsInvalid,
		"gw.AppKeyNotFound":       fault.UpstreamCredentialsInvalid,
		"gw.APIUnsupported":       fault.UpstreamAPIUnknown,
		"gw.APIACLDecline":        fault.UpstreamPermissionDenied,
		"gw.ParamMissing":         fault.UpstreamArgumentRefused,
		"gw.QosAppFrequencyLimit": fault.UpstreamThrottled,
		"gw.QosAPIFrequencyLimit": fault.UpstreamThrottled,
		"gw.QosApiFrequencyLimit": fault.UpstreamThrottled,
		"gw.NoUsageLeftError":     fault.UpstreamQuotaExhausted,
		"gw.ISPInvokeError":       fault.UpstreamUnavailable,
		"gw.ISPConnectError":      fault.UpstreamUnavailable,
		"gw.ISPInvokeTimeout":     fault.UpstreamTimeout,
		"gw.SomethingNew":         fault.UpstreamRefused,
	} {
		for _, status := range []int{200, 400} {
			rows = append(rows, row{codeText, status, gateway(codeText, "m"), refusal{kind, meta(code, codeText, message, "m", request, "r-1")}})
		}
	}
	wire := aop.New(aop.Config{}).Wire
	for _, c := range rows {
		payload, err := wire.Open(upstream.Call{API: keywordAPI}, c.status, []byte(c.body))
		f, ok := fault.As(err)
		if !ok {
			t.Errorf("%s: success %q", c.name, payload.Raw)
			continue
		}
		if diff := cmp.Diff(c.want, refusal{f.Kind, f.Meta}); diff != "" || payload.Exists() || f.Detail == "" {
			t.Errorf("%s (HTTP %d): payload %q, detail %q\n%s", c.name, c.status, payload.Raw, f.Detail, diff)
		}
	}
}

func TestConfiguredCodes(t *testing.T) {
	wire := aop.New(aop.Config{
		SuccessCodes: []string{"OK"},
		Faults:       map[string]fault.Kind{"gw.TimestampExpired": fault.UpstreamClockSkew, "GW.ParamMissing": fault.UpstreamRefused},
		Phrases:      []aop.Phrase{{Words: "ID Unbekannt", Kind: fault.UpstreamImageForgotten}, {Words: "商品不存在", Kind: fault.UpstreamRefused}, {}},
	}).Wire
	open := func(body string) error {
		_, err := wire.Open(upstream.Call{}, 200, []byte(body))
		return err
	}
	if err := open(`{"result":{"code":"OK","result":[1]}}`); err != nil {
		t.Error(err)
	}
	for body, kind := range map[string]fault.Kind{
		`{"result":{"code":"200","result":[1]}}`: fault.UpstreamRefused,
		gateway("gw.TimestampExpired", "m"):      fault.UpstreamClockSkew,
		gateway("gw.ParamMissing", "m"):          fault.UpstreamRefused,
		gateway("gw.AppKeyNotFound", "m"):        fault.UpstreamCredentialsInvalid,

		`{"success":false,"message":"Bild-ID unbekannt"}`: fault.UpstreamImageForgotten,
		`{"success":false,"message":"商品不存在"}`:             fault.UpstreamRefused,
		`{"success":false,"message":"已下架"}`:               fault.ProductNotFound,
	} {
		if err := open(body); err == nil || fault.KindOf(err) != kind {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// The scope of a limit is known by its code only; a configured code may have one too.
func TestLimitScopes(t *testing.T) {
	wire := aop.New(aop.Config{
		Faults: map[string]fault.Kind{"gw.QosNamespaceLimit": fault.UpstreamThrottled, "gw.Other": fault.UpstreamThrottled},
		Scopes: map[string]fault.Scope{"gw.qosNamespaceLimit": fault.ScopeAPI},
	}).Wire
	for code, want := range map[string]fault.Scope{
		"gw.QosAppFrequencyLimit": fault.ScopeApp,
		"gw.QosAPIFrequencyLimit": fault.ScopeAPI,
		"gw.QosApiFrequencyLimit": fault.ScopeAPI,
		"gw.NoUsageLeftError":     fault.ScopeAPI,
		"gw.QosNamespaceLimit":    fault.ScopeAPI,
		"gw.Other":                fault.ScopeUnknown,
		"gw.APIACLDecline":        fault.ScopeUnknown,
	} {
		_, err := wire.Open(upstream.Call{API: keywordAPI}, 400, []byte(gateway(code, "m")))
		if f, ok := fault.As(err); !ok || f.Scope != want {
			t.Errorf("%s: %+v, want scope %q", code, f, want)
		}
	}
}
