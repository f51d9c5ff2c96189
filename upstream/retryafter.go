package upstream

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// retryAfterMax bounds the wait of an answer's Retry-After. A proxy that sends a longer one by mistake is tried again after
// this time, so that its mistake does not stop the service for days.
const retryAfterMax = time.Hour

// withRetryAfter sets the wait of a fault for a limit or an outage to that of the answer's Retry-After, if it is longer than
// the body's. For other faults the header has no meaning.
func withRetryAfter(err error, header http.Header, now time.Time) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	switch f.Kind.Retry() {
	case fault.RetryThrottle, fault.RetryQuota, fault.RetryTransient:
	default:
		return err
	}
	wait := retryAfter(header, now)
	if wait <= f.RetryAfter {
		return err
	}
	return f.WithRetryAfter(wait)
}

// retryAfter reads the header, in seconds or as a date. It is 0 without a header, for an unreadable one, and for a date in
// the past. A date is compared with the answer's Date if there is one, since the clocks may differ.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(retryAfterMax/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if served, err := http.ParseTime(header.Get("Date")); err == nil {
		now = served
	}
	return min(max(at.Sub(now), 0), retryAfterMax)
}
