// Package oauth provides access tokens: none, one that never changes ([Static]), or tokens of the platform's OAuth
// ([Source]). The latter are refreshed, and stored encrypted in a file and in the Redis that replicas share.
//
// It gives tokens to upstream's attempts. It does not decide when an attempt is repeated. Its own calls, a few a day, do not
// count in the quota.
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

// NewStatic returns a source of one token. An empty token means that none is sent.
func NewStatic(token secret.Text) Static { return Static{token} }

// Token returns the token.
func (s Static) Token(context.Context) (secret.Text, error) { return s.token, nil }

// Renew always fails: an operator must replace a static token.
func (s Static) Renew(context.Context, secret.Text) error {
	return fault.New(fault.UpstreamTokenInvalid, "the configured access token was refused and cannot be refreshed: set a new one")
}
