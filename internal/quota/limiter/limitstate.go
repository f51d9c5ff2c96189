package limiter

import "time"

// limitState is the state of one limit in this process: the App Key's or one API's.
type limitState struct {
	pace
	// own is false for an API that has no limit per second of its own: it is paced only while its rate is stepped down.
	own     bool
	history history
	// next is when the next call is due.
	next time.Time
	// rate is the part of the limit in use.
	rate    float64
	stepped int64
	ban     time.Time
	// exhausted is until when an allowance is used up; zero for not. After that, a probe has to find out.
	exhausted time.Time
}

func newLimitState(p pace, own bool) *limitState {
	return &limitState{pace: p, own: own, rate: 1}
}

// spacing is the present interval between calls; 0 for none.
func (s *limitState) spacing(margin float64) time.Duration {
	if !s.own && s.rate == 1 {
		return 0
	}
	return s.interval(margin, s.rate)
}

func (s *limitState) degraded() bool { return s.rate < 1 || !s.exhausted.IsZero() }

// due is when the next call is due.
func (s *limitState) due(now time.Time, margin float64) time.Time {
	if s.spacing(margin) > 0 {
		return latest(now, s.next)
	}
	return now
}

// open is from when on another call keeps interval window within the limit.
func (s *limitState) open(now time.Time, margin float64) time.Time {
	if !s.own || s.calls == 0 {
		return now
	}
	s.history.prune(now.Add(-2 * s.window)) // As far back as tight looks.
	nth := s.history.nth(s.calls)
	if nth.IsZero() {
		return now
	}
	return latest(now, nth.Add(s.guard(margin)))
}

// tight reports whether a call at a time follows so closely after as many calls as the limit allows that network delay
// may explain a throttle.
func (s *limitState) tight(at time.Time) bool {
	nth := s.history.nth(s.calls)
	return s.rate == 1 && !nth.IsZero() && at.Sub(nth).Seconds() < tightness*s.window.Seconds()
}

func (s *limitState) reserve(id int64, due, notAfter time.Time, margin float64) {
	if interval := s.spacing(margin); interval > 0 {
		if due.Sub(s.next) > max(lagMax, interval) {
			s.next = due
		}
		s.next = s.next.Add(interval)
	}
	if s.own && s.calls > 0 {
		s.history.add(id, notAfter)
	}
}

// committed replaces the end of a slot's span by the commit time.
func (s *limitState) sent(id int64, now time.Time) { s.history.lower(id, now) }

func (s *limitState) cancel(id int64, due time.Time, margin float64) {
	if s.history.remove(id) || s.spacing(margin) > 0 {
		s.next = latest(due, s.next.Add(-s.spacing(margin)))
	}
}

// closed is why no call may be sent now.
func (s *limitState) closed(now time.Time) (Cause, time.Duration) {
	switch {
	case now.Before(s.ban):
		return Banned, s.ban.Sub(now)
	case now.Before(s.exhausted):
		return Exhausted, s.exhausted.Sub(now)
	}
	return Open, 0
}

// throttled starts the ban and reports whether the throttle is news: calls in flight together are throttled together.
func (s *limitState) throttled(now time.Time, committed int64, after time.Duration) bool {
	if after <= 0 {
		after = PauseDefault
	}
	s.ban = latest(s.ban, now.Add(after))
	if committed <= s.stepped {
		return false
	}
	s.stepped = now.UnixMicro()
	return true
}

func (s *limitState) slowDown() { s.rate = max(s.rate*stepDown, rateFloor) }

func (s *limitState) usedUp(now time.Time, after time.Duration) {
	if after <= 0 {
		after = UntilMidnight(now)
	}
	s.exhausted = now.Add(after)
}

func (s *limitState) accepted(committed int64, probe bool) {
	if probe {
		s.exhausted = time.Time{}
	}
	if s.rate < 1 && committed > s.stepped {
		s.rate = min(s.rate+stepUp/float64(max(s.calls, 1)), 1)
	}
}
