package limiter

import (
	"sync"
	"time"
)

// clock estimates a server's time from its answers. An answer shows that the server's clock had its time at some moment
// between the request and the answer. So each answer bounds the difference between the two clocks, and all answers
// together bound it better than one.
type clock struct {
	mu sync.Mutex
	// low and high bound how far the server's clock, in microseconds since 1970, is ahead of the time since zero.
	zero      time.Time
	low, high int64
	// at is when the bounds were true. They widen with time because clocks drift.
	at time.Time
	// shortest and longest are the shortest and longest answer times among the last answers.
	shortest, longest time.Duration
	answers           int
}

const (
	// drift is how much two clocks may diverge in a second, in microseconds. A clock that is being corrected diverges
	// faster.
	drift = 50
	// answersMin is the number of answers from which their spread counts as the network's jitter.
	answersMin = 8
)

func newClock() *clock { return &clock{zero: time.Now()} }

// observe adds one answer: the server's clock showed its time between two moments of ours.
func (c *clock) observe(asked, came time.Time, server int64) {
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

// offset is how far the server's clock is ahead, and the error of that. The constant part of the network delay is
// assumed to be equal in both directions; jitter is not.
func (c *clock) offset() (ahead, doubt int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	doubt = (c.high - c.low + 1) / 2
	if c.answers >= answersMin {
		doubt = min(doubt, (c.longest-c.shortest).Microseconds()/2)
	}
	return (c.low + c.high) / 2, doubt
}

// latest is the latest time that the server's clock may show at a moment of ours.
func (c *clock) latest(t time.Time) int64 {
	ahead, doubt := c.offset()
	return t.Sub(c.zero).Microseconds() + ahead + doubt
}

// earliest is the earliest time that the server's clock may show at a moment of ours.
func (c *clock) earliest(t time.Time) int64 {
	ahead, doubt := c.offset()
	return t.Sub(c.zero).Microseconds() + ahead - doubt
}

// span is the part of a span of server time that is certain on our clock.
func (c *clock) span(from, to int64) (notBefore, notAfter time.Time) {
	ahead, doubt := c.offset()
	local := func(server int64) time.Time { return c.zero.Add(time.Duration(server-ahead) * time.Microsecond) }
	return local(from + doubt), local(to - doubt)
}
