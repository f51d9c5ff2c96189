// Package redislink connects to a Redis server on first use, and again after connecting has failed.
package redislink

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

var (
	errClosed     = errors.New("the connection to Redis is closed")
	errConnecting = errors.New("connecting to Redis")
)

// Link is a client of one server or cluster. It is safe for concurrent use.
type Link struct {
	options rueidis.ClientOption

	connecting sync.Mutex // held while a connection is made
	mu         sync.Mutex
	client     rueidis.Client // nil means not connected yet
	closed     bool
	// connects is closed when the client is there, or the link is closed.
	connects chan struct{}
}

// New returns a link. It does not connect yet. Retries and client-side caching are always off: callers must not wait for a
// server that is gone.
func New(options rueidis.ClientOption) *Link {
	options.DisableRetry = true
	options.DisableCache = true
	if options.Dialer.Timeout == 0 {
		options.Dialer.Timeout = time.Second
	}
	if options.ConnWriteTimeout == 0 {
		options.ConnWriteTimeout = 2 * time.Second // A server that is silent for this long has lost the connection.
	}
	return &Link{options: options, connects: make(chan struct{})}
}

// Client returns the connected client. Connecting cannot be interrupted. While one caller connects, others get an error at once.
func (l *Link) Client() (rueidis.Client, error) {
	if client, err := l.connected(); client != nil || err != nil {
		return client, err
	}
	if !l.connecting.TryLock() {
		return nil, errConnecting
	}
	defer l.connecting.Unlock()
	if client, err := l.connected(); client != nil || err != nil {
		return client, err
	}
	client, err := rueidis.NewClient(l.options)
	if err != nil {
		return nil, fmt.Errorf("connect to Redis: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		client.Close()
		return nil, errClosed
	}
	l.client = client
	close(l.connects)
	return client, nil
}

// Await waits until [Link.Client] has connected for somebody else, or ctx ends. It is for those who must not be in the way of others.
func (l *Link) Await(ctx context.Context) (rueidis.Client, error) {
	select {
	case <-l.connects:
		return l.connected()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *Link) connected() (rueidis.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	return l.client, nil
}

// Close ends the connection. The link must not be used afterwards.
func (l *Link) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.closed = true
	if l.client == nil {
		close(l.connects)
		return
	}
	l.client.Close()
}
