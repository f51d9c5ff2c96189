package quota_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// member is one account of a modelled pool, with what the upstream saw of it.
type member struct {
	name    string
	rate    float64
	daily   int64
	apis    []string // empty: all
	revoked bool
	// throttles is how many calls are refused for now, each for two seconds.
	throttles int

	arrivals []time.Time
}

func (m *member) serves(api string) bool { return len(m.apis) == 0 || slices.Contains(m.apis, api) }

// platform is a model of the upstream: it counts the arrivals of each account, and refuses all calls of a revoked one.
type platform struct {
	t       interface{ Errorf(string, ...any) }
	mu      sync.Mutex
	members []*member
}

func (p *platform) member(name string) *member {
	return p.members[slices.IndexFunc(p.members, func(m *member) bool { return m.name == name })]
}

// arrive is one call.
func (p *platform) arrive(account, api, pinned string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.member(account)
	m.arrivals = append(m.arrivals, time.Now())
	if !m.serves(api) || pinned != "" && !slices.Contains(strings.Split(pinned, ","), account) {
		p.t.Errorf("a call to %s for %q went through %s", api, pinned, account)
	}
	if m.revoked {
		return fault.New(fault.UpstreamCredentialsInvalid, "revoked")
	}
	if m.throttles > 0 {
		m.throttles--
		return fault.New(fault.UpstreamThrottled, "throttled").WithRetryAfter(2 * time.Second)
	}
	return nil
}

// able reports whether an account is left for a call.
func (p *platform) able(api, pinned string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.members, func(m *member) bool {
		return m.serves(api) && !m.revoked && (m.daily == 0 || int64(len(m.arrivals)) < m.daily) &&
			(pinned == "" || slices.Contains(strings.Split(pinned, ","), m.name))
	})
}

// pool is a dispatcher over the members.
func (p *platform) pool(t *testing.T) *quota.Dispatcher {
	t.Helper()
	var all []quota.Account
	for _, m := range p.members {
		limits := limiter.Limits{AppKey: m.name, App: limiter.Limit{PerSecond: m.rate, PerDay: m.daily}, Margin: quota.MarginDefault}
		all = append(all, quota.Account{Name: m.name, Limits: limits, Limiter: limiter.NewLocal(limits, limiter.NewLedger()), Serves: m.serves})
	}
	d := quota.NewPool(all, quota.Options{})
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// call makes one call as the client does: a fault of the account moves it to another one.
func (p *platform) call(ctx context.Context, d *quota.Dispatcher, request upstream.PermitRequest) error {
	for {
		turn, err := d.Acquire(ctx, request)
		if err != nil {
			return err
		}
		if err = turn.Commit(ctx); err == nil {
			turn.Sent()
			err = p.arrive(turn.Account(), request.API, request.Accounts)
		}
		turn.Done(err)
		if err == nil || ctx.Err() != nil || !turn.PassOver(err) {
			return err
		}
	}
}

// TestPool: no account gets more calls than its rate or day allows, or calls that it may not make; and no call is lost as
// long as an account is left for it, also when one is revoked.
func TestPool(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p := &platform{t: r}
		for i := range rapid.IntRange(2, 4).Draw(r, "accounts") {
			p.members = append(p.members, &member{
				name:  string(rune('a' + i)),
				rate:  rapid.SampledFrom([]float64{0, 0.5, 1, 2, 5, 13}).Draw(r, "rate"),
				daily: rapid.SampledFrom([]int64{0, 0, 3, 40}).Draw(r, "daily"),
				apis:  rapid.SampledFrom([][]string{nil, nil, {"search"}, {"image"}}).Draw(r, "apis"),
			})
		}
		type line struct {
			request upstream.PermitRequest
			calls   int
		}
		lines := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) line {
			return line{upstream.PermitRequest{
				API: rapid.SampledFrom([]string{"search", "image"}).Draw(r, "api"),
				Demand: upstream.Demand{
					Caller:   rapid.SampledFrom([]string{"x", "y"}).Draw(r, "caller"),
					Class:    rapid.SampledFrom([]upstream.Class{upstream.Interactive, upstream.Batch}).Draw(r, "class"),
					Accounts: rapid.SampledFrom([]string{"", "", "a", "a,b"}).Draw(r, "pinned"),
				},
			}, rapid.IntRange(1, 20).Draw(r, "calls")}
		}), 1, 6).Draw(r, "lines")
		revoked := rapid.IntRange(0, len(p.members)).Draw(r, "revoked")
		synctest.Test(t, func(t *testing.T) {
			d := p.pool(t)
			var wg sync.WaitGroup
			lost := make(chan func(), 6*20)
			for _, l := range lines {
				for range l.calls {
					wg.Go(func() {
						if err := p.call(t.Context(), d, l.request); err != nil {
							lost <- func() { // Calls that are counted already may arrive later.
								if p.able(l.request.API, l.request.Accounts) {
									r.Errorf("a call to %s for %q was lost: %v", l.request.API, l.request.Accounts, err)
								}
							}
						}
					})
				}
			}
			time.Sleep(1500 * time.Millisecond)
			if revoked < len(p.members) {
				p.mu.Lock()
				p.members[revoked].revoked = true
				p.mu.Unlock()
			}
			wg.Wait()
			close(lost)
			for check := range lost {
				check()
			}
			for _, m := range p.members {
				if m.daily > 0 && int64(len(m.arrivals)) > m.daily {
					r.Errorf("%s: %d calls, %d a day are allowed", m.name, len(m.arrivals), m.daily)
				}
				if got := busiest(m.arrivals); m.rate >= 1 && float64(got) > m.rate {
					r.Errorf("%s: %d calls in one second, %v are allowed", m.name, got, m.rate)
				}
			}
		})
	})
}

