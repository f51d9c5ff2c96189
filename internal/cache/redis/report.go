package redis

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/cache"
)

var _ cache.Reporter = (*Store)(nil)

// The pauses before reports are asked for once more: after a connection was lost, and after the server has refused.
const (
	reportPause  = time.Second
	refusedPause = time.Minute
)

var errReportsEnded = errors.New("the connection that reports changes in Redis ended")

// Report implements [cache.Reporter] with client-side caching of Redis 6 and newer (CLIENT TRACKING, broadcasting): the server sends the
// names of all answers that are written, removed or expire. It needs no memory for it, and one message a write for each replica. A
// cluster reports nothing, because each of its servers would have to be listened to.
func (s *Store) Report(ctx context.Context, to cache.Changes) {
	for ctx.Err() == nil {
		offered, err := s.listen(ctx, to)
		if !offered || ctx.Err() != nil {
			return
		}
		to.Ended(err)
		wait := reportPause
		if _, refused := rueidis.IsRedisErr(err); refused {
			wait = refusedPause
		}
		pause.For(ctx, wait/2+rand.N(wait))
	}
}

// listen takes reports until their connection ends. It is false where there are none.
func (s *Store) listen(ctx context.Context, to cache.Changes) (offered bool, _ error) {
	// While one caller connects, others fail at once. A read or a write must not fail because of this.
	client, err := s.link.Await(ctx)
	if err != nil {
		return true, err
	}
	if client.Mode() == rueidis.ClientModeCluster {
		return false, nil
	}
	conn, release := client.Dedicate()
	defer release()
	known := make(chan struct{})
	var ended <-chan error
	ended = conn.SetOnInvalidations(func(names []rueidis.RedisMessage) {
		<-known
		if names != nil {
			report(names, to)
			return
		}
		select {
		case <-ended: //nolint:errcheck // This is the connection's end, and not a report.
		default:
			to.Emptied()
		}
	})
	close(known)
	command := conn.B().ClientTracking().On().Prefix().Prefix(prefix).Bcast().Build()
	if err := conn.Do(ctx, command).Error(); err != nil {
		return true, fmt.Errorf("ask Redis for changes: %w", err)
	}
	to.Begun()
	select {
	case err := <-ended:
		return true, errors.Join(errReportsEnded, err)
	case <-ctx.Done():
		return true, ctx.Err()
	}
}

// report tells which answers have changed.
func report(names []rueidis.RedisMessage, to cache.Changes) {
	for _, name := range names {
		text, err := name.ToString()
		if err != nil {
			continue
		}
		var key cache.Key
		digits := strings.TrimPrefix(text, prefix)
		if len(digits) != hex.EncodedLen(len(key)) {
			continue // None of ours.
		}
		if _, err := hex.Decode(key[:], []byte(digits)); err == nil {
			to.Changed(key)
		}
	}
}
