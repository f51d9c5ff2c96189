package app

import (
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// TestOwnDayLimitIsNamed: an error about our own daily limit names the setting, and does not look like an allowance of
// 1688 that can be extended.
func TestOwnDayLimitIsNamed(t *testing.T) {
	goods := sell(t)
	sandbox, err := NewSandbox(t.Context(), SandboxOptions{Addr: "127.0.0.1:0", AppKey: "1", CatalogueDir: goods})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Serve() }()
	for setting, env := range map[string]map[string]string{
		"upstream-daily":      {"ZHAOHUO_UPSTREAM_DAILY": "1"},
		"upstream-api-limits": {"ZHAOHUO_UPSTREAM_API_LIMITS": "com.alibaba.fenxiao.crossborder:product.search.keywordQuery-1=0/1"},
	} {
		t.Run(setting, func(t *testing.T) {
			env["ZHAOHUO_APP_KEY"], env["ZHAOHUO_APP_SECRET"] = "1", sandbox.AppSecret().Reveal()
			env["ZHAOHUO_UPSTREAM_URL"], env["ZHAOHUO_DATA_DIR"], env["ZHAOHUO_UPSTREAM_QPS"] = sandbox.URL(), t.TempDir(), "0"
			r := start(t, settings(t, env), true)
			client := zhaohuov1.NewSearchServiceClient(r.Conn())
			if _, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "first"}); err != nil {
				t.Fatal(err)
			}
			_, err := client.KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "second"})
			st := status.Convert(err)
			var reason, hint string
			for _, detail := range st.Details() {
				switch d := detail.(type) {
				case *errdetails.ErrorInfo:
					reason = d.GetReason()
				case *errdetails.LocalizedMessage:
					hint = d.GetMessage()
				}
			}
			if st.Code() != codes.ResourceExhausted || reason != "QUOTA_DAY_USED_UP" || !strings.Contains(st.Message(), setting) {
				t.Errorf("%v %s %q, want RESOURCE_EXHAUSTED QUOTA_DAY_USED_UP that names %s", st.Code(), reason, st.Message(), setting)
			}
			if strings.Contains(hint, "buy") || !strings.Contains(hint, setting) {
				t.Errorf("the hint for the operator is %q", hint)
			}
			if err := r.end(t); err != nil {
				t.Error(err)
			}
		})
	}
	if err := sandbox.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
