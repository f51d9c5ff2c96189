package engine

import (
	"context"
	"database/sql"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// The names of River's queue and of the kinds of jobs. They are stored: a change orphans the jobs that are open.
const (
	queue       = "price_watch"
	kindObserve = "price_watch_observe"
	kindRetain  = "price_watch_retain"
)

// The priorities of jobs: a person waits for what was asked for by hand.
const (
	priorityManual = 1 + iota
	priorityDue
	priorityRetain
)

// attemptsMax is how often a job is tried that cannot be stored: at a minute each, for more than half a day.
const attemptsMax = 1000

func driverOf(db *sql.DB) riverdriver.Driver[*sql.Tx] {
	if _, postgres := db.Driver().(*stdlib.Driver); postgres {
		return riverdatabasesql.New(db)
	}
	return riversqlite.New(db)
}

// Migrate brings River's tables up to date. Processes must not do so at the same time: it is for store.Options.Migrate.
func Migrate(ctx context.Context, db *sql.DB) error {
	migrator, err := rivermigrate.New(driverOf(db), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// jobOptions are those of an observation's job. Of a watch there is one at a time, in whichever state it is open.
func jobOptions(manual bool) *river.InsertOpts {
	o := &river.InsertOpts{
		MaxAttempts: attemptsMax, Queue: queue, Priority: priorityDue,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable,
			rivertype.JobStateScheduled,
		}},
	}
	if manual {
		o.Priority = priorityManual
	}
	return o
}

func (e *Engine) newRiver(workers int) (*river.Client[*sql.Tx], error) {
	kinds := river.NewWorkers()
	river.AddWorker(kinds, &observeWorker{engine: e})
	river.AddWorker(kinds, &retainWorker{engine: e})
	river.AddWorker(kinds, &deliverWorker{engine: e})
	queues := map[string]river.QueueConfig{queue: {MaxWorkers: workers}}
	if e.deliverer != nil {
		queues[webhookQueue] = river.QueueConfig{MaxWorkers: deliverWorkers}
	}
	return river.NewClient(driverOf(e.store.DB()), &river.Config{
		// Ended jobs are not needed: the stored observation is the record.
		CancelledJobRetentionPeriod: time.Minute, CompletedJobRetentionPeriod: time.Minute,
		// Each process polls at a slightly different interval. With equal ones their order would never change, and the same process
		// would always be the first to poll after jobs were inserted, and get most of them.
		FetchCooldown: fetchCooldown, FetchPollInterval: fetchEvery + rand.N(fetchEvery/10),
		JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, RetryPolicy: retryPolicy{},
		Logger:   slog.New(&riverLog{rarely: rarely{log: e.log}}),
		PollOnly: true, Queues: queues, Workers: kinds,
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(retainEvery),
			func() (river.JobArgs, *river.InsertOpts) { return retainJob{}, retainOptions() },
			&river.PeriodicJobOpts{RunOnStart: true})},
	})
}

// openJobs counts the jobs of a kind that have not ended, of all processes.
func openJobs(ctx context.Context, tx *sql.Tx, queue, kind string) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM river_job WHERE queue = $1 AND kind = $2
		AND state IN ('available', 'pending', 'running', 'retryable', 'scheduled')`, queue, kind).Scan(&n)
	return n, err
}

// retryPolicy is when a job that failed is tried again.
type retryPolicy struct{}

// NextRetry implements [river.ClientRetryPolicy]. River asks it also for a job that it takes from a process which seems to be
// dead. If that process is alive, because a clock jumped, its job ends within jobTimeout: until then nobody else may begin,
// or the watch would run twice at once.
func (retryPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	now := time.Now()
	if job.AttemptedAt != nil && now.Sub(*job.AttemptedAt) >= rescueAfter {
		return now.Add(jobTimeout)
	}
	return now.Add(min(time.Duration(max(len(job.Errors), 1))*2*time.Second, time.Minute))
}

// repairRiver mends times of River that only a clock which was ahead can have written: a job is never put off by more than
// some minutes, a job that runs began before now, and a leader's term is of 15 seconds.
func (e *Engine) repairRiver(ctx context.Context) error {
	statements := []string{
		`UPDATE river_job SET scheduled_at = datetime('now', 'subsec')
			WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at > datetime('now', 'subsec', '+5 minutes')`,
		`UPDATE river_job SET attempted_at = datetime('now', 'subsec')
			WHERE state = 'running' AND attempted_at > datetime('now', 'subsec', '+1 minutes')`,
		`DELETE FROM river_leader WHERE expires_at > datetime('now', 'subsec', '+2 minutes')`,
	}
	if e.store.Postgres() {
		statements = []string{
			`UPDATE river_job SET scheduled_at = now()
				WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at > now() + interval '5 minutes'`,
			`UPDATE river_job SET attempted_at = now() WHERE state = 'running' AND attempted_at > now() + interval '1 minute'`,
			`DELETE FROM river_leader WHERE expires_at > now() + interval '2 minutes'`,
		}
	}
	return e.store.InTx(ctx, func(tx *sql.Tx) error {
		for _, each := range statements {
			if _, err := tx.ExecContext(ctx, each); err != nil {
				return err
			}
		}
		return nil
	})
}

// storeLost is the fault of an error that River had with the database.
func storeLost(err error) error {
	if _, known := fault.As(err); known {
		return err
	}
	return fault.New(fault.PriceStoreUnavailable, "the queue of price watches cannot be used right now").WithCause(err)
}

// rarely logs a message at most once a minute: while the store is gone, each second brings the same ones.
type rarely struct {
	log    *slog.Logger
	mu     sync.Mutex
	logged map[string]time.Time
}

const logEvery = time.Minute

// may reports whether it is time to log the message.
func (r *rarely) may(message string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, before := r.logged[message]; before && time.Since(at) < logEvery {
		return false
	}
	if r.logged == nil || len(r.logged) > 100 {
		r.logged = map[string]time.Time{}
	}
	r.logged[message] = time.Now()
	return true
}

func (r *rarely) warn(ctx context.Context, message string, err error) {
	if r.may(message) {
		attributes := []slog.Attr{slog.Any("error", err)}
		if f, ok := fault.As(err); ok && f.Cause() != nil {
			attributes = append(attributes, slog.Any("cause", f.Cause()))
		}
		r.log.LogAttrs(ctx, slog.LevelWarn, message, attributes...) //nolint:sloglint // The callers' messages are constant.
	}
}

// riverLog passes River's warnings and errors on, rarely and as warnings: all of them are tried again.
type riverLog struct {
	rarely
}

// Enabled implements [slog.Handler].
func (*riverLog) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements [slog.Handler].
func (l *riverLog) Handle(ctx context.Context, record slog.Record) error {
	if !l.may(record.Message) {
		return nil
	}
	about := make([]slog.Attr, 0, record.NumAttrs()+1)
	about = append(about, slog.String("queue", record.Message))
	record.Attrs(func(a slog.Attr) bool {
		about = append(about, a)
		return true
	})
	l.log.LogAttrs(ctx, slog.LevelWarn, "the queue of price watches had trouble", about...)
	return nil
}

// WithAttrs implements [slog.Handler]. River sets none.
func (l *riverLog) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements [slog.Handler].
func (l *riverLog) WithGroup(string) slog.Handler { return l }
