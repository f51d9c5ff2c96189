package cache

import (
	"context"
	"sync"
)

// How much goes to the store at once.
const (
	batchItems = 256
	batchBytes = 4 << 20
)

// writer writes answers to the store in the background. The queue is bounded by bytes; beyond that, answers are dropped
// and counted.
type writer struct {
	guard    *guard
	observer Observer
	limit    int
	ctx      context.Context // of the writing, which no caller bounds
	cancel   context.CancelFunc
	wake     chan struct{}
	ended    chan struct{}

	mu      sync.Mutex
	pending map[Key]*write
	queue   []*write
	bytes   int
	closed  bool
}

// write is one answer in the queue.
type write struct {
	key  Key
	held *stored
	// done is closed when the answer is stored, or has failed to be: stored says which.
	done   chan struct{}
	stored bool
	// taken: it is being written and can no longer be replaced by a newer one.
	taken bool
}

func newWriter(g *guard, limit int, observer Observer) *writer {
	ctx, cancel := context.WithCancel(context.Background())
	w := &writer{
		guard: g, limit: limit, observer: observer, ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), ended: make(chan struct{}), pending: map[Key]*write{},
	}
	go w.run()
	return w
}

// wait reports whether the answer is stored before ctx ends. It is not if there is no write.
func (p *write) wait(ctx context.Context) bool {
	if p == nil {
		return false
	}
	select {
	case <-p.done:
		return p.stored
	case <-ctx.Done():
		return false
	}
}

// put queues an answer and returns its write, or nil if the writer is closed or the queue is full.
func (w *writer) put(key Key, h *stored) *write {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || w.bytes+len(h.entry) > w.limit {
		w.observer.Dropped(1)
		return nil
	}
	if old := w.pending[key]; old != nil && !old.taken {
		w.bytes += len(h.entry) - len(old.held.entry)
		old.held = h // Those who wait for the old answer wait for the newer one instead.
		return old
	}
	n := &write{key: key, held: h, done: make(chan struct{})}
	w.pending[key] = n
	w.queue = append(w.queue, n)
	w.bytes += len(h.entry)
	w.signal()
	return n
}

func (w *writer) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// find is the queued answer under the key, or nil.
func (w *writer) find(key Key) *stored {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.pending[key]; p != nil {
		return p.held
	}
	return nil
}

// settled is closed when the queued answer under the key is stored or has failed to be; nil where there is none.
func (w *writer) settled(key Key) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p := w.pending[key]; p != nil {
		return p.done
	}
	return nil
}

func (w *writer) run() {
	defer close(w.ended)
	for {
		batch, more := w.take()
		if len(batch) > 0 {
			w.store(batch)
			continue
		}
		if !more {
			return
		}
		<-w.wake
	}
}

// take is the next batch; more is false after the last one.
func (w *writer) take() (batch []*write, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, size := 0, 0
	for n < len(w.queue) && n < batchItems && (n == 0 || size+len(w.queue[n].held.entry) <= batchBytes) {
		size += len(w.queue[n].held.entry)
		w.queue[n].taken = true
		n++
	}
	batch = w.queue[:n:n]
	if w.queue = w.queue[n:]; len(w.queue) == 0 {
		w.queue = nil // The batch is the last to hold the old array.
	}
	return batch, !w.closed
}

func (w *writer) store(batch []*write) {
	items := make([]Item, len(batch))
	for i, b := range batch {
		items[i] = Item{Key: b.key, Value: b.held.entry, Until: b.held.entry.until()}
		b.held.written.Add(1)
	}
	stored := w.ctx.Err() == nil && w.guard.put(w.ctx, items)
	if !stored {
		w.observer.Dropped(len(batch))
		for _, b := range batch {
			b.held.written.Store(0)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range batch {
		w.bytes -= len(b.held.entry)
		if w.pending[b.key] == b {
			delete(w.pending, b.key)
		}
		b.stored = stored
		close(b.done)
	}
}

// flush waits until all earlier answers are stored or have failed to be.
func (w *writer) flush(ctx context.Context) error {
	w.mu.Lock()
	waits := make([]*write, 0, len(w.pending))
	for _, p := range w.pending {
		waits = append(waits, p)
	}
	w.mu.Unlock()
	for _, p := range waits {
		select {
		case <-p.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// close writes the queue until ctx ends, and drops the rest.
func (w *writer) close(ctx context.Context) error {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
	defer w.cancel()
	select {
	case <-w.ended:
		return nil
	case <-ctx.Done():
		w.cancel()
		<-w.ended
		return ctx.Err()
	}
}

// waiting is how many bytes wait to be written.
func (w *writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bytes
}
