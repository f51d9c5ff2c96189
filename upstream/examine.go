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

// Examination is how a dialect lets the doctor examine the connection to the upstream.
type Examination struct {
	// Time returns the upstream's time. It needs neither a token nor a permission. It is not offered if the dialect has no
	// such API.
	Time Operation[struct{}, time.Time]
	// Probes are one call for each API in use. They leave out their arguments, so they have no effect but their cost.
	Probes []Probe
	// Keyword searches with a keyword that the upstream translates before, or takes as it is. It is not offered if the dialect has
	// no such choice.
	Keyword Operation[KeywordProbe, *zhaohuov1.KeywordSearchResponse]
	// Stopped returns the upstream's check that refused a call; DIAGNOSIS_CHECK_UNSPECIFIED for a call that passed all of
	// them. reported is false if the refusal does not show that.
	Stopped func(refusal *fault.Fault) (at zhaohuov1.DiagnosisCheck, reported bool)
	// OrderKnown: the upstream is known to check the arguments after the permission.
	OrderKnown bool
}

// APIs names the APIs that an examination calls: those of all operations but freight, which two APIs say, pushes, and calls by name.
func (d *Dialect) APIs() []string {
	all := make([]string, 0, len(d.Examination.Probes))
	for _, probe := range d.Examination.Probes {
		all = append(all, probe.Call.API)
	}
	return all
}

// KeywordProbe is a search that shows what translating the keyword changes.
type KeywordProbe struct {
	Keyword string
	// AsWritten: the upstream does not translate the keyword.
	AsWritten bool
}

// Probe is a call that shows which of the upstream's checks calls of its API pass.
type Probe struct {
	Call Call
	// Decode reads the payload if the call succeeds. It fails for a payload that is no answer of this API.
	Decode func(gjson.Result) error
	// TokenOptional: the API does not check the access token.
	TokenOptional bool
}

// ProbeResult is what one attempt of a probe showed.
type ProbeResult struct {
	// Host is the host that the request was sent to.
	Host string
	// Calls is 1 if the request was sent, and 0 if not.
	Calls int
	// Status is the answer's HTTP status; 0 without an answer.
	Status int
	// Sent is when the request's last byte was written, Answered when the answer's first byte was read, by our clock; zero
	// if that did not happen.
	Sent, Answered time.Time
	// Served is the answer's Date header: the upstream's time in whole seconds; zero without one.
	Served  time.Time
	Payload gjson.Result
	// Sandbox: the answer is marked as made up.
	Sandbox bool
	// Err is nil for success.
	Err error
}

// Probe makes one attempt of the call through an account (empty for the only one) with the token, when the quota permits it,
// and does not repeat it. Its timestamp is our own clock's, without the correction of earlier calls.
func (c *Client) Probe(ctx context.Context, account string, call Call, token secret.Text) ProbeResult {
	from := time.Now()
	about := c.account(account)
	cred := Credential{AppKey: about.AppKey, AppSecret: about.AppSecret, AccessToken: token}
	permit, err := c.Quota.Acquire(ctx, PermitRequest{API: call.API, Account: account, Examines: true, Demand: DemandOf(ctx)})
	if err != nil {
		return ProbeResult{Err: c.annotate(preferCallerEnd(ctx, err), call, 0, cred)}
	}
	started := time.Now()
	direct := *c.HTTP
	recorded := &recorder{next: direct.Transport, now: c.Now}
	direct.Transport = recorded
	once := &Client{Options: c.Options}
	once.HTTP = &direct
	got, err := once.attempt(ctx, call, cred, permit)
	permit.Done(err)
	if got.shows == alive { // It is no question of the breaker's: an operator wants to know.
		c.breaker.answered()
	}
	c.Observe(Attempt{API: call.API, Account: about.Name, Queued: started.Sub(from), Took: time.Since(started), Err: err})
	s := recorded.result()
	s.Calls, s.Payload = got.attempts, got.payload
	if err != nil {
		c.logFailure(ctx, call, 1, err, cred)
		s.Err = c.annotate(preferCallerEnd(ctx, err), call, got.attempts, cred)
	}
	return s
}

// recorder is a transport that records what an attempt does not return.
type recorder struct {
	next http.RoundTripper
	now  func() time.Time

	mu   sync.Mutex // A transport may report on a request after its caller has returned.
	seen ProbeResult
}

// RoundTrip implements [http.RoundTripper].
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	r.note(func(s *ProbeResult) { s.Host = request.URL.Host })
	next := r.next
	if next == nil {
		next = http.DefaultTransport
	}
	ctx := httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		WroteRequest:         func(httptrace.WroteRequestInfo) { r.note(func(s *ProbeResult) { s.Sent = r.now() }) },
		GotFirstResponseByte: func() { r.note(func(s *ProbeResult) { s.Answered = r.now() }) },
	})
	response, err := next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	r.note(func(s *ProbeResult) {
		s.Status = response.StatusCode
		s.Sandbox = response.Header.Get(SandboxHeader) != ""
		s.Served, _ = http.ParseTime(response.Header.Get("Date"))
	})
	return response, nil
}

func (r *recorder) note(set func(*ProbeResult)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set(&r.seen)
}

func (r *recorder) result() ProbeResult {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

// ProxyError is the error of a proxy that refuses a tunnel to the upstream.
type ProxyError struct {
	// Status is the HTTP status of the proxy's answer.
	Status int
}

// Error implements error.
func (p *ProxyError) Error() string {
	return fmt.Sprintf("the proxy answers CONNECT with HTTP %d", p.Status)
}

// CheckProxyAnswer is for a transport's OnProxyConnectResponse. It returns a [ProxyError] for a proxy's refusal: the error
// of net/http itself differs from others in its text only.
func CheckProxyAnswer(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Status: answer.StatusCode}
}
