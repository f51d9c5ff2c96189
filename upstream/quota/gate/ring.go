package gate

import "time"

// ring remembers the last departures, as many as may be inside one window.
type ring struct {
	at   []time.Time
	next int
}

func newRing(calls int) *ring {
	return &ring{at: make([]time.Time, calls)}
}

// wait is how long there must be no departure, so that no window ever holds more than the ring does.
func (r *ring) wait(now time.Time, window time.Duration) time.Duration {
	if len(r.at) == 0 || r.at[r.next].IsZero() {
		return 0
	}
	return max(r.at[r.next].Add(window).Sub(now), 0)
}

func (r *ring) push(now time.Time) {
	if len(r.at) == 0 {
		return
	}
	r.at[r.next] = now
	r.next = (r.next + 1) % len(r.at)
}
