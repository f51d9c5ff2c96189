package envelope

import (
	"regexp"
	"strings"
	"unicode"
)

// scrubbedRunesMax bounds an upstream text that is shown to a caller or logged.
const scrubbedRunesMax = 200

const placeholder = "[redacted]"

// named matches parameters that carry secrets, as query string, JSON or prose.
var named = regexp.MustCompile(
	`(?i)\b(_aop_signature|signature|sign|access_token|refresh_token|token|session|app_?secret|client_secret|secret)\b` +
		`(["']?\s*[=:]\s*["']?)[^\s"'&,;]+`)

// opaque matches what looks like a key, token or digest: 20 letters and digits in a row.
var opaque = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)

// Scrub makes an upstream text safe to show: it removes possible signatures and tokens, because upstreams quote the
// request they refuse. It also replaces control characters and bounds the length.
func Scrub(text string) string {
	// Bound first, so that a long text costs no more. A token that is cut is still masked if the rest is long.
	text = bound(text, 4*scrubbedRunesMax)
	text = strings.Map(printable, text)
	text = named.ReplaceAllString(text, "$1$2"+placeholder)
	text = opaque.ReplaceAllStringFunc(text, mask)
	return strings.TrimSpace(bound(text, scrubbedRunesMax))
}

// requestIDForm is the form of request ids: one word. Anything longer, or with other characters, may hold anything.
var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// RequestID makes the upstream's request id safe to show. It is shown in full although it looks like a token, because
// 1688's support asks for it. upstream.Client removes our own secrets from it.
func RequestID(id string) string {
	if requestIDForm.MatchString(id) {
		return id
	}
	return Scrub(id)
}

// mask hides a run unless it is a plain word or a plain number, such as an API's name or an offer's id.
func mask(run string) string {
	if strings.ContainsAny(run, "0123456789") && strings.IndexFunc(run, unicode.IsLetter) >= 0 {
		return placeholder
	}
	return run
}

func printable(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
		return ' '
	}
	return r
}

func bound(text string, runes int) string {
	for at := range text {
		if runes == 0 {
			return text[:at] + "…"
		}
		runes--
	}
	return text
}
