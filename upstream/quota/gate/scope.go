package gate

import (
	"time"

	"golang.org/x/time/rate"
)

// scope is one limit's state in this process: the App Key's or one API's.
type scope struct {
	pace
	// own is false for an API that has no limit a second of its own: it is paced only while its rate is stepped down.
	own     bool
	limiter *rate.Limiter
	ring    *ring
	// rate is the part of the limit that is used at present.
	rate    float64
	stepped int64
	ban     time.Time
	// shut is until when an allowance is used up; zero for not. Once it has passed, a probe has to find out.
	shut time.Time
}

func newScope(p pace, own bool, burst int) *scope {
	s := &scope{pace: p, own: own, ring: newRing(0), rate: 1}
	if p.every > 0 {
		s.limiter = rate.NewLimiter(rate.Every(p.every), burst)
	}
	if own {
		s.ring = newRing(p.calls)
	}
	return s
}

// paced tells whether the scope's calls are spaced at present.
func (s *scope) paced() bool {
	return s.limiter != nil && (s.own || s.rate < 1)
}

func (s *scope) spacing() time.Duration {
	if !s.paced() {
		return 0
	}
	return s.at(s.rate)
}

func (s *scope) strained() bool { return s.rate < 1 || !s.shut.IsZero() }

// closed is why no call may leave now.
func (s *scope) closed(now time.Time, probe bool) (Cause, time.Duration) {
	switch {
	case now.Before(s.ban):
		return Banned, s.ban.Sub(now)
	case now.Before(s.shut) && !probe:
		return Exhausted, s.shut.Sub(now)
	}
	return Open, 0
}

func (s *scope) setRate(now time.Time, part float64) {
	s.rate = part
	if s.limiter != nil {
		s.limiter.SetLimitAt(now, rate.Every(s.at(part)))
	}
}

// throttled steps the rate down once for all the calls that were under way together.
func (s *scope) throttled(now time.Time, departed int64, after time.Duration) {
	if after <= 0 {
		after = PauseDefault
	}
	if until := now.Add(after); until.After(s.ban) {
		s.ban = until
	}
	if departed <= s.stepped {
		return
	}
	s.stepped = now.UnixMicro()
	s.setRate(now, max(s.rate*stepDown, rateFloor))
}

func (s *scope) usedUp(now time.Time, after time.Duration) {
	if after <= 0 {
		after = UntilMidnight(now)
	}
	s.shut = now.Add(after)
}

func (s *scope) accepted(now time.Time, departed int64, probe bool) {
	if probe {
		s.shut = time.Time{}
	}
	if s.rate < 1 && departed > s.stepped {
		s.setRate(now, min(s.rate+stepUp/float64(max(s.calls, 1)), 1))
	}
}
