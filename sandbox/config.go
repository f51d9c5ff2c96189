package sandbox

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/gate"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
)

// What a configuration is made of, under the names callers use.
type (
	// App is a registered application.
	App = gate.App
	// Token is a user token or a refresh token of an app.
	Token = gate.Token
	// Limits are what an app may use up.
	Limits = gate.Limits
	// Stats counts what reached the platform.
	Stats = gate.Stats
	// Shape is how a TOP answer is wrapped.
	Shape = topwire.Shape
)

// The shapes of a TOP answer. The tutorial's client reads all but Wrapped, which is real TOP's.
const (
	Wrapped        = topwire.Wrapped
	Bare           = topwire.Bare
	SearchResponse = topwire.SearchResponse
	Products       = topwire.Products
)

// DefaultTOPTolerance is how far a TOP timestamp may be off, as documented.
const DefaultTOPTolerance = 10 * time.Minute

// Config says what the platform is like. Only Apps and Catalogue are needed.
type Config struct {
	Apps   []App
	Limits Limits
	// Catalogue holds the goods. Close does not close it.
	Catalogue market.Catalogue
	// Pictures serves GET /img/{id}.jpg; nil answers 404 there.
	Pictures http.Handler

	// Clock tells the time; nil is time.Now. It also writes the Date header, so a caller can measure it.
	Clock func() time.Time
	// AOPTolerance bounds _aop_timestamp; 0 leaves it unchecked, since the real bound is not published.
	AOPTolerance time.Duration
	// TOPTolerance bounds timestamp; 0 is DefaultTOPTolerance.
	TOPTolerance time.Duration
	// TOPAnyZone takes timestamps of any zone for right, as the tutorial's client needs off China's clock.
	TOPAnyZone bool
	// TOPShape wraps TOP answers; empty is Wrapped.
	TOPShape Shape

	// TokenLife and RefreshLife are how long the tokens of system.oauth2 are good; 0 is 10 hours and half a year.
	TokenLife, RefreshLife time.Duration

	// Latency is added to every answer of an admitted call.
	Latency time.Duration
	// PublicURL is the origin of links to pictures and pages, such as http://127.0.0.1:1688; empty takes each request's Host.
	PublicURL string
}

// Tutorial is the configuration with what the tutorial's own client needs: bare answers and any zone's clock.
func (c Config) Tutorial() Config {
	c.TOPShape, c.TOPAnyZone = Bare, true
	return c
}

func (c Config) withDefaults() (Config, error) {
	if c.Catalogue == nil {
		return c, errors.New("sandbox: no catalogue")
	}
	if c.TOPShape == "" {
		c.TOPShape = Wrapped
	}
	if !c.TOPShape.Valid() {
		return c, errors.New("sandbox: no such TOP shape: " + string(c.TOPShape))
	}
	if c.AOPTolerance < 0 || c.TOPTolerance < 0 || c.Latency < 0 || c.TokenLife < 0 || c.RefreshLife < 0 {
		return c, errors.New("sandbox: a duration is negative")
	}
	if c.TOPTolerance == 0 {
		c.TOPTolerance = DefaultTOPTolerance
	}
	if c.TokenLife == 0 {
		c.TokenLife = 10 * time.Hour
	}
	if c.RefreshLife == 0 {
		c.RefreshLife = 183 * 24 * time.Hour
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	return c, nil
}
