package normal

import (
	"strings"

	"github.com/tidwall/gjson"
)

// imageHost serves the images that the upstream names by a relative path.
const imageHost = "https://cbu01.alicdn.com/"

// secureHosts are the domains whose http addresses also work over https.
var secureHosts = [...]string{"alicdn.com", "1688.com"}

// URL reads an address as an absolute one with http or https. A path such as "img/ibank/…" is on the image host. "//…"
// and http addresses on the upstream's own domains become https. Any other scheme, and text that is no address, is not
// ok.
func URL(r gjson.Result) (address string, ok bool) {
	if r.Type != gjson.String {
		return "", false
	}
	s := strings.TrimSpace(r.Str)
	switch {
	case s == "" || !visible(s):
		return "", false
	case strings.HasPrefix(s, "//"):
		s = "https:" + s
	case strings.HasPrefix(s, "http://"):
		if rest := s[len("http://"):]; secured(rest) {
			s = "https://" + rest
		}
	case strings.HasPrefix(s, "https://"):
	case strings.HasPrefix(strings.TrimPrefix(s, "/"), "img/"):
		return imageHost + strings.TrimPrefix(s, "/"), true
	default:
		return "", false
	}
	_, rest, _ := strings.Cut(s, "://")
	return s, hostOf(rest) != ""
}

// hostOf is the host of an address without its scheme.
func hostOf(rest string) string {
	for i := range len(rest) {
		switch rest[i] {
		case '/', '?', '#', ':':
			return rest[:i]
		}
	}
	return rest
}

func secured(rest string) bool {
	host := hostOf(rest)
	if len(rest) > len(host) && rest[len(host)] == ':' {
		return false
	}
	for _, domain := range secureHosts {
		if before, ok := strings.CutSuffix(host, domain); ok && (before == "" || strings.HasSuffix(before, ".")) {
			return true
		}
	}
	return false
}

// visible reports whether an address has only characters that are allowed in one, so that it is safe in a page or a
// terminal.
func visible(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c <= ' ', c == 0x7f, c == '"', c == '<', c == '>', c == '`', c == '\\':
			return false
		}
	}
	return true
}
