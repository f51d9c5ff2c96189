package oauth

import (
	"crypto/subtle"
	"errors"
	"net/url"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// DefaultAuthorizeURL is the page where a user authorizes an app (docs/PROTOCOL.md §7.2).
const DefaultAuthorizeURL = "https://auth.1688.com/oauth/authorize"

// pasteBytesMax bounds what a user pastes.
const pasteBytesMax = 8 << 10

// AuthorizeLink is the address at which a user authorizes the app. The browser returns to the redirect address with a code
// and the state, which must be random.
func AuthorizeLink(page, appKey, redirect, state string) (string, error) {
	to, err := url.Parse(page)
	if err != nil {
		return "", errors.New("the authorize page's address is none")
	}
	query := to.Query()
	query.Set("client_id", appKey)
	query.Set("site", "1688")
	query.Set("redirect_uri", redirect)
	query.Set("state", state)
	to.RawQuery = query.Encode()
	return to.String(), nil
}

// The ways a redirect can be wrong. No error quotes its text, because it contains the code.
var (
	errState  = errors.New("the address belongs to another login: its state is not this one's")
	errDenied = errors.New("the user did not authorize the app")
	errNoCode = errors.New("that is neither a code nor an address with one")
)

// codeFrom returns the code of a redirect that has the state of this login.
func codeFrom(query url.Values, state string) (secret.Text, error) {
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(state)) != 1 {
		return "", errState
	}
	if query.Has("error") {
		return "", errDenied
	}
	return checkCode(query.Get("code"))
}

func checkCode(code string) (secret.Text, error) {
	if code == "" || !tokenForm(code) {
		return "", errNoCode
	}
	return secret.Text(code), nil
}

// ReadPaste returns the code from what a user pasted: the code alone, or the address that the browser ended at. The address
// must have the state of this login.
func ReadPaste(text, state string) (secret.Text, error) {
	text = strings.TrimSpace(text)
	if len(text) > pasteBytesMax {
		return "", errNoCode
	}
	if !strings.ContainsAny(text, "?&=:/") {
		return checkCode(text)
	}
	_, query, found := strings.Cut(text, "?")
	if !found {
		query = text
	}
	query, _, _ = strings.Cut(query, "#")
	values, err := url.ParseQuery(query)
	if err != nil || !values.Has("code") && !values.Has("error") {
		return "", errNoCode
	}
	return codeFrom(values, state)
}
