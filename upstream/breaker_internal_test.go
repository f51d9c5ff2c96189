package upstream

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// plainBreaker is what a breaker should do. Calls have numbers.
type plainBreaker struct {
	failures int
	now      time.Time
	// row has when calls failed since the last answer.
	row []time.Time
	// openFor is how long the breaker was last opened for; 0 while it is closed.
	openFor time.Duration
	// shut is until when no call is let through; finding is the call that finds out whether the upstream answers.
	shut     time.Time
	finding  int
	retries  float64
	opened   int64
	refused  int64
	withheld int64
}

// call returns for how long a new call is refused; 0 if it is let through.
func (m *plainBreaker) call(n int) time.Duration {
	switch {
	case m.openFor == 0:
		return 0
	case m.now.Before(m.shut):
		m.refused++
		return m.shut.Sub(m.now)
	}
	m.finding, m.shut = n, m.now.Add(probeMax)
	return 0
}

// sent reports whether a call that has its permit may be sent.
func (m *plainBreaker) sent(n int) bool {
	switch {
	case m.openFor == 0:
		return true
	case m.finding == n:
		m.shut = m.now.Add(probeMax)
		return true
	}
	m.refused++
	return false
}

func (m *plainBreaker) ended(n int, v verdict) {
	switch {
	case v == alive:
		m.row, m.openFor, m.finding = nil, 0, 0
		m.retries = min(m.retries+retriesEarned, retriesMost)
	case v == dead && m.openFor == 0:
		m.row = append(m.row, m.now)
		if len(m.row) >= m.failures && m.now.Sub(m.row[0]) >= breakerSpan {
			m.opened++
			m.openFor, m.shut = openFirst, m.now.Add(openFirst)
		}
	case m.openFor > 0 && m.finding == n:
		m.finding, m.shut = 0, m.now
		if v == dead {
			m.openFor = min(2*m.openFor, openMost)
			m.shut = m.now.Add(m.openFor)
		}
	}
}

// underWay is a call that was let through.
type underWay struct {
	n       int
	pass    *pass
	waiting context.Context
	sent    bool
}

