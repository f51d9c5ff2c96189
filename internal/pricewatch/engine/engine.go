// Package engine observes price watches when they are due. Each tick is observed once, and no watch twice at the same time. All
// processes that share the store share the work; when one is killed, the others take over its work.
//
// The schedule is the watch's own row: its next due time. A loop in each process moves what is due into jobs of River
// (riverqueue.com). River's workers observe through the [Observer] and store the observation, its events and the end of
// the job in one transaction. It does not know how goods are observed, nor what the RPCs look like.
package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/store"
)

// Times of the engine. A job of a killed process is taken over after rescueAfter, at the next look of River's rescuer (each
// 30 seconds) and after jobTimeout more: in less than two minutes, also when the leader of River was killed.
const (
	// jobTimeout bounds one job.
	jobTimeout = 20 * time.Second
	// observeTimeout bounds the observation in it; the rest is for storing.
	observeTimeout = 15 * time.Second
	// rescueAfter is how long a job runs before River takes its process for dead.
	rescueAfter = 25 * time.Second
	// scheduleEvery is how often a process looks for watches that are due, and fetchEvery how often for jobs.
	scheduleEvery = time.Second
	fetchEvery    = 500 * time.Millisecond
	// fetchCooldown is the least time between two looks for jobs while there are some.
	fetchCooldown = 10 * time.Millisecond
)

// Observer observes a watch.
type Observer interface {
	// Observe observes the watch once, for the tick that was due at due. Image is the watch's pinned image, or nil.
	//
	// A fault of the quota (waitOf lists the kinds) makes the watch wait, and nothing is stored. After ctx has ended the error is
	// ignored. Any other error is stored as a failed observation.
	Observe(ctx context.Context, w *store.Watch, image []byte, due time.Time) (*zhaohuov1.PriceObservation, error)
}

// Options say how an engine works. Store, Observer and Log must be set.
type Options struct {
	Store    *store.Store
	Observer Observer
	Log      *slog.Logger
	// Now is the clock of schedules and days. Default [time.Now].
	Now func() time.Time
	// IntervalMin is the least time from an observation of a watch to the next one that WakeProducts causes. Default: none.
	IntervalMin time.Duration
	// Workers is how many observations this process makes at a time. Default 8.
	Workers int
	// Backlog is how many jobs of all processes may be open, waiting for the quota included. What is due beyond them waits in
	// the watches' rows, so that jobs stay few and new. Default 500.
	Backlog int
	// Retention says what is kept of observations and events. Default: everything for 400 days, then an observation a day up to
	// 10 years, whatever they take.
	Retention store.Retention
	// Deliverer sends events to webhooks. Nil: this process sends none.
	Deliverer Deliverer
	// Metrics receives the outcome of each attempt to observe. Nil discards them.
	Metrics Metrics
}

// Engine observes watches. It is safe for concurrent use.
type Engine struct {
	store     *store.Store
	observer  Observer
	log       *slog.Logger
	now       func() time.Time
	backlog   int
	least     time.Duration
	retention store.Retention
	metrics   Metrics
	deliverer Deliverer
	river     *river.Client[*sql.Tx]
	notices   notices

	// wake holds at most one request to look for due watches.
	wake    chan struct{}
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// New makes an engine on a store that was opened with [Migrate]. Start starts it.
func New(o Options) (*Engine, error) {
	e := &Engine{
		store: o.Store, observer: o.Observer, log: o.Log, now: o.Now, backlog: o.Backlog, least: o.IntervalMin, retention: o.Retention,
		metrics: o.Metrics, deliverer: o.Deliverer, wake: make(chan struct{}, 1), cancel: func() {},
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.backlog <= 0 {
		e.backlog = 500
	}
	if e.retention.Raw <= 0 {
		e.retention.Raw = 400 * 24 * time.Hour
	}
	if e.retention.Daily <= 0 {
		e.retention.Daily = 10 * 365 * 24 * time.Hour
	}
	if e.metrics == nil {
		e.metrics = nobody{}
	}
	workers := o.Workers
	if workers <= 0 {
		workers = 8
	}
	var err error
	if e.river, err = e.newRiver(workers); err != nil {
		return nil, fmt.Errorf("the queue of price watches cannot be made: %w", err)
	}
	return e, nil
}

// Start starts observing. It returns at once. Ctx only bounds the start.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.repair(ctx); err != nil {
		return err
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if err := e.river.Start(work); err != nil {
		cancel()
		return fmt.Errorf("the queue of price watches does not start: %w", err)
	}
	e.cancel = cancel
	e.running.Go(func() { e.scheduleUntil(work) })
	if e.deliverer != nil {
		e.running.Go(func() { e.deliverUntil(work) })
	}
	return nil
}

// Stop ends observing. Observations that run are cancelled. They are not stored as failed: this process makes them again after
// its next start, or another one does. Stop waits for them until ctx ends.
func (e *Engine) Stop(ctx context.Context) error {
	// River stops before its context ends: it still writes which jobs have ended.
	err := e.river.StopAndCancel(ctx)
	e.cancel()
	e.running.Wait()
	if err != nil {
		return errors.Join(errors.New("observations of price watches did not end in time; they are made again"), err)
	}
	return nil
}

// Wake makes the engine look for due watches at once. Call it after a watch was created or resumed.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// NewEvents returns a channel that is closed when this process stores events. Call it before you read the events, and wait for
// it afterwards. Events that other processes store do not close it, so read again every second or so.
func (e *Engine) NewEvents() <-chan struct{} { return e.notices.next(anyEvent) }

// anyEvent is the key of the notice of events; no watch has it as its id.
const anyEvent = ""

// notices wake those who wait for something of a key.
type notices struct {
	mu    sync.Mutex
	chans map[string]chan struct{}
}

// next gives a channel that is closed by the next fire of the key.
func (n *notices) next(key string) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.chans[key]
	if c == nil {
		if n.chans == nil {
			n.chans = map[string]chan struct{}{}
		}
		c = make(chan struct{})
		n.chans[key] = c
	}
	return c
}

// fire wakes all who wait for the key.
func (n *notices) fire(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.chans[key]; c != nil {
		close(c)
		delete(n.chans, key)
	}
}
