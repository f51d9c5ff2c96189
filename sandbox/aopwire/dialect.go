// Package aopwire is the sandbox's AOP gateway: param2 addresses, _aop_signature, gw.* errors and the business envelopes
// inside HTTP 200.
//
// It checks a call in the documented order and answers it from the market. Access control decides on rates and permissions,
// and the catalogue searches. The package shares nothing with the adapter that it tests.
package aopwire

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/faultword"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// Prefix begins every AOP path.
const Prefix = "/openapi/"

// Options are properties of the platform that are not published.
type Options struct {
	// ClockTolerance is how far _aop_timestamp may differ from the sandbox's clock; 0 does not check it. An absent
	// timestamp is never checked.
	ClockTolerance time.Duration
	// Latency is added to every answer of an admitted call.
	Latency time.Duration
	// TokenLife and RefreshLife are how long the tokens of system.oauth2 are valid.
	TokenLife, RefreshLife time.Duration
}

// Dialect answers AOP requests. It is safe for concurrent use.
type Dialect struct {
	options Options
	apis    map[string]api
}

// New makes the dialect with all its APIs.
func New(options Options) *Dialect {
	d := &Dialect{options: options, apis: make(map[string]api)}
	for _, a := range registry() {
		d.apis[a.id()] = a
	}
	return d
}

// call is an exchange whose API and arguments are known.
type call struct {
	*wire.Exchange
	api  api
	args arguments
}

// address holds the parts of the path.
type address struct {
	signed       string // the part that is signed
	version, api string
	app          string
}

// locate reads /openapi/{protocol}/{version}/{namespace}/{name}/{appKey}. Missing parts are empty.
func locate(r *http.Request) address {
	path := strings.TrimPrefix(r.URL.EscapedPath(), Prefix)
	parts := strings.Split(path, "/")
	a := address{signed: path}
	if len(parts) < 5 {
		return a
	}
	a.app = parts[len(parts)-1]
	if len(parts) == 5 && (parts[0] == "param2" || parts[0] == "http") {
		a.version, a.api = parts[1], parts[2]+":"+parts[3]
	}
	return a
}

// Serve answers one exchange.
func (d *Dialect) Serve(x *wire.Exchange) {
	if x.R.Method != http.MethodPost && x.R.Method != http.MethodGet {
		x.W.Header().Set("Allow", "GET, POST")
		d.refuse(x, gatewayError{http.StatusMethodNotAllowed, "gw.MethodNotAllowed", "Only GET and POST are served"})
		return
	}
	params, err := wire.Read(x.W, x.R)
	if errors.Is(err, wire.ErrTooLarge) {
		d.refuse(x, gatewayError{http.StatusRequestEntityTooLarge, "gw.RequestTooLarge", "The request body is too large"})
		return
	}
	if err != nil {
		x.Code = "unread"
		return // the caller disconnected while sending the request
	}
	c, refusal := d.check(x, params)
	if refusal != nil {
		d.refuse(x, *refusal)
		return
	}
	if x.Pause(d.options.Latency) {
		d.run(c)
	}
}

// check runs the checks in the documented order up to the arguments: app key, API, signature, token, permission, rate and
// package.
func (d *Dialect) check(x *wire.Exchange, params wire.Parameters) (*call, *gatewayError) {
	at := locate(x.R)
	if at.app == "" {
		return nil, &errAppKeyMissing
	}
	secret, known := x.Access.Secret(at.app)
	if !known {
		return nil, &errAppKeyNotFound
	}
	a, exists := d.apis[at.api]
	if !exists || at.version != a.version {
		x.Call(at.app, "")
		return nil, &errAPIUnsupported
	}
	x.Call(at.app, a.id())
	if refusal := d.checkSignature(x, a, at.signed, secret, params); refusal != nil {
		return nil, refusal
	}
	if refusal := checkToken(x, a, params); refusal != nil {
		return nil, refusal
	}
	if a.serve != nil {
		return &call{Exchange: x, api: a, args: a.arguments(params)}, nil
	}
	if !a.free && !x.Access.Permitted(x.App, x.API) {
		return nil, &errACLDecline
	}
	switch v, _ := x.Admit(); v {
	case access.TooFast:
		return nil, &errAppFrequency
	case access.APITooFast:
		return nil, &errAPIFrequency
	case access.DayUsedUp, access.PackageUsedUp:
		return nil, &errNoUsageLeft
	}
	return &call{Exchange: x, api: a, args: a.arguments(params)}, nil
}

func (d *Dialect) checkSignature(x *wire.Exchange, a api, path, secret string, params wire.Parameters) *gatewayError {
	if a.unsigned {
		return nil
	}
	sent := params.Values[signatureName]
	if sent == "" {
		return &errSignatureMissing
	}
	if !signedBy(secret, path, params.Values, sent) {
		return &errSignatureInvalid
	}
	// The system APIs return the time, so they cannot require a correct clock.
	if stamp, ok := params.Values["_aop_timestamp"]; ok && d.options.ClockTolerance > 0 && !a.free {
		millis, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil || time.UnixMilli(millis).Sub(x.Arrived).Abs() > d.options.ClockTolerance {
			return &errClock
		}
	}
	return nil
}

func checkToken(x *wire.Exchange, a api, params wire.Parameters) *gatewayError {
	if a.open || a.free || a.unsigned {
		return nil
	}
	token := params.Values["access_token"]
	if token == "" && x.Access.SingleUser(x.App) {
		return nil
	}
	if !x.Access.TokenValid(x.App, token, x.Arrived) {
		return &errUnauthorized
	}
	return nil
}

// run answers an admitted call. Refusals that fault words ask for come first, as if a check had failed, then the arguments
// are checked, then the API answers.
func (d *Dialect) run(c *call) {
	if c.api.serve != nil {
		c.Send(c.api.serve(d, c))
		return
	}
	c.takeFaultWords()
	if unknown, ok := c.Faults.Unknown(); ok {
		d.refuse(c.Exchange, gatewayError{http.StatusBadRequest, "gw.SandboxWordUnknown", "Unknown sandbox fault word " + unknown})
		return
	}
	if refusal, ok := requestedRefusal(c.Faults); ok {
		d.refuse(c.Exchange, refusal)
		return
	}
	if missing, ok := c.missing(); ok {
		d.refuse(c.Exchange, paramMissing(missing))
		return
	}
	result, err := c.api.answer(c)
	var refusal *gatewayError
	switch {
	case errors.As(err, &refusal):
		d.refuse(c.Exchange, *refusal)
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		d.refuse(c.Exchange, errISPInvoke)
	default:
		c.Code = "ok"
		if result.refused != nil {
			c.Code = "business " + result.refused.code
		}
		c.Send(envelop(c, result))
	}
}

// takeFaultWords takes the fault words out of the searched arguments.
func (c *call) takeFaultWords() {
	for _, name := range c.api.texts {
		if text, ok := c.args.text(name); ok {
			c.TakeFaultWords(text)
		}
	}
	for _, name := range c.api.ids {
		if id, ok := c.args.integer(name); ok {
			c.TakeFaultID(id)
		}
	}
}

// searched returns an argument without its fault words.
func (c *call) searched(name string) string {
	text, _ := c.args.text(name)
	rest, _ := faultword.Split(text)
	return rest
}

// missing returns the first required argument that was not sent.
func (c *call) missing() (string, bool) {
	if c.api.wrapper != "" && c.args == nil {
		return c.api.wrapper, true
	}
	for _, name := range c.api.required {
		if !c.args.has(name) {
			return name, true
		}
	}
	return "", false
}
