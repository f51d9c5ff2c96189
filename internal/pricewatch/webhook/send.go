package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/publicnet"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// DefaultTimeout bounds one request, from resolving the name to the answer's header.
const DefaultTimeout = 10 * time.Second

// sender sends messages. It keeps no connection.
type sender struct {
	targets
	client *http.Client
}

func newSender(hosts []string, timeout time.Duration, resolver *net.Resolver) *sender {
	s := &sender{targets: targets{hosts}}
	dialer := &publicnet.Dialer{Resolver: resolver, Trusted: s.trusted}
	s.client = &http.Client{
		Timeout: timeout,
		// A redirect would send the event to an address that its owner did not name.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  nil, // It would resolve the name and connect without the check.
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    timeout,
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 32 << 10,
		},
	}
	return s
}

// result is what became of a request.
type result struct {
	// status is the HTTP status of the answer, 0 for none.
	status int
	// failure is why the target did not take the message, "" if it did. It tells nothing of what is behind the address.
	failure string
	// retryAfter is how long the target wants to be left alone. 0: it does not say.
	retryAfter time.Duration
	// gone: it wants no more messages.
	gone bool
}

// send sends one message and reads the answer's status, nothing more: the body may be of any size and never end.
func (s *sender) send(ctx context.Context, address, id string, secrets []secret.Text, at time.Time, body []byte) result {
	u, err := s.parse(address)
	if err != nil {
		return result{failure: "the address may not be sent to: " + err.Error()}
	}
	signature, err := sign(secrets, id, at, body)
	if err != nil {
		return result{failure: err.Error()}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return result{failure: "the address cannot be read"}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "zhaohuo")
	request.Header.Set("webhook-id", id)
	request.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	request.Header.Set("webhook-signature", signature)
	response, err := s.client.Do(request)
	if err != nil {
		return result{failure: failureOf(err)}
	}
	_ = response.Body.Close()
	return resultOf(response, at)
}

func resultOf(response *http.Response, at time.Time) result {
	r := result{status: response.StatusCode, retryAfter: retryAfter(response.Header.Get("Retry-After"), at)}
	switch {
	case r.status >= 200 && r.status < 300:
	case r.status >= 300 && r.status < 400:
		r.failure = fmt.Sprintf("the target redirects (HTTP %d), which is not followed", r.status)
	case r.status == http.StatusGone:
		r.failure, r.gone = "the target is gone (HTTP 410)", true
	default:
		r.failure = fmt.Sprintf("the target answers HTTP %d", r.status)
	}
	return r
}

// retryAfter is the wait of a Retry-After header: seconds, or a date.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}

// failureOf says why there is no answer. The error itself may tell what a name resolves to.
func failureOf(err error) string {
	var (
		name    *net.DNSError
		timeout net.Error
		header  *tls.CertificateVerificationError
	)
	switch {
	case errors.Is(err, publicnet.ErrForbidden):
		return "the target's host is not on the public internet"
	case errors.As(err, &name) && !name.IsTimeout:
		return "the name of the target's host cannot be resolved"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "the target did not answer in time"
	case errors.As(err, &header):
		return "the target's certificate is not good"
	default:
		return "the connection to the target failed"
	}
}