// TestPoolUsesTheSumOfTheRates: no account is idle while calls wait, be they many or one after the other, and also after
// one of three is revoked.
func TestPoolUsesTheSumOfTheRates(t *testing.T) {
	for _, tc := range []struct {
		rates   []float64
		callers int
		revoke  bool
	}{
		{[]float64{5, 5}, 20, false},
		{[]float64{3, 11}, 20, false},
		{[]float64{0.5, 4}, 20, false},
		{[]float64{1, 20}, 40, false},
		{[]float64{1, 1}, 1, false},
		{[]float64{4, 4, 2}, 20, true},
	} {
		t.Run(fmt.Sprint(tc.rates, tc.callers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{t: t}
				sum := 0.0
				for i, rate := range tc.rates {
					p.members = append(p.members, &member{name: string(rune('a' + i)), rate: rate})
					sum += rate
				}
				d := p.pool(t)
				ctx, stop := context.WithCancel(t.Context())
				var wg sync.WaitGroup
				for range tc.callers {
					wg.Go(func() {
						for ctx.Err() == nil {
							if err := p.call(ctx, d, search); err != nil && ctx.Err() == nil {
								t.Error(err)
								return
							}
						}
					})
				}
				begin := time.Now()
				if tc.revoke {
					last := p.members[len(p.members)-1]
					p.mu.Lock()
					last.revoked = true
					p.mu.Unlock()
					sum -= last.rate
				}
				const seconds = 50
				time.Sleep(seconds * time.Second)
				p.mu.Lock()
				n := 0
				for _, m := range p.members {
					if !m.revoked {
						n += between(m.arrivals, begin, time.Now())
					} else if len(m.arrivals) > tc.callers {
						t.Errorf("the revoked account had %d calls in %d s", len(m.arrivals), seconds)
					}
				}
				p.mu.Unlock()
				stop()
				wg.Wait()
				if got := float64(n) / seconds / sum; got < 0.95 {
					t.Errorf("%.3f of the sum of the rates was used", got)
				}
			})
		})
	}
}

