package callers

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// bucketsMax bounds the number of counted callers. The operator creates the keys; only addresses could grow without
// limit.
const bucketsMax = 10_000

// Rates counts requests in a token bucket per caller: rate per second, and a burst of one second. It is safe for
// concurrent use.
type Rates struct {
	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// NewRates returns full buckets for all callers.
func NewRates() *Rates { return &Rates{buckets: map[string]*rate.Limiter{}} }

// Take counts a request of a caller who may send perSecond requests, 0 for no limit. A refused request is not counted;
// its fault says how long to wait.
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
		if b.Limit() != limit { // The keys file changed.
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

// makeRoom removes full buckets, which are as good as new ones. If most are not full, it removes others too, so that
// the bound holds: an eighth at a time, so that not every new caller causes a scan.
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

// toMilliseconds rounds up: a wait that is a nanosecond too short, by a floating-point error, would be refused again.
func toMilliseconds(d time.Duration) time.Duration {
	return (d + time.Millisecond - 1).Truncate(time.Millisecond)
}
