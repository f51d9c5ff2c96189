package cli

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// describedServer serves InfoService, and returns its address.
func describedServer(t *testing.T, offer *zhaohuov1.PriceWatchOffer, used *zhaohuov1.QuotaUsage, load *zhaohuov1.ServerLoad, accounts ...*zhaohuov1.AccountState) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	zhaohuov1.RegisterInfoServiceServer(s, server.NewInfo(server.InfoParts{
		About: &zhaohuov1.GetServerInfoResponse{PriceWatches: offer, Limits: &zhaohuov1.ServerLimits{UpstreamQps: 2}},
		Usage: func(context.Context) (*zhaohuov1.QuotaUsage, []*zhaohuov1.AccountState, *zhaohuov1.ServerLoad) {
			return used, accounts, load
		},
	}))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// TestInfoTellsTheCallsOfToday: those spent, those left and whose they are, in both languages; nothing unknown is 0.
func TestInfoTellsTheCallsOfToday(t *testing.T) {
	day, until := time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC), time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	limit, left := int64(5000), int64(4988)
	for name, test := range map[string]struct {
		offer            *zhaohuov1.PriceWatchOffer
		used             *zhaohuov1.QuotaUsage
		english, chinese []string
	}{
		"unknown": {
			english: []string{"upstream calls today        unknown", "price watches               unknown"},
			chinese: []string{"今日上游调用                未知", "价格监控                    未知"},
		},
		"no limit": {
			&zhaohuov1.PriceWatchOffer{},
			&zhaohuov1.QuotaUsage{ResetTime: timestamppb.New(day), Scope: zhaohuov1.QuotaScope_QUOTA_SCOPE_PROCESS},
			[]string{
				"upstream calls today        0", "calls left today            unknown: no limit a day is set",
				"counted are                 the calls of this process since it started", "price watches               off",
				"the next day begins         " + localTime(day),
			},
			[]string{
				"今日上游调用                0", "今日剩余调用                未知：没有设置每日上限", "统计范围                    本进程启动以来的调用",
				"价格监控                    未启用", "次日开始于                  " + localTime(day),
			},
		},
		"a limit": {
			&zhaohuov1.PriceWatchOffer{Enabled: true, IntervalMin: durationpb.New(10 * time.Minute)},
			&zhaohuov1.QuotaUsage{CallsUsed: 12, CallsPerDay: &limit, CallsLeft: &left, Scope: zhaohuov1.QuotaScope_QUOTA_SCOPE_ALL_REPLICAS},
			[]string{"upstream calls today        12 of 5000", "calls left today            4988", "the calls of all replicas", "on, every 10 minutes at the shortest"},
			[]string{"今日上游调用                12 / 5000", "今日剩余调用                4988", "所有副本的调用", "已启用，最短间隔 10 分钟"},
		},
		"used up": {
			nil,
			&zhaohuov1.QuotaUsage{CallsUsed: 12, CallsLeft: new(int64), ExhaustedUntilTime: timestamppb.New(until), Scope: zhaohuov1.QuotaScope_QUOTA_SCOPE_DATA_DIR},
			[]string{"none: 1688 refuses further calls until " + localTime(until), "the calls of all processes with the same data-dir"},
			[]string{"无：1688 在 " + localTime(until) + " 之前拒绝调用", "使用同一 data-dir 的所有进程的调用"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			addr := describedServer(t, test.offer, test.used, nil)
			for language, want := range map[string][]string{"en_US.UTF-8": test.english, "zh_CN.UTF-8": test.chinese} {
				got := run(t, []string{"LC_ALL=" + language}, "info", "--addr", addr)
				for _, line := range want {
					if got.code != exitOK || !strings.Contains(got.stdout, line) {
						t.Errorf("%s: no %q in\n%s%s", language, line, got.stdout, got.stderr)
					}
				}
			}
		})
	}
}

