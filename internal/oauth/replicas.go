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

// The prefixes of names in Redis; the App Key follows. The tokens have no expiry, so only a server that evicts any key drops them.
const (
	copyPrefix  = "zhaohuo:tokens:"
	leasePrefix = "zhaohuo:tokens-lease:"
)

// A lease is renewed after each third of its life. When a replica dies, the others wait until its lease expires.
const (
	leaseLife = 9 * time.Second
	leasePoll = 50 * time.Millisecond
	// redisTimeout bounds one command.
	redisTimeout = 2 * time.Second
)

// The scripts. renew extends the lease of its owner, also when Redis has lost it. It returns 0 when another one has it.
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
	// replaceScript replaces the copy if it still is what the caller has read. Empty means that there was none.
	replaceScript = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1`
)

// replicas is the copy of the tokens in Redis and the lease that lets one replica at a time change it.
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

// read returns the copy, or nil if there is none.
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

// write replaces the copy that was read (nil if there was none). It returns false if another replica has replaced it since.
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
	// until is when it expires unless it is renewed, by the clock of this machine, in nanoseconds. 0 means another one has it.
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

// claim tries once to get the lease.
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

// keep renews the lease until it is released.
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
		case err != nil: // It may still be ours until it expires.
		case n == 1:
			l.until.Store(until.UnixNano())
		default:
			l.until.Store(0)
			return
		}
	}
}

// held reports whether no other replica can have the lease now.
func (l *lease) held() bool { return time.Now().UnixNano() < l.until.Load() }

// release gives the lease back. If Redis cannot be reached, it expires by itself.
func (l *lease) release(ctx context.Context) {
	l.stop()
	<-l.ended
	_, _ = l.r.run(context.WithoutCancel(ctx), l.r.release, l.r.lease, l.owner)
}

// eviction returns the policy by which the server may drop the tokens. It is empty if keys without expiry are never dropped.
func (r *replicas) eviction(ctx context.Context) (string, error) {
	client, err := r.link.Client()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	policy, err := "", errors.New("INFO does not contain maxmemory_policy")
	if text, infoErr := client.Do(ctx, client.B().Info().Section("memory").Build()).ToString(); infoErr == nil {
		for line := range strings.Lines(text) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:"); ok {
				policy, err = value, nil
			}
		}
	} else {
		err = infoErr
	}
	if err != nil { // Some servers hide one of the two.
		var all map[string]string
		if all, err = client.Do(ctx, client.B().ConfigGet().Parameter("maxmemory-policy").Build()).AsStrMap(); err == nil {
			policy = all["maxmemory-policy"]
		}
	}
	if err == nil && policy == "" {
		err = errors.New("it names no policy")
	}
	if err != nil {
		return "", fmt.Errorf("Redis does not report its maxmemory-policy: %w", err) //nolint:staticcheck // ST1005: a name.
	}
	if !strings.HasPrefix(policy, "allkeys-") {
		return "", nil
	}
	return policy, nil
}
