package gate

import "time"

// scope is one limit's state in this process: the App Key's or one API's.
type scope struct {
	pace
	// own is false for an API that has no limit a second of its own: it is paced only while its rate is stepped down.
	own  bool
	held held
	// next is when the spacing has the next call.
	next time.Time
	// rate is the part of the limit that is used at present.
	rate    float64
	stepped int64
	ban     time.Time
	// shut is until when an allowance is used up; zero for not. Once it has passed, a probe has to find out.
	shut time.Time
}

func newScope(p pace, own bool) *scope {
	return &scope{pace: p, own: own, rate: 1}
}

// spacing is 0 where the scope's calls are not spaced at present.
func (s *scope) spacing(margin float64) time.Duration {
	if !s.own && s.rate == 1 {
		return 0
	}
	return s.every(margin, s.rate)
}

func (s *scope) strained() bool { return s.rate < 1 || !s.shut.IsZero() }

// turn is when the spacing has the next call.
func (s *scope) turn(now time.Time, margin float64) time.Time {
	if s.spacing(margin) > 0 {
		return latest(now, s.next)
	}
	return now
}

// open is from when on another call keeps every window within the limit.
func (s *scope) open(now time.Time, margin float64) time.Time {
	if !s.own || s.calls == 0 {
		return now
	}
	s.held.forget(now.Add(-2 * s.window)) // As far back as tight looks.
	nth := s.held.nth(s.calls)
	if nth.IsZero() {
		return now
	}
	return latest(now, nth.Add(s.guard(margin)))
}

// tight tells whether a call at a time comes so soon after as many as the limit allows that lateness on the way may
// explain its being throttled.
func (s *scope) tight(at time.Time) bool {
	nth := s.held.nth(s.calls)
	return s.rate == 1 && !nth.IsZero() && at.Sub(nth).Seconds() < tightness*s.window.Seconds()
}

func (s *scope) book(id int64, turn, notAfter time.Time, margin float64) {
	if every := s.spacing(margin); every > 0 {
		if turn.Sub(s.next) > max(lag, every) {
			s.next = turn
		}
		s.next = s.next.Add(every)
	}
	if s.own && s.calls > 0 {
		s.held.add(id, notAfter)
	}
}

// departed puts the departure in the place of the slot's end.
func (s *scope) departed(id int64, now time.Time) {
	if s.held.remove(id) {
		s.held.add(id, now)
	}
}

func (s *scope) cancel(id int64, turn time.Time, margin float64) {
	if s.held.remove(id) || s.spacing(margin) > 0 {
		s.next = latest(turn, s.next.Add(-s.spacing(margin)))
	}
}

// closed is why no call may leave now.
func (s *scope) closed(now time.Time) (Cause, time.Duration) {
	switch {
	case now.Before(s.ban):
		return Banned, s.ban.Sub(now)
	case now.Before(s.shut):
		return Exhausted, s.shut.Sub(now)
	}
	return Open, 0
}

// throttled starts the ban, and tells whether the throttle says something new: calls that were under way together are
// throttled together.
func (s *scope) throttled(now time.Time, departed int64, after time.Duration) bool {
	if after <= 0 {
		after = PauseDefault
	}
	s.ban = latest(s.ban, now.Add(after))
	if departed <= s.stepped {
		return false
	}
	s.stepped = now.UnixMicro()
	return true
}

func (s *scope) slowDown() { s.rate = max(s.rate*stepDown, rateFloor) }

func (s *scope) usedUp(now time.Time, after time.Duration) {
	if after <= 0 {
		after = UntilMidnight(now)
	}
	s.shut = now.Add(after)
}

func (s *scope) accepted(departed int64, probe bool) {
	if probe {
		s.shut = time.Time{}
	}
	if s.rate < 1 && departed > s.stepped {
		s.rate = min(s.rate+stepUp/float64(max(s.calls, 1)), 1)
	}
}
