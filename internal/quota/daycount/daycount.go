// Package daycount counts upstream calls by name and by China's day, for bounds that the operator sets: those of a caller, for
// example. The counts are those of this process, of all processes that use a data directory, or of all replicas that use a Redis
// server.
//
// It does not know what a name means. The limits of App Keys are package limiter's.
package daycount

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota"
	"github.com/zhaohuo-dev/zhaohuo/internal/quota/limiter"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// Config configures [New].
type Config struct {
	// Scope separates the counts of services that share a store, such as those of two App Keys.
	Scope string
	// DataDir has the file with the counts when there is no Redis; empty counts in memory.
	DataDir string
	// Redis is the server that all replicas count on; nil for none.
	Redis *rueidis.ClientOption
	// Replicas is how many processes share Redis; less than 1 counts as 1. With Share, calls go on while Redis does not answer: each
	// of the processes is then taken to spend as much as this one. Otherwise they are refused.
	Replicas int
	Share    bool
	// Log receives failures of the store; nil for none.
	Log *slog.Logger
}

// Counts are the counts of all names. They are safe for concurrent use.
type Counts struct{ store store }

// store keeps counts. A day is a number of package chinaday.
type store interface {
	// used is the number of calls on the present day, as far as is known without asking anybody.
	used(name string) int64
	// take counts a call, unless there are limit of them. The error is a fault: the store does not answer.
	take(name string, limit int64) (day int64, ok bool, err error)
	// undo takes back a call that was counted on a day.
	undo(name string, day int64)
	close() error
}

// New returns the counts. The file is opened, and Redis asked, when the first call is counted.
func New(c Config) *Counts {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Redis != nil {
		return &Counts{newRedis(c)}
	}
	return &Counts{&local{config: c}}
}

// Close ends counting.
func (c *Counts) Close() error { return c.store.close() }

// Used is how many calls of a name were counted today, as far as this process knows.
func (c *Counts) Used(name string) int64 { return c.store.used(name) }

// Budget is what a name may spend today: limit calls a day, over all budgets of that name. refusal is the fault of a call beyond
// it; how long to wait is added.
func (c *Counts) Budget(name string, limit int64, refusal *fault.Fault) *upstream.Budget {
	return upstream.NewCountedBudget(budget{c.store, name, limit, refusal})
}

type budget struct {
	store   store
	name    string
	limit   int64
	refusal *fault.Fault
}

var _ upstream.Count = budget{}

// Left implements [upstream.Count].
func (b budget) Left() int64 { return max(b.limit-b.store.used(b.name), 0) }

// Take implements [upstream.Count].
func (b budget) Take() (undo func(), err error) {
	day, ok, err := b.store.take(b.name, b.limit)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, b.Refusal()
	}
	return func() { b.store.undo(b.name, day) }, nil
}

// Refusal implements [upstream.Count].
func (b budget) Refusal() error {
	now := time.Now()
	return b.refusal.WithRetryAfter(chinaday.Next(now).Sub(now))
}

// local counts in this process, or in a file. A file that fails costs no call: it is logged, and calls are counted in memory.
type local struct {
	config Config
	once   sync.Once
	opened *limiter.Ledger
}

func (l *local) ledger() *limiter.Ledger {
	l.once.Do(l.open)
	return l.opened
}

func (l *local) open() {
	l.opened = limiter.NewLedger()
	if l.config.DataDir == "" {
		return
	}
	failed := func(err error) { l.config.Log.Warn("the file with the counts of calls fails", "error", err) }
	path := filepath.Join(l.config.DataDir, quota.FileName)
	ledger, err := limiter.OpenLedger(context.Background(), path, "counts of "+l.config.Scope, limiter.LedgerOptions{Exact: true, OnError: failed})
	if err != nil {
		failed(err)
		return
	}
	l.opened = ledger
}

func (l *local) used(name string) int64 { return l.ledger().Used(time.Now(), name) }

func (l *local) take(name string, limit int64) (day int64, ok bool, err error) {
	now := time.Now()
	_, ok = l.ledger().Add(now, name, now, 0, limit)
	return chinaday.Number(now), ok, nil
}

func (l *local) undo(name string, day int64) { l.ledger().Remove(day, name) }

func (l *local) close() error {
	l.once.Do(func() { l.opened = limiter.NewLedger() }) // Nothing was counted.
	if err := l.opened.Close(); err != nil {
		return fmt.Errorf("closing the counts of calls: %w", err)
	}
	return nil
}
