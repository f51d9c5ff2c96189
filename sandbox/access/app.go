// Package access decides who may call the emulated platform, and when: apps, tokens, permissions, rates, daily budgets and
// paid packages. It is the platform's bookkeeping, shared by both dialects.
//
// It does not know HTTP, signatures or error texts. A dialect asks its questions in the order that its documents give, and
// writes the answers in its own form.
package access

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// App is one registered application.
type App struct {
	// Key and Secret identify it; both are needed.
	Key, Secret string
	// APIs lists what the app may call: "namespace:name" of AOP, a method name of TOP. Nil permits all.
	APIs []string
	// Tokens are the user tokens issued to it: access_token of AOP, session of TOP.
	Tokens []Token
	// RefreshTokens can be exchanged for new tokens. The zero expiry means never.
	RefreshTokens []Token
	// RedirectHosts lists the hosts to which an authorization may redirect; nil allows loopback only.
	RedirectHosts []string
	// SingleUser is the mode in which calls carry no token. If one is sent, it is checked.
	SingleUser bool
	// PerSecond and PerDay are the app's own limits in place of those of [Limits]; 0 is no limit of its own.
	PerSecond, PerDay int
	// NeedSession makes every TOP method require a session. The tutorial's client never sends one.
	NeedSession bool
}

// Token is a secret that expires.
type Token struct {
	Value string
	// Expires is the first moment at which the token is no longer valid; zero is never.
	Expires time.Time
}

// Limits bound what an app may use. Zero and absent mean no limit.
type Limits struct {
	// PerSecond and APIPerSecond bound the calls in any sliding second, for each app and for each (app, API).
	PerSecond    int
	APIPerSecond map[string]int
	// PerDay bounds an app's calls in a day of China time (GMT+8).
	PerDay int
	// Packages holds the paid calls that are left, for each (app, API). An API that is not listed needs no package.
	Packages map[string]int
}

// china is the zone of days and of TOP timestamps. It has had no daylight saving time since 1991, so a fixed zone is exact.
var china = time.FixedZone("GMT+8", 8*60*60)

// China returns t in the platform's zone, GMT+8.
func China(t time.Time) time.Time { return t.In(china) }

// Control holds the state of all apps. It is safe for concurrent use.
type Control struct {
	limits Limits

	mu   sync.Mutex
	apps map[string]*account
}

// account is an app and what it has used.
type account struct {
	secret      string
	all         bool
	allowed     map[string]bool
	denied      map[string]bool
	tokens      map[string]time.Time
	refreshes   map[string]time.Time
	codes       map[string]grant
	redirects   []string
	singleUser  bool
	needSession bool

	// perSecond and perDay are the limits of the app; 0 is no limit.
	perSecond, perDay int

	rate     window
	apiRate  map[string]*window
	packages map[string]int
	day      string
	dayCalls int
}

// New checks the apps and limits and opens access control.
func New(apps []App, limits Limits) (*Control, error) {
	if len(apps) == 0 {
		return nil, errors.New("access: no app is registered")
	}
	if err := limits.check(); err != nil {
		return nil, err
	}
	g := &Control{limits: limits, apps: make(map[string]*account, len(apps))}
	for _, app := range apps {
		if app.Key == "" || app.Secret == "" {
			return nil, errors.New("access: an app needs a key and a secret")
		}
		if app.PerSecond < 0 || app.PerDay < 0 {
			return nil, fmt.Errorf("access: a limit of app key %q is negative", app.Key)
		}
		if _, twice := g.apps[app.Key]; twice {
			return nil, fmt.Errorf("access: app key %q is registered twice", app.Key)
		}
		g.apps[app.Key] = newAccount(app, limits)
	}
	return g, nil
}

func (l Limits) check() error {
	values := []int{l.PerSecond, l.PerDay}
	values = slices.AppendSeq(values, maps.Values(l.APIPerSecond))
	values = slices.AppendSeq(values, maps.Values(l.Packages))
	if slices.ContainsFunc(values, func(n int) bool { return n < 0 }) {
		return errors.New("access: a limit is negative")
	}
	return nil
}

func newAccount(app App, limits Limits) *account {
	a := &account{
		secret:      app.Secret,
		all:         app.APIs == nil,
		allowed:     make(map[string]bool),
		denied:      make(map[string]bool),
		tokens:      make(map[string]time.Time),
		refreshes:   make(map[string]time.Time),
		codes:       make(map[string]grant),
		redirects:   app.RedirectHosts,
		singleUser:  app.SingleUser,
		needSession: app.NeedSession,
		perSecond:   cmp.Or(app.PerSecond, limits.PerSecond),
		perDay:      cmp.Or(app.PerDay, limits.PerDay),
		apiRate:     make(map[string]*window),
		packages:    maps.Clone(limits.Packages),
	}
	for _, api := range app.APIs {
		a.allowed[api] = true
	}
	for _, t := range app.Tokens {
		a.tokens[t.Value] = t.Expires
	}
	for _, t := range app.RefreshTokens {
		a.refreshes[t.Value] = t.Expires
	}
	return a
}

// Secret returns an app's secret; false for an app key that is not registered.
func (g *Control) Secret(key string) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	if !ok {
		return "", false
	}
	return a.secret, true
}

// SingleUser reports whether a registered app calls without tokens.
func (g *Control) SingleUser(key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	return ok && a.singleUser
}

// NeedSession reports whether every TOP method requires a session from a registered app.
func (g *Control) NeedSession(key string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	return ok && a.needSession
}

// Permitted reports whether the app may call the API.
func (g *Control) Permitted(key, api string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	return ok && !a.denied[api] && (a.all || a.allowed[api])
}

// Permit allows or forbids an app to call an API.
func (g *Control) Permit(key, api string, allowed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a, ok := g.apps[key]; ok {
		a.denied[api] = !allowed
		a.allowed[api] = allowed
	}
}
