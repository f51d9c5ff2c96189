package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// segmented returns r with a path that the router splits correctly: an id may contain a slash, which the caller writes
// as %2F. All other escapes are decoded, so that a literal part of a route matches in any escaping. False for a path
// with a malformed escape.
func segmented(r *http.Request) (*http.Request, bool) {
	segments := strings.Split(r.URL.EscapedPath(), "/")
	for i, segment := range segments {
		text, err := url.PathUnescape(segment)
		if err != nil {
			return nil, false
		}
		segments[i] = escapeSlashes(text)
	}
	location := *r.URL
	location.RawPath = strings.Join(segments, "/")
	routed := *r
	routed.URL = &location
	return &routed, true
}

// escapeSlashes escapes what would split or decode a segment again.
func escapeSlashes(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "%", "%25"), "/", "%2F")
}
