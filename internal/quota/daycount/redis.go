package daycount

import (
	"context"
	_ "embed" // count.lua
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/chinaday"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/redislink"
)

//go:embed count.lua
var script string

const (
	// askTimeout is how long a call waits for the server.
	askTimeout = time.Second
	// askRetry is the pause after a failure in which the server is not asked: calls must not wait for it one by one.
	askRetry = time.Second
	// closeTimeout bounds the report of what the server does not know yet.
	closeTimeout = time.Second
)

// redis counts on a server that replicas share.
type redis struct {
	link     *redislink.Link
	script   *rueidis.Lua
	replicas int64
	share    bool
	scope    string
	log      *slog.Logger

	mu      sync.Mutex
	names   map[string]*known
	retryAt time.Time
	lost    bool
}

// known is what this process knows of a name's calls on a day.
type known struct {
	day int64
	// used is what the server said last. unreported are calls that it did not count: negative for calls that were taken back.
	used, unreported int64
}

func newRedis(c Config) *redis {
	return &redis{
		link: redislink.New(*c.Redis), script: rueidis.NewLuaScript(script), replicas: int64(max(c.Replicas, 1)), share: c.Share, scope: c.Scope, log: c.Log,
		names: map[string]*known{},
	}
}

// today is what is known of a name's calls today. The mutex must be held.
func (r *redis) today(name string, day int64) *known {
	k := r.names[name]
	if k == nil || k.day != day {
		k = &known{day: day}
		r.names[name] = k
	}
	return k
}

func (r *redis) used(name string) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.today(name, chinaday.Number(time.Now()))
	return k.used + k.unreported
}

func (r *redis) take(name string, limit int64) (day int64, ok bool, err error) {
	now := time.Now()
	r.mu.Lock()
	waits := now.Before(r.retryAt)
	r.mu.Unlock()
	if !waits {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		day, ok, err = r.ask(ctx, name, limit)
		r.note(err)
		if err == nil {
			return day, ok, nil
		}
	}
	return r.alone(name, limit, now, err)
}

// alone counts a call while the server does not answer.
func (r *redis) alone(name string, limit int64, now time.Time, cause error) (day int64, ok bool, err error) {
	if !r.share {
		return 0, false, fault.OfServer(fault.QuotaStoreUnavailable, "the store of the day's calls cannot be asked", cause)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.today(name, chinaday.Number(now))
	if k.used+(k.unreported+1)*r.replicas > limit {
		return k.day, false, nil
	}
	k.unreported++
	return k.day, true, nil
}

// note logs that the server is lost or back.
func (r *redis) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch lost := err != nil; {
	case lost:
		r.retryAt = time.Now().Add(askRetry)
		if !r.lost {
			r.log.Error("the store of the day's calls is lost", "goes_on_alone", r.share, "error", err)
		}
		r.lost = true
	case r.lost:
		r.lost = false
		r.log.Info("the store of the day's calls is back")
	}
}

// ask counts a call at the server unless there are limit of them, and reports what it does not know.
func (r *redis) ask(ctx context.Context, name string, limit int64) (day int64, ok bool, err error) {
	client, err := r.link.Client()
	if err != nil {
		return 0, false, err
	}
	r.mu.Lock()
	k := r.today(name, chinaday.Number(time.Now()))
	reported := k.unreported
	k.unreported = 0
	least := k.used
	r.mu.Unlock()
	reply, err := r.script.Exec(ctx, client, []string{"zhaohuo:calls:{" + url.QueryEscape(r.scope+"\n"+name) + "}"},
		[]string{text(limit), text(reported), text(k.day), text(least)}).AsIntSlice()
	if err == nil && len(reply) != 3 {
		err = errors.New("the script answered something else")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		k.unreported += reported // It may be counted twice: rather too many than too few.
		return 0, false, fmt.Errorf("ask Redis: %w", err)
	}
	day = reply[1]
	k = r.today(name, day)
	k.used = reply[2]
	return day, reply[0] == 1, nil
}

func (r *redis) undo(name string, day int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.names[name]; k != nil && k.day == day {
		k.unreported-- // The next call reports it.
	}
}

// close reports what the server does not know yet, if it answers.
func (r *redis) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	r.mu.Lock()
	var names []string
	for name, k := range r.names {
		if k.unreported != 0 && !r.lost {
			names = append(names, name)
		}
	}
	r.mu.Unlock()
	for _, name := range names {
		if _, _, err := r.ask(ctx, name, 0); err != nil {
			break
		}
	}
	r.link.Close()
	return nil
}

func text(n int64) string { return strconv.FormatInt(n, 10) }
