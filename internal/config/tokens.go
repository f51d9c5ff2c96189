package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
)

// The token modes: what [Loaded.TokenModeOf] gives.
const (
	// TokenNone sends no token, as in single-user authorization.
	TokenNone = "none"
	// TokenStatic sends the one that is set: a user's persistent token, or the fixed one of an app for own use.
	TokenStatic = "static"
	// TokenOAuth sends the one that `zhaohuo auth login` has stored, and refreshes it.
	TokenOAuth = "oauth"

	tokenAuto = "auto"
)

// Tokens has the settings of access tokens.
type Tokens struct {
	Mode         string `name:"token-mode" default:"auto" enum:"auto,none,static,oauth" help:"Where access tokens come from: none is sent, static (the access token that is set), oauth (stored by zhaohuo auth login and refreshed; say so for replicas that find them in Redis), or auto: static with an access token, oauth with a redirect address or stored tokens, else none."`
	URL          string `name:"oauth-url" placeholder:"URL" help:"Gateway that issues tokens: scheme and host. Unset: the upstream's own with aop, https://gw.open.1688.com with top."`
	AuthorizeURL string `name:"oauth-authorize-url" default:"https://auth.1688.com/oauth/authorize" placeholder:"URL" help:"Page where a user authorizes the app."`
	RedirectURL  string `name:"oauth-redirect-url" default:"http://127.0.0.1:16880/callback" placeholder:"URL" help:"Where that page sends the user back. Its domain must be the one that the App Key is registered with; on this machine zhaohuo auth login listens there, otherwise the address that the browser arrives at has to be pasted."`
}

// tokenOrigins are the settings of tokens that are set.
func (l *Loaded) tokenOrigins() []string {
	var all []string
	for _, name := range []string{"token-mode", "oauth-url", "oauth-authorize-url", "oauth-redirect-url"} {
		if l.Origins[name] != "" && (name != "token-mode" || l.Tokens.Mode != tokenAuto) {
			all = append(all, name)
		}
	}
	return all
}

func (l *Loaded) checkTokens() error {
	if !l.Live() {
		return nil
	}
	set := !l.Account.AccessToken.Empty()
	switch {
	case l.Account.Accounts != "": // Each account has a mode of its own.
	case l.Tokens.Mode == TokenStatic && !set:
		return l.refuse("token-mode", "is static but there is no access token: set %s or %s", envName("access-token"), envName("access-token"+fileSuffix))
	case set && (l.Tokens.Mode == TokenNone || l.Tokens.Mode == TokenOAuth):
		return l.refuse("token-mode", "is %s but %s is set: remove one", l.Tokens.Mode, l.Named("access-token"))
	}
	return errors.Join(
		l.checkSecretAddress("oauth-url", l.Tokens.URL, false),
		l.checkSecretAddress("oauth-authorize-url", l.Tokens.AuthorizeURL, true),
		l.checkRedirect(),
	)
}

// checkSecretAddress refuses an address that secrets would be sent to unencrypted.
func (l *Loaded) checkSecretAddress(name, address string, withPath bool) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "":
		return l.refuse(name, "must be an address such as https://gw.open.1688.com")
	case u.User != nil || u.Fragment != "":
		return l.refuse(name, "must not hold a user or a fragment")
	case !withPath && (strings.Trim(u.Path, "/") != "" || u.RawQuery != ""):
		return l.refuse(name, "must be scheme and host only, without a path")
	case u.Scheme == "http" && !publicnet.Loopback(u.Hostname()):
		return l.refuse(name, "must be https: secrets go there")
	}
	return nil
}

func (l *Loaded) checkRedirect() error {
	u, err := url.Parse(l.Tokens.RedirectURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return l.refuse("oauth-redirect-url", "must be an address such as http://127.0.0.1:16880/callback")
	}
	return nil
}

// withoutKey refuses settings for 1688 without an App Key.
func (l *Loaded) withoutKey(name string) error {
	return fmt.Errorf("%s is set but no App Key: set %s to go live, or remove it to use the sandbox", l.Named(name), envName("app-key"))
}
