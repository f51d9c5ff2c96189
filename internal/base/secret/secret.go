// Package secret holds text that must never be shown: App Secrets, tokens, API keys.
package secret

import "log/slog"

// Text is a secret. Every way of printing it shows a placeholder; only [Text.Reveal] gives the text itself.
type Text string

const placeholder = "[redacted]"

// Reveal gives the secret itself, for signing and sending only.
func (t Text) Reveal() string { return string(t) }

// Empty reports whether there is no secret.
func (t Text) Empty() bool { return t == "" }

// String hides the secret.
func (t Text) String() string {
	if t == "" {
		return ""
	}
	return placeholder
}

// GoString hides the secret from %#v.
func (t Text) GoString() string { return t.String() }

// MarshalText hides the secret from JSON and YAML.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue hides the secret from slog.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }
