package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
)

// TestDataDirectoryThatCannotBeWritten: without a daily limit, the service starts and logs the path that it cannot
// write; with one, the start fails with that path.
func TestDataDirectoryThatCannotBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(file, "data") // Not even root can make a directory in a file.
	env := config.Environ{
		"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": "s", "ZHAOHUO_UPSTREAM_URL": "http://127.0.0.1:1", "ZHAOHUO_DATA_DIR": path,
		"ZHAOHUO_TOKEN_MODE": "none", "ZHAOHUO_CACHE_STORE": "none",
	}
	r := start(t, settings(t, env), true)
	if log := r.log.String(); !strings.Contains(log, filepath.Join(path, "quota.db")) {
		t.Errorf("the log does not name the path:\n%s", log)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	env["ZHAOHUO_UPSTREAM_DAILY"] = "100"
	_, err := New(t.Context(), Options{Settings: settings(t, env), Version: "test", LogTo: &syncBuffer{}, Goods: sharedGoods(t), NoPorts: true})
	if err == nil || !strings.Contains(err.Error(), filepath.Join(path, "quota.db")) {
		t.Errorf("with a limit a day the start ends with %v, want a failure that names the path", err)
	}
}

// TestMarginIsAMetric: GetServerInfo and the metric report the unused part of the rate.
func TestMarginIsAMetric(t *testing.T) {
	r := start(t, settings(t, config.Environ{"ZHAOHUO_UPSTREAM_QPS": "5", "ZHAOHUO_QUOTA_MARGIN": "0.05"}), true)
	info, err := zhaohuov1.NewInfoServiceClient(r.Conn()).GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
	if err != nil || info.GetLimits().QuotaMargin == nil || info.GetLimits().GetQuotaMargin() != 0.05 {
		t.Errorf("limits %v, %v; want a margin of 0.05", info.GetLimits(), err)
	}
	families, err := r.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	margin := -1.0
	for _, f := range families {
		if f.GetName() == "zhaohuo_quota_margin" {
			margin = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	if margin != 0.05 {
		t.Errorf("the metric is %v, want 0.05", margin)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}
