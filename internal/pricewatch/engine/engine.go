// Package engine has price watches observed when they are due: each tick once, no watch twice at a time, by all processes
// that share the store, and again after any of them was killed.
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
	// The fault of a quota that gives no turn now (of its kinds, see waitOf) has the watch wait and nothing stored. An error
	// when ctx ended is of no matter. Any other error is stored as an observation that failed.
	Observe(ctx context.Context, w *store.Watch, image []byte, due time.Time) (*zhaohuov1.PriceObservation, error)
}

// Options say how an engine works. Store, Observer and Log must be set.
type Options struct {
	Store    *store.Store
	Observer Observer
	Log      *slog.Logger
	// Now is the clock of schedules and days. Default [time.Now].
	Now func() time.Time
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
	// Metrics is told what became of observations. Default nobody.
	Metrics Metrics
}

// Engine has watches observed. It is safe for concurrent use.
type Engine struct {
	store     *store.Store
	observer  Observer
	log       *slog.Logger
	now       func() time.Time
	backlog   int
	retention store.Retention
	metrics   Metrics
	deliverer Deliverer
	river     *river.Client[*sql.Tx]
	notices   notices

	// wake has one place: who finds it taken need not wake again.
	wake    chan struct{}
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// New makes an engine on a store that was opened with [Migrate]. Start starts it.
func New(o Options) (*Engine, error) {
	e := &Engine{
		store: o.Store, observer: o.Observer, log: o.Log, now: o.Now, backlog: o.Backlog, retention: o.Retention,
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

// Stop ends observing. Observations that run are broken off, and are made again later by whoever is there; they are not
// stored as failed. It waits for them until ctx ends.
func (e *Engine) Stop(ctx context.Context) error {
	// The loop first: it would insert jobs for nobody. The context of River must not end with it: that would break off what
	// writes the ends of jobs.
	err := e.river.StopAndCancel(ctx)
	e.cancel()
	e.running.Wait()
	if err != nil {
		return errors.Join(errors.New("observations of price watches did not end in time; they are made again"), err)
	}
	return nil
}

// Wake has the engine look for watches that are due at once, as after one was created or resumed.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// NewEvents gives a channel that is closed when this process has stored events. Take it before reading events, and wait
// for it after. Events that other processes stored do not close it: look again each second or so.
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
