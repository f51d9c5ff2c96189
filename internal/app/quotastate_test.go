package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// TestQuotaState: what is not limited or not known is absent, and what is used up is 0.
func TestQuotaState(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	state := quota.Snapshot{
		Waiting: map[upstream.Class]int{upstream.Interactive: 2, upstream.Batch: 30}, Callers: map[upstream.Class]int{upstream.Batch: 3},
		Accounts: []quota.AccountSnapshot{
			{
				Name: "main", Known: true, DayUsed: 40, DayLimit: 100, PerSecond: 3.96, Limits: limiter.Limits{App: limiter.Limit{PerSecond: 4, PerDay: 100}},
				APIs: []quota.APISnapshot{{API: "image", DayUsed: 12, DayLimit: 10}},
			},
			{Name: "free", Known: true, DayUsed: 7},
			{Name: "out", Known: true, DayUsed: 9, DayLimit: 50, ExhaustedUntil: time.Now().Add(time.Hour)},
			{Name: "unknown", DayUsed: 0, Limits: limiter.Limits{App: limiter.Limit{PerSecond: 4, PerDay: 100}}},
		},
	}
	if err := registry.Register(newQuotaState(func(context.Context) quota.Snapshot { return state })); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		"zhaohuo_quota_waiting interactive": 2, "zhaohuo_quota_waiting batch": 30,
		"zhaohuo_quota_waiting_callers interactive": 0, "zhaohuo_quota_waiting_callers batch": 3, "zhaohuo_quota_standalone": 0,
		"zhaohuo_quota_calls_used main ": 40, "zhaohuo_quota_calls_left main ": 60, "zhaohuo_quota_rate main": 3.96, "zhaohuo_quota_ban_seconds main": 0,
		"zhaohuo_quota_calls_used main image": 12, "zhaohuo_quota_calls_left main image": 0,
		"zhaohuo_quota_calls_used free ": 7, "zhaohuo_quota_ban_seconds free": 0,
		"zhaohuo_quota_calls_used out ": 9, "zhaohuo_quota_calls_left out ": 0, "zhaohuo_quota_ban_seconds out": 0,
	}
	compareMetrics(t, registry, want)
	state.Accounts, state.Standalone = state.Accounts[3:], true
	for name := range want {
		if !strings.HasPrefix(name, "zhaohuo_quota_waiting") {
			delete(want, name)
		}
	}
	want["zhaohuo_quota_standalone"] = 1
	compareMetrics(t, registry, want)
}

// TestCallerLabels: callers without a key have one label together.
func TestCallerLabels(t *testing.T) {
	t.Parallel()
	for caller, want := range map[string]string{"shop": "shop", "203.0.113.7": "ip", "2001:db8::1": "ip", "": "ip"} {
		if got := callerLabel(caller); got != want {
			t.Errorf("%q is %q", caller, got)
		}
	}
}
