package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// segmented returns r with a path that the router splits as the caller wrote it: an id may hold a slash, which the
// caller writes as %2F. Every other escape is undone, so that a literal part of a route matches however it is escaped.
// False for a path with a broken escape.
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

// escapeSlashes escapes what would divide or unescape a segment once more.
func escapeSlashes(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "%", "%25"), "/", "%2F")
}
