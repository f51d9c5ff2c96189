package app

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
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
	if calls := r.searchAll(t, "雨伞", n); calls < n {
		t.Errorf("%d questions cost %d calls", n, calls)
	}
	if busiest := sandbox.handler.Stats().BusiestSecond; busiest["key-a"] == 0 || busiest["key-b"] == 0 {
		t.Errorf("the busiest seconds are %v", busiest)
	}
	denied := func() int64 { return sandbox.handler.Stats().Codes["gw.APIACLDecline"] }
	sandbox.handler.Permit("key-b", keywordAPI, false)
	if calls := r.searchAll(t, "茶杯", 10); denied() == 0 || calls < 10 {
		t.Errorf("10 questions cost %d calls, %d of them without permission", calls, denied())
	}
	before := denied()
	if r.searchAll(t, "钥匙扣", 5); denied() != before {
		t.Error("the account without the permission is not passed over")
	}
	accounts := r.info(t).GetAccounts()
	if len(accounts) != 2 || accounts[0].GetName()+accounts[1].GetName() != "ab" && accounts[0].GetName()+accounts[1].GetName() != "ba" {
		t.Fatalf("the server says it has the accounts %v", accounts)
	}
	for _, a := range accounts {
		passed := a.GetPassedOver()
		if (len(passed) == 1) != (a.GetName() == "b") || a.GetQuota().GetCallsUsed() == 0 {
			t.Errorf("%v", a)
		}
		if len(passed) == 1 && (passed[0].GetApi() != keywordAPI+"-1" || passed[0].GetReason() != zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_PERMISSION_DENIED) {
			t.Errorf("%v", passed)
		}
	}
	if sum := accounts[0].GetQuota().GetCallsUsed() + accounts[1].GetQuota().GetCallsUsed(); r.info(t).GetQuota().GetCallsUsed() != sum {
		t.Errorf("%v calls in all, %d of the accounts", r.info(t).GetQuota(), sum)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	log := r.log.String()
	if !strings.Contains(log, "an account is passed over") || !strings.Contains(log, "account=b") || strings.Contains(log, "CANARY") {
		t.Errorf("the log says:\n%s", log)
	}
}

// TestAPinnedCallerUsesItsAccount: the calls of a caller, and none of the other account; a pin to an account that is not
// there is refused at start.
func TestAPinnedCallerUsesItsAccount(t *testing.T) {
	sandbox, env := twoAccounts(t)
	key, entry := callers.Mint(callers.Entry{Name: "shop", Accounts: "b"})
	r := start(t, settings(t, env, "--ops-addr=127.0.0.1:0", "--api-keys="+entry.YAML()), false)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-api-key", key.Reveal())
	for i := range 6 {
		q := &zhaohuov1.KeywordSearchRequest{Keyword: fmt.Sprint("茶杯 ", i)}
		if _, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if stats := sandbox.handler.Stats(); stats.BusiestSecond["key-a"] != 0 || stats.Arrivals != 6 {
		t.Errorf("%d calls, in the busiest seconds %v", stats.Arrivals, stats.BusiestSecond)
	}
	sandbox.handler.RevokeToken("key-b", "CANARY-token-b")
	_, err := zhaohuov1.NewSearchServiceClient(outside(t, r.App)).KeywordSearch(ctx, &zhaohuov1.KeywordSearchRequest{Keyword: "台灯"})
	if status.Code(err) != codes.FailedPrecondition {
		t.Errorf("without its account the caller got %v", err)
	}
	_, body := getOps(t, r.App, "/metrics")
	for _, want := range []string{`zhaohuo_account_calls_total{account="b"} 7`, `zhaohuo_account_passed_over{account="b",api="",reason="UPSTREAM_TOKEN_INVALID"} 1`} {
		if !strings.Contains(body, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	_, stranger := callers.Mint(callers.Entry{Name: "shop", Accounts: "c"})
	_, err = New(t.Context(), Options{Settings: settings(t, env, "--api-keys="+stranger.YAML()), LogTo: io.Discard, Goods: sharedGoods(t)})
	if err == nil || !strings.Contains(err.Error(), "shop is pinned to the account c") {
		t.Errorf("%v", err)
	}
}

// TestTheDoctorExaminesEachAccount: each has its own findings, by its own calls, also while it is passed over.
func TestTheDoctorExaminesEachAccount(t *testing.T) {
	sandbox, env := twoAccounts(t)
	sandbox.handler.Permit("key-b", keywordAPI, false)
	sandbox.handler.RevokeToken("key-a", "CANARY-token-a")
	r := start(t, settings(t, env), true)
	answer, err := zhaohuov1.NewInfoServiceClient(r.Conn()).Diagnose(t.Context(), &zhaohuov1.DiagnoseRequest{})
	if err != nil {
		t.Fatal(err)
	}
	wrong, checks := map[string]string{}, map[string]int{}
	for _, f := range answer.GetFindings() {
		checks[f.GetAccount()]++
		if f.GetVerdict() == zhaohuov1.DiagnosisVerdict_DIAGNOSIS_VERDICT_FAILED {
			wrong[f.GetAccount()] += f.GetDiagnosis().String() + f.GetSubject()
		}
	}
	want := map[string]string{"a": "DIAGNOSIS_CODE_TOKEN_REFUSED", "b": "DIAGNOSIS_CODE_NOT_PERMITTED" + keywordAPI + "-1"}
	if !maps.Equal(wrong, want) || len(checks) != 2 || checks["a"] != checks["b"] {
		t.Errorf("%v failed, of checks %v; want %v", wrong, checks, want)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
