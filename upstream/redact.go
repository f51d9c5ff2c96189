package upstream

import (
	"context"
	"log/slog"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// logFailure logs a failed attempt. An undocumented refusal, or one for a missing permission, is a warning: an operator
// must see it.
func (c *Client) logFailure(ctx context.Context, call Call, n int, err error, cred Credential) {
	kind, level := fault.KindOf(err), slog.LevelDebug
	attributes := []slog.Attr{slog.String("api", call.API), slog.Int("attempt", n), slog.String("kind", kind.String())}
	if name := c.nameOf(cred); name != "" {
		attributes = append(attributes, slog.String("account", name))
	}
	if f, ok := fault.As(err); ok && (kind == fault.UpstreamRefused || kind == fault.UpstreamPermissionDenied) {
		level = slog.LevelWarn
		for _, key := range []string{fault.MetaUpstreamCode, fault.MetaUpstreamSubCode, fault.MetaUpstreamMessage, fault.MetaUpstreamRequestID} {
			if value := f.Meta[key]; value != "" {
				attributes = append(attributes, slog.String(key, c.redact(value, cred)))
			}
		}
	}
	c.Log.LogAttrs(ctx, level, "upstream attempt failed", attributes...)
}

// annotate adds the failed API and the calls made. It redacts our secrets, in case the upstream quoted one that the
// dialect did not detect. cred is the last credential that was used.
func (c *Client) annotate(err error, call Call, attempts int, cred Credential) error {
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.Internal, "").WithCause(err)
	}
	if f.Subject == "" {
		f = f.WithSubject(call.API)
	}
	if f.Kind == fault.UpstreamPermissionDenied {
		named := *f
		named.Detail = "the App Key may not call " + call.API
		f = &named
	}
	for key, value := range f.Meta {
		if hidden := c.redact(value, cred); hidden != value {
			f = f.WithMeta(key, hidden)
		}
	}
	return f.WithMeta(fault.MetaUpstreamAPI, call.API).WithCalls(attempts)
}

// secretBytesMin is the length of the shortest secret to redact. Shorter ones exist in tests only, and occur in normal
// words.
const secretBytesMin = 4

// secrets are what no text may contain: the secrets of all accounts, and the token that was sent.
func (c *Client) secrets(cred Credential) []secret.Text {
	all := []secret.Text{cred.AccessToken}
	for _, a := range c.Accounts {
		all = append(all, a.AppSecret)
	}
	return all
}

// redact removes our secrets from an upstream text.
func (c *Client) redact(text string, cred Credential) string {
	for _, hidden := range c.secrets(cred) {
		if len(hidden) >= secretBytesMin {
			text = strings.ReplaceAll(text, hidden.Reveal(), hidden.String())
		}
	}
	return text
}
