package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/oauth"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
)

// openAccounts builds the accounts with their sources of access tokens.
func (a *App) openAccounts(ctx context.Context, sender *http.Client) ([]upstream.Account, error) {
	var all []upstream.Account
	for _, one := range a.place.accounts {
		tokens, err := a.openTokens(ctx, sender, one)
		if err != nil {
			return nil, err
		}
		all = append(all, upstream.Account{Name: one.Name, AppKey: one.AppKey, AppSecret: one.AppSecret, Tokens: tokens})
	}
	return all, nil
}

// openTokens builds the source of an account's access tokens. Stored tokens that cannot be used are an error. No tokens yet
// is not: a user may log in while the service runs.
func (a *App) openTokens(ctx context.Context, sender *http.Client, account config.PoolAccount) (upstream.Tokens, error) {
	if !a.settings.Live() {
		return oauth.NewStatic(account.AccessToken), nil
	}
	// A machine without a home directory stores nothing; that matters only if something must be stored.
	store, noStore := a.openTokenStore(account)
	mode, log := a.tokenMode(ctx, account, store), a.log
	if account.Name != "" {
		log = log.With("account", account.Name)
	}
	log.Info("access tokens", "mode", mode)
	switch mode {
	case config.TokenStatic:
		return oauth.NewStatic(account.AccessToken), nil
	case config.TokenNone:
		return oauth.Static{}, nil
	}
	if noStore != nil {
		return nil, noStore
	}
	issuer, err := newIssuer(a.options.Settings, account, sender)
	if err != nil {
		return nil, err
	}
	switch _, err := store.Sync(ctx); {
	case err == nil:
	case errors.Is(err, oauth.ErrNoToken):
		log.Warn("nobody has authorized this App Key yet: calls are refused until somebody has logged in", "command", LoginCommand(account), "data_dir", a.settings.Listen.DataDir)
	case errors.Is(err, oauth.ErrAway):
		log.Warn("calls are refused until Redis can be asked for the access tokens", "error", err)
	default:
		if _, err := store.Load(ctx); err != nil {
			return nil, err
		}
		log.Warn("the access tokens cannot be stored in the data directory", "data_dir", a.settings.Listen.DataDir, "error", err)
	}
	if store.Shared() {
		if a.sharedTokens == nil {
			a.sharedTokens = map[string]*oauth.Store{}
		}
		a.sharedTokens[account.Name] = store
	}
	source := oauth.NewSource(oauth.Options{Issuer: issuer, Store: store, Log: log})
	a.onClose(func(context.Context) error {
		source.Close()
		return nil
	})
	return source, nil
}

// openTokenStore builds the store of an account's tokens. It is closed with the service. Accounts with a name have a directory
// each.
func (a *App) openTokenStore(account config.PoolAccount) (*oauth.Store, error) {
	s := a.settings
	o := oauth.StoreOptions{Dir: s.Listen.DataDir, AppKey: account.AppKey, AppSecret: account.AppSecret, Log: a.log}
	if account.Name != "" && o.Dir != "" {
		o.Dir = filepath.Join(o.Dir, "accounts", account.Name)
	}
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

// tokenMode is the source of an account's access tokens. It looks for stored tokens only if the mode depends on them.
func (a *App) tokenMode(ctx context.Context, account config.PoolAccount, store *oauth.Store) string {
	modeIfNone, modeIfStored := a.options.Settings.TokenModeOf(account, false), a.options.Settings.TokenModeOf(account, true)
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
func newIssuer(s *config.Loaded, account config.PoolAccount, sender *http.Client) (*oauth.Issuer, error) {
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
		Codes: codes.Tokens, BaseURL: address, AppKey: account.AppKey, AppSecret: account.AppSecret, HTTP: sender, Timeout: s.Upstream.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Named(from), err)
	}
	return issuer, nil
}

// LoginCommand is the command that authorizes an account.
func LoginCommand(account config.PoolAccount) string {
	if account.Name == "" {
		return "zhaohuo auth login"
	}
	return "zhaohuo auth login --account " + account.Name
}

// Authorization is what an operator needs to authorize an App Key.
type Authorization struct {
	Account config.PoolAccount
	Issuer  *oauth.Issuer
	Store   *oauth.Store
	// Mode is the service's source of access tokens.
	Mode func(context.Context) string
	// Close ends its connections.
	Close func()
}

// NewAuthorization builds it for an account from the settings of a live service.
func NewAuthorization(s *config.Loaded, account config.PoolAccount) (*Authorization, error) {
	a := &App{options: Options{Settings: s}, settings: &s.Settings, log: slog.New(slog.DiscardHandler)}
	store, err := a.openTokenStore(account)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	sender, err := a.newSender()
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	issuer, err := newIssuer(s, account, sender)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &Authorization{
		Account: account, Issuer: issuer, Store: store,
		Mode:  func(ctx context.Context) string { return a.tokenMode(ctx, account, store) },
		Close: func() { _ = a.Close() }, // Only idle connections: closing cannot fail.
	}, nil
}
