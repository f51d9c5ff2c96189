// Package fair orders those who wait for a turn: interactive calls before batch ones, which keep a tenth, and within a
// class callers by their weight, however many calls each of them has waiting.
//
// Callers share by start-time fair queueing: each has a virtual time that a turn moves on by 1/weight, and the one
// furthest behind is next. The package knows no clock, no limits and no goroutines; its user locks.
package fair

import "github.com/zhaohuo-dev/zhaohuo/upstream"

// BatchEvery is the batch class's share while it waits: at least one turn in so many.
const BatchEvery = 10

const classes = 2

// Ticket is one call's place in a [Queue].
type Ticket[T any] struct {
	// Of is what waits.
	Of T
	// API is the call's API: callers may have calls to several.
	API string
	// Class is the class it waits in.
	Class upstream.Class

	seq        uint64
	lane       *lane[T]
	prev, next *Ticket[T]
}

// Waiting tells whether the ticket is in its queue still.
func (t *Ticket[T]) Waiting() bool { return t.lane != nil }

// Queue holds those who wait. The zero value is not ready; see [New].
type Queue[T any] struct {
	class [classes]class[T]
	seq   uint64
	// passed counts interactive turns since the last batch turn while batch calls waited.
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

// PushFirst puts a call before all others of its class, behind those that were put there before it. Its turn is charged to
// nobody. O(log callers).
func (q *Queue[T]) PushFirst(d upstream.Demand, api string, of T) *Ticket[T] {
	q.seq++
	t := &Ticket[T]{Of: of, API: api, Class: classOf(d), seq: q.seq}
	q.class[t.Class].pushFirst(t)
	return t
}

// Next is the one whose turn it is among those whose API is ready, or nil. It stays in the queue.
func (q *Queue[T]) Next(ready func(api string) bool) *Ticket[T] {
	urgent, patient := q.class[upstream.Interactive].best(ready), q.class[upstream.Batch].best(ready)
	if urgent == nil || patient != nil && q.passed >= BatchEvery-1 {
		return patient
	}
	return urgent
}

// Take gives t its turn: it leaves the queue and its caller is charged. Whether batch calls were passed over by it is
// judged among those whose API is ready.
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

// Remove takes out one who left, uncharged. It does nothing for a ticket that is out already. O(log callers).
func (q *Queue[T]) Remove(t *Ticket[T]) {
	if t.Waiting() {
		q.class[t.Class].remove(t)
	}
}

// Drain takes out everybody whom leave picks, uncharged.
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

// Len is how many wait.
func (q *Queue[T]) Len() int {
	return q.class[upstream.Interactive].len + q.class[upstream.Batch].len
}

// LenOf is how many wait in a class.
func (q *Queue[T]) LenOf(c upstream.Class) int { return q.class[c].len }

// LenOfAPI is how many wait for a turn of one API.
func (q *Queue[T]) LenOfAPI(api string) int {
	n := 0
	for i := range q.class {
		n += q.class[i].waiting[api]
	}
	return n
}

// Callers is how many different callers wait in a class.
func (q *Queue[T]) Callers(c upstream.Class) int { return q.class[c].busy }

// Fits tells whether another call of d may wait where each class holds at most limit. A caller is let in while it has fewer waiting
// than there is room left, so one alone fills half, two a third each, and there is always room for a newcomer.
func (q *Queue[T]) Fits(d upstream.Demand, limit int) bool {
	c := &q.class[classOf(d)]
	own := 0
	if f := c.flows[d.Caller]; f != nil {
		own = f.len
	}
	return own < limit-c.len
}

// Ahead is how many turns come before that of a call pushed now, if nobody else comes or leaves: of all calls, and of
// those to the same API. O(callers).
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
