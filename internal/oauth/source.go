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

// The wait after a failed refresh doubles from backoffFirst to backoffMax. Until it is over callers get the failure.
const (
	backoffFirst = time.Second
	backoffMax   = 30 * time.Second
)

// callTimeout bounds one refresh: waiting for another process, the request, the request to postpone, and storing.
const callTimeout = time.Minute

// closeGrace is how long Close waits.
const closeGrace = 3 * time.Second

// syncEvery is the time between two synchronizations with other replicas.
const syncEvery = 5 * time.Second

// roundsMax bounds how many refreshes one caller waits for. Usually it is one. But the caller may have joined a refresh whose
// token was refused before the caller woke up.
const roundsMax = 4

// When renewalsMax new tokens in a row are refused, each within renewPause of its renewal, no token is renewed for renewPause:
// the upstream refuses for another reason.
const (
	renewPause  = 30 * time.Second
	renewalsMax = 2
)

// A caller waits after at most holdsMax failed refreshes, and never longer than holdMax at a time: a fault that lasts longer
// is not temporary.
const (
	holdsMax = 3
	holdMax  = 5 * time.Second
)

// Options are the parts of a [Source].
type Options struct {
	Issuer *Issuer
	Store  *Store
	Log    *slog.Logger
	// SyncEvery is the time between two synchronizations of the store's copies where replicas share one. Zero means syncEvery.
	SyncEvery time.Duration
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Source returns the stored access token and refreshes it: before it expires, while callers still get the old one, or when
// it is refused. All callers and processes together make one refresh at a time. It is safe for concurrent use.
type Source struct {
	o Options
	// refreshes coalesces callers: one refresh runs at a time.
	refreshes singleflight.Group
	// closing is cancelled by Close.
	closing context.Context //nolint:containedctx // It is the source's life, not a request's.
	close   context.CancelFunc
	// syncing is the goroutine that synchronizes the copies.
	syncing sync.WaitGroup

	mu   sync.Mutex
	held Token
	due  time.Time
	// unsaved means that held is newer than what is stored. Storing is retried at saveAt.
	unsaved bool
	saveAt  time.Time
	// refused is the access token that the upstream refused last.
	refused secret.Text
	// renewed is the access token that replaced a refused one, at renewedAt. renewals counts such replacements in a row, each
	// within renewPause of the one before.
	renewed   secret.Text
	renewedAt time.Time
	renewals  int
	// failure is returned to callers until retryAt. wait is the backoff that led to retryAt.
	failure error
	retryAt time.Time
	wait    time.Duration
}

// NewSource builds a Source. It makes no request before the first token is requested.
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
		s.syncing.Go(s.syncCopies)
	}
	return s
}

// Close waits for a running refresh and cancels it after closeGrace: a short-lived process should not lose the refresh that it
// began. The source must not be used afterwards.
func (s *Source) Close() {
	cut := time.AfterFunc(closeGrace, s.close)
	<-s.refreshes.DoChan("", func() (any, error) { return nil, nil })
	cut.Stop()
	s.close()
	s.syncing.Wait()
}

// Token implements [upstream.Tokens]. It waits for a refresh only when there is no usable token. Temporary faults of the
// platform are retried as in [Source.obtain].
func (s *Source) Token(ctx context.Context) (secret.Text, error) {
	var token secret.Text
	err := s.obtain(ctx, func(now time.Time) bool {
		if !s.usable(now) {
			return false
		}
		if s.stale(now) && s.standing(now) == nil {
			s.startRefresh(ctx)
		}
		token = s.held.AccessToken
		return true
	})
	return token, err
}

// Renew implements [upstream.Tokens]: after it, Token returns another token than the rejected one. If a new token is refused
// too, it is replaced once more. If that one is refused as well, Token fails for renewPause, so that no call is spent on
// another refusal.
func (s *Source) Renew(ctx context.Context, rejected secret.Text) error {
	return s.obtain(ctx, func(now time.Time) bool {
		if s.held.AccessToken == rejected {
			s.reject(now)
		}
		return s.usable(now)
	})
}

