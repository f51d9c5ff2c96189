package envelope

import (
	"net/http"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// StatusKind classifies an HTTP status whose body has no known code. It is false for a status that says nothing by
// itself, such as 200 and 400.
func StatusKind(status int) (kind fault.Kind, known bool) {
	switch {
	case status == http.StatusTooManyRequests:
		return fault.UpstreamThrottled, true
	case status == http.StatusUnauthorized:
		return fault.UpstreamTokenInvalid, true
	case status == http.StatusForbidden:
		return fault.UpstreamPermissionDenied, true
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		return fault.UpstreamAPIUnknown, true
	case status == http.StatusRequestTimeout, status >= http.StatusInternalServerError:
		return fault.UpstreamUnavailable, true
	default:
		return fault.UpstreamRefused, false
	}
}

// FromBetween reports whether servers in front of a service use this status: the body is then not about the request.
func FromBetween(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
