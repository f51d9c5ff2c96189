package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/redislink"
)

// The names in Redis; the App Key follows. The tokens have no expiry, so that only a server that evicts any key drops them.
const (
	copyPrefix  = "zhaohuo:tokens:"
	leasePrefix = "zhaohuo:tokens-lease:"
)

// A lease is renewed at every third of its life. A replica that dies keeps the others waiting for the rest of it.
const (
	leaseLife = 9 * time.Second
	leasePoll = 50 * time.Millisecond
	// redisTimeout bounds one command.
	redisTimeout = 2 * time.Second
)

// The scripts. renew gives the lease to its owner again, also where Redis has lost it; it answers 0 where another one has it.
const (
	renewScript = `
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`
	releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
	return redis.call('DEL', KEYS[1])
end
return 0`
	// replaceScript sets what is kept if it is what the caller has read; an empty text is nothing.
	replaceScript = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1`
)

// replicas is the copy of the tokens in Redis, and the lease by which one replica at a time changes it.
type replicas struct {
	link                    *redislink.Link
	tokens, lease           string
	renew, release, replace *rueidis.Lua
}

func newReplicas(options rueidis.ClientOption, appKey string) *replicas {
	return &replicas{
		link: redislink.New(options), tokens: copyPrefix + appKey, lease: leasePrefix + appKey,
		renew: rueidis.NewLuaScript(renewScript), release: rueidis.NewLuaScript(releaseScript), replace: rueidis.NewLuaScript(replaceScript),
	}
}

// read gives the copy; nil for none.
func (r *replicas) read(ctx context.Context) ([]byte, error) {
	client, err := r.link.Client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	text, err := client.Do(ctx, client.B().Get().Key(r.tokens).Build()).AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the tokens in Redis: %w", err)
	}
	return text, nil
}

// write replaces the copy that was read, nil for none; false if another one has replaced it since.
func (r *replicas) write(ctx context.Context, old, fresh []byte) (bool, error) {
	n, err := r.run(ctx, r.replace, r.tokens, string(old), string(fresh))
	if err != nil {
		return false, fmt.Errorf("store the tokens in Redis: %w", err)
	}
	return n == 1, nil
}

func (r *replicas) run(ctx context.Context, script *rueidis.Lua, key string, args ...string) (int64, error) {
	client, err := r.link.Client()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	return script.Exec(ctx, client, []string{key}, args).AsInt64()
}

// lease is the right of one replica to change the tokens.
type lease struct {
	r     *replicas
	owner string
	// until is when it has ended unless it is renewed, on the clock of this machine, in nanoseconds; 0 if another one has it.
	until atomic.Int64
	stop  context.CancelFunc
	ended chan struct{}
}

// take waits for the lease until ctx ends.
func (r *replicas) take(ctx context.Context) (*lease, error) {
	life, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &lease{r: r, owner: rand.Text(), stop: stop, ended: make(chan struct{})}
	for {
		taken, err := l.claim(ctx)
		if err != nil {
			stop()
			return nil, err
		}
		if taken {
			go l.keep(life)
			return l, nil
		}
		select {
		case <-time.After(leasePoll):
		case <-ctx.Done():
			stop()
			return nil, fmt.Errorf("another replica is changing the tokens: %w", ctx.Err())
		}
	}
}

// claim asks for the lease once.
func (l *lease) claim(ctx context.Context) (bool, error) {
	client, err := l.r.link.Client()
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	until := time.Now().Add(leaseLife)
	err = client.Do(ctx, client.B().Set().Key(l.r.lease).Value(l.owner).Nx().PxMilliseconds(leaseLife.Milliseconds()).Build()).Error()
	switch {
	case err == nil:
		l.until.Store(until.UnixNano())
		return true, nil
	case rueidis.IsRedisNil(err):
		return false, nil
	default:
		return false, fmt.Errorf("take the lease of the tokens in Redis: %w", err)
	}
}

// keep renews the lease until it is given back.
func (l *lease) keep(ctx context.Context) {
	defer close(l.ended)
	ticks := time.NewTicker(leaseLife / 3)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return
		}
		until := time.Now().Add(leaseLife)
		n, err := l.r.run(ctx, l.r.renew, l.r.lease, l.owner, fmt.Sprint(leaseLife.Milliseconds()))
		switch {
		case err != nil: // It may still be ours until it ends.
		case n == 1:
			l.until.Store(until.UnixNano())
		default:
			l.until.Store(0)
			return
		}
	}
}

// held tells whether nobody else can have the lease now.
func (l *lease) held() bool { return time.Now().UnixNano() < l.until.Load() }

// giveBack ends the lease. One that cannot be given back ends by itself.
func (l *lease) giveBack(ctx context.Context) {
	l.stop()
	<-l.ended
	_, _ = l.r.run(context.WithoutCancel(ctx), l.r.release, l.r.lease, l.owner)
}

// eviction is the policy by which the server may drop the tokens; empty if it drops nothing that has no expiry.
func (r *replicas) eviction(ctx context.Context) (string, error) {
	client, err := r.link.Client()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	policy, err := "", errors.New("INFO does not tell maxmemory_policy")
	if text, infoErr := client.Do(ctx, client.B().Info().Section("memory").Build()).ToString(); infoErr == nil {
		for line := range strings.Lines(text) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok {
				policy, err = value, nil
			}
		}
	} else {
		err = infoErr
	}
	if err != nil { // Servers that hide one of both tell the other.
		var all map[string]string
		if all, err = client.Do(ctx, client.B().ConfigGet().Parameter("maxmemory-policy").Build()).AsStrMap(); err == nil {
			policy = all["maxmemory-policy"]
		}
	}
	if err == nil && policy == "" {
		err = errors.New("it names no policy")
	}
	if err != nil {
		return "", fmt.Errorf("Redis does not tell its maxmemory-policy: %w", err) //nolint:staticcheck // ST1005: a name.
	}
	if !strings.HasPrefix(policy, "allkeys-") {
		return "", nil
	}
	return policy, nil
}