// TestInfoTellsTheAccounts: each with its calls, and why it is passed over.
func TestInfoTellsTheAccounts(t *testing.T) {
	at, limit := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC), int64(500)
	addr := describedServer(t, nil, nil, nil,
		&zhaohuov1.AccountState{Name: "main", UpstreamQps: 2.5, Quota: &zhaohuov1.QuotaUsage{CallsUsed: 7, CallsPerDay: &limit}},
		&zhaohuov1.AccountState{Name: "second", PassedOver: []*zhaohuov1.AccountFault{{
			Reason: zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_TOKEN_INVALID, ExaminationTime: timestamppb.New(at),
		}}},
	)
	for language, want := range map[string][]string{
		"en_US.UTF-8": {"main: calls a second 2.5, today 7 of 500", "second: calls a second unlimited, today unknown; passed over for all calls (UPSTREAM_TOKEN_INVALID), examined at " + localTime(at)},
		"zh_CN.UTF-8": {"main：每秒调用 2.5，今日 7 / 500", "暂不用于所有调用（UPSTREAM_TOKEN_INVALID），将于 " + localTime(at)},
	} {
		got := run(t, []string{"LC_ALL=" + language}, "info", "--addr", addr)
		for _, line := range want {
			if got.code != exitOK || !strings.Contains(got.stdout, line) {
				t.Errorf("%s: no %q in\n%s%s", language, line, got.stdout, got.stderr)
			}
		}
	}
}

// TestStatusTellsWhatAServerDoes: what runs and waits, rate, breaker, ban and accounts, in both languages; what is unknown is not 0.
func TestStatusTellsWhatAServerDoes(t *testing.T) {
	until := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	now, left := 1.9, int64(40)
	busy := describedServer(t, nil, &zhaohuov1.QuotaUsage{CallsUsed: 60, CallsLeft: &left}, &zhaohuov1.ServerLoad{
		RunningRequests: 4, RunningCalls: 2, PresentQps: &now, Circuit: zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_PROBING,
		Queues: []*zhaohuov1.CallQueue{{CallClass: "interactive", WaitingCalls: 3, WaitingCallers: 2}, {CallClass: "batch", WaitingCalls: 90, WaitingCallers: 1}},
	}, &zhaohuov1.AccountState{Name: "main", UpstreamQps: 2, PresentQps: &now, BannedUntilTime: timestamppb.New(until), PauseSinceTime: timestamppb.New(until)})
	banned := describedServer(t, nil, nil, &zhaohuov1.ServerLoad{BannedUntilTime: timestamppb.New(until), Circuit: zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_CLOSED})
	silent := describedServer(t, nil, nil, nil)
	for _, test := range []struct {
		addr, language, flags string
		want                  []string
	}{
		{busy, "en_US", "", []string{
			"running requests            4\n", "running upstream calls      2\n", "waiting, interactive        calls 3, of callers 2\n", "waiting, batch              calls 90, of callers 1\n",
			"calls a second now          1.9 of 2\n", "upstream                    one call finds out whether it answers\n", "calls left today            40\n",
			"account                     main: calls a second 2, today unknown; 1.9 a second now; 1688 refuses its calls until " + localTime(until) + "; paused until it is resumed\n",
		}},
		{busy, "zh_CN", "", []string{"进行中的请求                4\n", "排队（batch）               调用 90 次，来自 1 个调用方\n", "上游                        正用一次调用探测其是否响应\n", "；当前每秒 1.9；1688 在 " + localTime(until) + " 之前拒绝其调用；已暂停，直到恢复\n"}},
		{busy, "en_US", "-o json", []string{`"waitingCalls": "90"`, `"circuit": "UPSTREAM_CIRCUIT_PROBING"`}},
		{banned, "en_US", "", []string{"upstream                    1688 refuses all calls until " + localTime(until) + "\n", "calls a second now          unknown\n"}},
		{silent, "en_US", "", []string{"running requests            unknown\n", "upstream calls today        unknown\n"}},
	} {
		got := run(t, []string{"LC_ALL=" + test.language + ".UTF-8"}, append([]string{"status", "--addr", test.addr}, strings.Fields(test.flags)...)...)
		for _, part := range test.want {
			if got.code != exitOK || !strings.Contains(got.stdout, part) {
				t.Errorf("%s: no %q in\n%s%s", test.language, part, got.stdout, got.stderr)
			}
		}
	}
}
