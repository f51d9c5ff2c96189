package limiter_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/test/certificate"
)

// replica is one process's limiter, and its store events.
type replica struct {
	*limiter.Failover
	reported chan error
}

func newReplica(t *testing.T, server *redistest.Server, l limiter.Limits, o limiter.FailoverOptions) replica {
	t.Helper()
	coded := make(chan error, 100)
	o.OnChange = func(lost error) { coded <- lost }
	o.ProbeEvery = 100 * time.Millisecond
	r := replica{limiter.NewFailover(limiter.NewRedis(l, server.Option()), o), coded}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// expect waits for the event that the store is lost, or back.
func (r replica) expect(t *testing.T, lost bool) {
	t.Helper()
	select {
	case err := <-r.reported:
		if (err != nil) != lost {
			t.Fatalf("event %v, want lost: %v", err, lost)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("no event within 10 s, want lost: %v", lost)
	}
}

// quick fails the test if op takes as long as waiting for a store that does not answer.
func quick(t *testing.T, what string, op func()) {
	t.Helper()
	from := time.Now()
	op()
	if took := time.Since(from); took >= time.Second { // The default of FailoverOptions.Timeout.
		t.Errorf("%s took %v", what, took)
	}
}

func TestDeny(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ gone, back func(*redistest.Server) }{
		"killed": {func(s *redistest.Server) { s.Kill(t) }, func(s *redistest.Server) { s.Restart(t) }},
		"frozen": {func(s *redistest.Server) { s.Freeze(t) }, func(s *redistest.Server) { s.Thaw(t) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t)
			r := newReplica(t, server, limiter.Limits{AppKey: "k", App: limiter.Limit{PerSecond: 20}}, limiter.FailoverOptions{Policy: limiter.Deny})
			departed(t, r, "search")
			tc.gone(server)
			_, err := r.Reserve(t.Context(), "search")
			if fault.KindOf(err) != fault.QuotaStoreUnavailable {
				t.Errorf("reserve: %v, want %v", err, fault.QuotaStoreUnavailable)
			}
			r.expect(t, true)
			quick(t, "twenty refusals", func() {
				for range 20 {
					_, err := r.Reserve(t.Context(), "search")
					f, ok := fault.As(err)
					if !ok || f.Kind != fault.QuotaStoreUnavailable || f.RetryAfter != 200*time.Millisecond {
						t.Fatalf("reserve: %v", err)
					}
				}
			})
			tc.back(server)
			r.expect(t, false)
			departed(t, r, "search")
			// A killed server forgot the count; the replica did not. A frozen one may have counted the call that it did
			// not answer.
			if used := dayUsed(t, r, "search"); used != [2]int64{2, 2} && used != [2]int64{3, 3} {
				t.Errorf("the day counts %v, want 2, or 3", used)
			}
		})
	}
}

func TestStartWithoutStore(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Kill(t)
	r := newReplica(t, server, limiter.Limits{AppKey: "k", App: limiter.Limit{PerSecond: 20}}, limiter.FailoverOptions{Policy: limiter.Share, Replicas: 2})
	r.expect(t, true)
	departed(t, r, "search")
	server.Restart(t)
	r.expect(t, false)
	departed(t, r, "search")
	if used := dayUsed(t, r, "search"); used != [2]int64{2, 2} {
		t.Errorf("the day counts %v, want 2", used)
	}
}

// TestShareMidLoad has three replicas under load while their server is killed and restarted empty.
func TestShareMidLoad(t *testing.T) {
	t.Parallel()
	const limit, replicas = 6, 3
	server := redistest.Start(t)
	var all []replica
	for range replicas {
		all = append(all, newReplica(t, server, limiter.Limits{AppKey: "k", App: limiter.Limit{PerSecond: limit, PerDay: 1000}}, limiter.FailoverOptions{Policy: limiter.Share, Replicas: replicas}))
	}
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var at []int64
	var wg sync.WaitGroup
	for _, r := range all {
		for range 2 {
			wg.Go(func() {
				for ctx.Err() == nil {
					v, err := r.Reserve(context.Background(), "search")
					if err != nil {
						t.Error(err)
						return
					}
					wait := v.Wait
					if v.Granted {
						pause.For(context.Background(), time.Until(v.Slot.NotBefore)) // Also at the end: every reserved slot is committed.
						if left, ok := r.Commit(v.Slot); ok {
							r.Sent(v.Slot)
							mu.Lock()
							at = append(at, left)
							mu.Unlock()
						}
						wait = time.Millisecond
					}
					pause.For(ctx, wait)
				}
			})
		}
	}
	// left waits for more commits and returns how many there were before.
	left := func(more int) int {
		mu.Lock()
		before := len(at)
		mu.Unlock()
		for n := before; n < before+more; {
			pause.For(ctx, 10*time.Millisecond)
			mu.Lock()
			n = len(at)
			mu.Unlock()
		}
		return before
	}
	left(2 * limit)
	server.Kill(t)
	for _, r := range all {
		r.expect(t, true)
	}
	left(2 * limit)
	server.Restart(t)
	for _, r := range all {
		r.expect(t, false)
	}
	left(2 * limit)
	stop()
	wg.Wait()
	if most := mostInASecond(at); most > limit {
		t.Errorf("%d attempts were committed in one half-open second, the limit is %d", most, limit)
	}
	// The server forgot its count, and the replicas need not know of the last calls before that.
	if used := dayUsed(t, all[0], "search")[0]; used > int64(len(at)) || used < int64(len(at)-limit) {
		t.Errorf("the day counts %d, want %d or up to %d less", used, len(at), limit)
	}
}