// reject marks the held token as refused. The caller holds mu.
func (s *Source) reject(now time.Time) {
	first := s.refused != s.held.AccessToken
	s.refused = s.held.AccessToken
	until := s.renewedAt.Add(renewPause)
	if first && s.refused == s.renewed && s.renewals >= renewalsMax && now.Before(until) {
		s.failure, s.retryAt = fault.New(fault.UpstreamTokenInvalid,
			"the upstream refuses access tokens that it has just given: the user may have withdrawn the authorization; %s", remedy), until
	}
}

// obtain refreshes until have returns true. It calls have under mu. When a refresh fails with a temporary fault, the caller
// waits and tries again, as far as its deadline allows.
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
			return expiredOnArrival()
		}
		err := s.standing(now)
		var done <-chan singleflight.Result
		if err == nil {
			done = s.startRefresh(ctx)
		}
		s.mu.Unlock()
		if done != nil {
			if err = wait(ctx, done); err == nil {
				rounds++
				continue
			}
		}
		if holds == holdsMax || !temporary(err) || !s.waitForRetry(ctx) {
			return err
		}
		holds++
	}
}

// temporary reports whether a retry may succeed soon.
func temporary(err error) bool {
	retry := fault.KindOf(err).Retry()
	return retry == fault.RetryTransient || retry == fault.RetryThrottle
}

// waitForRetry waits until the next refresh is allowed. It returns false at once if the wait is longer than holdMax or than
// ctx allows.
func (s *Source) waitForRetry(ctx context.Context) bool {
	s.mu.Lock()
	wait := s.retryAt.Sub(s.o.Now())
	s.mu.Unlock()
	if end, ok := ctx.Deadline(); wait > holdMax || ok && time.Until(end) <= wait {
		return false
	}
	return pause.For(ctx, wait)
}

// expiredOnArrival is the fault when new tokens have already expired by our clock.
func expiredOnArrival() error {
	return fault.New(fault.UpstreamUnavailable, "the upstream gives access tokens that have ended already: is this machine's clock right?")
}

// Refresh gets a new access token even if the old one is still usable. It is for operators.
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

// usable reports whether there is a token that the upstream may accept. The caller holds mu.
func (s *Source) usable(now time.Time) bool {
	return !s.held.AccessToken.Empty() && s.held.AccessToken != s.refused && !s.held.Expired(now)
}

// stale reports whether the held token should be refreshed or stored now. The caller holds mu.
func (s *Source) stale(now time.Time) bool {
	return s.unsaved && !now.Before(s.saveAt) || s.refreshDue(now)
}

// refreshDue reports whether it is time to refresh before the token expires. The caller holds mu.
func (s *Source) refreshDue(now time.Time) bool {
	return !s.due.IsZero() && !now.Before(s.due)
}

// standing is the last failure, as long as it is too early to try again. The caller holds mu.
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

// wait returns when the refresh is done or ctx ends. The refresh goes on without its caller.
func wait(ctx context.Context, done <-chan singleflight.Result) error {
	select {
	case result := <-done:
		return result.Err
	case <-ctx.Done():
		return fault.New(fault.DeadlineExceeded, "the deadline ended while an access token was being refreshed").WithCause(ctx.Err())
	}
}

// startRefresh joins the running refresh or starts one. The refresh has no caller's deadline, because others wait for it too.
func (s *Source) startRefresh(ctx context.Context) <-chan singleflight.Result {
	ctx = context.WithoutCancel(ctx)
	return s.refreshes.DoChan("", func() (any, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		defer context.AfterFunc(s.closing, cancel)()
		err := s.settle(ctx)
		s.finishRefresh(ctx, err)
		return nil, err
	})
}

// finishRefresh records how a refresh ended.
func (s *Source) finishRefresh(ctx context.Context, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	if err == nil {
		// A token that could not be stored is still usable. A failure that is set now is newer than this refresh: its token was
		// refused before the refresh was done.
		s.saveAt = now.Add(backoffMax)
		return
	}
	s.wait = min(max(2*s.wait, backoffFirst), backoffMax)
	s.failure, s.retryAt = err, now.Add(s.wait)
	if s.closing.Err() == nil {
		s.o.Log.WarnContext(ctx, "no fresh access token", "error", err, "cause", errors.Unwrap(err), "old_one_good", s.usable(now), "next_try", s.wait)
	}
}
