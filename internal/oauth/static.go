// Package oauth is where access tokens come from: none, one that never changes ([Static]), or tokens of the platform's
// OAuth that are kept, encrypted, in a file and in the Redis that replicas share, and refreshed ([Source]).
//
// It hands tokens to upstream's attempt loop; it does not decide when an attempt is repeated, and takes no part in the
// quota: calls for tokens are a handful a day.
package oauth

import (
	"context"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

var (
	_ upstream.Tokens = Static{}
	_ upstream.Tokens = (*Source)(nil)
)

// Static is one token that never changes: the persistent token of multi-user authorization, or the fixed one of an
// app for own use (docs/PROTOCOL.md §7.1). The zero value is the mode that sends no token.
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
