package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/aop"
	"github.com/zhaohuo-dev/zhaohuo/upstream/oauth"
)

// openTokens builds where access tokens come from. Tokens that are there but cannot be used are an error; that nobody
// has logged in yet is not, since they may do so while the service runs.
func (a *App) openTokens(sender *http.Client) (upstream.Tokens, error) {
	if !a.settings.Live() {
		return oauth.NewStatic(a.place.token), nil
	}
	// A machine without a home directory stores nothing; that matters only where something has to be stored.
	store, noStore := oauth.NewStore(a.settings.Listen.DataDir, a.settings.Account.AppKey)
	mode := a.options.Settings.TokenMode(noStore == nil && store.Exists())
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
	if _, err := store.Load(); errors.Is(err, oauth.ErrNoToken) {
		a.log.Warn("nobody has authorized this App Key yet: calls are refused until `zhaohuo auth login` is run", "data_dir", a.settings.Listen.DataDir)
	} else if err != nil {
		return nil, err
	}
	source := oauth.NewSource(oauth.Options{Issuer: issuer, Store: store, Log: a.log})
	a.onClose(func(context.Context) error {
		source.Close()
		return nil
	})
	return source, nil
}

// newIssuer is who hands out tokens.
func newIssuer(s *config.Loaded, sender *http.Client) (*oauth.Issuer, error) {
	address, from := s.Tokens.URL, "oauth-url"
	if address == "" && s.Upstream.Dialect == "aop" {
		address, from = s.Upstream.URL, "upstream-url"
	}
	if address == "" {
		address = aop.DefaultBaseURL
	}
	issuer, err := oauth.NewIssuer(oauth.IssuerOptions{
		BaseURL: address, AppKey: s.Account.AppKey, AppSecret: s.Account.AppSecret, HTTP: sender, Timeout: s.Upstream.Timeout,
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
	// Close ends its connections.
	Close func()
}

// NewAuthorization builds it from the settings of a live service.
func NewAuthorization(s *config.Loaded) (*Authorization, error) {
	store, err := oauth.NewStore(s.Listen.DataDir, s.Account.AppKey)
	if err != nil {
		return nil, err
	}
	a := &App{options: Options{Settings: s}, settings: &s.Settings}
	sender, err := a.newSender()
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	issuer, err := newIssuer(s, sender)
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return &Authorization{Issuer: issuer, Store: store, Close: func() { _ = a.Close() }}, nil // Idle connections alone: closing cannot fail.
}
