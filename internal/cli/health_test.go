package cli

import (
	"database/sql"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/server/ops"
)

// TestHealth: the exit code and the sentence follow the operators' port, which is found by flag or variable.
func TestHealth(t *testing.T) {
	var ready atomic.Bool
	port := httptest.NewServer(ops.New(prometheus.NewRegistry(), ready.Load))
	defer port.Close()
	addr := strings.TrimPrefix(port.URL, "http://")
	_, number, _ := strings.Cut(addr, ":")
	if got := run(t, nil, "health", "--addr", addr); got != (outcome{exitOther, "", "error: not ready: " + addr + " answers 503, because the server is starting or stopping\n"}) {
		t.Errorf("not ready: %+v", got)
	}
	if got := run(t, []string{"LC_ALL=zh_CN.UTF-8"}, "health", "--addr", addr); got != (outcome{exitOther, "", "错误: 未就绪：" + addr + " 返回 503，服务器正在启动或停止\n"}) {
		t.Errorf("not ready, in Chinese: %+v", got)
	}
	ready.Store(true)
	for name, env := range map[string]string{"loopback": addr, "every address": ":" + number, "every address of IPv4": "0.0.0.0:" + number} {
		if got := run(t, []string{"ZHAOHUO_OPS_ADDR=" + env}, "health"); got != (outcome{exitOK, "ready\n", ""}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	callersPort := (&searchServer{}).serve(t)
	if got := run(t, nil, "health", "--ops-addr", callersPort); got != (outcome{exitOther, "", "error: not ready: what answers at " + callersPort + " is not the operators' port of a server (9464 by default)\n"}) {
		t.Errorf("the callers' port: %+v", got)
	}
	port.Close()
	got := run(t, nil, "health", "--addr", addr)
	if got.code != exitOther || got.stdout != "" || !strings.HasPrefix(got.stderr, "error: not ready: nothing answers at "+addr+", the port of operators (dial tcp ") {
		t.Errorf("gone: %+v", got)
	}
}

// TestNewerData: a server does not start with data of a newer version, and says so in the user's language, with the file.
func TestNewerData(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "pricewatch-sandbox.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE price_schema_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now'))); INSERT INTO price_schema_version (version_id, is_applied) VALUES (0, 1), (1000, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]string{
		"C.UTF-8":     "it was written by a newer version of zhaohuo (form 1000, this version knows up to ",
		"zh_CN.UTF-8": "由更新版本的 zhaohuo 写入（格式 1000，本版本最高支持 ",
	} {
		got := run(t, []string{"LC_ALL=" + locale, "ZHAOHUO_DATA_DIR=" + dir}, "serve", "--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", "--ops-addr=127.0.0.1:0")
		if got.code != exitOther || !strings.Contains(got.stderr, want) || !strings.Contains(got.stderr, path) {
			t.Errorf("%s: %+v", locale, got)
		}
	}
}
