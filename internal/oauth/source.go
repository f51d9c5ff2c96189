package oauth

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// A failed refresh is not tried again before this, which doubles up to the most. Until then callers get the failure.
const (
	backoffFirst = time.Second
	backoffMax   = 30 * time.Second
)

// callTimeout bounds one refresh: waiting for another process's, asking, asking to postpone, and storing.
const callTimeout = time.Minute

// closeGrace is how long Close waits.
const closeGrace = 3 * time.Second

// syncEvery is how often replicas look for each other's tokens.
const syncEvery = 5 * time.Second

// roundsMax bounds how many refreshes one caller waits for. One is the rule; another flight may have been under way, and
// what it brought may have been refused before this caller was woken.
const roundsMax = 4

// renewPause is how long tokens are not renewed once renewalsMax of them were refused one after the other, each within
// that time of its renewal: the upstream refuses for another reason.
const (
	renewPause  = 30 * time.Second
	renewalsMax = 2
)

// A caller is held for at most holdsMax failed refreshes, and never for longer than holdMax at once: a fault that lasts
// longer is no passing one.
const (
	holdsMax = 3
	holdMax  = 5 * time.Second
)

// Options are the parts of a [Source].
type Options struct {
	Issuer *Issuer
	Store  *Store
	Log    *slog.Logger
	// SyncEvery is how often the store's copies are made equal where replicas share them; syncEvery if zero.
	SyncEvery time.Duration
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Source gives the stored access token and refreshes it: ahead of its end while callers still get the old one, or when
// it is refused. However many callers and processes want it, one refresh is made. It is safe for concurrent use.
type Source struct {
	o Options
	// flights joins callers to the one refresh under way.
	flights singleflight.Group
	// closing ends it.
	closing context.Context //nolint:containedctx // It is the source's life, not a request's.
	close   context.CancelFunc
	// step is what keeps the copies in step.
	step sync.WaitGroup

	mu   sync.Mutex
	held Token
	due  time.Time
	// unsaved is that held is newer than what is stored; storing is tried again at saveAt.
	unsaved bool
	saveAt  time.Time
	// refused is the access token that the upstream did not take.
	refused secret.Text
	// renewed is the access token that took a refused one's place, at renewedAt. renewals counts how many did so one after
	// the other, each while its forerunner was new.
	renewed   secret.Text
	renewedAt time.Time
	renewals  int
	// failure stands until retryAt; wait is how long it was made to.
	failure error
	retryAt time.Time
	wait    time.Duration
}

// NewSource builds a Source. Nothing is asked before the first token is wanted.
func NewSource(o Options) *Source {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Source{o: o}
	if o.SyncEvery <= 0 {
		s.o.SyncEvery = syncEvery
	}
	s.closing, s.close = context.WithCancel(context.Background())
	if o.Store.Shared() {
		s.step.Go(s.keepInStep)
	}
	return s
}

// Close waits for a refresh under way, and after closeGrace cuts it off: what a short-lived process began should not have
// been in vain. The source may not be asked afterwards.
func (s *Source) Close() {
	cut := time.AfterFunc(closeGrace, s.close)
	<-s.flights.DoChan("", func() (any, error) { return nil, nil })
	cut.Stop()
	s.close()
	s.step.Wait()
}

// Token implements [upstream.Tokens]. It waits for a refresh only where there is no token that could be sent, and waits a
// passing fault of the platform out as [Source.obtain] says.
func (s *Source) Token(ctx context.Context) (secret.Text, error) {
	var token secret.Text
	err := s.obtain(ctx, func(now time.Time) bool {
		if !s.usable(now) {
			return false
		}
		if s.stale(now) && s.standing(now) == nil {
			s.fly(ctx)
		}
		token = s.held.AccessToken
		return true
	})
	return token, err
}

// Renew implements [upstream.Tokens]: it sees to it that the token handed out next is another than the rejected one. A
// fresh token that is refused too is replaced once more; if that one is refused as well, no token is handed out for a
// while, so that nobody spends a call to learn the same.
func (s *Source) Renew(ctx context.Context, rejected secret.Text) error {
	return s.obtain(ctx, func(now time.Time) bool {
		if s.held.AccessToken == rejected {
			s.reject(now)
		}
		return s.usable(now)
	})
}

// reject takes the held token out of use. The caller holds mu.
func (s *Source) reject(now time.Time) {
	first := s.refused != s.held.AccessToken
	s.refused = s.held.AccessToken
	until := s.renewedAt.Add(renewPause)
	if first && s.refused == s.renewed && s.renewals >= renewalsMax && now.Before(until) {
		s.failure, s.retryAt = fault.New(fault.UpstreamTokenInvalid,
			"the upstream refuses access tokens that it has just given: the user may have withdrawn the authorization; %s", remedy), until
	}
}

// obtain refreshes until have says that there is what the caller wants; have is asked under mu. While the platform cannot
// be asked for tokens, the caller is held as long as its deadline allows and the fault looks like one that passes.
func (s *Source) obtain(ctx context.Context, have func(now time.Time) bool) error {
	for rounds, holds := 0, 0; ; {
		s.mu.Lock()
		now := s.o.Now()
		if have(now) {
			s.mu.Unlock()
			return nil
		}
		if rounds == roundsMax {
			s.mu.Unlock()
			return noUse()
		}
		err := s.standing(now)
		var landed <-chan singleflight.Result
		if err == nil {
			landed = s.fly(ctx)
		}
		s.mu.Unlock()
		if landed != nil {
			if err = wait(ctx, landed); err == nil {
				rounds++
				continue
			}
		}
		if holds == holdsMax || !passes(err) || !s.holdUp(ctx) {
			return err
		}
		holds++
	}
}

// passes tells a fault that may be gone in a moment.
func passes(err error) bool {
	retry := fault.KindOf(err).Retry()
	return retry == fault.RetryTransient || retry == fault.RetryThrottle
}

// holdUp waits until tokens may be asked for again. It does not begin a wait that ctx would cut short, nor a long one.
func (s *Source) holdUp(ctx context.Context) bool {
	s.mu.Lock()
	wait := s.retryAt.Sub(s.o.Now())
	s.mu.Unlock()
	if end, ok := ctx.Deadline(); wait > holdMax || ok && time.Until(end) <= wait {
		return false
	}
	return pause.For(ctx, wait)
}

// noUse is what comes of tokens that have ended by our clock before they are here.
func noUse() error {
	return fault.New(fault.UpstreamUnavailable, "the upstream gives access tokens that have ended already: is this machine's clock right?")
}

// Refresh gets a new access token whatever the old one is worth, for operators.
func (s *Source) Refresh(ctx context.Context) (Token, error) {
	kept, err := s.o.Store.Load(ctx)
	if err != nil {
		return Token{}, unusable(err)
	}
	s.hold(kept, false)
	if err := s.Renew(ctx, kept.AccessToken); err != nil {
		return Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsaved {
		return s.held, errors.New("the tokens were refreshed but could not be stored in " + s.o.Store.Path())
	}
	return s.held, nil
}

// usable tells whether there is a token that the upstream may take. The caller holds mu.
func (s *Source) usable(now time.Time) bool {
	return !s.held.AccessToken.Empty() && s.held.AccessToken != s.refused && !s.held.Expired(now)
}

// stale tells whether something is to be done about the token held. The caller holds mu.
func (s *Source) stale(now time.Time) bool {
	return s.unsaved && !now.Before(s.saveAt) || s.ripe(now)
}

// ripe tells whether it is time to refresh ahead. The caller holds mu.
func (s *Source) ripe(now time.Time) bool {
	return !s.due.IsZero() && !now.Before(s.due)
}

// standing is the last failure while it is too early to try again. The caller holds mu.
func (s *Source) standing(now time.Time) error {
	if s.failure == nil || !now.Before(s.retryAt) {
		return nil
	}
	f, ok := fault.As(s.failure)
	if !ok || f.Kind.Retry() != fault.RetryTransient {
		return s.failure
	}
	return f.WithRetryAfter(s.retryAt.Sub(now))
}

// wait returns when the flight has landed, or ctx ends; the flight goes on without its caller.
func wait(ctx context.Context, landed <-chan singleflight.Result) error {
	select {
	case result := <-landed:
		return result.Err
	case <-ctx.Done():
		return fault.New(fault.DeadlineExceeded, "the deadline ended while an access token was being refreshed").WithCause(ctx.Err())
	}
}

// fly joins the refresh under way or begins one. It has no caller's deadline, since others wait for it too.
func (s *Source) fly(ctx context.Context) <-chan singleflight.Result {
	ctx = context.WithoutCancel(ctx)
	return s.flights.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		defer context.AfterFunc(s.closing, cancel)()
		err := s.settle(ctx)
		s.land(ctx, err)
		return nil, err
	})
}

// land remembers how a flight ended.
func (s *Source) land(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	if err == nil {
		// A token that could not be stored is good all the same: nobody is refused. A failure that stands now is newer than
		// this flight's token: that was refused before the flight had landed.
		s.saveAt = now.Add(backoffMax)
		return
	}
	s.wait = min(max(2*s.wait, backoffFirst), backoffMax)
	s.failure, s.retryAt = err, now.Add(s.wait)
	if s.closing.Err() == nil {
		s.o.Log.WarnContext(ctx, "no fresh access token", "error", err, "cause", errors.Unwrap(err), "old_one_good", s.usable(now), "next_try", s.wait)
	}
}
