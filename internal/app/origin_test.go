package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// TestWhatIsAskedIsPartOfTheKey: services on one data directory, one after the other, ask the same question with one
// changed setting. If answers depend on the setting, none uses an earlier one's cache; otherwise it does.
func TestWhatIsAskedIsPartOfTheKey(t *testing.T) {
	var calls atomic.Int32
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		calls.Add(1)
		name := r.URL.Path[strings.LastIndex(r.URL.Path[:strings.LastIndex(r.URL.Path, "/")], "/")+1:]
		fmt.Fprintf(w, `{"result":{"success":true,"code":"200","result":{"data":[{"offerId":1,"subject":%q}],"totalRecords":1,"totalPage":1,"currentPage":1,"pageSize":20}}}`, name)
	}))
	t.Cleanup(gateway.Close)
	env := config.Environ{
		"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_UPSTREAM_URL": gateway.URL, "ZHAOHUO_UPSTREAM_QPS": "0",
		"ZHAOHUO_CACHE_STORE": "disk", "ZHAOHUO_DATA_DIR": t.TempDir(),
	}
	for _, c := range []struct {
		name, value string
		calls       int32
	}{
		{"", "", 1},
		{"ZHAOHUO_UPSTREAM_TIMEOUT", "20s", 0},
		{"ZHAOHUO_AOP_KEYWORD_API", "com.alibaba.fenxiao.crossborder:product.search.other-1", 1},
		{"ZHAOHUO_PAGE_SIZE_MAX", "10", 1},
		{"ZHAOHUO_RESULT_WINDOW", "500", 1},
		{"ZHAOHUO_LOG_LEVEL", "error", 0},
		{"ZHAOHUO_AOP_SKIP_KEYWORD_TRANSLATION", "true", 1},
		{"ZHAOHUO_CACHE_ACCOUNT", "pool", 1},
	} {
		if c.name != "" {
			env[c.name] = c.value
		}
		before := calls.Load()
		r := start(t, settings(t, env), true)
		answer, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "耳机", PageSize: proto.Int32(10)})
		if err != nil {
			t.Fatalf("%s=%s: %v", c.name, c.value, err)
		}
		if answer.GetMeta().GetUpstreamCalls() != c.calls || calls.Load()-before != c.calls {
			t.Errorf("%s=%s: %v, want %d calls", c.name, c.value, answer.GetMeta(), c.calls)
		}
		asked, _, _ := strings.Cut(env["ZHAOHUO_AOP_KEYWORD_API"], "-1")
		if title := answer.GetProducts()[0].GetTitle(); asked != "" && !strings.HasPrefix(title, asked[strings.Index(asked, ":")+1:]) {
			t.Errorf("%s=%s: answered by %s", c.name, c.value, title)
		}
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	}
}
