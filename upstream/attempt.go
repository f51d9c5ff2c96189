package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// SandboxHeader marks every answer of a sandbox, so that made-up goods cannot pass for real ones whatever address
// they came from.
const SandboxHeader = "Zhaohuo-Sandbox"

// Backoff says how long to wait between attempts, and how many there may be.
type Backoff struct {
	// Attempts is the most attempts for one question.
	Attempts int
	// First is the wait before the second attempt; it doubles up to Max. Each wait is drawn from its upper half.
	First, Max time.Duration
}

// Attempt is what one attempt came to, for metrics and traces.
type Attempt struct {
	API string
	// Queued is how long the attempt waited for its turn, Took how long the upstream needed.
	Queued, Took time.Duration
	// Err is nil for success.
	Err error
}

// reply is an answer with how it was come by.
type reply struct {
	payload  gjson.Result
	at       time.Time
	attempts int
	sandbox  bool
}

// ask runs attempts at one call until one succeeds, the fault's retry class forbids another, the attempts are used
// up, or nobody of those who wait allows another one. What it cost are the attempts that left.
func (c *Client) call(ctx context.Context, call Call) (reply, error) {
	var tried remedies
	spent, throttled := 0, false
	if !allowed(ctx) {
		return reply{}, c.annotate(budgetExhausted(), call, spent, "")
	}
	for n := 1; ; n++ {
		from := time.Now()
		permit, token, err := c.acquirePermit(ctx, PermitRequest{API: call.API, Throttled: throttled})
		if err != nil {
			return reply{}, c.annotate(preferCallerEnd(ctx, err), call, spent, token)
		}
		started := time.Now()
		got, err := c.attempt(ctx, call, token, permit)
		permit.Done(err)
		c.Observe(Attempt{API: call.API, Queued: started.Sub(from), Took: time.Since(started), Err: err})
		spent += got.attempts
		if err == nil {
			got.attempts = spent
			return got, nil
		}
		throttled = fault.KindOf(err) == fault.UpstreamThrottled
		c.logFailure(ctx, call, n, err, token)
		again, verdict := ctx.Err() == nil && n < c.Backoff.Attempts && allowed(ctx), err
		if again {
			again, verdict = c.remedy(ctx, &tried, err, got.at, token)
		}
		if !again || !c.pause(ctx, n, err) {
			return reply{}, c.annotate(preferCallerEnd(ctx, verdict), call, spent, token)
		}
	}
}

// allowed tells whether any of those who wait may spend another call.
func allowed(ctx context.Context) bool { return DemandOf(ctx).Budget.left() > 0 }

func budgetExhausted() *fault.Fault {
	return fault.New(fault.BudgetExhausted, "the calls allowed for this step are used up")
}

// turn waits for leave to ask, and gives the token to ask with. The token is taken when the turn has come: one from
// before the wait may be dead by then, and finding that out costs a call.
func (c *Client) acquirePermit(ctx context.Context, ask PermitRequest) (Permit, secret.Text, error) {
	// That there is no token is told before the wait, not after it.
	token, err := c.Tokens.Token(ctx)
	if err != nil {
		return nil, "", err
	}
	permit, err := c.acquire(ctx, ask)
	if err != nil {
		return nil, token, err
	}
	if token, err = c.Tokens.Token(ctx); err != nil {
		permit.Done(err)
		return nil, "", err
	}
	return permit, token, nil
}

// acquire waits for a turn on behalf of those who wait now. When somebody more urgent comes, the wait begins again in
// their class; when it is refused for a deadline and somebody with a later one has come, it begins again with that.
func (c *Client) acquire(ctx context.Context, ask PermitRequest) (Permit, error) {
	for {
		demand := DemandOf(ctx)
		ask.Demand = demand
		waiting, end := WithEscalation(ctx, demand.Class)
		permit, err := c.Quota.Acquire(waiting, ask)
		escalated := Escalated(waiting)
		end()
		refused := fault.KindOf(err) == fault.QuotaWaitTooLong && DemandOf(ctx).AllowsMoreThan(demand)
		if err == nil || ctx.Err() != nil || !escalated && !refused {
			return permit, err
		}
	}
}

