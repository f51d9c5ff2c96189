package oauth

import (
	"context"
	"errors"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// settle leaves a good token held and stored, or says why there is none. It runs once at a time, and alone among the
// processes that share the store.
func (s *Source) settle(ctx context.Context) error {
	if s.settled() {
		return nil // The flight before this one did it.
	}
	if _, err := s.o.Store.Load(ctx); err != nil {
		return unusable(err) // Locking would make the directory, for nothing.
	}
	lock, err := s.o.Store.Lock(ctx)
	switch {
	case err == nil:
		defer lock.Release(ctx)
	case ctx.Err() != nil:
		return fault.New(fault.UpstreamUnavailable, "another process is refreshing the access token").WithCause(err)
	default:
		// A directory that cannot be written is no reason to answer nobody; two processes may refresh then.
		s.o.Log.WarnContext(ctx, "the token store cannot be locked", "error", err)
	}
	kept, err := s.o.Store.loadOwned(ctx, lock != nil)
	if err != nil {
		return unusable(err)
	}
	s.adopt(kept)
	if s.settled() {
		return nil
	}
	fresh, err := s.refresh(ctx)
	if newest, ok := s.afterRefusal(ctx, lock, kept, err); ok {
		s.adopt(newest)
		if s.settled() {
			return nil
		}
		fresh, err = s.refresh(ctx)
		kept = newest
	}
	if lock != nil && lock.Alone() && fault.KindOf(err) == fault.UpstreamTokenInvalid {
		s.markRevoked(ctx, kept)
	}
	if err != nil || lock == nil {
		return err
	}
	// Without the lease another replica might exchange the same refresh token, of which one would be left with a dead one.
	if saved := s.save(ctx, fresh); saved && lock.Alone() && fresh.postponable(s.o.Now()) {
		s.postpone(ctx, fresh)
	}
	return nil
}

// afterRefusal gives the newer tokens of another replica where the platform refuses to renew ours. Who has them brings them
// to Redis within a period, also where Redis has just lost them: so long they are waited for.
func (s *Source) afterRefusal(ctx context.Context, lock *Lock, kept Token, err error) (Token, bool) {
	if lock == nil || !lock.Alone() || !s.o.Store.Shared() || fault.KindOf(err) != fault.UpstreamTokenInvalid ||
		kept.RefreshToken.Empty() || !kept.RevokedAt.IsZero() {
		return Token{}, false
	}
	ticks := time.NewTicker(s.o.SyncEvery / 10)
	defer ticks.Stop()
	end := time.NewTimer(2 * s.o.SyncEvery)
	defer end.Stop()
	for {
		if newest, err := s.o.Store.loadOwned(ctx, true); err == nil && newest.newer(kept) {
			return newest, true
		}
		select {
		case <-ticks.C:
		case <-end.C:
			return Token{}, false
		case <-ctx.Done():
			return Token{}, false
		}
	}
}

// unusable is the fault of a store without usable tokens. The error names files, so callers do not see it.
func unusable(err error) error {
	if errors.Is(err, ErrAway) {
		return fault.New(fault.UpstreamUnavailable, "the Redis that holds the access tokens cannot be asked now").WithCause(err)
	}
	if errors.Is(err, ErrNoToken) {
		return fault.New(fault.UpstreamTokenInvalid, "nobody has authorized this server yet: %s", remedy).WithCause(err)
	}
	return fault.New(fault.UpstreamTokenInvalid, "the stored tokens cannot be used: `zhaohuo auth status` says why").WithCause(err)
}

// settled tells whether there is nothing to do.
func (s *Source) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	return s.usable(now) && !s.stale(now)
}

// adopt takes what is stored if it is newer than what is held: another process has refreshed, or somebody has logged in.
func (s *Source) adopt(kept Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := kept.AccessToken == s.held.AccessToken && kept.RefreshToken == s.held.RefreshToken
	if !same && (!s.unsaved || kept.newer(s.held)) {
		s.holdLocked(kept, false)
	}
}

