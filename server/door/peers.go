package door

import (
	"container/heap"
	"container/list"
)

// peers are the connections that wait for a request, by the address of their caller. With too many connections, the address with the most
// waiting ones gives one up: one program that leaves connections open must not cost the others theirs. Finding it takes the logarithm of the
// number of addresses, because it happens for each new connection just when there are most of them.
type peers struct {
	byAddress map[string]*peer
	most      ranking
}

// peer is an address with waiting connections.
type peer struct {
	address string
	// waiting holds values of type *[Conn], the one that has waited longest first.
	waiting list.List
	place   int
}

// add counts a connection as waiting from now on.
func (p *peers) add(c *Conn) {
	one := p.byAddress[c.address]
	if one == nil {
		one = &peer{address: c.address}
		p.byAddress[c.address] = one
		heap.Push(&p.most, one)
	}
	c.waiting = one.waiting.PushBack(c)
	heap.Fix(&p.most, one.place)
}

// remove no longer counts a connection as waiting.
func (p *peers) remove(c *Conn) {
	if c.waiting == nil {
		return
	}
	one := p.byAddress[c.address]
	one.waiting.Remove(c.waiting)
	c.waiting = nil
	if one.waiting.Len() == 0 {
		heap.Remove(&p.most, one.place)
		delete(p.byAddress, c.address)
		return
	}
	heap.Fix(&p.most, one.place)
}

// oldest is the connection to give up; nil if none is waiting.
func (p *peers) oldest() *Conn {
	if len(p.most) == 0 {
		return nil
	}
	return p.most[0].front()
}

// ranking has the peer with the most waiting connections first. Of two with equally many, it is the one that has waited longest.
type ranking []*peer

func (r ranking) Len() int { return len(r) }

func (r ranking) Less(i, j int) bool {
	if x, y := r[i].waiting.Len(), r[j].waiting.Len(); x != y {
		return x > y
	}
	x, y := r[i].front(), r[j].front()
	return x != nil && y != nil && x.since.Before(y.since)
}

func (r ranking) Swap(i, j int) {
	r[i], r[j] = r[j], r[i]
	r[i].place, r[j].place = i, j
}

// Push implements [heap.Interface].
func (r *ranking) Push(x any) {
	one, _ := x.(*peer)
	one.place = len(*r)
	*r = append(*r, one)
}

// Pop implements [heap.Interface].
func (r *ranking) Pop() any {
	last := len(*r) - 1
	one := (*r)[last]
	(*r)[last] = nil
	*r = (*r)[:last]
	return one
}

// front is the connection that has waited longest; nil if none is waiting.
func (p *peer) front() *Conn {
	first := p.waiting.Front()
	if first == nil {
		return nil
	}
	c, _ := first.Value.(*Conn)
	return c
}
