package app

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
)

// TestRequestsAreRefusedOverTheMemoryLimit: a process that holds more than it may refuses requests over gRPC and REST, with the time to
// wait, and still says that it is healthy: a restart would help nobody. Operators can still steer it.
func TestRequestsAreRefusedOverTheMemoryLimit(t *testing.T) {
	r := start(t, settings(t, nil, "--data-dir="+t.TempDir(), "--memory-max=1", "--ops-addr=127.0.0.1:0"), false)
	conn := outside(t, r.App)
	_, err := zhaohuov1.NewSearchServiceClient(conn).KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: "耳机"})
	st := status.Convert(err)
	if wait, known := rpcerr.RetryAfter(st); st.Code() != codes.ResourceExhausted || rpcerr.Reason(st) != "MEMORY_BUDGET_FULL" || !known || wait <= 0 {
		t.Errorf("over gRPC: %v, wait %v", err, wait)
	}
	code, body, err := get(r.App, "/v1/products:keywordSearch?keyword=x")
	if err != nil || code != http.StatusServiceUnavailable || !json.Valid(body) {
		t.Errorf("over REST: %d %s %v", code, body, err)
	}
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
	ops, err := grpc.NewClient(r.OpsAddr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ops.Close() })
	if _, err := zhaohuov1.NewAdminServiceClient(ops).ListPauses(t.Context(), &zhaohuov1.ListPausesRequest{}); err != nil {
		t.Errorf("operators: %v", err)
	}
	if code, _, err := get(r.App, "/healthz"); err != nil || code != http.StatusOK {
		t.Errorf("healthz: %d %v", code, err)
	}
}

// TestMemoryLimit reads the memory at most once in an interval, and refuses nothing after it went down.
func TestMemoryLimit(t *testing.T) {
	now, held, reads := time.UnixMilli(1000), uint64(100), 0
	m := &memoryLimit{bytes: 100, now: func() time.Time { return now }, held: func() uint64 { reads++; return held }}
	for step, row := range []struct {
		held    uint64
		refused bool
	}{{100, false}, {101, true}, {1 << 40, true}, {100, false}, {0, false}, {200, true}} {
		held, now = row.held, now.Add(memoryReadInterval)
		for range 10 {
			if err := m.shed(); (fault.KindOf(err) == fault.MemoryBudgetFull && err != nil) != row.refused {
				t.Errorf("step %d: %v with %d of %d bytes", step, err, held, m.bytes)
			}
		}
		if reads != step+1 {
			t.Errorf("step %d: %d readings", step, reads)
		}
	}
	if got := m.refused.Load(); got != 30 {
		t.Errorf("%d refused, want 30", got)
	}
}

// TestHeldMemory: what the program takes is counted.
func TestHeldMemory(t *testing.T) {
	const more = 64 << 20
	before := heldMemory()
	taken := make([]byte, more)
	for i := 0; i < more; i += 4096 {
		taken[i] = 1
	}
	if after := heldMemory(); before == 0 || after < more {
		t.Errorf("%d bytes, then %d with %d more", before, after, more)
	}
	runtime.KeepAlive(taken)
}

// TestMachineMemory: the smaller one of container and machine counts, and what cannot be read does not.
func TestMachineMemory(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	machine, none := file("machine", "MemTotal:       2048 kB\nMemFree: 1 kB\n"), filepath.Join(dir, "none")
	for _, row := range []struct {
		container, machine string
		want               uint64
	}{
		{file("bounded", "1048576\n"), machine, 1 << 20},
		{file("unbounded", "max\n"), machine, 2 << 20},
		{file("huge", "9223372036854771712\n"), machine, 2 << 20},
		{none, machine, 2 << 20},
		{none, file("broken", "MemTotal: many kB\n"), 0},
		{file("alone", "4096"), none, 4096},
		{none, none, 0},
	} {
		if got := machineMemory(row.container, row.machine); got != row.want {
			t.Errorf("%s: %d, want %d", row.container, got, row.want)
		}
	}
}
