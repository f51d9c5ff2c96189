package push

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// pageSize is how many messages one call asks for: the most that the platform gives.
	pageSize = 200
	// pagesMax bounds the pages of one catch-up. What is left is asked for in the next one.
	pagesMax = 50
	// catchUpRetry is the pause after a catch-up that failed. It doubles up to the interval.
	catchUpRetry = time.Minute
	// catchUpSpacing is the least time between two catch-ups: a full queue asks for one.
	catchUpSpacing = time.Minute
)

// Undelivered are the messages of one account that the platform could not deliver.
type Undelivered interface {
	// List returns up to that many of them, the oldest first, as the platform would have pushed them.
	List(ctx context.Context, most int) ([]string, error)
	// Confirm takes messages off the list, by ids of decimal digits.
	Confirm(ctx context.Context, ids []string) error
}

// CatchUpOptions configure a [CatchUp]. All must be set.
type CatchUpOptions struct {
	Receiver *Receiver
	// Accounts are asked one after the other, by the name that logs have.
	Accounts []CatchUpAccount
	// Every is the time between two catch-ups.
	Every time.Duration
	// Observe is called after each catch-up of an account, with nil or why it could not be finished.
	Observe func(error)
	Log     *slog.Logger
}

// CatchUpAccount is one account that messages are pushed to.
type CatchUpAccount struct {
	// Name is empty for the only account.
	Name string
	Undelivered
}

// CatchUp asks for messages that could not be delivered: at start, after the queue was full, and regularly, because nobody reports
// that the platform could not reach this service. Messages are confirmed after they are worked off: when the process ends before, they
// are listed once more.
type CatchUp struct {
	o CatchUpOptions

	mu     sync.Mutex
	failed map[string]error
}

// NewCatchUp makes one. [CatchUp.Run] does its work, while [Receiver.Run] runs.
func NewCatchUp(o CatchUpOptions) *CatchUp { return &CatchUp{o: o, failed: map[string]error{}} }

// Failed is why the last catch-up of an account could not be finished; nil if it was, or if there was none yet.
func (c *CatchUp) Failed(account string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed[account]
}

// Run catches up until ctx ends.
func (c *CatchUp) Run(ctx context.Context) {
	retry := min(catchUpRetry, c.o.Every)
	for {
		wait := c.o.Every
		if c.all(ctx) {
			retry = min(catchUpRetry, c.o.Every)
		} else {
			wait, retry = retry, min(2*retry, c.o.Every)
		}
		if ctx.Err() != nil || !c.pause(ctx, wait) {
			return
		}
	}
}

// pause waits, and less long after a message was refused because the queue was full. It is false when ctx has ended.
func (c *CatchUp) pause(ctx context.Context, wait time.Duration) bool {
	least := time.NewTimer(min(catchUpSpacing, wait))
	defer least.Stop()
	select {
	case <-least.C:
	case <-ctx.Done():
		return false
	}
	rest := time.NewTimer(wait - min(catchUpSpacing, wait))
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-c.o.Receiver.refused:
	case <-ctx.Done():
		return false
	}
	return true
}

// all reports whether every account was caught up with.
func (c *CatchUp) all(ctx context.Context) bool {
	complete := true
	for _, account := range c.o.Accounts {
		messages, err := c.one(ctx, account)
		if ctx.Err() != nil {
			return false
		}
		c.o.Observe(err)
		c.mu.Lock()
		before := c.failed[account.Name]
		c.failed[account.Name] = err
		c.mu.Unlock()
		log := c.o.Log.With("messages", messages)
		if account.Name != "" {
			log = log.With("account", account.Name)
		}
		switch {
		case err != nil && (before == nil || before.Error() != err.Error()):
			log.Warn("pushed messages that were not delivered could not all be asked for; this is tried again", "error", err)
		case err == nil && messages > 0:
			log.Info("pushed messages that were not delivered were asked for")
		}
		complete = complete && err == nil
	}
	return complete
}

// Errors of a catch-up.
var (
	errNoProgress = errors.New("messages stay on the list of those that were not delivered, though they were confirmed or have no id")
	errMoreLeft   = errors.New("more messages were not delivered than one catch-up asks for")
)

// one catches up with one account, and returns how many messages it worked off.
func (c *CatchUp) one(ctx context.Context, account CatchUpAccount) (messages int, err error) {
	confirmed := map[string]bool{}
	for range pagesMax {
		texts, err := account.List(ctx, pageSize)
		if err != nil || len(texts) == 0 {
			return messages, err
		}
		ids, full := c.o.Receiver.undelivered(texts)
		if !c.o.Receiver.queue.settled(ctx) {
			return messages, ctx.Err()
		}
		var fresh []string
		for _, id := range ids {
			if !confirmed[id] {
				confirmed[id] = true
				fresh = append(fresh, id)
			}
		}
		if len(fresh) == 0 && !full {
			return messages, errNoProgress
		}
		if len(fresh) > 0 {
			if err := account.Confirm(ctx, fresh); err != nil {
				return messages, err
			}
			messages += len(fresh)
		}
		if len(texts) < pageSize && !full {
			return messages, nil
		}
	}
	return messages, errMoreLeft
}

// undelivered takes messages that the platform listed for an account. Their signature is the connection's and that of the call.
// It returns the ids of those that need not come once more, and whether some found the queue full.
func (r *Receiver) undelivered(texts []string) (ids []string, full bool) {
	for _, text := range texts {
		m, err := Parse(text)
		outcome := r.outcome(text, m, err)
		r.options.Metrics.Undelivered(outcome)
		if outcome == Full {
			full = true
			continue
		}
		if m.ID == "" {
			m.ID = idOf(text)
		}
		if m.ID != "" && strings.Trim(m.ID, "0123456789") == "" {
			ids = append(ids, m.ID)
		}
	}
	return ids, full
}
