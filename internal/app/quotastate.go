package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// quotaStateTimeout bounds the questions to the limiters for one collection of metrics, or one answer to operators.
const quotaStateTimeout = 2 * time.Second

// quotaState collects what waits for the quota and what is left of it, when it is asked. Replicas that share a Redis give the same counts of
// the day: a sum over them would count each call several times.
type quotaState struct {
	read                              func(context.Context) quota.Snapshot
	waiting, callers                  *prometheus.Desc
	used, left, rate, ban, standalone *prometheus.Desc
}

func newQuotaState(read func(context.Context) quota.Snapshot) prometheus.Collector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("zhaohuo_quota_"+name, help, labels, nil)
	}
	return &quotaState{
		read:    read,
		waiting: describe("waiting", "Calls that wait for their turn in this process, by class.", "class"),
		callers: describe("waiting_callers", "Different callers among them, by class.", "class"),
		used: describe("calls_used", "Upstream calls of today (of China), by account (empty for the only one) and API (empty for all APIs; others only with a "+
			"daily limit of their own). Absent while the store of limits cannot be asked.", "account", "api"),
		left: describe("calls_left", "Upstream calls that may still be made today, by account and API as zhaohuo_quota_calls_used. Absent without a daily limit, "+
			"and while it is not known.", "account", "api"),
		rate:       describe("rate", "Upstream calls a second that are sent at most now, after the margin and after throttles, by account. Absent without a limit.", "account"),
		ban:        describe("ban_seconds", "How long 1688 still refuses all calls of an account, by account; 0 if it does not.", "account"),
		standalone: describe("standalone", "1 while this process keeps limits without the shared store."),
	}
}

// Describe implements [prometheus.Collector].
func (q *quotaState) Describe(to chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{q.waiting, q.callers, q.used, q.left, q.rate, q.ban, q.standalone} {
		to <- one
	}
}

// Collect implements [prometheus.Collector].
func (q *quotaState) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), quotaStateTimeout)
	defer cancel()
	gauge := func(of *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(of, prometheus.GaugeValue, value, labels...)
	}
	s := q.read(ctx)
	for _, class := range upstream.Classes() {
		gauge(q.waiting, float64(s.Waiting[class]), class.String())
		gauge(q.callers, float64(s.Callers[class]), class.String())
	}
	standalone := 0.0
	if s.Standalone {
		standalone = 1
	}
	gauge(q.standalone, standalone)
	for _, a := range s.Accounts {
		if !a.Known {
			continue // Unknown is not zero.
		}
		gauge(q.used, float64(a.DayUsed), a.Name, "")
		switch {
		case !a.ExhaustedUntil.IsZero():
			gauge(q.left, 0, a.Name, "") // 1688 itself said so.
		case a.DayLimit > 0:
			gauge(q.left, float64(max(a.DayLimit-a.DayUsed, 0)), a.Name, "")
		}
		for _, one := range a.APIs {
			gauge(q.used, float64(one.DayUsed), a.Name, one.API)
			gauge(q.left, float64(max(one.DayLimit-one.DayUsed, 0)), a.Name, one.API)
		}
		if a.Limits.App.PerSecond > 0 {
			gauge(q.rate, a.PerSecond, a.Name)
		}
		gauge(q.ban, max(time.Until(a.BannedUntil).Seconds(), 0), a.Name)
	}
}
