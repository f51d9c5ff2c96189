package fair

import (
	"container/heap"
	"math"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// class is the callers of one class.
type class[T any] struct {
	// flows has every caller with waiting calls, and the idle callers who had more than their share so far.
	flows map[string]*flow[T]
	// lines has, for each API, a heap of the lanes with calls to it.
	lines map[string]*line[T]
	// waiting counts the calls to each API.
	waiting map[string]int
	// now is the virtual time: the start of the last granted call.
	now       float64
	len, busy int
}

// flow is one caller in a class.
type flow[T any] struct {
	// pass is the virtual time at which its next call starts.
	pass, weight float64
	// first: these calls go before every caller, and no caller is charged.
	first bool
	lanes map[string]*lane[T]
	len   int
}

// lane is one caller's calls to one API, in order of arrival.
type lane[T any] struct {
	flow       *flow[T]
	head, tail *Ticket[T]
	len, index int
}

func (c *class[T]) reset() {
	*c = class[T]{flows: map[string]*flow[T]{}, lines: map[string]*line[T]{}, waiting: map[string]int{}}
}

func (c *class[T]) push(d upstream.Demand, t *Ticket[T]) {
	f := c.flow(d.Caller)
	f.weight = weightOf(d)
	c.join(f, t)
}

// first is the name of the flow that goes before every caller. It is no caller's name: a caller's name is one line of
// text.
const first = "\n"

func (c *class[T]) pushFirst(t *Ticket[T]) {
	f := c.flow(first)
	f.weight, f.pass = 1, math.Inf(-1)
	f.first = true
	c.join(f, t)
}

func (c *class[T]) flow(caller string) *flow[T] {
	f := c.flows[caller]
	if f == nil {
		f = &flow[T]{lanes: map[string]*lane[T]{}}
		c.flows[caller] = f
	}
	return f
}

func (c *class[T]) join(f *flow[T], t *Ticket[T]) {
	if f.len == 0 {
		// Idle time earns no credit, and leaving the queue does not cancel a debt.
		if !f.first {
			f.pass = max(f.pass, c.now)
		}
		c.busy++
	}
	l := f.lanes[t.API]
	if l == nil {
		l = &lane[T]{flow: f}
		f.lanes[t.API] = l
	}
	l.append(t)
	f.len++
	c.len++
	c.waiting[t.API]++
	if l.len == 1 {
		if c.lines[t.API] == nil {
			c.lines[t.API] = &line[T]{}
		}
		heap.Push(c.lines[t.API], l)
	}
}

func (c *class[T]) best(ready func(api string) bool) *Ticket[T] {
	var best *lane[T]
	for api, line := range c.lines {
		if ready(api) && (best == nil || (*line)[0].before(best)) {
			best = (*line)[0]
		}
	}
	if best == nil {
		return nil
	}
	return best.head
}

func (c *class[T]) charge(f *flow[T]) {
	c.now = max(c.now, f.pass) // A caller whose API was not ready may be far behind.
	f.pass += 1 / f.weight
	for api, l := range f.lanes {
		heap.Fix(c.lines[api], l.index)
	}
}

func (c *class[T]) remove(t *Ticket[T]) {
	l, f := t.lane, t.lane.flow
	l.unlink(t)
	f.len--
	c.len--
	if c.waiting[t.API]--; c.waiting[t.API] == 0 {
		delete(c.waiting, t.API)
	}
	if l.len > 0 {
		heap.Fix(c.lines[t.API], l.index)
		return
	}
	heap.Remove(c.lines[t.API], l.index)
	delete(f.lanes, t.API)
	if len(*c.lines[t.API]) == 0 {
		delete(c.lines, t.API)
	}
	if f.len == 0 {
		c.busy--
		c.forget()
	}
}

// forget drops callers without waiting calls and without debt, once there are enough of them to justify the scan.
func (c *class[T]) forget() {
	if c.len == 0 {
		c.reset() // No call waits: all callers start anew.
		return
	}
	if len(c.flows) < 2*c.busy+64 {
		return
	}
	for caller, f := range c.flows {
		if f.len == 0 && f.pass <= c.now {
			delete(c.flows, caller)
		}
	}
}

// ahead counts the calls that start before, or together with, a call pushed now.
func (c *class[T]) ahead(d upstream.Demand, api string) (all, same int) {
	start, own := c.now, c.flows[d.Caller]
	if own != nil {
		start = max(own.pass, c.now) + float64(own.len)/weightOf(d)
	}
	for _, f := range c.flows {
		turns := f.len
		if f != own {
			turns = f.turnsUntil(start)
		}
		all += turns
		if l := f.lanes[api]; l != nil {
			same += min(turns, l.len)
		}
	}
	return all, same
}

// turnsUntil is how many of the flow's calls start up to a virtual time.
func (f *flow[T]) turnsUntil(start float64) int {
	if f.len == 0 || f.pass > start {
		return 0
	}
	n := (start-f.pass)*f.weight + 1
	if n >= float64(f.len) {
		return f.len
	}
	return int(n)
}

func weightOf(d upstream.Demand) float64 {
	if d.Weight > 0 {
		return d.Weight
	}
	return 1
}

func (l *lane[T]) append(t *Ticket[T]) {
	t.lane, t.prev = l, l.tail
	if l.tail == nil {
		l.head = t
	} else {
		l.tail.next = t
	}
	l.tail = t
	l.len++
}

func (l *lane[T]) unlink(t *Ticket[T]) {
	if t.prev == nil {
		l.head = t.next
	} else {
		t.prev.next = t.next
	}
	if t.next == nil {
		l.tail = t.prev
	} else {
		t.next.prev = t.prev
	}
	t.lane, t.prev, t.next = nil, nil, nil
	l.len--
}

// before orders lanes: first the caller that is furthest behind, then the call that came first.
func (l *lane[T]) before(o *lane[T]) bool {
	if l.flow.pass != o.flow.pass {
		return l.flow.pass < o.flow.pass
	}
	return l.head.seq < o.head.seq
}

// line is a heap of lanes.
type line[T any] []*lane[T]

func (s line[T]) Len() int           { return len(s) }
func (s line[T]) Less(i, j int) bool { return s[i].before(s[j]) }
func (s line[T]) Swap(i, j int) {
	s[i], s[j] = s[j], s[i]
	s[i].index, s[j].index = i, j
}

// Push implements heap.Interface.
func (s *line[T]) Push(x any) {
	l := x.(*lane[T])
	l.index = len(*s)
	*s = append(*s, l)
}

// Pop implements heap.Interface.
func (s *line[T]) Pop() any {
	last := len(*s) - 1
	l := (*s)[last]
	(*s)[last] = nil
	*s = (*s)[:last]
	return l
}
