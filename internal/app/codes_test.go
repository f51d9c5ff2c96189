package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// refusing is an upstream that answers each call with the same text.
func refusing(t *testing.T, code int, body string) (url string, calls *atomic.Int64) {
	t.Helper()
	calls = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = fmt.Fprint(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// The codes file sets the meaning of an unpublished code or phrase, and callers get that reason.
func TestCodesOfTheFileMapToTheirKind(t *testing.T) {
	for name, test := range map[string]struct {
		dialect, codes string
		status         int
		body           string
		before, after  string
	}{
		"aop, a code": {
			"aop", "faults: {gw.NewLimit: UPSTREAM_QUOTA_EXHAUSTED}", 400, `{"error_code":"gw.NewLimit"}`,
			"UPSTREAM_REFUSED", "UPSTREAM_QUOTA_EXHAUSTED",
		},
		"aop, a phrase": {
			"aop", "phrases: {该店铺已关闭: PRODUCT_NOT_FOUND}", 200, `{"result":{"success":false,"code":"9","message":"抱歉，该店铺已关闭"}}`,
			"UPSTREAM_REFUSED", "PRODUCT_NOT_FOUND",
		},
		"aop, a success": {
			"aop", "success: [FINE]", 200, `{"result":{"success":true,"code":"FINE","result":{"totalRecords":0,"totalPage":0,"pageSize":20,"currentPage":1,"data":[]}}}`,
			"UPSTREAM_REFUSED", "",
		},
		"top, a code": {
			"top", "faults: {isv.shop-closed: PRODUCT_NOT_FOUND}", 200, `{"error_response":{"code":15,"sub_code":"isv.shop-closed:1"}}`,
			"UPSTREAM_ARGUMENT_REFUSED", "PRODUCT_NOT_FOUND",
		},
		"top, a ban": {
			"top", "ban_max: 10s", 200, `{"error_response":{"code":7,"sub_code":"accesscontrol.limited-by-app-access-count","sub_msg":"This ban will last for 300 more seconds"}}`,
			"UPSTREAM_THROTTLED", "UPSTREAM_QUOTA_EXHAUSTED",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for codes, want := range map[string]string{"": test.before, "upstream_codes: {" + test.codes + "}\n": test.after} {
				url, calls := refusing(t, test.status, test.body)
				if test.dialect == "top" {
					url += "/router/rest"
				}
				file := filepath.Join(t.TempDir(), "z.yaml")
				if err := os.WriteFile(file, []byte(codes), 0o600); err != nil {
					t.Fatal(err)
				}
				r := start(t, settings(t, config.Environ{
					"ZHAOHUO_APP_KEY": "k", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_DIALECT": test.dialect, "ZHAOHUO_UPSTREAM_URL": url,
					"ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_UPSTREAM_ATTEMPTS": "1", "ZHAOHUO_CONFIG": file,
				}), true)
				_, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), headphones())
				if got := rpcerr.Reason(status.Convert(err)); got != want || err != nil && want == "" {
					t.Errorf("with %q: %q, want %q: %v", strings.TrimSpace(codes), got, want, err)
				}
				if n := calls.Load(); n != 1 {
					t.Errorf("with %q: %d calls", strings.TrimSpace(codes), n)
				}
				if err := r.end(t); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
