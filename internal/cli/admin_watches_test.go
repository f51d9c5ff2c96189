package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/server"
)

// overview answers with itself, or fails if there is none.
type overview struct {
	*zhaohuov1.GetWatchOverviewResponse
}

// Overview implements [server.WatchOverview].
func (o overview) Overview(context.Context, int32) (*zhaohuov1.GetWatchOverviewResponse, error) {
	if o.GetWatchOverviewResponse == nil {
		return nil, fault.New(fault.PriceStoreUnavailable, "the store of price watches cannot be used right now")
	}
	return o.GetWatchOverviewResponse, nil
}

// TestAdminWatches: counts, forecasts, calls left and the worst watches and webhooks, in both languages; an empty list has no table.
func TestAdminWatches(t *testing.T) {
	at := time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)
	stamp, local, left := timestamppb.New(at), localTime(at), int64(40)
	busy := overview{&zhaohuov1.GetWatchOverviewResponse{
		Counts: &zhaohuov1.WatchCounts{ActiveWatches: 9, PausedWatches: 1, FailingWatches: 2, EmptyWatches: 3, OverdueWatches: 4, PostponedWatches: 5},
		Callers: []*zhaohuov1.CallerWatches{
			{Caller: "shop", Counts: &zhaohuov1.WatchCounts{ActiveWatches: 8, FailingWatches: 2, OverdueWatches: 4}},
			{Counts: &zhaohuov1.WatchCounts{ActiveWatches: 1, PausedWatches: 1, EmptyWatches: 3, PostponedWatches: 5}},
		},
		FurtherCallers: 7,
		Overdue: []*zhaohuov1.WatchSummary{{
			Id: "pw_1", Caller: "shop", DisplayName: "杯子", DueTime: stamp, WaitingFor: zhaohuov1.PriceWatchWait_PRICE_WATCH_WAIT_QUOTA,
		}},
		Failures: []*zhaohuov1.WatchFailure{{
			Reason: zhaohuov1.ErrorReason_ERROR_REASON_UPSTREAM_TIMEOUT, Message: "1688 did not answer", WatchCount: 2,
			Watches: []*zhaohuov1.WatchSummary{{Id: "pw_2", Caller: "shop", DisplayName: "伞", LastObservationTime: stamp, NextDueTime: stamp}},
		}},
		NextHour:  &zhaohuov1.WatchForecast{EndTime: stamp, Observations: 12, UpstreamCalls: 30},
		RestOfDay: &zhaohuov1.WatchForecast{EndTime: stamp, Observations: 100, UpstreamCalls: 250},
		NextDay:   &zhaohuov1.WatchForecast{EndTime: stamp, Observations: 288, UpstreamCalls: 720},
		Webhooks: &zhaohuov1.WebhookBacklog{
			Webhooks: 6, FailingWebhooks: 1, DisabledWebhooks: 2, PendingDeliveries: 15, FailingDeliveries: 3, OldestPendingTime: stamp,
			Failing: []*zhaohuov1.FailingWebhook{{
				WatchId: "pw_3", Caller: "shop", Host: "shop.example", FailingSinceTime: stamp, FailedAttempts: 11, PendingDeliveries: 15, LastFailure: "the target answers HTTP 500",
			}},
		},
	}}
	quota := func(context.Context) *zhaohuov1.QuotaUsage {
		return &zhaohuov1.QuotaUsage{CallsUsed: 60, CallsLeft: &left}
	}
	full := operated(t, server.AdminParts{Watches: busy, Quota: quota})
	empty := operated(t, server.AdminParts{Watches: overview{&zhaohuov1.GetWatchOverviewResponse{}}, Quota: quota})
	for _, test := range []struct {
		addr, flags string
		code        int
		want, never []string
	}{
		{full, "en_US", exitOK, []string{
			"price watches 15\n", "of these active 9, paused 1, failing 2, nothing found 3\n", "overdue 4\n", "put off to the next day 5\n",
			"due within an hour observations 12, up to 30 upstream calls\n", "due until the day ends observations 100, up to 250 upstream calls\n",
			"due within 24 hours observations 288, up to 720 upstream calls\n", "calls left today 40\n", "webhooks 6, failing 1, disabled 2\n",
			"deliveries that wait 15, of them failed before 3, the oldest of " + local + "\n",
			"CALLER ACTIVE PAUSED FAILING NOTHING FOUND OVERDUE PUT OFF\nshop 8 0 2 0 4 0\n(without a name) 1 1 0 3 0 5\n",
			"pw_1 shop 杯子 " + local + " ", " the quota -\n", "UPSTREAM_TIMEOUT 2 1688 did not answer\n", "pw_2 shop 伞 UPSTREAM_TIMEOUT " + local + " - " + local + "\n",
			"pw_3 shop shop.example " + local + " 11 15 - the target answers HTTP 500\n", "and 7 more callers with fewer watches\n",
		}, nil},
		{full, "zh_CN", exitOK, []string{
			"价格监控 15\n", "其中 正常 9，暂停 1，失败 2，无商品 3\n", "一小时内到期 观测 12 次，最多 30 次上游调用\n", "webhook 6，失败 1，停用 2\n",
			"调用方 正常 暂停 失败 无商品 逾期 推迟\n", "（无名称） 1 1 0 3 0 5\n", "另有 7 个监控较少的调用方\n",
		}, nil},
		{full, "en_US -o json", exitOK, []string{`"overdueWatches": "4"`, `"callsLeft": "40"`}, nil},
		{empty, "en_US", exitOK, []string{"price watches 0\n", "deliveries that wait 0\n"}, []string{"CALLER", "HOST", "more callers"}},
		{full, "en_US --size=0", exitUsage, nil, nil},
		{full, "en_US --size=101", exitUsage, nil, nil},
		{operated(t, server.AdminParts{Watches: overview{}}), "en_US", -1, nil, []string{"price watches"}},
		{operated(t, server.AdminParts{}), "en_US", -1, nil, []string{"price watches"}},
	} {
		words := strings.Fields(test.flags)
		got := run(t, []string{"LC_ALL=" + words[0] + ".UTF-8"}, append([]string{"admin", "watches", "--ops-addr", test.addr}, words[1:]...)...)
		lines := ""
		for line := range strings.Lines(got.stdout) {
			lines += strings.Join(strings.Fields(line), " ") + "\n"
		}
		if got.code != test.code && test.code >= 0 || test.code < 0 && got.code == exitOK {
			t.Errorf("%s: exit %d, want %d; %s", test.flags, got.code, test.code, got.stderr)
		}
		for _, part := range test.want {
			if !strings.Contains(lines, part) {
				t.Errorf("%s: no %q in\n%s%s", test.flags, part, got.stdout, got.stderr)
			}
		}
		for _, part := range test.never {
			if strings.Contains(lines, part) {
				t.Errorf("%s: %q is in\n%s", test.flags, part, got.stdout)
			}
		}
	}
}
