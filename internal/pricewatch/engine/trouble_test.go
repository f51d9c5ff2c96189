package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/engine"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// TestClockJumps: after a jump forward each watch is observed once, and after a jump back the next slot is not further away
// than it ever is.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const watches = 20
		f := start(t, url, engine.Options{})
		ids := f.watches(t, watches, 10*time.Minute)
		for _, id := range ids {
			f.stored(t, id, 1)
		}
		f.idle(t)
		began := f.clock.now()
		f.to(began.Add(24 * time.Hour))
		for _, id := range ids {
			f.stored(t, id, 2)
		}
		f.idle(t)
		f.to(began.Add(23 * time.Hour))
		for _, id := range ids {
			eventually(t, "the watch is due soon", func() bool {
				ahead := f.read(t, id).NextDue.Sub(f.clock.now())
				return ahead > 0 && ahead <= 20*time.Minute
			})
			if w := f.read(t, id); w.WaitingFor != 0 {
				t.Errorf("%s waits for %v", id, w.WaitingFor)
			}
		}
		if made, _ := f.observer.count(); made != 2*watches {
			t.Errorf("%d observations were made, want %d", made, 2*watches)
		}
		f.to(began.Add(23*time.Hour + 21*time.Minute))
		for _, id := range ids {
			f.stored(t, id, 3)
		}
	})
}

// TestTimesOfAClockAhead: what the queue wrote under a clock that was an hour ahead does not hold anything up: jobs that wait
// until then, jobs of a killed process that began then, and a leader's term that ends then.
func TestTimesOfAClockAhead(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		f := open(t, url, engine.Options{})
		later := "datetime('now', 'subsec', '+1 hour')"
		if f.store.Postgres() {
			later = "now() + interval '1 hour'"
		}
		f.watch(t, "waits", time.Hour)
		f.run(t)
		f.stored(t, "waits", 1)
		f.idle(t)
		f.stop(t)
		for _, statement := range []string{
			`UPDATE river_job SET state = 'available', finalized_at = NULL, attempt = 0, scheduled_at = ` + later + ` WHERE kind = 'price_watch_observe'`,
			`DELETE FROM price_observation`,
			`DELETE FROM price_observation_products`,
			`DELETE FROM river_leader`,
			`INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES (` + later + `, ` + later + `, 'killed')`,
		} {
			if _, err := f.store.DB().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		f.run(t)
		f.stored(t, "waits", 1)
		eventually(t, "there is a leader", func() bool {
			var leaders int
			err := f.store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM river_leader WHERE leader_id <> 'killed'`).Scan(&leaders)
			return err == nil && leaders == 1
		})
	})
}

// TestStop: the engine stops in its time amid observations. They are not stored as failed but made again by the next start.
func TestStop(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		begun := make(chan struct{}, 10)
		var stopped atomic.Bool
		o := &observer{do: func(ctx context.Context, _ *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			if stopped.Load() {
				return seen(1), nil
			}
			begun <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		f := start(t, url, engine.Options{Observer: o})
		w := f.watch(t, "a", time.Hour)
		<-begun
		f.stop(t)
		stopped.Store(true)
		if all := f.history(t, "a"); len(all) != 0 {
			t.Errorf("stored: %v", all)
		}
		if n := f.open(t); n != 1 {
			t.Errorf("%d jobs are open, want the one that was broken off", n)
		}
		f.run(t)
		all := f.stored(t, "a", 1)
		if all[0].GetError() != nil || !all[0].GetDueTime().AsTime().Equal(w.CreateTime) {
			t.Errorf("stored: %v, want that of %v", all[0], w.CreateTime)
		}
	})
}

// TestReplicas: several processes share the work, and no tick is made twice.
func TestReplicas(t *testing.T) {
	t.Parallel()
	const watches = 90
	url := cluster.Database(t)
	var replicas []*fixture
	for range 3 {
		o := &observer{do: func(ctx context.Context, _ *store.Watch, _ time.Time) (*zhaohuov1.PriceObservation, error) {
			select { // About as long as a real one takes.
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			return seen(1), ctx.Err()
		}}
		replicas = append(replicas, open(t, url, engine.Options{Observer: o, Workers: 4}))
	}
	ids := replicas[0].watches(t, watches, time.Hour)
	for _, f := range replicas {
		f.run(t)
	}
	for _, id := range ids {
		replicas[0].stored(t, id, 1)
	}
	total := 0
	for i, f := range replicas {
		made, twice := f.observer.count()
		if made == 0 || twice {
			t.Errorf("replica %d made %d observations, twice at once: %v", i, made, twice)
		}
		total += made
	}
	if total != watches {
		t.Errorf("%d observations were made of %d ticks", total, watches)
	}
}

// TestFileGone: while the file of SQLite is away nothing is stored or reported, and when it is back the observation is stored.
func TestFileGone(t *testing.T) {
	t.Parallel()
	url := filepath.Join(t.TempDir(), "prices.db")
	begun, release := make(chan struct{}, 100), make(chan struct{})
	o := &observer{do: func(context.Context, *store.Watch, time.Time) (*zhaohuov1.PriceObservation, error) {
		begun <- struct{}{}
		<-release
		return seen(1), nil
	}}
	f := start(t, url, engine.Options{Observer: o})
	f.watch(t, "a", time.Hour)
	<-begun
	if err := os.Rename(url, url+".away"); err != nil {
		t.Fatal(err)
	}
	close(release)
	if _, err := f.engine.RunNow(t.Context(), "a"); err == nil {
		t.Error("an observation was acknowledged without a store")
	}
	if err := os.Rename(url+".away", url); err != nil {
		t.Fatal(err)
	}
	f.stored(t, "a", 1)
}

// TestServerGone: while PostgreSQL is down ticks wait, and when it is back they are stored, once each. It stops the server of all
// tests, so none runs beside it.
func TestServerGone(t *testing.T) { //nolint:paralleltest // See above.
	begun, release := make(chan struct{}, 100), make(chan struct{})
	o := &observer{do: func(context.Context, *store.Watch, time.Time) (*zhaohuov1.PriceObservation, error) {
		begun <- struct{}{}
		<-release
		return seen(1), nil
	}}
	f := start(t, cluster.Database(t), engine.Options{Observer: o})
	f.watch(t, "running", time.Hour)
	<-begun
	cluster.Stop(t)
	close(release)
	if _, err := f.engine.RunNow(t.Context(), "running"); err == nil {
		t.Error("an observation was acknowledged without a store")
	}
	cluster.Start(t)
	f.stored(t, "running", 1)
	f.watch(t, "later", time.Hour)
	f.stored(t, "later", 1)
	f.idle(t)
}
