package push

import (
	"context"
	"sync"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
)

const (
	// atOnce is how many goods one step of work is about.
	atOnce = 200
	// retryFirst and retryMost are how long the work pauses after the store of watches failed.
	retryFirst = 500 * time.Millisecond
	retryMost  = 30 * time.Second
	// stepTimeout bounds one step.
	stepTimeout = 20 * time.Second
)

// queue holds the goods that wait, each once, in the order in which they came. A product that is named while it waits keeps its
// place; one that is named while it is worked on waits anew.
type queue struct {
	max  int
	wake chan struct{}

	mu    sync.Mutex
	order []string
	has   map[string]bool
	// added and done count goods. moved is closed when done changes.
	added, done int64
	moved       chan struct{}
}

func newQueue(most int) *queue {
	return &queue{max: most, wake: make(chan struct{}, 1), has: map[string]bool{}, moved: make(chan struct{})}
}

// add adds all of the products, or none and returns false if there is no room.
func (q *queue) add(products []string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	var fresh []string
	for _, id := range products {
		if !q.has[id] {
			fresh = append(fresh, id)
		}
	}
	if len(q.order)+len(fresh) > q.max {
		return false
	}
	for _, id := range fresh {
		q.has[id] = true
	}
	q.order = append(q.order, fresh...)
	q.added += int64(len(fresh))
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// take removes up to that many products.
func (q *queue) take(most int) []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(most, len(q.order))
	taken := q.order[:n:n]
	if q.order = q.order[n:]; len(q.order) == 0 {
		q.order = nil
	}
	for _, id := range taken {
		delete(q.has, id)
	}
	return taken
}

// finish counts goods that were taken and are worked off.
func (q *queue) finish(products int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.done += int64(products)
	close(q.moved)
	q.moved = make(chan struct{})
}

// settled waits until what is in the queue now is worked off. It is false when ctx has ended before.
func (q *queue) settled(ctx context.Context) bool {
	q.mu.Lock()
	mark := q.added
	q.mu.Unlock()
	for {
		q.mu.Lock()
		done, moved := q.done >= mark, q.moved
		q.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return false
		}
	}
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.order)
}

// Run does the work until ctx ends. What waits then is lost: watches observe those goods at their next interval.
func (r *Receiver) Run(ctx context.Context) {
	for {
		products := r.queue.take(atOnce)
		if len(products) > 0 {
			if !r.look(ctx, products) {
				return
			}
			r.queue.finish(len(products))
			continue
		}
		select {
		case <-r.queue.wake:
		case <-ctx.Done():
			return
		}
	}
}

// look drops answers about products, then makes watches due, so that what they observe is newer than the message. While the
// store of watches fails it is tried repeatedly. It is false when ctx has ended.
func (r *Receiver) look(ctx context.Context, products []string) bool {
	if r.options.Answers != nil {
		r.options.Answers.Forget(products)
	}
	if r.options.Watches == nil {
		r.options.Metrics.Looked(len(products), 0)
		return ctx.Err() == nil
	}
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		watches, err := r.wake(ctx, products)
		if err == nil {
			r.options.Metrics.Looked(len(products), watches)
			r.options.Log.Debug("goods were pushed", "products", len(products), "watches", watches)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		r.options.Metrics.Failed()
		r.options.Log.Warn("price watches of pushed goods could not be made due; this is tried again", "products", len(products), "error", err)
		if !pause.For(ctx, wait) {
			return false
		}
	}
}

func (r *Receiver) wake(ctx context.Context, products []string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	defer cancel()
	return r.options.Watches.WakeProducts(ctx, products)
}
