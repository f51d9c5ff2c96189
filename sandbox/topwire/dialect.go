// Package topwire is the sandbox's router/rest: TOP's system parameters, sign methods, error_response and answer shapes,
// for the methods of the tutorial this project started from and the real wholesale search.
//
// It checks a call in the order of docs/PROTOCOL.md §3.4 and answers it from the market. Access control decides on rates
// and permissions, and the catalogue searches. The package shares nothing with the adapter that it tests.
package topwire

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// Path is the path of TOP.
const Path = "/router/rest"

// Shape is the way in which an answer is wrapped.
type Shape string

// The shapes. Wrapped is that of the real TOP, and the default. The tutorial's client reads only the other three.
const (
	Wrapped        Shape = "wrapped"
	Bare           Shape = "bare"
	SearchResponse Shape = "search-response"
	Products       Shape = "products"
)

// Valid reports whether the shape is one of the four.
func (s Shape) Valid() bool {
	return s == Wrapped || s == Bare || s == SearchResponse || s == Products
}

// Options are what the documents leave open, or what the tutorial's client needs.
type Options struct {
	// Shape is how answers are wrapped.
	Shape Shape
	// ClockTolerance is how far timestamp may differ from the sandbox's clock.
	ClockTolerance time.Duration
	// AnyZone accepts the local time of any zone as a timestamp, not only GMT+8: the tutorial's client sends the machine's
	// local time.
	AnyZone bool
	// Tutorial accepts what the tutorial's own client does differently from the platform. Prices and sold counts are plain
	// numbers, goods without a price are not listed, an HMAC-SHA1 may be labelled md5, and a picture at another address
	// means the picture of some goods.
	Tutorial bool
	// Latency is added to every answer of an admitted call.
	Latency time.Duration
}

// Dialect answers TOP requests. It is safe for concurrent use.
type Dialect struct {
	options Options
	methods map[string]method
}

// New makes the dialect with all its methods.
func New(options Options) *Dialect {
	d := &Dialect{options: options, methods: make(map[string]method)}
	for _, m := range registry() {
		d.methods[m.name] = m
	}
	return d
}

// call is an exchange whose method and parameters are known.
type call struct {
	*wire.Exchange
	method method
	shape  Shape
	params wire.Parameters
	// tutorial is Options.Tutorial.
	tutorial bool
	// json is true when JSON was requested. The default of TOP is XML.
	json bool
}

// Serve answers one exchange.
func (d *Dialect) Serve(x *wire.Exchange) {
	c := &call{Exchange: x, shape: d.options.Shape, tutorial: d.options.Tutorial}
	params, err := wire.Read(x.W, x.R)
	c.params, c.json = params, params.Values["format"] == "json"
	switch {
	case errors.Is(err, wire.ErrTooLarge):
		c.refuse(errTooLarge)
		return
	case err != nil:
		x.Code = "unread"
		return // the caller disconnected while sending the request
	}
	if refusal := d.check(c); refusal != nil {
		c.refuse(*refusal)
		return
	}
	if x.Pause(d.options.Latency) {
		d.run(c)
	}
}

// check runs the checks in order: method, format, version, app key, timestamp, signature, session, permission, rate.
func (d *Dialect) check(c *call) *topError {
	steps := []func(*call) *topError{d.checkMethod, checkForm, checkApp, d.checkTimestamp, checkSign, checkSession, checkRate}
	for _, step := range steps {
		if refusal := step(c); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (d *Dialect) checkMethod(c *call) *topError {
	if c.R.Method != http.MethodPost {
		return &errHTTPAction
	}
	name := c.params.Values["method"]
	if name == "" {
		return &errMethodMissing
	}
	m, ok := d.methods[name]
	if !ok {
		return &errMethodInvalid
	}
	c.method = m
	return nil
}

func checkForm(c *call) *topError {
	switch c.params.Values["format"] {
	case "", "xml", "json":
	default:
		return &errFormat
	}
	switch v := c.params.Values["v"]; {
	case v == "":
		return &errVersionMissing
	case !versionLike(v):
		return &errVersionInvalid
	case v != "2.0":
		return &errVersionUnsupported
	}
	return nil
}

func versionLike(v string) bool {
	for _, r := range v {
		if (r < '0' || r > '9') && r != '.' {
			return false
		}
	}
	return true
}

func checkApp(c *call) *topError {
	key := c.params.Values["app_key"]
	if key == "" {
		return &errAppKeyMissing
	}
	if _, known := c.Access.Secret(key); !known {
		return &errAppKeyInvalid
	}
	c.Call(key, c.method.name)
	return nil
}

// checkTimestamp reads yyyy-MM-dd HH:mm:ss in GMT+8, or in any zone where the options allow it.
func (d *Dialect) checkTimestamp(c *call) *topError {
	text := c.params.Values["timestamp"]
	if text == "" {
		return &errTimestampMissing
	}
	now := access.China(c.Arrived)
	sent, err := time.ParseInLocation(time.DateTime, text, now.Location())
	if err != nil {
		return &errTimestampInvalid
	}
	off := sent.Sub(now)
	if d.options.AnyZone && off.Abs() <= 26*time.Hour {
		off -= off.Round(15 * time.Minute) // the offsets of all zones are multiples of 15 minutes
	}
	if off.Abs() > d.options.ClockTolerance {
		return &errTimestampInvalid
	}
	return nil
}

func checkSign(c *call) *topError {
	sign := c.params.Values["sign"]
	if sign == "" {
		return &errSignMissing
	}
	secret, _ := c.Access.Secret(c.App)
	if !signedBy(secret, c.params.Values, sign) && (!c.tutorial || !signedByTutorial(secret, c.params.Values, sign)) {
		return &errSignInvalid
	}
	return nil
}

func checkSession(c *call) *topError {
	session := c.params.Values["session"]
	switch {
	case session == "" && c.Access.NeedSession(c.App):
		return &errSessionMissing
	case session != "" && !c.Access.TokenValid(c.App, session, c.Arrived):
		return &errSessionInvalid
	case !c.Access.Permitted(c.App, c.API):
		return &errPermission
	}
	return nil
}

func checkRate(c *call) *topError {
	switch v, wait := c.Admit(); v {
	case access.TooFast:
		return banned("app", wait)
	case access.APITooFast:
		return banned("api", wait)
	case access.DayUsedUp:
		return banned("app", wait)
	case access.PackageUsedUp:
		return &errPackage
	}
	return nil
}

// run answers an admitted call. Refusals that fault words ask for come first, as if a check had failed, then the method
// answers.
func (d *Dialect) run(c *call) {
	c.TakeFaultWords(c.method.searchedText(c.params.Values))
	if unknown, ok := c.Faults.Unknown(); ok {
		c.refuse(topError{41, "Invalid Arguments", "isv.invalid-parameter", "unknown sandbox fault word " + unknown})
		return
	}
	if s := Shape(c.Faults.Value(faultword.TOPShape)); s.Valid() {
		c.shape = s
	}
	if c.params.Values["simplify"] == "true" && c.shape == Wrapped {
		c.shape = Bare
	}
	if refusal, ok := requestedRefusal(c.Faults); ok {
		c.refuse(refusal)
		return
	}
	payload, err := c.method.answer(c)
	var refusal *topError
	switch {
	case errors.As(err, &refusal):
		c.refuse(*refusal)
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		c.refuse(errService)
	default:
		c.Code = "ok"
		c.reply(payload)
	}
}
