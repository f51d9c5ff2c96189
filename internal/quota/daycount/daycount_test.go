package daycount_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/daycount"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter/redistest"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func shut(t *testing.T, all ...*daycount.Counts) {
	t.Helper()
	for _, c := range all {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// charge spends a call of a name.
func charge(c *daycount.Counts, name string, limit int64) (undo func(), err error) {
	day := c.Budget(name, limit, fault.New(fault.CallerCallsUsedUp, "no calls are left"))
	return upstream.Charge(upstream.WithDemand(context.Background(), upstream.Demand{Day: day}))
}

// spend spends calls until one is refused, and returns how many went.
func spend(t *testing.T, c *daycount.Counts, name string, limit int64) int {
	t.Helper()
	for n := 0; ; n++ {
		_, err := charge(c, name, limit)
		if err == nil && n <= int(limit) {
			continue
		}
		f, ok := fault.As(err)
		if !ok || f.Kind != fault.CallerCallsUsedUp || f.RetryAfter <= 0 || f.RetryAfter > 24*time.Hour {
			t.Errorf("after %d calls: %v", n, err)
		}
		return n
	}
}

func TestADayEndsAtMidnightInChina(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := daycount.New(daycount.Config{})
		defer shut(t, c)
		if n := spend(t, c, "a", 3); n != 3 {
			t.Errorf("%d calls of 3", n)
		}
		if n := spend(t, c, "b", 1); n != 1 {
			t.Errorf("%d calls of another name", n)
		}
		if n := spend(t, c, "a", 5); n != 2 {
			t.Errorf("%d calls after the limit was raised by 2", n)
		}
		time.Sleep(time.Until(chinaday.Next(time.Now())) - time.Nanosecond)
		_, err := charge(c, "a", 5)
		if f, ok := fault.As(err); !ok || f.RetryAfter != time.Nanosecond {
			t.Errorf("just before midnight: %v", err)
		}
		time.Sleep(time.Nanosecond)
		if n := spend(t, c, "a", 2); n != 2 {
			t.Errorf("%d calls on the next day", n)
		}
	})
}

func TestACallThatWasNotSentIsTakenBack(t *testing.T) {
	server := redistest.Start(t)
	option := server.Option()
	for name, config := range map[string]daycount.Config{"memory": {}, "file": {DataDir: t.TempDir()}, "redis": {Redis: &option}} {
		c := daycount.New(config)
		undo, err := charge(c, "a", 2)
		if err != nil {
			t.Fatal(err)
		}
		undo()
		if used, n := c.Used("a"), spend(t, c, "a", 2); used != 0 || n != 2 {
			t.Errorf("%s: %d used, then %d calls", name, used, n)
		}
		shut(t, c)
	}
}

func TestTheFileKeepsTheDay(t *testing.T) {
	dir := t.TempDir()
	for i, scope := range []string{"x", "x", "y"} {
		c := daycount.New(daycount.Config{DataDir: dir, Scope: scope})
		if n, want := spend(t, c, "a", 2), [...]int{2, 0, 2}[i]; n != want {
			t.Errorf("%d calls at start %d, want %d", n, i, want)
		}
		shut(t, c)
	}
}

// TestReplicasShareTheDay: exactly as many calls go as the day has, whichever replica they are of, and another scope has a day of
// its own.
func TestReplicasShareTheDay(t *testing.T) {
	server := redistest.Start(t)
	option := server.Option()
	replicas := []*daycount.Counts{daycount.New(daycount.Config{Redis: &option}), daycount.New(daycount.Config{Redis: &option})}
	other := daycount.New(daycount.Config{Redis: &option, Scope: "other"})
	defer shut(t, append(replicas, other)...)
	for _, c := range replicas {
		if _, err := charge(c, "a", 40); err != nil { // It connects.
			t.Fatal(err)
		}
	}
	var gone atomic.Int64
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { gone.Add(int64(spend(t, replicas[i%2], "a", 40))) })
	}
	all.Wait()
	if gone.Load() != 38 {
		t.Errorf("%d calls of the 38 that were left", gone.Load())
	}
	for i, c := range replicas {
		if c.Used("a") != 40 {
			t.Errorf("replica %d knows of %d calls", i, c.Used("a"))
		}
	}
	if n := spend(t, other, "a", 1); n != 1 {
		t.Errorf("%d calls in another scope", n)
	}
}

// TestALostServer: calls are refused, or go on within the part of a replica, and the server learns of them when it is back, also if
// it forgot the day.
func TestALostServer(t *testing.T) {
	server := redistest.Start(t)
	option := server.Option()
	deny, share := daycount.New(daycount.Config{Redis: &option}), daycount.New(daycount.Config{Redis: &option, Share: true, Replicas: 2})
	defer shut(t, deny, share)
	for range 4 {
		if _, err := charge(share, "a", 20); err != nil {
			t.Fatal(err)
		}
	}
	server.Kill(t)
	if _, err := charge(deny, "b", 20); fault.KindOf(err) != fault.QuotaStoreUnavailable {
		t.Errorf("without the server: %v", err)
	}
	if n := spend(t, share, "a", 20); n != 8 {
		t.Errorf("%d calls, want half of the 16 that were left", n)
	}
	server.Restart(t)
	// Some calls are still counted alone: it is not asked for a second.
	late := time.Now().Add(20 * time.Second)
	for share.Used("a") < 30 && time.Now().Before(late) {
		_, _ = charge(share, "a", 30)
	}
	fresh := daycount.New(daycount.Config{Redis: &option})
	defer shut(t, fresh)
	if n := spend(t, fresh, "a", 31); n != 1 {
		t.Errorf("%d calls, want the only one that is left", n)
	}
}
