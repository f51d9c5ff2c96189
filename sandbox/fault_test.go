package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
)

// aopOutcome describes an answer in one line: its status, and the gateway code or what the body is.
func aopOutcome(r reply) string {
	var v any
	if err := json.Unmarshal([]byte(r.body), &v); err != nil {
		return fmt.Sprintf("%d no JSON %.15q", r.status, r.body)
	}
	body, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprintf("%d %s", r.status, r.body)
	}
	for _, name := range []string{"error_code", "errorCode"} {
		if code, ok := body[name]; ok {
			return fmt.Sprintf("%d %s=%v", r.status, name, code)
		}
	}
	return fmt.Sprintf("%d ok", r.status)
}

// The table's refusals, end to end, in both dialects.
func TestRefusalWords(t *testing.T) {
	p := serve(t, config())
	for word, want := range map[string][2]string{
		"throttle":                       {"400 error_code=gw.QosAppFrequencyLimit", "7 isp.call-limited"},
		"throttle-api":                   {"400 error_code=gw.QosAPIFrequencyLimit", "7 accesscontrol.limited-by-api-access-count This ban will last for 1 more seconds"},
		"throttle-ban":                   {"400 error_code=gw.QosAppFrequencyLimit", "7 accesscontrol.limited-by-app-access-count This ban will last for 7 more seconds"},
		"throttle-ban=90":                {"400 error_code=gw.QosAppFrequencyLimit", "7 accesscontrol.limited-by-app-access-count This ban will last for 90 more seconds"},
		"package-used-up":                {"400 error_code=gw.NoUsageLeftError", "7 accesscontrol.limited-by-app-access-count This ban will last for 31062 more seconds"},
		"no-permission":                  {"400 error_code=gw.APIACLDecline", "11 isv.permission-api-forbidden"},
		"no-such-api":                    {"400 error_code=gw.APIUnsupported", "22"},
		"ip":                             {"400 error_code=gw.APIACLDecline", "11 isv.permission-ip-limit"},
		"bad-token":                      {"401 error_code=401", "27 isv.invalid-session"},
		"no-token":                       {"401 error_code=401", "26"},
		"bad-signature":                  {"400 error_code=gw.SignatureInvalid", "25 isv.invalid-signature"},
		"no-signature":                   {"400 error_code=gw.SignatureMissing", "24"},
		"no-app-key":                     {"400 error_code=gw.AppKeyMissing", "28"},
		"bad-app-key":                    {"400 error_code=gw.AppKeyNotFound", "29 isv.appkey-not-exists"},
		"clock":                          {"400 error_code=gw.TimestampInvalid", "31"},
		"bad-param":                      {"400 error_code=gw.ParamMissing", "15 isv.invalid-parameter:q"},
		"isp":                            {"500 error_code=gw.ISPInvokeError", "15 isp.remote-service-error"},
		"isp-connect":                    {"500 error_code=gw.ISPConnectError", "15 isp.remote-connection-error"},
		"isp-timeout":                    {"500 error_code=gw.ISPInvokeTimeout", "15 isp.remote-service-timeout"},
		"unknown-gw-code":                {"400 error_code=gw.SomethingNobodyHasDocumented", "9999"},
		"gw=gw.NeverHeardOf":             {"400 error_code=gw.NeverHeardOf", "ok"},
		"top=10":                         {"200 ok", "10"},
		"top=50,isv.made-up:x":           {"200 ok", "50 isv.made-up:x"},
		"error-in-200":                   {"200 error_code=gw.QosAppFrequencyLimit", "ok"},
		"camel-error":                    {"400 errorCode=gw.QosAppFrequencyLimit", "ok"},
		"text-code":                      {"200 ok", "isp.call-limited"},
		"bad-token sandbox:error-in-200": {"200 error_code=401", "27 isv.invalid-session"},
		"not-a-word":                     {"400 error_code=gw.SandboxWordUnknown", "41 isv.invalid-parameter unknown sandbox fault word not-a-word"},
		"delisted":                       {"200 ok", "15 isv.item-not-exist"},
		"not-curated":                    {"200 ok", "15 isv.item-not-exist"},
	} {
		keyword := "雨伞 sandbox:" + word
		if got := aopOutcome(p.aop(t, keywordQuery, query(keyword, nil))); got != want[0] {
			t.Errorf("AOP, %s: %s, want %s", word, got, want[0])
		}
		got := "ok"
		r := p.top(t, flatSearch, map[string]string{"q": keyword})
		if e, refused := r.decode(t)["error_response"].(map[string]any); refused {
			got = text(e["code"])
			if sub, ok := e["sub_code"]; ok {
				got += " " + text(sub)
			}
			if note := text(e["sub_msg"]); strings.Contains(note, "ban") || strings.Contains(note, "unknown") {
				got += " " + note
			}
		}
		if got != want[1] || r.status != 200 {
			t.Errorf("TOP, %s: HTTP %d %s, want %s", word, r.status, got, want[1])
		}
	}
}

