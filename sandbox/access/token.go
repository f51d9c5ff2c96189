package access

import (
	"net"
	"net/url"
	"slices"
	"time"
)

// CodeLife is how long an authorization code is valid. It can be used once.
const CodeLife = 2 * time.Minute

// grant is what an authorization code was issued for.
type grant struct {
	redirect string
	expires  time.Time
}

// TokenValid reports whether a token was issued to the app and has not expired.
func (g *Control) TokenValid(key, token string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	return ok && good(a.tokens, token, now)
}

// RefreshValid reports the same for a refresh token.
func (g *Control) RefreshValid(key, token string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	return ok && good(a.refreshes, token, now)
}

// Expiry returns when a refresh token of the app expires; zero is never.
func (g *Control) Expiry(key, refresh string) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.apps[key]; ok {
		return a.refreshes[refresh]
	}
	return time.Time{}
}

func good(tokens map[string]time.Time, token string, now time.Time) bool {
	expires, issued := tokens[token]
	return issued && (expires.IsZero() || now.Before(expires))
}

// IssueToken issues a token to an app, or changes when it expires. For an unknown app it does nothing.
func (g *Control) IssueToken(key string, t Token) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.apps[key]; ok {
		a.tokens[t.Value] = t.Expires
	}
}

// IssueRefresh is IssueToken for refresh tokens.
func (g *Control) IssueRefresh(key string, t Token) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.apps[key]; ok {
		a.refreshes[t.Value] = t.Expires
	}
}

// Revoke revokes a token or refresh token of an app.
func (g *Control) Revoke(key, token string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.apps[key]; ok {
		delete(a.tokens, token)
		delete(a.refreshes, token)
	}
}

// RedirectAllowed reports whether an authorization of the app may redirect to an address.
func (g *Control) RedirectAllowed(key, address string) bool {
	to, err := url.Parse(address)
	if err != nil || (to.Scheme != "http" && to.Scheme != "https") {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	if !ok {
		return false
	}
	if a.redirects != nil {
		return slices.Contains(a.redirects, to.Hostname())
	}
	ip := net.ParseIP(to.Hostname())
	return to.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

// IssueCode issues an authorization code to an app for one redirect address.
func (g *Control) IssueCode(key, code, redirect string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.apps[key]; ok {
		a.codes[code] = grant{redirect, now.Add(CodeLife)}
	}
}

// anyRedirect is what public clients send instead of the redirect address when they exchange a code.
const anyRedirect = "default"

// TakeCode uses up an authorization code. It returns false when the code is unknown, used, expired or was issued for
// another address.
func (g *Control) TakeCode(key, code, redirect string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	if !ok {
		return false
	}
	given, ok := a.codes[code]
	delete(a.codes, code)
	return ok && now.Before(given.expires) && (given.redirect == redirect || redirect == anyRedirect)
}
