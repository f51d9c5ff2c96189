package aop_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// For a code in no table the status decides, but an unknown code of the gateway itself is final.
func TestTheStatusDecidesBesideAnUnknownCode(t *testing.T) {
	wire := aop.New(aop.Config{}).Wire
	for _, c := range []struct {
		status int
		body   string
		want   fault.Kind
	}{
		{503, `{"code":503,"message":"Service Unavailable"}`, fault.UpstreamUnavailable},
		{502, `{"code":"BAD_GATEWAY","message":"upstream connect error"}`, fault.UpstreamUnavailable},
		{504, `{"error_code":"timeout"}`, fault.UpstreamUnavailable},
		{429, `{"code":429,"message":"Too Many Requests"}`, fault.UpstreamThrottled},
		{429, `{"code":"SLOW","message":"参数 too many"}`, fault.UpstreamThrottled},
		{429, `<html>slow down</html>`, fault.UpstreamThrottled},
		{403, `<html>blocked</html>`, fault.UpstreamPermissionDenied},
		{403, `{"code":"BLOCKED"}`, fault.UpstreamPermissionDenied},
		{408, ``, fault.UpstreamUnavailable},
		{400, `<html>bad request</html>`, fault.UpstreamUnavailable},
		{400, `{"code":"ODD"}`, fault.UpstreamRefused},
		{200, `{"code":503,"message":"Service Unavailable"}`, fault.UpstreamRefused},
		{503, gateway("gw.Odd", "busy"), fault.UpstreamRefused},
		{429, gateway("gw.Odd", "busy"), fault.UpstreamRefused},
		{503, gateway("gw.ParamMissing", "m"), fault.UpstreamArgumentRefused},
		{500, `{"success":false,"code":"E7","message":"商品不存在"}`, fault.ProductNotFound},
	} {
		_, err := wire.Open(upstream.Call{API: keywordAPI}, c.status, []byte(c.body))
		if err == nil || fault.KindOf(err) != c.want {
			t.Errorf("HTTP %d %s: %v, want %s", c.status, c.body, err, c.want)
		}
	}
}

// After an outage of a server in between, the call is retried after the stated wait.
func TestAnOutageBesideAnUnknownCodeIsRetriedAfterItsTime(t *testing.T) {
	var calls atomic.Int32
	var first, second atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) == 1 {
			first.Store(time.Now().UnixNano())
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"code":503,"message":"Service Unavailable"}`))
			return
		}
		second.Store(time.Now().UnixNano())
		_, _ = w.Write([]byte(`{"result":{"success":true,"code":"200","result":{"totalRecords":0,"totalPage":0,"pageSize":20,"currentPage":1,"data":[]}}}`))
	}))
	defer server.Close()
	client := upstream.New(upstream.Options{
		Dialect: aop.New(aop.Config{BaseURL: server.URL}), AppKey: "1", AppSecret: "secret", Tokens: oauth.Static{}, Quota: free{},
		HTTP: server.Client(), AttemptTimeout: 10 * time.Second, AnswerBytesMax: 1 << 20,
		Backoff: upstream.Backoff{Attempts: 2, First: time.Millisecond, Max: time.Millisecond},
	})
	defer client.Close()
	if _, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"}); err != nil || calls.Load() != 2 {
		t.Fatalf("%v after %d calls", err, calls.Load())
	}
	if waited := time.Duration(second.Load() - first.Load()); waited < time.Second {
		t.Errorf("retried after %v, but the wait is 1 s", waited)
	}
}

// free is a limiter without limits.
type free struct{}

func (free) Acquire(context.Context, upstream.PermitRequest) (upstream.Permit, error) {
	return free{}, nil
}
func (free) Commit(context.Context) error { return nil }
func (free) Account() string              { return "" }
func (free) PassOver(error) bool          { return false }
func (free) Sent()                        {}
func (free) Done(error)                   {}

// An operator needs the name of a missing permission to apply for it, and 1688's support needs its request id.
func TestAMissingPermissionIsNamed(t *testing.T) {
	const request = "2101e2a517040000001234567e0188"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error_code":"gw.APIACLDecline","error_message":"AppKey is not allowed(acl)","request_id":"` + request + `"}`))
	}))
	defer server.Close()
	var log bytes.Buffer
	client := upstream.New(upstream.Options{
		Dialect: aop.New(aop.Config{BaseURL: server.URL}), AppKey: "1", AppSecret: "secret", Tokens: oauth.Static{}, Quota: free{},
		HTTP: server.Client(), AttemptTimeout: 10 * time.Second, AnswerBytesMax: 1 << 20, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	defer client.Close()
	_, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "杯"})
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.UpstreamPermissionDenied || f.Detail != "the App Key may not call "+keywordAPI || f.Meta[fault.MetaUpstreamRequestID] != request {
		t.Errorf("%+v", f)
	}
	for _, want := range []string{"level=WARN", keywordAPI, request} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log.String())
		}
	}
}
