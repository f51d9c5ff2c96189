package upstream

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// Examination is how a dialect lets the way to the upstream be examined.
type Examination struct {
	// Time asks the upstream for its time, with neither token nor permission. It is not offered where the dialect has no
	// such API.
	Time Operation[struct{}, time.Time]
	// Probes are one call for each API in use. None can spend more than itself: they leave out their arguments.
	Probes []Probe
	// Stopped tells at which check the upstream stopped a call: DIAGNOSIS_CHECK_UNSPECIFIED for one that passed all of them. It is
	// false where the refusal does not tell.
	Stopped func(refusal *fault.Fault) (at zhaohuov1.DiagnosisCheck, reported bool)
	// OrderKnown tells that arguments are known to be looked at after the permission.
	OrderKnown bool
}

// Probe is a call that finds out how far calls of its API get.
type Probe struct {
	Call Call
	// Decode reads the payload of an answer, should one come. It fails for what is no answer of this API.
	Decode func(gjson.Result) error
	// TokenOptional APIs do not look at the access token.
	TokenOptional bool
}

// Sighting is what one attempt showed, for those who examine the upstream rather than use it.
type Sighting struct {
	// Host is who was asked.
	Host string
	// Calls is 1 if the attempt left, and 0 if not.
	Calls int
	// Status is the answer's; 0 for no answer.
	Status int
	// Sent is when the request's last byte left, Answered when the answer's first byte came, by our clock; zero if it did
	// not come to that.
	Sent, Answered time.Time
	// Served is what the answer's head says of the upstream's time, in whole seconds; zero for nothing.
	Served  time.Time
	Payload gjson.Result
	// Sandbox tells that the answer calls itself made up.
	Sandbox bool
	// Err is nil for success.
	Err error
}

// Probe makes one attempt at the call with the token, when the quota lets it go, and repeats nothing. It is stamped by
// our own clock, whatever was learnt of the upstream's.
func (c *Client) Probe(ctx context.Context, call Call, token secret.Text) Sighting {
	from := time.Now()
	permit, err := c.Quota.Acquire(ctx, PermitRequest{API: call.API, Demand: DemandOf(ctx)})
	if err != nil {
		return Sighting{Err: c.annotate(preferCallerEnd(ctx, err), call, 0, token)}
	}
	started := time.Now()
	direct := *c.HTTP
	saw := &recorder{next: direct.Transport, now: c.Now}
	direct.Transport = saw
	once := &Client{Options: c.Options}
	once.HTTP = &direct
	got, err := once.attempt(ctx, call, token, permit)
	permit.Done(err)
	c.Observe(Attempt{API: call.API, Queued: started.Sub(from), Took: time.Since(started), Err: err})
	s := saw.sighting()
	s.Calls, s.Payload = got.attempts, got.payload
	if err != nil {
		c.logFailure(ctx, call, 1, err, token)
		s.Err = c.annotate(preferCallerEnd(ctx, err), call, got.attempts, token)
	}
	return s
}

// witness is a transport that remembers what an attempt leaves out.
type recorder struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex // A transport may still tell of a request when its caller has left.
	seen Sighting
}

// RoundTrip implements [http.RoundTripper].
func (w *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	w.note(func(s *Sighting) { s.Host = request.URL.Host })
	next := w.next
	if next == nil {
		next = http.DefaultTransport
	}
	ctx := httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { w.note(func(s *Sighting) { s.Sent = w.now() }) },
		GotFirstResponseByte: func() { w.note(func(s *Sighting) { s.Answered = w.now() }) },
	})
	response, err := next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	w.note(func(s *Sighting) {
		s.Status = response.StatusCode
		s.Sandbox = response.Header.Get(SandboxHeader) != ""
		s.Served, _ = http.ParseTime(response.Header.Get("Date"))
	})
	return response, nil
}

func (w *recorder) note(what func(*Sighting)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what(&w.seen)
}

func (w *recorder) sighting() Sighting {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen
}

// ProxyError is a proxy that does not open a tunnel to the upstream.
type ProxyError struct {
	// Status is the proxy's answer.
	Status int
}

// Error implements error.
func (p *ProxyError) Error() string {
	return fmt.Sprintf("the proxy answers HTTP %d to CONNECT", p.Status)
}

// CheckProxyAnswer is for a transport's OnProxyConnectResponse: it makes a [ProxyError] of a proxy's refusal, which
// net/http tells by its text alone.
func CheckProxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Status: answer.StatusCode}
}
