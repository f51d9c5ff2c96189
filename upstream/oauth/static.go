// Package oauth is where access tokens come from.
//
// It hands tokens to upstream's attempt loop; it does not decide when an attempt is repeated.
package oauth

import (
	"context"

	"github.com/zhaohuo-dev/zhaohuo/internal/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/secret"
)

// Static is one token that never changes. The zero value is the mode that sends no token.
type Static struct {
	token secret.Text
}

// NewStatic returns a source of the one token; an empty token is the mode that sends none.
func NewStatic(token secret.Text) Static { return Static{token} }

// Token gives the token.
func (s Static) Token(context.Context) (secret.Text, error) { return s.token, nil }

// Renew always fails: a static token is renewed by hand.
func (s Static) Renew(context.Context, secret.Text) error {
	return fault.New(fault.UpstreamTokenInvalid, "the configured access token was refused and cannot be refreshed: set a new one")
}
