package envelope

import (
	"net/http"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// StatusKind is what an HTTP status says of an answer whose body says nothing that is known. It is false for a status
// that says nothing by itself, such as 200 and 400.
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

// FromBetween tells a status that servers in front of a service answer with: its body does not speak of the request.
func FromBetween(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
