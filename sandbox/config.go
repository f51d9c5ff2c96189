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

// These are the types of a configuration, under the names that callers use.
type (
	// App is a registered application.
	App = access.App
	// Token is a user token or a refresh token of an app.
	Token = access.Token
	// Limits bound what an app may use.
	Limits = access.Limits
	// Stats counts what reached the platform.
	Stats = access.Stats
	// Shape is how a TOP answer is wrapped.
	Shape = topwire.Shape
)

// The shapes of a TOP answer. Wrapped is the shape of the real TOP. The tutorial's client reads all others.
const (
	Wrapped        = topwire.Wrapped
	Bare           = topwire.Bare
	SearchResponse = topwire.SearchResponse
	Products       = topwire.Products
)

// DefaultTOPTolerance is how far a TOP timestamp may differ from the sandbox's clock, as documented.
const DefaultTOPTolerance = 10 * time.Minute

// The defaults for photos. 3 MB is documented. It is taken as decimal, because the documents do not say which MB they mean.
const (
	DefaultImageBytes = 3_000_000
	DefaultImagesKept = 300
	DefaultImageLife  = 24 * time.Hour
)

// Pictures serves GET /img/{id}.jpg and finds the goods that look like a photo.
type Pictures interface {
	http.Handler
	market.Gallery
}

// Config configures a sandbox. Only Apps and Catalogue are required.
type Config struct {
	Apps   []App
	Limits Limits
	// Catalogue holds the goods. Close does not close it.
	Catalogue market.Catalogue
	// Pictures holds the pictures of the goods, such as a gallery.Gallery. With nil, pictures are answered with 404 and
	// there is no search by picture. Close does not close it.
	Pictures Pictures
	// ImageBytes is the largest photo that is accepted; 0 is DefaultImageBytes. Larger ones get the id "0".
	ImageBytes int64
	// ImagesKept is how many uploaded photos are kept; the oldest are dropped first. ImageLife is how long they are kept.
	// The bounds of the platform are not published; 0 is DefaultImagesKept and DefaultImageLife.
	ImagesKept int
	ImageLife  time.Duration

	// Clock returns the time; nil is time.Now. The Date header is written by it, so that a caller can measure it.
	Clock func() time.Time
	// AOPTolerance is how far _aop_timestamp may differ from Clock; 0 does not check it, since the platform's bound is not
	// published.
	AOPTolerance time.Duration
	// TOPTolerance is how far timestamp may differ from Clock; 0 is DefaultTOPTolerance.
	TOPTolerance time.Duration
	// TOPAnyZone accepts the local time of any zone as a timestamp. The tutorial's client needs it on a machine outside
	// China's zone.
	TOPAnyZone bool
	// TOPTutorial accepts what the tutorial's own client does differently from the platform: see [Config.Tutorial].
	TOPTutorial bool
	// TOPShape wraps TOP answers; empty is Wrapped.
	TOPShape Shape

	// TokenLife and RefreshLife are how long the tokens of system.oauth2 are valid; 0 is 10 hours and half a year.
	TokenLife, RefreshLife time.Duration

	// Drift is how long a step of [drift.Of] lasts, on the Clock; 0 has prices stand still.
	Drift time.Duration
	// Latency is added to every answer of an admitted call.
	Latency time.Duration
	// PublicURL is the origin of links to pictures and pages, such as http://127.0.0.1:1688. When empty, each request's
	// Host is used.
	PublicURL string
}

// Tutorial returns the configuration with what the tutorial's own client needs: answers without a wrapper, timestamps of
// any zone, prices and sold counts as plain numbers in every row, its HMAC-SHA1 labelled md5, and pictures at any address.
// Each such address means the picture of some goods.
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
	if c.AOPTolerance < 0 || c.TOPTolerance < 0 || c.Latency < 0 || c.Drift < 0 || c.TokenLife < 0 || c.RefreshLife < 0 {
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