// Fault words that replace, change or wrap the body. Bodies are compared without rows.
func TestBodies(t *testing.T) {
	p := serve(t, bare())
	both := func(s string) [2]string { return [2]string{s, s} }
	page := `<!DOCTYPE html>`
	for word, want := range map[string][2]string{
		"500":                both("500 text/plain; charset=utf-8 Internal Server Error"),
		"502-html":           both("502 text/html; charset=utf-8 " + page),
		"html200":            both("200 text/html; charset=utf-8 " + page),
		"status":             both("503 text/plain; charset=utf-8 "),
		"status=429":         both("429 text/plain; charset=utf-8 "),
		"status=7":           both("503 text/plain; charset=utf-8 "),
		"not-json":           both(`200 application/json;charset=UTF-8 {"result": oops`),
		"empty-body":         both("200 application/json;charset=UTF-8 "),
		"null":               both("200 application/json;charset=UTF-8 null"),
		"bare-list":          both(`200 application/json;charset=UTF-8 {"result":[]}`),
		"bare-list=products": both(`200 application/json;charset=UTF-8 {"products":[]}`),
		"total-zero": {
			`200 application/json;charset=UTF-8 {"result":{"class":"com.alibaba.fenxiao.crossborder.common.ResultModel","code":"200","message":"成功",` +
				`"result":{"totalRecords":0,"totalPage":1,"pageSize":20,"currentPage":1},"success":true}}`,
			`200 application/json;charset=UTF-8 {"request_id":"R","total_results":0}`,
		},
		"null-result": {
			`200 application/json;charset=UTF-8 {"result":{"class":"com.alibaba.fenxiao.crossborder.common.ResultModel","code":"200","message":"成功","result":null,"success":true}}`,
			`200 application/json;charset=UTF-8 {"request_id":"R","result":null}`,
		},
		"empty": {
			`200 application/json;charset=UTF-8 {"result":{"class":"com.alibaba.fenxiao.crossborder.common.ResultModel","code":"200","message":"成功","result":{"totalRecords":0,"totalPage":1,"pageSize":20,"currentPage":1,"data":[]},"success":true}}`,
			`200 application/json;charset=UTF-8 {"request_id":"R","result":{"result":[]}}`,
		},
		"refusal-beside-result": {
			`200 application/json;charset=UTF-8 {"code":"SYSTEM_ERROR","message":"handle search error","result":{"page":1,"result":[],"total":0},"success":false}`,
			`200 application/json;charset=UTF-8 {"error_response":{"code":15,"msg":"Remote service error","request_id":"R","sub_code":"isp.remote-service-error","sub_msg":"调用后端服务失败"},"result":{"result":[]}}`,
		},
		"error-despite-success": {
			`200 application/json;charset=UTF-8 {"errorMessage":"系统繁忙,请稍后再试","success":true}`,
			`200 application/json;charset=UTF-8 {"request_id":"R","result":{"errorMessage":"系统繁忙,请稍后再试","success":true}}`,
		},
		"refusal-inside": {
			`200 application/json;charset=UTF-8 {"result":{"class":"com.alibaba.fenxiao.crossborder.common.ResultModel","code":"500","message":"系统异常","result":null,"success":false}}`,
			`200 application/json;charset=UTF-8 {"request_id":"R","result":{"code":"500","message":"系统异常","success":false}}`,
		},
		"no-totals sandbox:empty": {
			`200 application/json;charset=UTF-8 {"result":{"class":"com.alibaba.fenxiao.crossborder.common.ResultModel","code":"200","message":"成功","result":{"pageSize":20,"currentPage":1,"data":[]},"success":true}}`,
			`200 application/json;charset=UTF-8 {"request_id":"R","result":{"result":[]}}`,
		},
	} {
		keyword := "雨伞 sandbox:" + word
		for i, r := range []reply{p.aop(t, keywordQuery, query(keyword, nil)), p.top(t, flatSearch, map[string]string{"q": keyword})} {
			body := r.body
			if strings.HasPrefix(body, page) {
				body = page
			}
			if at := strings.Index(body, "sandbox-0"); at >= 0 {
				body = body[:at] + "R" + body[at+len("sandbox-00000001"):]
			}
			got := fmt.Sprintf("%d %s %s", r.status, r.header.Get("Content-Type"), strings.TrimSpace(body))
			if got != want[i] {
				t.Errorf("%s, dialect %d:\n got %s\nwant %s", word, i, got, want[i])
			}
			if r.header.Get(sandbox.MarkHeader) != "true" {
				t.Errorf("%s: no sandbox mark", word)
			}
		}
	}
}

