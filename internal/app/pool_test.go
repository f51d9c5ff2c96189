package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

const keywordAPI = "com.alibaba.fenxiao.crossborder:product.search.keywordQuery"

// twoAccounts is a sandbox with two apps of different limits, and the settings of a service that has both.
func twoAccounts(t *testing.T) (*Sandbox, config.Environ) {
	t.Helper()
	sandbox, err := NewSandbox(t.Context(), SandboxOptions{
		Addr: "127.0.0.1:0", AppKey: "key-a", AppSecret: "CANARY-a", Tokens: []secret.Text{"CANARY-token-a"}, QPS: 10, Goods: sharedGoods(t),
		More: []SandboxApp{{AppKey: "key-b", AppSecret: "CANARY-b", Tokens: []secret.Text{"CANARY-token-b"}, QPS: 20}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- sandbox.Serve() }()
	t.Cleanup(func() {
		if err := sandbox.Close(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	dir, list := t.TempDir(), ""
	for name, qps := range map[string]int{"a": 10, "b": 20} {
		for kind, text := range map[string]string{"secret": "CANARY-" + name, "token": "CANARY-token-" + name} {
			if err := os.WriteFile(filepath.Join(dir, kind+"-"+name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		list += fmt.Sprintf("- {name: %s, app_key: key-%s, app_secret_file: %s/secret-%s, access_token_file: %s/token-%s, upstream_qps: %d}\n",
			name, name, dir, name, dir, name, qps)
	}
	return sandbox, config.Environ{
		"ZHAOHUO_ACCOUNTS": list, "ZHAOHUO_UPSTREAM_URL": sandbox.URL(), "ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_CACHE_ACCOUNT": "pool",
	}
}

// searchAll asks different questions at once, and returns how many calls the answers cost.
func (r *running) searchAll(t *testing.T, word string, n int) int64 {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	calls := int64(0)
	for i := range n {
		wg.Go(func() {
			answer, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprintf("%s %d", word, i)})
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			calls += int64(answer.GetMeta().GetUpstreamCalls())
		})
	}
	wg.Wait()
	return calls
}

// TestAServiceWithTwoAccounts: it uses both within their limits; when one account loses a permission, no question fails, and
// the other account answers all further ones.
func TestAServiceWithTwoAccounts(t *testing.T) {
	sandbox, env := twoAccounts(t)
	r := start(t, settings(t, env), true)
	if got := r.info(t).GetLimits().GetUpstreamQps(); got != 30 {
		t.Errorf("%v calls a second are reported, want 30", got)
	}
	const n = 40
	if calls := r.searchAll(t, "雨伞", n); calls != n {
		t.Errorf("%d questions cost %d calls", n, calls)
	}
	stats := sandbox.handler.Stats()
	if stats.Throttled != 0 || stats.BusiestSecond["key-a"] == 0 || stats.BusiestSecond["key-b"] == 0 {
		t.Errorf("%d calls were throttled, the busiest seconds are %v", stats.Throttled, stats.BusiestSecond)
	}
	sandbox.handler.Permit("key-b", keywordAPI, false)
	if calls := r.searchAll(t, "茶杯", 10); calls < 11 || calls > 20 {
		t.Errorf("10 questions without the permission of one account cost %d calls", calls)
	}
	if calls := r.searchAll(t, "钥匙扣", 5); calls != 5 {
		t.Errorf("5 questions cost %d calls: the account without the permission is not passed over", calls)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	log := r.log.String()
	if !strings.Contains(log, "an account is passed over") || !strings.Contains(log, "account=b") || strings.Contains(log, "CANARY") {
		t.Errorf("the log says:\n%s", log)
	}
}
