// Package backlog lets many goroutines hand items to one that takes them, without ever waiting for it. What does not fit is lost, and counted.
package backlog

import (
	"context"
	"sync"
	"time"
)

// Options are the parameters of [New].
type Options[T any] struct {
	// Max is how many items wait at most. As many more may be in the hands of Take.
	Max int
	// Delay is the shortest time between two calls of Take, so that many items are taken together; 0 for none.
	Delay time.Duration
	// Full is how many waiting items end a delay; 0 for no number.
	Full int
	// Take gets the items that wait, in their order, and how many calls of Add failed since its last call. It must not keep the items. It runs
	// in one goroutine, which waits while it blocks.
	Take func(items []T, lost int)
}

// Queue is what waits. It is safe for concurrent use. It must be closed.
type Queue[T any] struct {
	options Options[T]
	// come is sent when the first item waits, hurry when a delay is to end. Both hold one signal.
	come, hurry chan struct{}
	ended       chan struct{}

	mu sync.Mutex
	// waiting are the items that wait; spare is the memory of those that were taken before.
	waiting, spare []T
	lost           int
	closed         bool
}

// New starts a queue.
func New[T any](o Options[T]) *Queue[T] {
	q := &Queue[T]{options: o, come: make(chan struct{}, 1), hurry: make(chan struct{}, 1), ended: make(chan struct{})}
	go q.run()
	return q
}

// Add hands over items, all or none; false for none, because there is no room or the queue is closed. It never waits for Take.
func (q *Queue[T]) Add(items ...T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.waiting)+len(items) > q.options.Max {
		q.lost++
		return false
	}
	if len(q.waiting) == 0 {
		signal(q.come)
	}
	q.waiting = append(q.waiting, items...)
	if q.options.Full > 0 && len(q.waiting) >= q.options.Full {
		signal(q.hurry)
	}
	return true
}

// Hurry has what waits taken at once, without waiting for it.
func (q *Queue[T]) Hurry() { signal(q.hurry) }

// Close has what waits taken, and ends the queue. It waits for that until ctx ends, and returns ctx's error then.
func (q *Queue[T]) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	signal(q.come)
	signal(q.hurry)
	select {
	case <-q.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *Queue[T]) run() {
	defer close(q.ended)
	for {
		<-q.come
		for {
			items, lost, closed := q.next()
			if len(items) > 0 || lost > 0 {
				q.options.Take(items, lost)
			}
			q.reuse(items)
			if closed {
				return
			}
			if len(items) == 0 && lost == 0 {
				break // A pause: what comes next does not wait.
			}
			q.pause()
		}
	}
}

// next takes over what waits. Once the queue is closed nothing comes after that.
func (q *Queue[T]) next() (items []T, lost int, closed bool) {
	select {
	case <-q.hurry: // Those who sent it have added before, so it is done now.
	default:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	items, lost = q.waiting, q.lost
	q.waiting, q.spare, q.lost = q.spare, nil, 0
	return items, lost, q.closed
}

// reuse keeps the memory of items, but nothing that they refer to.
func (q *Queue[T]) reuse(items []T) {
	clear(items)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.spare = items[:0]
}

// pause waits for the delay, or until it is to end.
func (q *Queue[T]) pause() {
	if q.options.Delay <= 0 {
		return
	}
	timer := time.NewTimer(q.options.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.hurry:
	}
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // There is one already.
	}
}
