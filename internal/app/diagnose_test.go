package app

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// attempts is how many upstream calls the service has made.
func attempts(t *testing.T, a *App) (calls float64) {
	t.Helper()
	all, err := a.Metrics().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range all {
		if family.GetName() == "zhaohuo_upstream_attempts_total" {
			for _, m := range family.GetMetric() {
				calls += m.GetCounter().GetValue()
			}
		}
	}
	return calls
}

// TestManyExaminationsCostFew: of twenty concurrent callers each gets either findings or a retry delay.
func TestManyExaminationsCostFew(t *testing.T) {
	r := start(t, settings(t, nil, "--upstream-qps=0", "--sandbox-qps=0"), false)
	info := zhaohuov1.NewInfoServiceClient(outside(t, r.App))
	var crowd sync.WaitGroup
	for range 20 {
		crowd.Go(func() {
			answer, err := info.Diagnose(context.WithoutCancel(t.Context()), &zhaohuov1.DiagnoseRequest{})
			st := status.Convert(err)
			wait, known := rpcerr.RetryAfter(st)
			if err == nil && len(answer.GetFindings()) == 0 || err != nil && (rpcerr.Reason(st) != "CALLER_RATE_LIMITED" || !known || wait <= 0) {
				t.Errorf("%v, %v", answer, err)
			}
		})
	}
	crowd.Wait()
	if spent := attempts(t, r.App); spent < 9 || spent > 3*9 {
		t.Errorf("%v calls were made", spent)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// restDiagnose requests a diagnosis over REST, and returns status and reason.
func restDiagnose(t *testing.T, a *App, method string, key secret.Text) (int, string) {
	t.Helper()
	body := io.Reader(http.NoBody)
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+a.HTTPAddr().String()+"/v1/info:diagnose", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Api-Key", key.Reveal())
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: testTimeout}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, gjson.GetBytes(text, "details.#(reason).reason").String()
}

// TestExaminationsAreForOperators: with keys, only an operator's key may request one, over gRPC and REST, and a refusal
// costs no call.
func TestExaminationsAreForOperators(t *testing.T) {
	ops, opsEntry := callers.Mint(callers.Entry{Name: "ops", Admin: true})
	shop, shopEntry := callers.Mint(callers.Entry{Name: "shop"})
	r := start(t, settings(t, nil, "--api-keys="+opsEntry.YAML()+shopEntry.YAML(), "--upstream-qps=0"), false)
	info := zhaohuov1.NewInfoServiceClient(outside(t, r.App))
	_, err := info.Diagnose(as(t.Context(), shop), &zhaohuov1.DiagnoseRequest{})
	if st := status.Convert(err); st.Code() != codes.PermissionDenied || rpcerr.Reason(st) != "CALLER_NOT_ALLOWED" {
		t.Errorf("a shop: %v", err)
	}
	if code, reason := restDiagnose(t, r.App, http.MethodPost, shop); code != http.StatusForbidden || reason != "CALLER_NOT_ALLOWED" {
		t.Errorf("a shop over REST: %d %s", code, reason)
	}
	if code, reason := restDiagnose(t, r.App, http.MethodGet, ops); code != http.StatusMethodNotAllowed || reason != "METHOD_NOT_ALLOWED" {
		t.Errorf("by GET: %d %s", code, reason)
	}
	if spent := attempts(t, r.App); spent != 0 {
		t.Errorf("%v calls were made for refused callers", spent)
	}
	answer, err := info.Diagnose(as(t.Context(), ops), &zhaohuov1.DiagnoseRequest{})
	if err != nil || len(answer.GetFindings()) == 0 {
		t.Errorf("an operator: %v, %v", answer, err)
	}
	if code, _ := restDiagnose(t, r.App, http.MethodPost, ops); code != http.StatusOK {
		t.Errorf("an operator over REST: %d", code)
	}
	if _, err := info.GetServerInfo(as(t.Context(), shop), &zhaohuov1.GetServerInfoRequest{}); err != nil {
		t.Errorf("a shop asks for GetServerInfo: %v", err)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
