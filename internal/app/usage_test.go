package app

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// info asks for the description of a server.
func (r *running) info(t *testing.T) *zhaohuov1.GetServerInfoResponse {
	t.Helper()
	info, err := zhaohuov1.NewInfoServiceClient(r.Conn()).GetServerInfo(t.Context(), &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// search spends upstream calls, and returns how many the answer says.
func (r *running) search(t *testing.T, keyword string) int64 {
	t.Helper()
	answer, err := zhaohuov1.NewSearchServiceClient(r.Conn()).KeywordSearch(t.Context(), &zhaohuov1.KeywordSearchRequest{Keyword: keyword})
	if err != nil {
		t.Fatal(err)
	}
	return int64(answer.GetMeta().GetUpstreamCalls())
}

// account is a sandbox outside of the process, so that the settings are those of a live server. It returns them.
func account(t *testing.T) config.Environ {
	t.Helper()
	sandbox, err := NewSandbox(t.Context(), SandboxOptions{Addr: "127.0.0.1:0", AppKey: "1", CatalogueDir: sell(t)})
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
	return config.Environ{
		"ZHAOHUO_APP_KEY": "1", "ZHAOHUO_APP_SECRET": sandbox.AppSecret().Reveal(), "ZHAOHUO_UPSTREAM_URL": sandbox.URL(),
		"ZHAOHUO_DATA_DIR": t.TempDir(),
	}
}

// TestCallsOfTodayInTheSandbox: they begin at 0, and no limit a day is set.
func TestCallsOfTodayInTheSandbox(t *testing.T) {
	r := start(t, settings(t, nil), false)
	used := r.info(t).GetQuota()
	if used == nil || used.GetCallsUsed() != 0 || used.CallsPerDay != nil || used.CallsLeft != nil || used.GetScope() != zhaohuov1.QuotaScope_QUOTA_SCOPE_PROCESS {
		t.Errorf("before the first call: %v; want 0 calls of this process, and no limit", used)
	}
	if want := chinaday.Next(time.Now()); !used.GetResetTime().AsTime().Equal(want) {
		t.Errorf("the next day begins at %v, want %v", used.GetResetTime().AsTime(), want)
	}
	want := &zhaohuov1.ServerLoad{
		RunningRequests: 1, Circuit: zhaohuov1.UpstreamCircuit_UPSTREAM_CIRCUIT_CLOSED, PresentQps: r.info(t).GetLoad().PresentQps,
		Queues: []*zhaohuov1.CallQueue{{CallClass: "interactive"}, {CallClass: "batch"}},
	}
	if diff := cmp.Diff(want, r.info(t).GetLoad(), protocmp.Transform()); diff != "" {
		t.Errorf("an idle server (-want +got):\n%s", diff)
	}
	spent := r.search(t, "蓝牙耳机")
	if got := r.info(t).GetQuota().GetCallsUsed(); got != spent || spent == 0 {
		t.Errorf("%d calls are counted, and the answer cost %d", got, spent)
	}
	if stored := r.search(t, "蓝牙耳机"); stored != 0 || r.info(t).GetQuota().GetCallsUsed() != spent {
		t.Errorf("a stored answer cost %d; %d calls are counted, want %d", stored, r.info(t).GetQuota().GetCallsUsed(), spent)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

// TestCallsOfTodayAreKept: of a limit a day the rest is left, also after a restart.
func TestCallsOfTodayAreKept(t *testing.T) {
	env := account(t)
	env["ZHAOHUO_UPSTREAM_DAILY"] = "3"
	for _, want := range []int64{0, 1, 2} {
		r := start(t, settings(t, env), true)
		used := r.info(t).GetQuota()
		if used.GetCallsUsed() != want || used.GetCallsPerDay() != 3 || used.CallsLeft == nil || used.GetCallsLeft() != 3-want ||
			used.GetScope() != zhaohuov1.QuotaScope_QUOTA_SCOPE_DATA_DIR {
			t.Errorf("after %d starts: %v; want %d of 3 calls", want, used, want)
		}
		r.search(t, "雨伞 "+string(rune('a'+want)))
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	}
}

// TestCallsOfTodayOfAllReplicas: a replica reports the calls of another one, and none while Redis is lost.
func TestCallsOfTodayOfAllReplicas(t *testing.T) {
	redis := redistest.Start(t)
	env := account(t)
	env["ZHAOHUO_REDIS_URL"], env["ZHAOHUO_TOKEN_MODE"] = "redis://"+redis.Addr+"/0", "none"
	one := start(t, settings(t, env), true)
	env["ZHAOHUO_DATA_DIR"] = t.TempDir()
	other := start(t, settings(t, env), true)
	spent := one.search(t, "雨伞")
	used := other.info(t).GetQuota()
	if used.GetCallsUsed() != spent || spent == 0 || used.GetScope() != zhaohuov1.QuotaScope_QUOTA_SCOPE_ALL_REPLICAS {
		t.Errorf("the other replica reports %v, want %d calls of all replicas", used, spent)
	}
	redis.Kill(t)
	if used := other.info(t).GetQuota(); used != nil {
		t.Errorf("without Redis: %v, want nothing", used)
	}
	for _, r := range []*running{one, other} {
		if err := r.end(t); err != nil {
			t.Error(err)
		}
	}
}

// TestWhatIsOfferedOfPriceWatches: their intervals, or that there are none.
func TestWhatIsOfferedOfPriceWatches(t *testing.T) {
	r := start(t, settings(t, config.Environ{"ZHAOHUO_DATA_DIR": t.TempDir(), "ZHAOHUO_WATCH_INTERVAL_MIN": "2m"}), false)
	offer := r.info(t).GetPriceWatches()
	if !offer.GetEnabled() || offer.GetIntervalMin().AsDuration() != 2*time.Minute || offer.GetIntervalMax().AsDuration() != config.IntervalMax {
		t.Errorf("with a place for them: %v", offer)
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	none := start(t, settings(t, nil), true)
	if offer := none.info(t).GetPriceWatches(); offer == nil || offer.GetEnabled() || offer.GetIntervalMin() != nil {
		t.Errorf("without ports: %v, want none", offer)
	}
	if err := none.end(t); err != nil {
		t.Error(err)
	}
}

// TestLoadSaysWhatIsKnown: queues always, rate and ban where they are known and limited, and each state of the breaker.
func TestLoadSaysWhatIsKnown(t *testing.T) {
	ban := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	limits, rate := limiter.Limits{App: limiter.Limit{PerSecond: 2}}, 1.5
	waiting := map[upstream.Class]int{upstream.Interactive: 3, upstream.Batch: 9}
	queues := []*zhaohuov1.CallQueue{{CallClass: "interactive", WaitingCalls: 3, WaitingCallers: 3}, {CallClass: "batch", WaitingCalls: 9, WaitingCallers: 9}}
	for name, test := range map[string]struct {
		snapshot quota.Snapshot
		want     *zhaohuov1.ServerLoad
	}{
		"all of it": {
			quota.Snapshot{Known: true, Limits: limits, PerSecond: rate, BannedUntil: ban, Waiting: waiting, Callers: waiting},
			&zhaohuov1.ServerLoad{Queues: queues, PresentQps: &rate, BannedUntilTime: timestamppb.New(ban)},
		},
		"a store that does not answer": {quota.Snapshot{Limits: limits, Waiting: waiting, Callers: waiting}, &zhaohuov1.ServerLoad{Queues: queues}},
		"no limit":                     {quota.Snapshot{Known: true, Waiting: waiting, Callers: waiting}, &zhaohuov1.ServerLoad{Queues: queues}},
	} {
		if diff := cmp.Diff(test.want, waitingOf(test.snapshot), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for state, want := range map[upstream.BreakerState]string{upstream.BreakerClosed: "CLOSED", upstream.BreakerProbing: "PROBING", upstream.BreakerOpen: "OPEN"} {
		if got := circuitOf(state).String(); got != "UPSTREAM_CIRCUIT_"+want {
			t.Errorf("%d is %s", state, got)
		}
	}
}
