package upstream

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// retryAfterMax bounds what an answer's Retry-After can ask for. A server in between that asks for more is asked again
// once in that time, so that its mistake does not end the service for days.
const retryAfterMax = time.Hour

// withRetryAfter gives a fault of a limit or an outage the wait that the answer's Retry-After asks for, where that is
// longer than what the body said. The header says nothing of other faults.
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

// retryAfter reads the header, in seconds or as a date; 0 for none, for one that cannot be read, and for the past. A date
// is compared with the answer's own Date where it has one, since the clocks may differ.
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
