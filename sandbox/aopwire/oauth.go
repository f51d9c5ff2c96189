package aopwire

import (
	"crypto/hmac"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/sandbox/access"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/wire"
)

// AuthorizePath is the page where a user authorizes an app. The sandbox's user always agrees.
const AuthorizePath = "/oauth/authorize"

// postponeWindow is how long before its expiry a refresh token can be exchanged.
const postponeWindow = 30 * 24 * time.Hour

// Authorize redirects back with a code and the caller's state.
func (d *Dialect) Authorize(w http.ResponseWriter, r *http.Request, g *access.Control, now time.Time) {
	query := r.URL.Query()
	key, back := query.Get("client_id"), query.Get("redirect_uri")
	if key == "" || back == "" || query.Get("site") == "" {
		http.Error(w, "SANDBOX: 缺少必要参数", http.StatusBadRequest)
		return
	}
	to, err := url.Parse(back)
	if err != nil || !g.RedirectAllowed(key, back) {
		http.Error(w, "SANDBOX: 非法请求", http.StatusBadRequest)
		return
	}
	code := newToken()
	g.IssueCode(key, code, back, now)
	answer := to.Query()
	answer.Set("code", code)
	if state := query.Get("state"); state != "" {
		answer.Set("state", state)
	}
	to.RawQuery = answer.Encode()
	http.Redirect(w, r, to.String(), http.StatusFound) //nolint:gosec // the address is on the app's list of hosts
}

// getToken exchanges a code for both tokens, or a refresh token for an access token alone.
func getToken(d *Dialect, c *call) wire.Body {
	if refused, ok := c.checkClient(); !ok {
		return refused
	}
	switch grantType, _ := c.args.text("grant_type"); grantType {
	case "authorization_code":
		return d.byCode(c)
	case "refresh_token":
		return d.byRefresh(c)
	default:
		return c.oauthError("unsupported_grant_type", "grant_type "+grantType)
	}
}

func (d *Dialect) byCode(c *call) wire.Body {
	code, _ := c.args.text("code")
	back, _ := c.args.text("redirect_uri")
	if !c.Access.TakeCode(c.App, code, back, c.Arrived) {
		return c.oauthError("invalid_grant", "the code is false, spent or expired")
	}
	body := d.issue(c)
	if want, _ := c.args.text("need_refresh_token"); want == "true" {
		refresh := access.Token{Value: newToken(), Expires: c.Arrived.Add(d.options.RefreshLife)}
		c.Access.IssueRefresh(c.App, refresh)
		body["refresh_token"], body["refresh_token_timeout"] = refresh.Value, aopDate(refresh.Expires)
	}
	c.Code = "ok"
	return wire.JSON(http.StatusOK, body)
}

// The answer of byRefresh has no refresh_token: the old one stays valid.
func (d *Dialect) byRefresh(c *call) wire.Body {
	refresh := c.refreshToken()
	if !c.Access.RefreshValid(c.App, refresh, c.Arrived) {
		return c.oauthError("invalid_grant", "the refresh_token is false or expired")
	}
	c.Code = "ok"
	return wire.JSON(http.StatusOK, d.issue(c))
}

// postponeToken exchanges a refresh token that expires soon for a new one. The old one is revoked.
func postponeToken(d *Dialect, c *call) wire.Body {
	if refused, ok := c.checkClient(); !ok {
		return refused
	}
	old := c.refreshToken()
	if !c.Access.RefreshValid(c.App, old, c.Arrived) {
		return c.oauthError("invalid_grant", "the refresh_token is false or expired")
	}
	ends := c.Access.Expiry(c.App, old)
	if ends.IsZero() || ends.Sub(c.Arrived) > postponeWindow {
		return c.oauthError("invalid_request", "the refresh_token is good for more than 30 days")
	}
	c.Access.Revoke(c.App, old)
	refresh := access.Token{Value: newToken(), Expires: c.Arrived.Add(d.options.RefreshLife)}
	c.Access.IssueRefresh(c.App, refresh)
	body := d.issue(c)
	body["refresh_token"], body["refresh_token_timeout"] = refresh.Value, aopDate(refresh.Expires)
	c.Code = "ok"
	return wire.JSON(http.StatusOK, body)
}

// issue makes an access token and the part of the answer about it. expires_in is text on this platform.
func (d *Dialect) issue(c *call) object {
	access := access.Token{Value: newToken(), Expires: c.Arrived.Add(d.options.TokenLife)}
	c.Access.IssueToken(c.App, access)
	return object{
		"access_token": access.Value, "expires_in": fmt.Sprint(int64(d.options.TokenLife.Seconds())),
		"resource_owner": "沙箱买家", "aliId": "8888888888", "memberId": "b2b-8888888888",
	}
}

// checkClient checks what OAuth requests carry instead of a signature.
func (c *call) checkClient() (wire.Body, bool) {
	if c.R.Method != http.MethodPost {
		return c.oauthError("invalid_request", "POST only"), false
	}
	id, _ := c.args.text("client_id")
	sent, _ := c.args.text("client_secret")
	secret, _ := c.Access.Secret(c.App)
	if id != c.App || !hmac.Equal([]byte(secret), []byte(sent)) {
		return c.oauthError("invalid_client", "client_id or client_secret is wrong"), false
	}
	return wire.Body{}, true
}

// oauthError is a refusal in the form of OAuth. It also has the fields of the gateway, which public clients read.
func (c *call) oauthError(code, description string) wire.Body {
	c.Code = code
	return wire.JSON(http.StatusBadRequest, object{
		"error": code, "error_description": description, "error_code": code, "error_message": description,
	})
}

// refreshToken returns the refresh token under either of its names. Some public clients send the second.
func (c *call) refreshToken() string {
	for _, name := range []string{"refresh_token", "refreshToken"} {
		if text, _ := c.args.text(name); text != "" {
			return text
		}
	}
	return ""
}

// newToken makes random text in the form of a UUID.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