// TestBreakerAgainstAModel makes calls in any order and with any results, and compares what becomes of each.
func TestBreakerAgainstAModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &plainBreaker{failures: rapid.IntRange(1, 4).Draw(t, "failures"), now: time.UnixMilli(0), retries: retriesMost}
		b := newBreaker(m.failures, slog.New(slog.DiscardHandler))
		b.now = func() time.Time { return m.now }
		var calls []*underWay
		next := 0
		draw := func(sent bool) *underWay {
			var fit []int
			for i, c := range calls {
				if c.sent == sent {
					fit = append(fit, i)
				}
			}
			if len(fit) == 0 {
				return nil
			}
			i := rapid.SampledFrom(fit).Draw(t, "which")
			c := calls[i]
			if sent {
				calls = append(calls[:i], calls[i+1:]...)
			}
			return c
		}
		drop := func(gone *underWay) {
			for i, c := range calls {
				if c == gone {
					calls = append(calls[:i], calls[i+1:]...)
					return
				}
			}
		}
		call := func(t *rapid.T) {
			next++
			p, waiting, err := b.enter(context.Background())
			wait := m.call(next)
			f, refused := fault.As(err)
			if refused != (wait > 0) || refused && (f.RetryAfter != wait || f.Kind != fault.UpstreamUnavailable || !errors.Is(err, errOpened)) {
				t.Fatalf("call %d: %v, want a refusal for %s", next, err, wait)
			}
			if err == nil {
				calls = append(calls, &underWay{n: next, pass: p, waiting: waiting})
			}
		}
		end := func(t *rapid.T) {
			if c := draw(true); c != nil {
				v := verdict(rapid.IntRange(int(nothing), int(dead)).Draw(t, "verdict"))
				c.pass.done(v)
				m.ended(c.n, v)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"call": call, "call more": call, "end": end, "end more": end,
			"permit": func(t *rapid.T) {
				if c := draw(false); c != nil {
					err, may := c.pass.checkIn(c.waiting, nil), m.sent(c.n)
					if (err == nil) != may {
						t.Fatalf("call %d with a permit: %v, want it sent: %v", c.n, err, may)
					}
					if c.sent = may; !may {
						drop(c)
					}
				}
			},
			"no permit": func(t *rapid.T) {
				if c := draw(false); c != nil {
					woken := errors.Is(context.Cause(c.waiting), errOpened)
					refusal := c.pass.checkIn(c.waiting, errors.New("no permit"))
					if (refusal != nil) != woken {
						t.Fatalf("call %d without a permit: %v, want a refusal: %v", c.n, refusal, woken)
					}
					if woken {
						m.refused++
					} else {
						m.ended(c.n, nothing)
					}
					drop(c)
				}
			},
			"time": func(t *rapid.T) {
				m.now = m.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			},
			"answered": func(*rapid.T) { b.answered(); m.ended(0, alive) },
			"repeat": func(t *rapid.T) {
				class := Class(rapid.IntRange(0, 1).Draw(t, "class"))
				want := m.openFor == 0 || class == Batch
				if want && m.retries < 1 {
					want = false
					m.withheld++
				} else if want {
					m.retries--
				}
				if got := b.mayRepeat(class); got != want {
					t.Fatalf("repeated: %v, want %v", got, want)
				}
			},
			"": func(t *rapid.T) {
				finding := 0
				for _, c := range calls {
					if m.openFor > 0 && c.pass == b.probe {
						finding++
					}
					if m.openFor > 0 && !c.sent && c.n != m.finding && c.waiting.Err() == nil && c.pass != b.probe && b.queued[c.pass] != nil {
						t.Fatalf("call %d waits for a permit while the breaker is open", c.n)
					}
				}
				s := b.status
				if (s.State == BreakerClosed) != (m.openFor == 0) || s.Opened != m.opened || s.Refused != m.refused || s.Withheld != m.withheld || finding > 1 {
					t.Fatalf("%+v, want %+v", s, *m)
				}
			},
		})
		// However it ended: an upstream that answers is found within openMost, and one answer lets all calls through.
		m.now = m.now.Add(openMost)
		p, waiting, err := b.enter(context.Background())
		if err == nil {
			err = p.checkIn(waiting, nil)
		}
		if err != nil {
			t.Fatalf("%s after everything: %v", openMost, err)
		}
		p.done(alive)
		if _, _, err := b.enter(context.Background()); err != nil || b.status.State != BreakerClosed {
			t.Fatalf("after an answer: %v, %+v", err, b.status)
		}
	})
}

func TestWhatAnAttemptShows(t *testing.T) {
	coded := func(kind fault.Kind) error { return fault.New(kind, "").WithMeta(fault.MetaUpstreamCode, "isp.x") }
	for name, row := range map[string]struct {
		err       error
		responded bool
		want      verdict
	}{
		"an answer":                       {nil, true, alive},
		"no connection":                   {fault.New(fault.UpstreamUnavailable, ""), false, dead},
		"no answer in time":               {fault.New(fault.UpstreamTimeout, ""), false, dead},
		"an answer that broke off":        {fault.New(fault.UpstreamUnavailable, ""), true, dead},
		"the platform says: later":        {coded(fault.UpstreamUnavailable), true, alive},
		"the platform says: it took long": {coded(fault.UpstreamTimeout), true, alive},
		"a refusal":                       {coded(fault.UpstreamRefused), true, alive},
		"a throttle without a code":       {fault.New(fault.UpstreamThrottled, ""), true, alive},
		"an answer that is too large":     {fault.New(fault.UpstreamAnswerTooLarge, ""), true, alive},
		"a certificate":                   {fault.New(fault.UpstreamCertificateInvalid, ""), false, nothing},
		"a name":                          {fault.New(fault.UpstreamHostUnknown, ""), false, nothing},
		"a photo that cannot be read":     {fault.New(fault.ImageUnreadable, ""), false, nothing},
		"something else":                  {errors.New("x"), false, nothing},
	} {
		if got := verdictOf(row.err, row.responded); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}
