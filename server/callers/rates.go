package callers

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// bucketsMax bounds how many callers are counted at a time. Callers with keys are as many as the operator made; only
// addresses could grow without end.
const bucketsMax = 10_000

// Rates counts requests, each caller's in a token bucket: rate a second, and a second's worth at once. It is safe for
// concurrent use.
type Rates struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// NewRates returns full buckets for everybody.
func NewRates() *Rates { return &Rates{buckets: map[string]*rate.Limiter{}} }

// Take counts a request of a caller that may send perSecond, 0 for any number. Refused, it is told how long to wait until
// a request would be taken, and is not counted.
func (r *Rates) Take(caller string, perSecond float64) (wait time.Duration, ok bool) {
	if perSecond <= 0 {
		return 0, true
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	turn := r.bucket(caller, perSecond, now).ReserveN(now, 1)
	if wait = turn.DelayFrom(now); wait > 0 {
		turn.CancelAt(now)
		return toMilliseconds(wait), false
	}
	return 0, true
}

func (r *Rates) bucket(caller string, perSecond float64, now time.Time) *rate.Limiter {
	limit, burst := rate.Limit(perSecond), max(1, int(math.Ceil(perSecond)))
	if b := r.buckets[caller]; b != nil {
		if b.Limit() != limit { // The keys file has changed.
			b.SetLimitAt(now, limit)
			b.SetBurstAt(now, burst)
		}
		return b
	}
	r.makeRoom(now)
	b := rate.NewLimiter(limit, burst)
	r.buckets[caller] = b
	return b
}

// makeRoom forgets full buckets, which are as good as new ones. If most are not, it forgets others too, since a bound that
// can be pushed up is none; an eighth at a time, so that not every newcomer has all looked through.
func (r *Rates) makeRoom(now time.Time) {
	if len(r.buckets) < bucketsMax {
		return
	}
	for caller, b := range r.buckets {
		if b.TokensAt(now) >= float64(b.Burst()) {
			delete(r.buckets, caller)
		}
	}
	for caller := range r.buckets {
		if len(r.buckets) <= bucketsMax/8*7 {
			return
		}
		delete(r.buckets, caller)
	}
}

// toMilliseconds rounds up. A wait that is a nanosecond too short, by a floating-point error, would be refused again.
func toMilliseconds(d time.Duration) time.Duration {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond)
}
