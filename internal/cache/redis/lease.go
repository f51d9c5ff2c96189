package redis

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

var _ cache.Leaser = (*Store)(nil)

// leasePrefix begins the name of every lease; the rest is the key in hexadecimal digits. A lease's value is a digit for
// its class (lower is more urgent) followed by its owner.
const leasePrefix = "zhaohuo:lease:"

// take gives the lease to the owner, unless another owner that is at least as urgent has it. It returns a [cache.Grant].
const take = `
local held = redis.call('GET', KEYS[1])
local own = held and string.sub(held, 2) == ARGV[1]
if held and not own and string.sub(held, 1, 1) <= ARGV[2] then
	return 0
end
redis.call('SET', KEYS[1], ARGV[2] .. ARGV[1], 'PX', ARGV[3])
return own and 2 or 1`

// release removes the lease if the owner has it.
const release = `
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 2) == ARGV[1] then
	redis.call('DEL', KEYS[1])
end
return 0`

// scripts are the scripts for leases.
type scripts struct{ take, release *rueidis.Lua }

func newScripts() scripts {
	return scripts{take: rueidis.NewLuaScript(take), release: rueidis.NewLuaScript(release)}
}

// Lease implements [cache.Leaser].
func (s *Store) Lease(ctx context.Context, l cache.Lease, d time.Duration) (cache.Grant, error) {
	client, err := s.link.Client()
	if err != nil {
		return cache.Refused, err
	}
	class, left := strconv.Itoa(int(l.Class)), strconv.FormatInt(max(d.Milliseconds(), 1), 10)
	grant, err := s.scripts.take.Exec(ctx, client, []string{leaseName(l)}, []string{l.Owner, class, left}).AsInt64()
	if err != nil {
		return cache.Refused, fmt.Errorf("take a lease in Redis: %w", err)
	}
	return cache.Grant(grant), nil
}

// Release implements [cache.Leaser].
func (s *Store) Release(ctx context.Context, l cache.Lease) error {
	client, err := s.link.Client()
	if err != nil {
		return err
	}
	if err := s.scripts.release.Exec(ctx, client, []string{leaseName(l)}, []string{l.Owner}).Error(); err != nil {
		return fmt.Errorf("release a lease in Redis: %w", err)
	}
	return nil
}

func leaseName(l cache.Lease) string { return leasePrefix + l.Key.String() }
