package oauth

import (
	"context"
	"errors"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// settle makes sure that a usable token is held and stored, or returns why there is none. It runs once at a time, also among
// the processes that share the store.
func (s *Source) settle(ctx context.Context) error {
	if s.settled() {
		return nil // The refresh before this one did it.
	}
	if _, err := s.o.Store.Load(ctx); err != nil {
		return unusable(err) // Locking would create the directory needlessly.
	}
	lock, err := s.o.Store.Lock(ctx)
	switch {
	case err == nil:
		defer lock.Release(ctx)
	case ctx.Err() != nil:
		return fault.New(fault.UpstreamUnavailable, "another process is refreshing the access token").WithCause(err)
	default:
		// Callers are served even if the directory cannot be written. Two processes may refresh at once then.
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
	// Without the lease another replica might exchange the same refresh token. Then one of the two would hold a dead one.
	if saved := s.save(ctx, fresh); saved && lock.Alone() && fresh.postponable(s.o.Now()) {
		s.postpone(ctx, fresh)
	}
	return nil
}

// afterRefusal returns newer tokens of another replica, when the platform refuses to renew ours. A replica that has them
// writes them to Redis within one period, even if Redis has just lost them. So this waits two periods.
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

// unusable is the fault of a store without usable tokens. The error names files, so it stays a cause that callers do not see.
func unusable(err error) error {
	if errors.Is(err, ErrAway) {
		return fault.OfServer(fault.UpstreamUnavailable, "the Redis that holds the access tokens cannot be asked now", err)
	}
	if errors.Is(err, ErrNoToken) {
		return fault.New(fault.UpstreamTokenInvalid, "nobody has authorized this server yet: %s", remedy).WithCause(err)
	}
	return fault.New(fault.UpstreamTokenInvalid, "the stored tokens cannot be used: `zhaohuo auth status` says why").WithCause(err)
}

// settled reports whether there is nothing to do.
func (s *Source) settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Now()
	return s.usable(now) && !s.stale(now)
}

// adopt holds the stored tokens if they are newer: another process has refreshed, or somebody has logged in.
func (s *Source) adopt(kept Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	same := kept.AccessToken == s.held.AccessToken && kept.RefreshToken == s.held.RefreshToken
	if !same && (!s.unsaved || kept.newer(s.held)) {
		s.holdLocked(kept, false)
	}
}

// syncCopies synchronizes the store's copies until the source is closed. So each replica gets the newest tokens in time, and
// a Redis that has lost the tokens gets them back.
func (s *Source) syncCopies() {
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

// adoptNewer holds tokens that are newer than those held. If no token was requested yet, it does nothing.
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

// holdLocked makes t the tokens that callers get. It clears the last failure. The caller holds mu.
func (s *Source) holdLocked(t Token, unsaved bool) {
	s.failure, s.wait = nil, 0
	s.held, s.due, s.unsaved = t, t.dueAt(), unsaved
}

// refresh requests a new access token, if the held one needs it, and holds the new one.
func (s *Source) refresh(ctx context.Context) (Token, error) {
	s.mu.Lock()
	old, refused, now := s.held, s.refused, s.o.Now()
	needless := s.usable(now) && !s.refreshDue(now)
	s.mu.Unlock()
	if needless {
		return old, nil // It is usable and was only not stored.
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

// markRevoked stores that the platform no longer renews these tokens. `zhaohuo auth status` reads it, because that command
// makes no request.
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

// save stores the held tokens. A failure is only logged: the token can be used from memory.
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

// postpone exchanges a refresh token that expires soon. The old one is dead at once. So this needs the lock and a store that
// works, and only the timeout of the call can end it. After a refusal the old one stays, and there are weeks left to retry.
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
