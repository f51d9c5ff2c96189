// Package redislink is a connection to a Redis server that is made when it is first needed, and made again when it failed.
package redislink

import (
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
	client     rueidis.Client // nil: not connected yet
	closed     bool
}

// New returns a link that has not connected yet. Retries and client-side caching are always off: whoever waits for an
// answer would pay for a server that is gone.
func New(options rueidis.ClientOption) *Link {
	options.DisableRetry = true
	options.DisableCache = true
	if options.Dialer.Timeout == 0 {
		options.Dialer.Timeout = time.Second
	}
	if options.ConnWriteTimeout == 0 {
		options.ConnWriteTimeout = 2 * time.Second // A server that holds still for so long has lost the connection.
	}
	return &Link{options: options}
}

// Client is the connected client. Connecting cannot be interrupted: while one caller connects, the others are refused.
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
	return client, nil
}

func (l *Link) connected() (rueidis.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	return l.client, nil
}

// Close ends the connection; the link may not be used afterwards.
func (l *Link) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.client != nil {
		l.client.Close()
	}
}