// tokensMax is how many refused tokens one question has replaced: a fresh one may be withdrawn as well.
const tokenRenewalsMax = 2

// remedies counts what must not be done without end for one question.
type remedies struct {
	tokens int
	clock  bool
}

// remedy does what the fault's retry class asks for before another attempt, and tells whether one makes sense. What it
// gives beside is what to tell a caller for whom there will be none.
func (c *Client) remedy(ctx context.Context, tried *remedies, err error, serverTime time.Time, token secret.Text) (bool, error) {
	switch fault.KindOf(err).Retry() {
	case fault.RetryTransient, fault.RetryThrottle:
		return true, err
	case fault.RetryAuth:
		if tried.tokens == tokenRenewalsMax || token.Empty() {
			return false, err
		}
		tried.tokens++
		renewal := c.Tokens.Renew(ctx, token)
		if renewal != nil && fault.KindOf(renewal) != fault.KindOf(err) {
			// The token can be renewed, only not now: that a token was refused would send the operator the wrong way.
			return false, renewal
		}
		return renewal == nil, err
	case fault.RetryClock:
		if tried.clock || serverTime.IsZero() {
			return false, err
		}
		tried.clock = true
		c.clockOffset.Store(int64(serverTime.Sub(c.Now())))
		return true, err
	default:
		return false, err
	}
}

// pause waits before attempt n+1. It does not begin a wait for which nobody would stay.
func (c *Client) pause(ctx context.Context, n int, err error) bool {
	f, _ := fault.As(err)
	wait := c.Backoff.wait(n)
	switch f.Kind.Retry() {
	case fault.RetryAuth, fault.RetryClock:
		wait = 0 // The remedy is done; waiting would add nothing.
	default:
		wait = max(wait, f.RetryAfter)
	}
	if end := DemandOf(ctx).Deadline; !end.IsZero() && time.Until(end) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// wait is the pause after attempt n: equal jitter over an exponential, so that callers who failed together do not
// come back together.
func (b Backoff) wait(n int) time.Duration {
	full := b.First << min(n-1, 20)
	if full <= 0 || full > b.Max {
		full = b.Max
	}
	if full <= 1 {
		return full
	}
	return full/2 + rand.N(full/2)
}

// attempt sends the call once, when turn lets it go. The reply's time is the upstream's own where it told one, and its
// attempts are 1 if the call left and 0 if not, also beside an error.
func (c *Client) attempt(ctx context.Context, call Call, token secret.Text, permit Permit) (got reply, err error) {
	// A deadline of ctx is a fixed one: what those who wait allow is no part of it, see [DemandOf].
	ctx, cancel := context.WithTimeout(ctx, c.AttemptTimeout)
	defer cancel()
	ctx, hook := withCommitHook(ctx, permit)
	defer hook.cancel(nil)
	defer func() {
		if hook.committed.Load() {
			got.attempts = 1
		}
	}()
	now := c.Now().Add(time.Duration(c.clockOffset.Load()))
	cred := Credential{AppKey: c.AppKey, AppSecret: c.AppSecret, AccessToken: token}
	request, err := c.Dialect.Wire.NewRequest(ctx, call, cred, now)
	if err != nil {
		return reply{}, err
	}
	if request.Body != nil {
		// A transport may go on reading after Do has returned. The photo is the caller's, and only until we return.
		defer request.Body.Close()
	}
	response, err := c.HTTP.Do(request)
	if refused := hook.refusedBy(); err != nil && refused != nil {
		return reply{}, refused
	}
	if err != nil {
		return reply{}, transportFault(err)
	}
	defer response.Body.Close()
	hook.countUntraced()
	got = reply{at: c.Now(), sandbox: response.Header.Get(SandboxHeader) != ""}
	body, err := readAnswer(response, c.AnswerBytesMax)
	if err == nil {
		got.payload, err = c.Dialect.Wire.Open(call, response.StatusCode, body)
	}
	if err != nil {
		served, _ := http.ParseTime(response.Header.Get("Date"))
		return reply{at: served}, withRetryAfter(err, response.Header, c.Now())
	}
	return got, nil
}

// readAnswer reads an answer of bounded size, from where it was asked for.
func readAnswer(response *http.Response, limit int64) ([]byte, error) {
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return nil, fault.New(fault.UpstreamAPIUnknown, "the upstream's address answers HTTP %d: it is not the gateway's own", response.StatusCode)
	}
	return readBounded(response, limit)
}

