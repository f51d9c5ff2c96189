// Package fair orders waiting calls: interactive calls before batch calls, which keep a tenth, and within a class
// callers by their weight, however many calls each has waiting.
//
// It implements start-time fair queueing: each caller has a virtual time, a granted call advances it by 1/weight, and
// the caller furthest behind is next. The package has no clock, no limits and no goroutines; its user locks.
package fair

import "github.com/zhaohuo-dev/zhaohuo/upstream"

// BatchEvery is the batch class's share while batch calls wait: at least one grant in so many.
const BatchEvery = 10

const classes = 2

// Ticket is one call's place in a [Queue].
type Ticket[T any] struct {
	// Of is the value that waits.
	Of T
	// API is the call's API: callers may have calls to several.
	API string
	// Class is the class it waits in.
	Class upstream.Class

	seq        uint64
	lane       *lane[T]
	prev, next *Ticket[T]
}

// Waiting reports whether the ticket is still in its queue.
func (t *Ticket[T]) Waiting() bool { return t.lane != nil }

// Queue holds the waiting calls. The zero value is not ready; see [New].
type Queue[T any] struct {
	class [classes]class[T]
	seq   uint64
	// passed counts interactive grants since the last batch grant while batch calls waited.
	passed int
}

// New returns an empty queue.
func New[T any]() *Queue[T] {
	q := &Queue[T]{}
	for i := range q.class {
		q.class[i].reset()
	}
	return q
}

// Push puts a call at the end of its caller's line. O(log callers).
func (q *Queue[T]) Push(d upstream.Demand, api string, of T) *Ticket[T] {
	q.seq++
	t := &Ticket[T]{Of: of, API: api, Class: classOf(d), seq: q.seq}
	q.class[t.Class].push(d, t)
	return t
}

// PushFirst puts a call before all others of its class, behind earlier such calls. No caller is charged for it. O(log
// callers).
func (q *Queue[T]) PushFirst(d upstream.Demand, api string, of T) *Ticket[T] {
	q.seq++
	t := &Ticket[T]{Of: of, API: api, Class: classOf(d), seq: q.seq}
	q.class[t.Class].pushFirst(t)
	return t
}

// Next is the call that is next among those whose API is ready, or nil. It stays in the queue.
func (q *Queue[T]) Next(ready func(api string) bool) *Ticket[T] {
	urgent, patient := q.class[upstream.Interactive].best(ready), q.class[upstream.Batch].best(ready)
	if urgent == nil || patient != nil && q.passed >= BatchEvery-1 {
		return patient
	}
	return urgent
}

// Take grants t: it leaves the queue and its caller is charged. It counts as passing over batch calls only if a batch
// call's API is ready.
func (q *Queue[T]) Take(t *Ticket[T], ready func(api string) bool) {
	switch {
	case t.Class == upstream.Batch:
		q.passed = 0
	case q.class[upstream.Batch].best(ready) != nil:
		q.passed++
	}
	q.class[t.Class].charge(t.lane.flow)
	q.class[t.Class].remove(t)
}

// Remove removes a ticket without charging its caller. It does nothing for a ticket that is out already. O(log
// callers).
func (q *Queue[T]) Remove(t *Ticket[T]) {
	if t.Waiting() {
		q.class[t.Class].remove(t)
	}
}

// Drain removes all tickets that leave selects, without charging their callers.
func (q *Queue[T]) Drain(leave func(*Ticket[T]) bool) []*Ticket[T] {
	var out []*Ticket[T]
	for i := range q.class {
		for _, f := range q.class[i].flows {
			for _, l := range f.lanes {
				for t := l.head; t != nil; t = t.next {
					if leave(t) {
						out = append(out, t)
					}
				}
			}
		}
	}
	for _, t := range out {
		q.Remove(t)
	}
	return out
}

// Len is the number of waiting calls.
func (q *Queue[T]) Len() int {
	return q.class[upstream.Interactive].len + q.class[upstream.Batch].len
}

// LenOf is the number of waiting calls of a class.
func (q *Queue[T]) LenOf(c upstream.Class) int { return q.class[c].len }

// LenOfAPI is the number of waiting calls to one API.
func (q *Queue[T]) LenOfAPI(api string) int {
	n := 0
	for i := range q.class {
		n += q.class[i].waiting[api]
	}
	return n
}

// Callers is the number of different callers waiting in a class.
func (q *Queue[T]) Callers(c upstream.Class) int { return q.class[c].busy }

// Fits reports whether another call of d may wait where each class holds at most limit. A caller may wait with fewer
// calls than there are free places, so one alone fills half, two a third each, and there is always a place for a new
// caller.
func (q *Queue[T]) Fits(d upstream.Demand, limit int) bool {
	c := &q.class[classOf(d)]
	own := 0
	if f := c.flows[d.Caller]; f != nil {
		own = f.len
	}
	return own < limit-c.len
}

// Ahead is the number of calls granted before a call pushed now, if no call comes or leaves: of all calls, and of those
// to the same API. O(callers).
func (q *Queue[T]) Ahead(d upstream.Demand, api string) (all, same int) {
	own, other := &q.class[upstream.Interactive], &q.class[upstream.Batch]
	const between = BatchEvery - 1
	if classOf(d) == upstream.Interactive {
		all, same = own.ahead(d, api)
		batch := min(other.len, (all+q.passed)/between)
		return all + batch, same + min(other.waiting[api], batch)
	}
	own, other = other, own
	all, same = own.ahead(d, api)
	urgent := min(other.len, max(between*(all+1)-q.passed, 0))
	return all + urgent, same + min(other.waiting[api], urgent)
}

func classOf(d upstream.Demand) upstream.Class { return min(d.Class, classes-1) }
