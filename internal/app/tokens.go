package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// openTokens builds the source of access tokens. Stored tokens that cannot be used are an error. No tokens yet is not:
// a user may log in while the service runs.
func (a *App) openTokens(ctx context.Context, sender *http.Client) (upstream.Tokens, error) {
	if !a.settings.Live() {
		return oauth.NewStatic(a.place.token), nil
	}
	// A machine without a home directory stores nothing; that matters only if something must be stored.
	store, noStore := a.openTokenStore()
	mode := a.tokenMode(ctx, store)
	a.log.Info("access tokens", "mode", mode)
	switch mode {
	case config.TokenStatic:
		return oauth.NewStatic(a.place.token), nil
	case config.TokenNone:
		return oauth.Static{}, nil
	}
	if noStore != nil {
		return nil, noStore
	}
	issuer, err := newIssuer(a.options.Settings, sender)
	if err != nil {
		return nil, err
	}
	switch _, err := store.Sync(ctx); {
	case err == nil:
	case errors.Is(err, oauth.ErrNoToken):
		a.log.Warn("nobody has authorized this App Key yet: calls are refused until `zhaohuo auth login` is run", "data_dir", a.settings.Listen.DataDir)
	case errors.Is(err, oauth.ErrAway):
		a.log.Warn("calls are refused until Redis can be asked for the access tokens", "error", err)
	default:
		if _, err := store.Load(ctx); err != nil {
			return nil, err
		}
		a.log.Warn("the access tokens cannot be stored in the data directory", "data_dir", a.settings.Listen.DataDir, "error", err)
	}
	if store.Shared() {
		a.sharedTokens = store
	}
	source := oauth.NewSource(oauth.Options{Issuer: issuer, Store: store, Log: a.log})
	a.onClose(func(context.Context) error {
		source.Close()
		return nil
	})
	return source, nil
}

// openTokenStore builds the store of tokens. It is closed with the service.
func (a *App) openTokenStore() (*oauth.Store, error) {
	s := a.settings
	o := oauth.StoreOptions{Dir: s.Listen.DataDir, AppKey: s.Account.AppKey, AppSecret: s.Account.AppSecret, Log: a.log}
	if !s.Quota.RedisURL.Empty() {
		var err error
		if o.Redis, err = a.redisOptions(); err != nil {
			return nil, err
		}
	}
	store, err := oauth.OpenStore(o)
	if err != nil {
		return nil, err
	}
	a.onClose(func(context.Context) error {
		store.Close()
		return nil
	})
	return store, nil
}

// tokenMode is the source of access tokens. It looks for stored tokens only if the mode depends on them.
func (a *App) tokenMode(ctx context.Context, store *oauth.Store) string {
	modeIfNone, modeIfStored := a.options.Settings.TokenMode(false), a.options.Settings.TokenMode(true)
	if store == nil || modeIfNone == modeIfStored {
		return modeIfNone
	}
	stored, err := store.Exists(ctx)
	if err != nil {
		a.log.Warn("Redis could not be asked whether access tokens are stored there, so calls are sent without a token: set ZHAOHUO_TOKEN_MODE to oauth if tokens are stored there",
			"error", err)
	}
	if stored {
		return modeIfStored
	}
	return modeIfNone
}

// newIssuer is the client that requests tokens.
func newIssuer(s *config.Loaded, sender *http.Client) (*oauth.Issuer, error) {
	address, from := s.Tokens.URL, "oauth-url"
	if address == "" && s.Upstream.Dialect == "aop" {
		address, from = s.Upstream.URL, "upstream-url"
	}
	if address == "" {
		address = aop.DefaultBaseURL
	}
	codes, err := s.Upstream.ReadCodes()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Named("upstream-codes"), err)
	}
	issuer, err := oauth.NewIssuer(oauth.IssuerOptions{
		Codes: codes.Tokens, BaseURL: address, AppKey: s.Account.AppKey, AppSecret: s.Account.AppSecret, HTTP: sender, Timeout: s.Upstream.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Named(from), err)
	}
	return issuer, nil
}

// Authorization is what an operator needs to authorize the App Key.
type Authorization struct {
	Issuer *oauth.Issuer
	Store  *oauth.Store
	// Mode is the service's source of access tokens.
	Mode func(context.Context) string
	// Close ends its connections.
	Close func()
}

// NewAuthorization builds it from the settings of a live service.
func NewAuthorization(s *config.Loaded) (*Authorization, error) {
	a := &App{options: Options{Settings: s}, settings: &s.Settings, log: slog.New(slog.DiscardHandler)}
	store, err := a.openTokenStore()
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	sender, err := a.newSender()
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	issuer, err := newIssuer(s, sender)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &Authorization{
		Issuer: issuer, Store: store,
		Mode:  func(ctx context.Context) string { return a.tokenMode(ctx, store) },
		Close: func() { _ = a.Close() }, // Only idle connections: closing cannot fail.
	}, nil
}
