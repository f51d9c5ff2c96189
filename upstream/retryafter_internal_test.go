package upstream

import (
	"net/http"
	"testing"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	const served, soon = "Wed, 04 Mar 2026 05:00:00 GMT", "Wed, 04 Mar 2026 05:06:37 GMT"
	for _, c := range []struct {
		text, date string
		want       time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{" 7 ", "", 7 * time.Second},
		{"-7", "", 0},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"86400", "", time.Hour},
		{"18446744073709551615", "", time.Hour},
		{soon, "", 30 * time.Second},
		{soon, served, 6*time.Minute + 37*time.Second},
		{served, "", 0},
		{"Fri, 01 Jan 2038 00:00:00 GMT", "", time.Hour},
	} {
		header := http.Header{"Retry-After": {c.text}, "Date": {c.date}}
		if got := retryAfter(header, now); got != c.want {
			t.Errorf("Retry-After %q, Date %q: %v, want %v", c.text, c.date, got, c.want)
		}
	}
}

func TestRetryAfterIsOfLimitsAndOutages(t *testing.T) {
	header := http.Header{"Retry-After": {"9"}}
	for kind, want := range map[fault.Kind]time.Duration{
		fault.UpstreamThrottled:        9 * time.Second,
		fault.UpstreamUnavailable:      9 * time.Second,
		fault.UpstreamQuotaExhausted:   9 * time.Second,
		fault.UpstreamRefused:          0,
		fault.UpstreamPermissionDenied: 0,
	} {
		f, _ := fault.As(withRetryAfter(fault.New(kind, ""), header, time.Now()))
		if f.RetryAfter != want {
			t.Errorf("%s: %v, want %v", kind, f.RetryAfter, want)
		}
	}
	longer, _ := fault.As(withRetryAfter(fault.New(fault.UpstreamThrottled, "").WithRetryAfter(time.Minute), header, time.Now()))
	if longer.RetryAfter != time.Minute {
		t.Errorf("the body's longer wait became %v", longer.RetryAfter)
	}
}
