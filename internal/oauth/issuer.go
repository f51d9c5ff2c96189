package oauth

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// answerBytesMax bounds a token answer; real ones have a few hundred bytes.
const answerBytesMax = 64 << 10

// IssuerOptions are what an [Issuer] is built from.
type IssuerOptions struct {
	// BaseURL is scheme and host of the gateway. It must be https unless it is on this machine: the App Secret is sent there.
	BaseURL   string
	AppKey    string
	AppSecret secret.Text
	// HTTP sends the requests. Its CheckRedirect is ignored: redirects are never followed.
	HTTP *http.Client
	// Timeout bounds one call, from connecting to the last byte of the answer.
	Timeout time.Duration
	// Codes are the meanings of error codes of the platform. They take precedence over the known ones. Case does not matter.
	Codes map[string]fault.Kind
	// Now is the clock; time.Now unless a test sets it.
	Now func() time.Time
}

// Issuer requests tokens from the platform (docs/PROTOCOL.md §7.2). Its calls carry the App Secret instead of a signature. It
// is safe for concurrent use.
type Issuer struct {
	o    IssuerOptions
	base string
	// codes has lower-case keys.
	codes map[string]fault.Kind
}

// NewIssuer checks the address and builds an Issuer.
func NewIssuer(o IssuerOptions) (*Issuer, error) {
	base := strings.TrimRight(o.BaseURL, "/")
	if err := CheckAddress(base); err != nil {
		return nil, fmt.Errorf("the address that tokens come from %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	direct := *o.HTTP
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	o.HTTP = &direct
	i := &Issuer{o: o, base: base, codes: maps.Clone(codes)}
	for code, kind := range o.Codes {
		i.codes[strings.ToLower(code)] = kind
	}
	return i, nil
}

// CheckAddress refuses an address that secrets must not be sent to: one on another machine without https. Its error
// continues a sentence after its subject, such as "… must be https".
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return errors.New("must be an address such as https://gw.open.1688.com")
	case u.User != nil:
		return errors.New("must not hold a user")
	case u.Scheme == "http" && !publicnet.Loopback(u.Hostname()):
		return errors.New("must be https: secrets go there")
	}
	return nil
}

// Exchange returns the tokens for an authorization code that came to the redirect address. A code can be used once.
func (i *Issuer) Exchange(ctx context.Context, code secret.Text, redirect string) (Token, error) {
	asked := i.o.Now()
	got, err := i.ask(ctx, "http/1/system.oauth2/getToken", url.Values{
		"grant_type": {"authorization_code"}, "need_refresh_token": {"true"}, "redirect_uri": {redirect}, "code": {code.Reveal()},
	})
	if err == nil && got.access.Empty() {
		err = noToken()
	}
	if err != nil {
		return Token{}, err
	}
	return Token{AppKey: i.o.AppKey, AuthorizedAt: asked.Round(0)}.with(got, asked), nil
}

// Refresh returns t with a new access token.
func (i *Issuer) Refresh(ctx context.Context, t Token) (Token, error) {
	asked := i.o.Now()
	got, err := i.ask(ctx, "param2/1/system.oauth2/getToken", url.Values{
		"grant_type": {"refresh_token"}, "refresh_token": {t.RefreshToken.Reveal()},
	})
	if err == nil && got.access.Empty() {
		err = noToken()
	}
	if err != nil {
		return Token{}, err
	}
	return t.with(got, asked), nil
}

// Postpone returns t with a new refresh token. The old one is dead from then on. The platform refuses unless the old one
// expires within 30 days.
func (i *Issuer) Postpone(ctx context.Context, t Token) (Token, error) {
	asked := i.o.Now()
	got, err := i.ask(ctx, "param2/1/system.oauth2/postponeToken", url.Values{
		"refresh_token": {t.RefreshToken.Reveal()}, "access_token": {t.AccessToken.Reveal()},
	})
	if err == nil && got.refresh.Empty() {
		err = noToken()
	}
	if err != nil {
		return Token{}, err
	}
	return t.with(got, asked), nil
}

func noToken() error {
	return fault.New(fault.UpstreamAnswerUnreadable, "the upstream's token answer holds no token")
}

// ask makes one call of the token APIs.
func (i *Issuer) ask(ctx context.Context, path string, params url.Values) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, i.o.Timeout)
	defer cancel()
	params.Set("client_id", i.o.AppKey)
	params.Set("client_secret", i.o.AppSecret.Reveal())
	address := i.base + "/openapi/" + path + "/" + url.PathEscape(i.o.AppKey)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(params.Encode()))
	if err != nil {
		return answer{}, fault.New(fault.Internal, "the configured address of tokens cannot be used").WithCause(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	request.Header.Set("Accept", "application/json")
	response, err := i.o.HTTP.Do(request)
	if err != nil {
		return answer{}, transportFault(err)
	}
	defer response.Body.Close()
	text, err := boundedio.ReadBody(response, answerBytesMax)
	switch {
	case errors.Is(err, boundedio.ErrTooLarge):
		return answer{}, fault.New(fault.UpstreamAnswerTooLarge, "the upstream's token answer is over %d bytes", answerBytesMax)
	case err != nil:
		return answer{}, transportFault(err)
	}
	return i.open(response.StatusCode, text)
}

// open reads an answer, or returns its fault.
func (i *Issuer) open(status int, text []byte) (answer, error) {
	if status >= 300 && status < 400 {
		return answer{}, refusalFault(fault.UpstreamAPIUnknown)
	}
	body := gjson.Result{}
	if gjson.ValidBytes(text) {
		body = gjson.ParseBytes(text)
	}
	if !body.IsObject() {
		// A page instead of JSON comes from a proxy or portal in between, whatever its status.
		return answer{}, refusalFault(fault.UpstreamUnavailable)
	}
	if err := i.refusal(status, body); err != nil {
		return answer{}, err
	}
	return readAnswer(body)
}

// transportFault names what broke on the way; the error itself stays a cause, for logs.
func transportFault(err error) error {
	if f := upstream.ConnectionFault(err); f != nil {
		return f
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return fault.New(fault.UpstreamTimeout, "the upstream did not answer in time when it was asked for a token").WithCause(err)
	}
	return refusalFault(fault.UpstreamUnavailable).WithCause(err)
}
