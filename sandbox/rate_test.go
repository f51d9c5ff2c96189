package sandbox_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zhaohuo-dev/zhaohuo/sandbox"
)

// testClock is a clock that a test sets.
type testClock struct{ nanos atomic.Int64 }

func (h *testClock) now() time.Time { return now.Add(time.Duration(h.nanos.Load())) }

func (h *testClock) set(d time.Duration) { h.nanos.Store(int64(d)) }

func TestRates(t *testing.T) {
	c := config()
	var clock testClock
	c.Clock = clock.now
	c.Limits = sandbox.Limits{PerSecond: 2, APIPerSecond: map[string]int{keywordAPI: 1}, PerDay: 5}
	p := serve(t, c)
	keyword := func() string {
		return text(p.aop(t, keywordQuery, query("雨伞", nil)).decode(t)["error_code"])
	}
	flat := func() string {
		params := topUnsigned(flatSearch, map[string]string{"q": "雨伞", "timestamp": clock.now().Add(8 * time.Hour).Format("2006-01-02 15:04:05")})
		e, refused := p.post(t, "/router/rest", topSigned(appSecret, params)).decode(t)["error_response"]
		if !refused {
			return "null"
		}
		return text(dig(t, e, "code")) + " " + text(dig(t, e, "sub_msg"))
	}
	for i, step := range []struct {
		at   time.Duration
		call func() string
		want string
	}{
		{0, keyword, "null"},
		{500 * time.Millisecond, keyword, "gw.QosAPIFrequencyLimit"},
		{500 * time.Millisecond, flat, "null"},
		{999 * time.Millisecond, keyword, "gw.QosAppFrequencyLimit"},
		{999 * time.Millisecond, flat, "7 This ban will last for 1 more seconds"},
		{time.Second, keyword, "null"},
		{1499 * time.Millisecond, flat, "7 This ban will last for 1 more seconds"},
		{1500 * time.Millisecond, flat, "null"},
		{time.Hour, flat, "null"},
		{2 * time.Hour, keyword, "gw.NoUsageLeftError"},                      // five calls today
		{2 * time.Hour, flat, "7 This ban will last for 36000 more seconds"}, // it is 14:00 in China
		{12*time.Hour - time.Second, flat, "7 This ban will last for 1 more seconds"},
		{12 * time.Hour, keyword, "null"}, // a new day in China
	} {
		clock.set(step.at)
		if got := step.call(); got != step.want {
			t.Errorf("step %d at %v: %s, want %s", i, step.at, got, step.want)
		}
	}
	last := clock.now()
	clock.set(0)
	want := sandbox.Stats{
		FirstArrival: clock.now(), LastArrival: last,
		Arrivals: 13, Admitted: 6, Throttled: 4, QuotaRefused: 3, MostActive: 1,
		BusiestSecond: map[string]int{appKey: 6},
		APIs:          map[string]int64{keywordAPI: 3, flatSearch: 3},
		Codes:         map[string]int64{"ok": 6, "7": 4, "gw.QosAPIFrequencyLimit": 1, "gw.QosAppFrequencyLimit": 1, "gw.NoUsageLeftError": 1},
	}
	got := settled(t, p)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// await checks a condition until it holds. It fails after a time that only a defect can need.
func await(t *testing.T, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !condition() {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatal("the condition does not come to hold")
		}
	}
}

// settled waits until no request is in flight and returns the statistics: an answer reaches its caller before the handler
// returns.
func settled(t *testing.T, p platform) sandbox.Stats {
	t.Helper()
	var s sandbox.Stats
	await(t, func() bool { s = p.Stats(); return s.Active == 0 })
	return s
}

// A call counts when it arrives, however late its body comes, because a client paces by the time it sends.
func TestSlowBodyCountsAtArrival(t *testing.T) {
	c := config()
	var clock testClock
	c.Clock = clock.now
	c.Limits.PerSecond = 1
	p := serve(t, c)
	path := "/openapi/param2/1/" + keywordQuery + "/" + appKey
	values := form(t.Context(), p.url+path, aopSigned(strings.TrimPrefix(path, "/openapi/"), appSecret, query("雨伞", nil)))
	body, err := io.ReadAll(values.Body)
	if err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	slow := form(t.Context(), p.url+path, nil)
	slow.Body, slow.ContentLength = read, int64(len(body))
	first := make(chan reply, 1)
	go func() {
		r, err := do(slow)
		if err != nil {
			t.Error(err)
		}
		first <- r
	}()
	await(t, func() bool { return p.Stats().Arrivals > 0 })
	clock.set(900 * time.Millisecond)
	if _, err := write.Write(body); err != nil {
		t.Fatal(err)
	}
	statuses := []int{(<-first).status}
	for _, at := range []time.Duration{999 * time.Millisecond, time.Second} {
		clock.set(at)
		statuses = append(statuses, p.aop(t, keywordQuery, query("雨伞", nil)).status)
	}
	if diff := cmp.Diff([]int{200, 400, 200}, statuses); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPackage(t *testing.T) {
	c := config()
	c.Limits.Packages = map[string]int{keywordAPI: 1, flatSearch: 0}
	p := serve(t, c)
	call := func() string { return text(p.aop(t, keywordQuery, query("雨伞", nil)).decode(t)["error_code"]) }
	got := []string{call(), call()}
	p.RenewPackage(appKey, keywordAPI, 1)
	got = append(got, call(), text(dig(t, p.top(t, flatSearch, map[string]string{"q": "雨伞"}).decode(t), "error_response.sub_msg")))
	if diff := cmp.Diff([]string{"null", "gw.NoUsageLeftError", "null", "This ban will last for 31062 more seconds"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Many callers at one moment of a stopped clock: exactly the limit gets through, and the counts of the answers add up.
func TestConcurrentCallersShareTheRate(t *testing.T) {
	c := config()
	c.Limits.PerSecond = 7
	p := serve(t, c)
	var through atomic.Int64
	var group sync.WaitGroup
	for range 40 {
		group.Go(func() {
			if p.aop(t, keywordQuery, query("雨伞", nil)).status == 200 {
				through.Add(1)
			}
		})
	}
	group.Wait()
	s := settled(t, p)
	if through.Load() != 7 || s.Admitted != 7 || s.Throttled != 33 || s.BusiestSecond[appKey] != 40 {
		t.Errorf("%d got through; stats %+v", through.Load(), s)
	}
}