func readBounded(response *http.Response, limit int64) ([]byte, error) {
	n := response.ContentLength
	if n > limit {
		return nil, tooLarge(limit)
	}
	var buf bytes.Buffer
	if n > 0 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, transportFault(err)
	case n > limit:
		return nil, tooLarge(limit)
	}
	return buf.Bytes(), nil
}

func tooLarge(limit int64) error {
	return fault.New(fault.UpstreamAnswerTooLarge, "the upstream's answer is over %d bytes", limit)
}

// transportFault names what broke on the way. The error itself may quote the address with its parameters, so it
// stays a cause. What already has a name, as a photo that could not be read, keeps it.
func transportFault(err error) error {
	if f, ok := fault.As(err); ok {
		return f
	}
	if f := ConnectionFault(err); f != nil {
		return f
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return fault.New(fault.UpstreamTimeout, "the upstream did not answer in time").WithCause(err)
	}
	return fault.New(fault.UpstreamUnavailable, "the connection to the upstream failed").WithCause(err)
}

// callerFirst tells a caller who left, or whose time is up, from whatever failed meanwhile. A context that was ended with a
// fault, as a server that stops does, says so itself.
func preferCallerEnd(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fault.Ended(ctx, "while the upstream was being asked").WithCause(err)
}

// logFailure tells of a failed attempt. A refusal with a code nobody has documented, or for want of a permission, is what
// an operator must see.
func (c *Client) logFailure(ctx context.Context, call Call, n int, err error, token secret.Text) {
	kind, level := fault.KindOf(err), slog.LevelDebug
	said := []slog.Attr{slog.String("api", call.API), slog.Int("attempt", n), slog.String("kind", kind.String())}
	if f, ok := fault.As(err); ok && (kind == fault.UpstreamRefused || kind == fault.UpstreamPermissionDenied) {
		level = slog.LevelWarn
		for _, key := range []string{fault.MetaUpstreamCode, fault.MetaUpstreamSubCode, fault.MetaUpstreamMessage, fault.MetaUpstreamRequestID} {
			if value := f.Meta[key]; value != "" {
				said = append(said, slog.String(key, c.redact(value, token)))
			}
		}
	}
	c.Log.LogAttrs(ctx, level, "upstream attempt failed", said...)
}

// annotate adds which API failed and what it had cost, and takes out our own secrets, should the upstream have quoted
// them in a way that its dialect did not see through. The token is the last one sent.
func (c *Client) annotate(err error, call Call, attempts int, token secret.Text) error {
	f, ok := fault.As(err)
	if !ok {
		f = fault.New(fault.Internal, "").WithCause(err)
	}
	if f.Subject == "" {
		f = f.WithSubject(call.API)
	}
	if f.Kind == fault.UpstreamPermissionDenied {
		named := *f
		named.Detail = "the App Key may not call " + call.API
		f = &named
	}
	for key, value := range f.Meta {
		if hidden := c.redact(value, token); hidden != value {
			f = f.WithMeta(key, hidden)
		}
	}
	return f.WithMeta(fault.MetaUpstreamAPI, call.API).WithCalls(attempts)
}

// secretBytesMin is the length from which a secret is looked for. Shorter ones are made up, by tests, and occur in
// plain words.
const secretBytesMin = 4

// hide takes our secrets out of a text of the upstream.
func (c *Client) redact(text string, token secret.Text) string {
	for _, hidden := range []secret.Text{c.AppSecret, token} {
		if len(hidden) >= secretBytesMin {
			text = strings.ReplaceAll(text, hidden.Reveal(), hidden.String())
		}
	}
	return text
}