func TestEnvelopes(t *testing.T) {
	p := serve(t, config())
	for shape, want := range map[string][3]string{ // success flag, where the rows are, success flag of a refusal
		"e1":  {"result.success=true", "result.result.data", "result.success=false"},
		"e2":  {"result.success=true", "result.result.data", "result.success=false"},
		"e3":  {"result.retCode=S0000", "result.result", "result.retCode=500"},
		"e4":  {"result.success=true", "result.model.data", "result.msg=系统异常"},
		"e5":  {"result.code=200", "result.model.data", "result.code=500"},
		"e6":  {"result.success=true", "result.data.data", "result.msg=系统异常"},
		"e7":  {"success=true", "productInfo.data", "errorMsg=系统异常"},
		"e8":  {"success=true", "productList", "success=false"},
		"e9":  {"success=true", "resultList", "errorCode=500"},
		"e10": {"succes=true", "categoryInfo.data", "succes=false"},
		"e11": {"code=0", "", "code=500"},
		"e12": {"result.success=true", "result.returnValue.data", "result.errorMessage=系统异常"},
		"e13": {"success=true", "result.result", "code=SYSTEM_ERROR"},
		"e14": {"pageInfo.totalRecords=1", "result", "success=false"},
		"e15": {"code=200", "result.data", "code=500"},
		"e16": {"pageSize=20", "data", "success=false"},
		"e17": {"code=S0000", "data.data", "code=500"},
	} {
		good := p.aop(t, keywordQuery, query("雨伞 sandbox:"+shape, nil)).decode(t)
		bad := p.aop(t, keywordQuery, query("雨伞 sandbox:refusal-inside sandbox:"+shape, nil)).decode(t)
		for _, flag := range []struct {
			body map[string]any
			want string
		}{{good, want[0]}, {bad, want[2]}} {
			path, value, _ := strings.Cut(flag.want, "=")
			if got := text(dig(t, flag.body, path)); got != value {
				t.Errorf("%s: %s is %s, want %s", shape, path, got, value)
			}
		}
		if want[1] != "" {
			if diff := cmp.Diff([]string{"3"}, ids(t, good, want[1])); diff != "" {
				t.Errorf("%s rows (-want +got):\n%s", shape, diff)
			}
		}
	}
}

