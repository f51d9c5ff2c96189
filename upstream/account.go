package upstream

import (
	"context"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Account is an App Key with its credentials.
type Account struct {
	// Name is the account in permits, logs and messages; empty for the only account.
	Name      string
	AppKey    string
	AppSecret secret.Text
	Tokens    Tokens
}

// account returns the account of a permit.
func (c *Client) account(name string) *Account {
	for i := range c.Accounts {
		if c.Accounts[i].Name == name {
			return &c.Accounts[i]
		}
	}
	return &c.Accounts[0]
}

// nameOf is the name of the account that a credential belongs to.
func (c *Client) nameOf(cred Credential) string {
	for _, a := range c.Accounts {
		if a.AppKey == cred.AppKey {
			return a.Name
		}
	}
	return ""
}

// credential reads the account's token. It is read after the wait for the permit: an earlier one may have expired
// meanwhile, and to learn that would cost a call.
func (a *Account) credential(ctx context.Context) (Credential, error) {
	token, err := a.Tokens.Token(ctx)
	return Credential{AppKey: a.AppKey, AppSecret: a.AppSecret, AccessToken: token}, err
}

// ofAccount reports whether a fault may be one of the account, so that another account may serve the call. The upstream
// refused the call before it did anything, or the call was not sent: even a call that changes something may be sent through
// another account.
func ofAccount(err error) bool {
	switch fault.KindOf(err) {
	case fault.UpstreamCredentialsInvalid, fault.UpstreamTokenInvalid, fault.UpstreamPermissionDenied, fault.UpstreamIPNotAllowed,
		fault.UpstreamQuotaExhausted, fault.QuotaDayUsedUp:
		return true
	default:
		return false
	}
}

// tokenless is the fault of an account without a token, whatever keeps it from having one.
func tokenless(err error) error {
	return fault.New(fault.UpstreamTokenInvalid, "the account has no access token").WithCause(err)
}

// way is which accounts a call may go through.
type way struct {
	// with, account and optional are as in [PermitRequest].
	with, account string
	optional      bool
	// once: the call may change something. It is not repeated once it may have arrived.
	once bool
}
