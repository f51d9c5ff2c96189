package gate

import (
	"sync"
	"time"
)

// clock tells a server's time from the answers it gives. An answer that was asked for at one moment and came at another says
// that the server's clock was at its time somewhere between: each bounds by how much that clock is ahead of ours, and all of
// them together bound it better than any single one.
type clock struct {
	mu sync.Mutex
	// low and high bound how far the server's clock, in microseconds since 1970, is ahead of since(zero).
	zero      time.Time
	low, high int64
	// at is when the bounds were true; they widen with time since clocks drift.
	at time.Time
	// shortest and longest are how long answers took, over answers of them.
	shortest, longest time.Duration
	answers           int
}

const (
	// drift is how much two clocks may part in a second, in microseconds: one that is being corrected parts by more than
	// one that runs free.
	drift = 50
	// answersMin is from how many answers on their spread tells what a way's jitter is.
	answersMin = 8
)

func newClock() *clock { return &clock{zero: time.Now()} }

// heard takes in that the server's clock was at a time between two moments of ours.
func (c *clock) heard(asked, came time.Time, server int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	low, high := server-came.Sub(c.zero).Microseconds(), server-asked.Sub(c.zero).Microseconds()
	took := came.Sub(asked)
	if c.answers > 0 {
		widen := int64(max(came.Sub(c.at).Seconds(), 0)*drift) + 1
		c.low, c.high = c.low-widen, c.high+widen
	}
	if c.answers == 0 || low > c.high || high < c.low { // The first, or one of the clocks was set.
		c.low, c.high, c.at, c.shortest, c.longest, c.answers = low, high, came, took, took, 1
		return
	}
	c.low, c.high, c.at = max(c.low, low), min(c.high, high), came
	c.shortest, c.longest = min(c.shortest, took), max(c.longest, took)
	c.answers++
}

// offset is how far the server's clock is ahead, and how wrong that may be. The part of an answer's way that is always there
// is taken to be as long in both directions; what comes and goes is not.
func (c *clock) offset() (ahead, doubt int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	doubt = (c.high - c.low + 1) / 2
	if c.answers >= answersMin {
		doubt = min(doubt, (c.longest-c.shortest).Microseconds()/2)
	}
	return (c.low + c.high) / 2, doubt
}

// latest is the latest that the server's clock may show at a moment of ours.
func (c *clock) latest(t time.Time) int64 {
	ahead, doubt := c.offset()
	return t.Sub(c.zero).Microseconds() + ahead + doubt
}

// span is where a span of the server's time lies on our clock for certain.
func (c *clock) span(from, to int64) (notBefore, notAfter time.Time) {
	ahead, doubt := c.offset()
	local := func(server int64) time.Time { return c.zero.Add(time.Duration(server-ahead) * time.Microsecond) }
	return local(from + doubt), local(to - doubt)
}