func TestContentWords(t *testing.T) {
	p := serve(t, bare())
	args := map[string]any{"pageSize": 10, "beginPage": 2}
	call := func(word string) map[string]any {
		return p.aop(t, keywordQuery, query("蓝牙耳机 sandbox:"+word, args)).decode(t)
	}
	flat := func(word string) map[string]any {
		return p.top(t, flatSearch, map[string]string{"q": "蓝牙耳机 sandbox:" + word, "page": "2", "pageSize": "10"}).decode(t)
	}
	column := func(body map[string]any, list, name string) []string {
		var values []string
		for i := range 10 {
			v, err := json.Marshal(dig(t, body, fmt.Sprintf("%s.%d.%s", list, i, name)))
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, string(v))
		}
		return values
	}
	const flatList = "result.result"
	pageOne := []string{"", "1", "2", "3", "4", "5", "6", "7", "8", "9"}
	prices := []string{`"面议"`, `""`, `"¥12.50"`, `"￥1,200"`, `"1.50-3.20"`, `"178.0"`, `"10"`, `"0.88"`, `" 9.90 元"`, "null"}
	sold := []string{"1213", `"172"`, `"800+"`, `"1.2万+"`, `"3万"`, `""`, "null", "0", "1213", `"172"`}
	for name, pair := range map[string][2][]string{
		"same-page":       {pageOne, ids(t, call("same-page"), data)},
		"same-page, TOP":  {pageOne, ids(t, flat("same-page"), flatList)},
		"cap-page":        {{"4", "5", "6", "7"}, ids(t, call("cap-page=4"), data)},
		"cap-page, TOP":   {{"4", "5", "6", "7"}, ids(t, flat("cap-page=4"), flatList)},
		"duplicates":      {{"10", "11", "10"}, append(ids(t, call("duplicates"), data)[:2], ids(t, call("duplicates"), data)[10])},
		"duplicates, TOP": {{"10", "11", "10"}, append(ids(t, flat("duplicates"), flatList)[:2], ids(t, flat("duplicates"), flatList)[10])},
		"odd-prices":      {prices, column(call("odd-prices"), data, "priceInfo.price")},
		"odd-prices, TOP": {prices, column(flat("odd-prices"), flatList, "price")},
		"odd-sold":        {sold, column(call("odd-sold"), data, "monthSold")},
		"odd-sold, TOP":   {sold, column(flat("odd-sold"), flatList, "saleCount")},
		"text-ids":        {{`"600000000010"`}, column(call("text-ids"), data, "offerId")[:1]},
		"text-ids, TOP":   {{`"600000000010"`}, column(flat("text-ids"), flatList, "productId")[:1]},
		"number ids":      {{`600000000010`}, column(call("e1"), data, "offerId")[:1]},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestBrokenConnections(t *testing.T) {
	p := serve(t, config())
	path := "param2/1/" + keywordQuery + "/" + appKey
	ask := func(ctx context.Context, word string) (reply, error) {
		return do(form(ctx, p.url+"/openapi/"+path, aopSigned(path, appSecret, query("雨伞 sandbox:"+word, nil))))
	}
	if _, err := ask(t.Context(), "reset"); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("reset: %v", err)
	}
	r, err := ask(t.Context(), "truncated")
	if !errors.Is(err, io.ErrUnexpectedEOF) || len(r.body) == 0 {
		t.Errorf("truncated: %v after %d bytes", err, len(r.body))
	}
	r, err = ask(t.Context(), "drip=1ms")
	if err != nil || text(dig(t, r.decode(t), data+".0.offerId")) != "700000000003" {
		t.Errorf("drip: %v", err)
	}
	ctx, leave := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() {
		_, err := ask(ctx, "hang")
		waiting <- err
	}()
	await(t, func() bool { return p.Stats().Admitted >= 4 }) // reset, truncated, drip and this one
	leave()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("hang: %v", err)
	}
	s := settled(t, p)
	if s.Departures != 1 {
		t.Errorf("%d departures, want 1: %+v", s.Departures, s)
	}
}

