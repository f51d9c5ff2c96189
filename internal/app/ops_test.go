package app

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/zhaohuo-dev/zhaohuo/server/callers"
)

// getOps requests a page of the operators' port.
func getOps(t *testing.T, a *App, path string) (int, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: testTimeout}
	response, err := client.Get("http://" + a.OpsAddr().String() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// TestOperatorsHaveAPortOfTheirOwn: metrics contain callers' names, so callers' ports do not serve them; health is on
// both.
func TestOperatorsHaveAPortOfTheirOwn(t *testing.T) {
	shop, entry := callers.Mint(callers.Entry{Name: "shop"})
	r := start(t, settings(t, nil, "--ops-addr=127.0.0.1:0", "--api-keys="+entry.YAML()), false)
	restDiagnose(t, r.App, http.MethodPost, shop) // Counted although refused.
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap"} {
		if code, body, err := get(r.App, path); err != nil || code != http.StatusNotFound || strings.Contains(string(body), "shop") {
			t.Errorf("callers get %s: %d %s %v", path, code, body, err)
		}
		if code, body := getOps(t, r.App, path); code != http.StatusOK || body == "" {
			t.Errorf("operators get %s: %d", path, code)
		}
	}
	if _, body := getOps(t, r.App, "/metrics"); !strings.Contains(body, `zhaohuo_caller_requests_total{caller="shop"`) {
		t.Errorf("the caller is not counted:\n%s", body)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, _, err := get(r.App, path); err != nil || code != http.StatusOK {
			t.Errorf("callers get %s: %d %v", path, code, err)
		}
		if code, _ := getOps(t, r.App, path); code != http.StatusOK {
			t.Errorf("operators get %s: %d", path, code)
		}
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// TestATakenOpsPort: if the default port is in use, a free one is used and logged; a configured port is not replaced.
func TestATakenOpsPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:9464")
	if err == nil { // Otherwise it is in use already.
		defer taken.Close()
	}
	r := start(t, settings(t, nil), false)
	if code, _ := getOps(t, r.App, "/metrics"); code != http.StatusOK || r.OpsAddr().String() == "127.0.0.1:9464" {
		t.Errorf("metrics at %v: %d", r.OpsAddr(), code)
	}
	if log := r.log.String(); !strings.Contains(log, "taken=127.0.0.1:9464") || !strings.Contains(log, "ops="+r.OpsAddr().String()) {
		t.Errorf("the log does not say where they are:\n%s", log)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	a, err := New(t.Context(), Options{Settings: settings(t, nil, "--ops-addr=127.0.0.1:9464"), LogTo: &syncBuffer{}, Goods: sharedGoods(t)})
	if err == nil {
		_ = a.Close()
		t.Fatal("a port in use was opened")
	}
	if !strings.Contains(err.Error(), "--ops-addr: 127.0.0.1:9464 is in use by another program") {
		t.Error(err)
	}
}