// TestPassedOverAccountIsExamined: a passed-over account gets one call after a minute, and is used again if that is served.
func TestPassedOverAccountIsExamined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{t: t, members: []*member{{name: "a", rate: 1, revoked: true}, {name: "b", rate: 1}}}
		d := p.pool(t)
		for range 4 {
			if err := p.call(t.Context(), d, search); err != nil {
				t.Fatal(err)
			}
		}
		passed := d.Snapshot(t.Context()).Accounts[0].Passed
		if len(p.members[0].arrivals) != 1 || len(passed) != 1 || passed[0].Kind != fault.UpstreamCredentialsInvalid || passed[0].API != "" {
			t.Fatalf("the revoked account had %d calls, passed over for %v", len(p.members[0].arrivals), passed)
		}
		if err := p.call(t.Context(), d, upstream.PermitRequest{API: "search", Account: "a", Optional: true}); fault.KindOf(err) != fault.UpstreamCredentialsInvalid {
			t.Errorf("a call that can do without the account: %v", err)
		}
		p.members[0].revoked = false
		time.Sleep(time.Minute)
		for range 8 {
			if err := p.call(t.Context(), d, search); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(p.members[0].arrivals); got < 4 {
			t.Errorf("the account had %d calls after it was restored", got)
		}
		if passed := d.Snapshot(t.Context()).Accounts[0].Passed; len(passed) != 0 {
			t.Errorf("still passed over for %v", passed)
		}
	})
}

// TestAHealedAccountSavesTheCall: when the last account fails, an account that was passed over for a while is examined
// before the call is given up.
func TestAHealedAccountSavesTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{t: t, members: []*member{{name: "a", revoked: true}, {name: "b"}}}
		d := p.pool(t)
		for range 2 {
			if err := p.call(t.Context(), d, search); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(40 * time.Second)
		p.members[0].revoked, p.members[1].revoked = false, true
		if err := p.call(t.Context(), d, search); err != nil {
			t.Errorf("the healed account was not asked: %v", err)
		}
		p.members[0].revoked = true
		before := len(p.members[0].arrivals) + len(p.members[1].arrivals)
		for range 5 {
			if err := p.call(t.Context(), d, search); fault.KindOf(err) != fault.UpstreamCredentialsInvalid {
				t.Errorf("%v", err)
			}
		}
		if got := len(p.members[0].arrivals) + len(p.members[1].arrivals) - before; got > 6 {
			t.Errorf("5 calls that nobody can serve cost %d", got)
		}
	})
}

// TestAThrottledAccountSavesTheCall: when an account fails while the other one is throttled, the call waits for that one. A
// call without the time is refused at once, with the wait.
func TestAThrottledAccountSavesTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{t: t, members: []*member{{name: "a", throttles: 1}, {name: "b", revoked: true}}}
		d := p.pool(t)
		began := time.Now()
		if err := p.call(t.Context(), d, upstream.PermitRequest{API: "search", Account: "a"}); err == nil {
			t.Error("the throttled call was served")
		}
		if err := p.call(t.Context(), d, search); err != nil {
			t.Errorf("the throttled account was not waited for: %v", err)
		}
		if took := time.Since(began); took < 2*time.Second || len(p.members[0].arrivals) != 2 {
			t.Errorf("it took %v, and the account had %d calls", took, len(p.members[0].arrivals))
		}
		p.members[0].throttles = 1
		_ = p.call(t.Context(), d, upstream.PermitRequest{API: "search", Account: "a"})
		began = time.Now()
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := p.call(short, d, search); fault.KindOf(err) != fault.QuotaWaitTooLong || time.Since(began) > 0 {
			t.Errorf("without the time to wait: %v after %v", err, time.Since(began))
		}
	})
}

// TestPinnedToNobody: a call that no account may make is refused at once, by name of the API.
func TestPinnedToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{t: t, members: []*member{{name: "a", apis: []string{"image"}}, {name: "b"}}}
		d := p.pool(t)
		err := p.call(t.Context(), d, upstream.PermitRequest{API: "search", Demand: upstream.Demand{Accounts: "a"}})
		if f, ok := fault.As(err); !ok || f.Kind != fault.UpstreamPermissionDenied || f.Subject != "search" {
			t.Errorf("%v", err)
		}
	})
}