// An endless body is written as long as the client reads. It ends when the client disconnects.
func TestHuge(t *testing.T) {
	p := serve(t, config())
	path := "param2/1/" + keywordQuery + "/" + appKey
	res, err := http.DefaultClient.Do(form(t.Context(), p.url+"/openapi/"+path, aopSigned(path, appSecret, query("sandbox:huge", nil))))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyN(io.Discard, res.Body, 32<<20)
	if n != 32<<20 || err != nil {
		t.Errorf("read %d: %v", n, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	settled(t, p)
}

// Closing the sandbox ends every request that hangs.
func TestCloseEndsHangs(t *testing.T) {
	p := serve(t, config())
	path := "param2/1/" + keywordQuery + "/" + appKey
	done := make(chan error, 1)
	go func() {
		_, err := do(form(t.Context(), p.url+"/openapi/"+path, aopSigned(path, appSecret, query("sandbox:hang", nil))))
		done <- err
	}()
	await(t, func() bool { return p.Stats().Admitted > 0 })
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("a hanging call was answered")
	}
}

func TestFlaky(t *testing.T) {
	p := serve(t, config())
	statuses := func(keyword string, calls int) []int {
		var list []int
		for range calls {
			list = append(list, p.aop(t, keywordQuery, query(keyword, nil)).status)
		}
		return list
	}
	got := [][]int{
		statuses("雨伞 sandbox:flaky=1", 3), statuses("雨伞 sandbox:flaky", 4), statuses("保温杯 sandbox:flaky=1", 2),
		{p.top(t, flatSearch, map[string]string{"q": "雨伞 sandbox:flaky=1"}).status, p.top(t, flatSearch, map[string]string{"q": "雨伞 sandbox:flaky=1"}).status},
	}
	p.ForgetFlaky()
	got = append(got, statuses("雨伞 sandbox:flaky=1", 2))
	want := [][]int{{503, 200, 200}, {503, 503, 200, 200}, {503, 200}, {503, 200}, {503, 200}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSlowTakesItsTime(t *testing.T) {
	p := serve(t, config())
	began := time.Now()
	body := p.aop(t, keywordQuery, query("雨伞 sandbox:slow=80ms", nil)).decode(t)
	if took := time.Since(began); took < 80*time.Millisecond {
		t.Errorf("took %v", took)
	}
	if got := ids(t, body, data); len(got) != 1 || got[0] != "3" {
		t.Errorf("rows %v", got)
	}
}

// TestTableOfFaultWords: each word has a meaning and an id of its own, and each refusal makes both dialects refuse.
func TestTableOfFaultWords(t *testing.T) {
	p := serve(t, config())
	names, ids := map[string]bool{}, map[int64]bool{}
	for _, w := range faultword.Table() {
		if names[w.Name] || ids[w.OfferID] || w.Meaning == "" || w.OfferID < 990_000_000_001 {
			t.Errorf("bad row %+v", w)
		}
		names[w.Name], ids[w.OfferID] = true, true
		if w.Class != faultword.Refusal || w.Name == faultword.GatewayCode || w.Name == faultword.TOPCode {
			continue // These two are for one dialect each, with a code as argument.
		}
		word := "sandbox:" + w.Name
		aop := p.aop(t, keywordQuery, query(word, nil)).decode(t)
		if _, refused := aop["error_code"]; !refused {
			t.Errorf("%s: AOP does not refuse", w.Name)
		}
		top := p.top(t, flatSearch, map[string]string{"q": word}).decode(t)
		if _, refused := top["error_response"]; !refused {
			t.Errorf("%s: TOP does not refuse", w.Name)
		}
	}
}