// keepInStep has the store make all copies the newest until the source is closed. A replica so learns what another one was
// given before that is all there is, and a Redis that has lost the tokens gets them back.
func (s *Source) keepInStep() {
	ticks := time.NewTicker(s.o.SyncEvery)
	defer ticks.Stop()
	trouble := ""
	for {
		select {
		case <-ticks.C:
		case <-s.closing.Done():
			return
		}
		newest, err := s.o.Store.Sync(s.closing)
		if err == nil {
			s.adoptNewer(newest)
			trouble = ""
		} else if !errors.Is(err, ErrNoToken) && err.Error() != trouble && s.closing.Err() == nil {
			trouble = err.Error()
			s.o.Log.WarnContext(s.closing, "the stored tokens cannot be kept in step with those of other replicas", "error", err)
		}
	}
}

// adoptNewer takes tokens that are newer than those held. Where none were wanted so far, none are held.
func (s *Source) adoptNewer(newest Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.held.AccessToken.Empty() && newest.newer(s.held) {
		s.holdLocked(newest, false)
	}
}

func (s *Source) hold(t Token, unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holdLocked(t, unsaved)
}

// holdLocked has tokens handed out from now on. What failed before is over with that.
func (s *Source) holdLocked(t Token, unsaved bool) {
	s.failure, s.wait = nil, 0
	s.held, s.due, s.unsaved = t, t.dueAt(), unsaved
}

// refresh asks for a new access token, if the one held needs it, and holds it.
func (s *Source) refresh(ctx context.Context) (Token, error) {
	s.mu.Lock()
	old, refused, now := s.held, s.refused, s.o.Now()
	needless := s.usable(now) && !s.ripe(now)
	s.mu.Unlock()
	if needless {
		return old, nil // It only was not stored.
	}
	if old.RefreshToken.Empty() {
		return Token{}, fault.New(fault.UpstreamTokenInvalid, "the access token has ended and came without a refresh token: %s", remedy)
	}
	fresh, err := s.o.Issuer.Refresh(ctx, old)
	if err != nil {
		return Token{}, err
	}
	s.hold(fresh, true)
	if old.AccessToken == refused {
		s.markRenewed(refused, fresh.AccessToken, now)
	}
	s.o.Log.InfoContext(ctx, "access token refreshed", "refused", old.AccessToken == refused,
		"expires_at", fresh.ExpiresAt, "refresh_token_ends", fresh.RefreshExpiresAt)
	return fresh, nil
}

func (s *Source) markRenewed(refused, fresh secret.Text, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refused == s.renewed && at.Before(s.renewedAt.Add(renewPause)) {
		s.renewals++
	} else {
		s.renewals = 1
	}
	s.renewed, s.renewedAt = fresh, at
}

// markRevoked stores that the platform does not renew these tokens any more, for `zhaohuo auth status`, which asks nobody.
func (s *Source) markRevoked(ctx context.Context, kept Token) {
	s.mu.Lock()
	same := kept.RefreshToken == s.held.RefreshToken && !kept.RefreshToken.Empty()
	s.mu.Unlock()
	if !same || !kept.RevokedAt.IsZero() {
		return
	}
	kept.RevokedAt = s.o.Now().UTC().Round(0)
	if err := s.o.Store.Save(ctx, kept); err != nil {
		s.o.Log.WarnContext(ctx, "it could not be stored that the authorization has ended", "error", err)
	}
}

// save stores what is held. A failure is told to the log alone: the token is as good in memory.
func (s *Source) save(ctx context.Context, t Token) bool {
	if err := s.o.Store.Save(ctx, t); err != nil {
		s.o.Log.ErrorContext(ctx, "the refreshed tokens could not be stored", "error", err)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = false
	return true
}

// postpone exchanges a refresh token that ends soon. It is done under the lock and after a store that worked, because the
// old one is dead at once; for the same reason nothing but the call's own timeout cuts it off. A refusal leaves the old
// one, and there are weeks left to try again.
func (s *Source) postpone(ctx context.Context, t Token) {
	ctx = context.WithoutCancel(ctx)
	fresh, err := s.o.Issuer.Postpone(ctx, t)
	if err != nil {
		s.o.Log.WarnContext(ctx, "the refresh token was not renewed", "error", err, "cause", errors.Unwrap(err), "ends_at", t.RefreshExpiresAt)
		return
	}
	s.hold(fresh, true)
	if s.save(ctx, fresh) {
		s.o.Log.InfoContext(ctx, "refresh token renewed", "ends_at", fresh.RefreshExpiresAt)
	}
}
