package sandbox

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/market"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/topwire"
)

// What a configuration is made of, under the names callers use.
type (
	// App is a registered application.
	App = access.App
	// Token is a user token or a refresh token of an app.
	Token = access.Token
	// Limits are what an app may use up.
	Limits = access.Limits
	// Stats counts what reached the platform.
	Stats = access.Stats
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

// The defaults for photos: 3 MB is documented, decimal because nobody says which MB is meant.
const (
	DefaultImageBytes = 3_000_000
	DefaultImagesKept = 300
	DefaultImageLife  = 24 * time.Hour
)

// Pictures serves GET /img/{id}.jpg and tells which goods look like a photo.
type Pictures interface {
	http.Handler
	market.Gallery
}

// Config says what the platform is like. Only Apps and Catalogue are needed.
type Config struct {
	Apps   []App
	Limits Limits
	// Catalogue holds the goods. Close does not close it.
	Catalogue market.Catalogue
	// Pictures are the goods' pictures, such as a gallery.Gallery: nil answers 404 there and has no search by picture.
	// Close does not close it.
	Pictures Pictures
	// ImageBytes is the largest photo that is taken; 0 is DefaultImageBytes. Others get the id "0".
	ImageBytes int64
	// ImagesKept and ImageLife are how many uploaded photos are kept, the oldest giving way, and for how long. The real
	// bounds are not published; 0 is DefaultImagesKept and DefaultImageLife.
	ImagesKept int
	ImageLife  time.Duration

	// Clock tells the time; nil is time.Now. It also writes the Date header, so a caller can measure it.
	Clock func() time.Time
	// AOPTolerance bounds _aop_timestamp; 0 leaves it unchecked, since the real bound is not published.
	AOPTolerance time.Duration
	// TOPTolerance bounds timestamp; 0 is DefaultTOPTolerance.
	TOPTolerance time.Duration
	// TOPAnyZone takes timestamps of any zone for right, as the tutorial's client needs off China's clock.
	TOPAnyZone bool
	// TOPTutorial serves the tutorial's own client where it departs from the platform: see [Config.Tutorial].
	TOPTutorial bool
	// TOPShape wraps TOP answers; empty is Wrapped.
	TOPShape Shape

	// TokenLife and RefreshLife are how long the tokens of system.oauth2 are good; 0 is 10 hours and half a year.
	TokenLife, RefreshLife time.Duration

	// Latency is added to every answer of an admitted call.
	Latency time.Duration
	// PublicURL is the origin of links to pictures and pages, such as http://127.0.0.1:1688; empty takes each request's Host.
	PublicURL string
}

// Tutorial is the configuration with what the tutorial's own client needs: bare answers, any zone's clock, prices and sold
// counts as plain numbers in every row, its HMAC-SHA1 labelled md5, and pictures' addresses anywhere, each of which stands
// for the picture of some goods.
func (c Config) Tutorial() Config {
	c.TOPShape, c.TOPAnyZone, c.TOPTutorial = Bare, true, true
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
	if c.ImageBytes < 0 || c.ImagesKept < 0 || c.ImageLife < 0 {
		return c, errors.New("sandbox: a bound of images is negative")
	}
	c.ImageBytes = cmp.Or(c.ImageBytes, DefaultImageBytes)
	c.ImagesKept = cmp.Or(c.ImagesKept, DefaultImagesKept)
	c.ImageLife = cmp.Or(c.ImageLife, DefaultImageLife)
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
