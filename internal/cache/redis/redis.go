// Package redis stores the cache's answers in a Redis server that replicas share, and the leases by which one of them asks.
//
// It connects on first use, and lets Redis drop expired answers. It does not know what keys and values mean. It does not retry
// when the server fails; the cache decides that.
package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/redislink"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

// prefix begins the name of every answer; the rest is the key in hexadecimal digits.
const prefix = "zhaohuo:cache:"

// Config is what a [Store] is built from.
type Config struct {
	// Options name the server or the cluster. Retries and client-side caching are always off: the cache has its own memory,
	// and callers must not wait for a server that is gone.
	Options rueidis.ClientOption
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Store is a [cache.Store] in Redis. What Put has acknowledged survives the end of this process. Whether it survives a restart
// of Redis depends on the configuration of Redis.
type Store struct {
	link    *redislink.Link
	now     func() time.Time
	scripts scripts
}

var (
	_ cache.Store  = (*Store)(nil)
	_ cache.Prompt = (*Store)(nil)
)

// New returns a store. It does not connect yet.
func New(c Config) *Store {
	s := &Store{link: redislink.New(c.Options), now: c.Now, scripts: newScripts()}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

// Get implements [cache.Store].
func (s *Store) Get(ctx context.Context, key cache.Key) ([]byte, error) {
	client, err := s.link.Client()
	if err != nil {
		return nil, err
	}
	b, err := client.Do(ctx, client.B().Get().Key(name(key)).Build()).AsBytes()
	if rueidis.IsRedisNil(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read from Redis: %w", err)
	}
	return b, nil
}

// Prompt implements [cache.Prompt]: once connected, the client gives the context's deadline to the connection.
func (*Store) Prompt() {}

// Put implements [cache.Store]. The items are written in one pipeline. When it fails, some may have been written.
func (s *Store) Put(ctx context.Context, items []cache.Item) error {
	client, err := s.link.Client()
	if err != nil {
		return err
	}
	commands := make(rueidis.Commands, 0, len(items))
	now := s.now()
	for _, item := range items {
		left := item.Until.Sub(now).Milliseconds()
		if left <= 0 {
			// An expired item still replaces the older answer, which must not be found again.
			commands = append(commands, client.B().Del().Key(name(item.Key)).Build())
			continue
		}
		commands = append(commands, client.B().Set().Key(name(item.Key)).Value(rueidis.BinaryString(item.Value)).PxMilliseconds(left).Build())
	}
	for _, result := range client.DoMulti(ctx, commands...) {
		if err := result.Error(); err != nil {
			return fmt.Errorf("write to Redis: %w", err)
		}
	}
	return nil
}

// Ping implements [cache.Store].
func (s *Store) Ping(ctx context.Context) error {
	client, err := s.link.Client()
	if err != nil {
		return err
	}
	return client.Do(ctx, client.B().Ping().Build()).Error()
}

// Close implements [cache.Store].
func (s *Store) Close() error {
	s.link.Close()
	return nil
}

func name(key cache.Key) string { return prefix + key.String() }