// TestRedisDay changes the stored day instead of the clock.
func TestRedisDay(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	l := limiter.Limits{AppKey: "k", App: limiter.Limit{PerDay: 2}}
	open := func() *limiter.Redis {
		g := limiter.NewRedis(l, server.Option())
		if err := g.Join(t.Context()); err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := open()
	departed(t, g, "search")
	departed(t, g, "search")
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "search")), limiter.DailyLimit, limiter.App, 24*time.Hour)
	// Another process, or this one after a restart, has the same counts.
	g.Close()
	g = open()
	wantRefusal(t, must(t)(g.Reserve(t.Context(), "search")), limiter.DailyLimit, limiter.App, 24*time.Hour)
	// Today's count becomes yesterday's.
	today := (time.Now().Unix() + 8*3600) / 86400
	for _, name := range []string{":app", ":api:search"} {
		for _, day := range []struct {
			of   int64
			used string
		}{{today - 1, "2"}, {today, "0"}} {
			if err := server.Do(t, "HSET", "zhaohuo:quota:{k}:days", strconv.FormatInt(day.of, 10)+name, day.used); err != nil {
				t.Fatal(err)
			}
		}
	}
	g.Close()
	g = open()
	defer g.Close()
	departed(t, g, "search")
	if diff := cmp.Diff([2]int64{1, 1}, dayUsed(t, g, "search")); diff != "" {
		t.Errorf("the new day's count (-want +got):\n%s", diff)
	}
}

// TestCertificateOfRedis: while the certificate of Redis cannot be trusted, each refusal says why. When it can be, Redis is used.
func TestCertificateOfRedis(t *testing.T) {
	cert, key, err := certificate.Write(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	server := redistest.StartTLS(t, cert, key)
	for says, change := range map[string]func(*tls.Config, func() time.Time){
		"has expired":  func(c *tls.Config, clock func() time.Time) { c.Time = clock },
		"another host": func(c *tls.Config, _ func() time.Time) { c.ServerName = "other.test" },
		"not trust":    func(c *tls.Config, _ func() time.Time) { c.RootCAs = x509.NewCertPool() },
	} {
		option, err := rueidis.ParseURL("rediss://" + server.Addr)
		if err != nil {
			t.Fatal(err)
		}
		option.ForceSingleClient, option.TLSConfig.RootCAs = true, server.Option().TLSConfig.RootCAs
		var late atomic.Bool
		late.Store(true)
		change(option.TLSConfig, func() time.Time {
			if late.Load() {
				return time.Now().AddDate(1, 0, 0)
			}
			return time.Now()
		})
		reported := make(chan error, 100)
		r := replica{limiter.NewFailover(limiter.NewRedis(limiter.Limits{AppKey: "key"}, option), limiter.FailoverOptions{
			Policy: limiter.Deny, ProbeEvery: 100 * time.Millisecond, OnChange: func(lost error) { reported <- lost },
		}), reported}
		r.expect(t, true)
		_, err = r.Reserve(t.Context(), "a")
		f, _ := fault.As(err)
		if f == nil || f.Kind != fault.QuotaStoreUnavailable || !strings.Contains(f.Detail, "its certificate") || !strings.Contains(f.Detail, says) || f.Cause() == nil {
			t.Errorf("%s: %v", says, err)
		}
		if says == "has expired" {
			late.Store(false)
			r.expect(t, false)
			if _, err := r.Reserve(t.Context(), "a"); err != nil { // Not granted at once: it waits for what other replicas may have sent.
				t.Errorf("with a valid certificate: %v", err)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
