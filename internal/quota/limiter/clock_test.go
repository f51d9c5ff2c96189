package limiter

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestClockIsBounded uses a server whose clock has any difference and drift, with any network delay in each direction.
// A span of server time that is taken as certain is inside the true one while there are few answers. Later that also
// holds if the constant part of the delay is equal in both directions.
func TestClockIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zero := time.Unix(1_700_000_000, 0)
		c := &clock{zero: zero}
		offset := rapid.Int64Range(-1e15, 1e15).Draw(t, "offset")
		drifting := rapid.Int64Range(-40, 40).Draw(t, "drift in µs a second")
		steady := time.Duration(rapid.Int64Range(0, int64(200*time.Millisecond)).Draw(t, "steady delay"))
		jitter := rapid.Int64Range(0, int64(200*time.Millisecond)).Draw(t, "jitter")
		server := func(t time.Time) int64 {
			since := t.Sub(zero)
			return offset + since.Microseconds() + drifting*int64(since/time.Second)
		}
		way := func(name string) time.Duration {
			return steady + time.Duration(rapid.Int64Range(0, jitter).Draw(t, name))
		}
		now := zero
		for n := range rapid.IntRange(1, 60).Draw(t, "answers") {
			asked := now.Add(time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "pause")))
			there := asked.Add(way("there"))
			now = there.Add(way("back"))
			c.observe(asked, now, server(there))
			if early, late := c.earliest(now)-server(now), server(now)-c.latest(now); n+1 < answersMin && max(early, late) > 100 {
				t.Fatalf("answer %d: the server's time is outside its bounds by %d µs", n, max(early, late))
			}
			from := server(now) + 100_000
			notBefore, notAfter := c.span(from, from+500_000)
			slack := int64(100) // Rounding, and drift since the last answer.
			if n+1 >= answersMin {
				// From here on the constant delay is assumed to be symmetric.
				slack += jitter / 1000
			}
			if early := from - server(notBefore); early > slack {
				t.Fatalf("answer %d: a slot begins %d µs before its time", n, early)
			}
			if late := server(notAfter) - (from + 500_000); late > slack {
				t.Fatalf("answer %d: a slot ends %d µs after its time", n, late)
			}
		}
	})
}

// TestClockThatIsSet: after the server's clock is set, the next answer counts.
func TestClockThatIsSet(t *testing.T) {
	zero := time.Unix(1_700_000_000, 0)
	c := &clock{zero: zero}
	for i := range 20 {
		at := zero.Add(time.Duration(i) * time.Second)
		c.observe(at, at.Add(2*time.Millisecond), 5_000_000+at.Sub(zero).Microseconds()+1000)
	}
	at := zero.Add(time.Minute)
	c.observe(at, at.Add(2*time.Millisecond), 5_000_000-40_000_000+at.Sub(zero).Microseconds()+1000)
	if ahead, doubt := c.offset(); ahead < -35_002_000 || ahead > -34_998_000 || doubt > 1001 {
		t.Errorf("the estimate is %d µs ahead ± %d; want -35 s", ahead, doubt)
	}
}
