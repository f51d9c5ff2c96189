package envelope

import (
	"regexp"
	"strings"
	"unicode"
)

// scrubbedRunesMax bounds a text of the upstream that is shown to a caller or written to a log.
const scrubbedRunesMax = 200

const placeholder = "[redacted]"

// named finds the parameters that carry secrets, in the spellings of a query string, of JSON and of prose.
var named = regexp.MustCompile(
	`(?i)\b(_aop_signature|signature|sign|access_token|refresh_token|token|session|app_?secret|client_secret|secret)\b` +
		`(["']?\s*[=:]\s*["']?)[^\s"'&,;]+`)

// opaque finds what looks like a key, a token or a digest: 20 letters and digits in a row.
var opaque = regexp.MustCompile(`[A-Za-z0-9_-]{20,}`)

// Scrub makes a text of the upstream fit to be shown: it takes out what may be a signature or a token, since
// upstreams quote the request they refuse, replaces control characters, and bounds the length.
func Scrub(text string) string {
	// Bounded first, so that a long text costs no more; what the cut leaves of a token is still masked if it is long.
	text = bound(text, 4*scrubbedRunesMax)
	text = strings.Map(printable, text)
	text = named.ReplaceAllString(text, "$1$2"+placeholder)
	text = opaque.ReplaceAllStringFunc(text, mask)
	return strings.TrimSpace(bound(text, scrubbedRunesMax))
}

// requestIDForm is what request ids look like: one word. A longer one, or one with other characters, may hold anything.
var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`)

// RequestID makes the upstream's id of a request fit to be shown. It is shown whole, though it looks like a token, because
// 1688's support asks for it; our own secrets are taken out of it where they are known, by upstream.Client.
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
