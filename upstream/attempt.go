package upstream

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/boundedio"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/pause"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

// SandboxHeader marks every answer of a sandbox. So its made-up goods never pass for real ones, whatever the configured
// address is.
const SandboxHeader = "Zhaohuo-Sandbox"

// Backoff configures the number of attempts and the waits between them.
type Backoff struct {
	// Attempts is the most attempts for one call.
	Attempts int
	// First is the wait before the second attempt; it doubles up to Max. Each wait is drawn from its upper half.
	First, Max time.Duration
}

// Attempt is the result of one attempt, for metrics and traces.
type Attempt struct {
	API string
	// Account is the name of the account; empty for the only one.
	Account string
	// Queued is how long the attempt waited for its permit. Took is how long it lasted after that.
	Queued, Took time.Duration
	// Err is nil for success.
	Err error
}

// reply is the payload of an answer, with what its meta and faults need.
type reply struct {
	payload  gjson.Result
	at       time.Time
	attempts int
	sandbox  bool
	// shows is what the attempt shows of the upstream as a server.
	shows verdict
	// account is the name of the account that answered.
	account string
	// refund takes the charge of a call back from the caller who paid for it; nil if none was sent.
	refund func()
}

// free is the reply of a call that was moved to another account: the caller pays for one of the two.
func (r reply) free() {
	if r.refund != nil {
		r.refund()
	}
}

// call runs attempts until one succeeds, the fault's retry class forbids another, the attempts are used up, or no
// waiting caller allows another. A refusal for what is wrong with an account is no such attempt where another account may
// serve the call: it goes there at once. call reports the attempts that were sent, without those that were moved to another
// account.
func (c *Client) call(ctx context.Context, call Call, by way) (reply, error) {
	var tried remedies
	spent, throttled := 0, false
	if !allowed(ctx) {
		return reply{}, c.annotate(DemandOf(ctx).Budget.refusal(), call, spent, Credential{})
	}
	for n := 1; ; n++ {
		from := time.Now()
		pass, permit, account, cred, err := c.admit(ctx, PermitRequest{
			API: call.API, With: by.with, Account: by.account, Optional: by.optional, Throttled: throttled,
		})
		if errors.Is(err, errOpened) && c.outlast(ctx, n, err) {
			continue
		}
		if err != nil && permit != nil && c.move(ctx, &tried, permit, tokenless(err)) {
			n--
			continue
		}
		if err != nil {
			return reply{}, c.annotate(preferCallerEnd(ctx, err), call, spent, cred)
		}
		started := time.Now()
		got, err := c.attempt(ctx, call, cred, permit)
		permit.Done(err)
		pass.done(got.shows)
		c.Observe(Attempt{API: call.API, Account: account.Name, Queued: started.Sub(from), Took: time.Since(started), Err: err})
		spent += got.attempts
		if err == nil {
			got.attempts, got.account = spent, account.Name
			if call.Verbatim { // Nobody reads it before the caller.
				got.payload.Raw = c.redact(got.payload.Raw, cred)
			}
			return got, nil
		}
		throttled = fault.KindOf(err) == fault.UpstreamThrottled
		c.logFailure(ctx, call, n, err, cred)
		if by.once && got.attempts > 0 {
			if final, outcome := outcomeOf(err); final {
				return reply{}, c.annotate(outcome, call, spent, cred)
			}
		}
		another, moved, verdict := c.goOn(ctx, &tried, n, permit, account, err, got.at, cred.AccessToken)
		if !another {
			return reply{}, c.annotate(preferCallerEnd(ctx, verdict), call, spent, cred)
		}
		if moved {
			got.free()
			spent -= got.attempts
			if !throttled {
				n--
			}
		}
	}
}

// goOn does and waits for what attempt n+1 needs, and reports whether to make it. moved: it is made through another account, since
// this one refused it without an effect: so the caller pays for the other call only. verdict is the error to return if there is no
// other attempt.
func (c *Client) goOn(ctx context.Context, tried *remedies, n int, permit Permit, account *Account, err error, serverTime time.Time, token secret.Text) (another, moved bool, verdict error) {
	affordable := allowed(ctx)
	if ctx.Err() != nil || !affordable && len(c.Accounts) == 1 {
		return false, false, err
	}
	last, kind := n >= c.Backoff.Attempts, fault.KindOf(err)
	verdict = err
	if !last || len(c.Accounts) > 1 && kind.Retry() == fault.RetryAuth {
		another, verdict = c.remedy(ctx, tried, account, err, serverTime, token)
	}
	switch {
	case !another && ofAccount(err) && c.move(ctx, tried, permit, err):
		return true, true, verdict
	case last || !another:
		return false, false, verdict
	case kind == fault.UpstreamThrottled && c.move(ctx, tried, permit, err):
		return true, true, verdict // The other account need not wait.
	case !affordable, kind.Retry() == fault.RetryTransient && !c.breaker.mayRepeat(DemandOf(ctx).Class):
		return false, false, verdict
	}
	return c.pause(ctx, n, err), false, verdict
}

// admit is [Client.acquirePermit] for an attempt that the breaker lets through. Its refusal is an errOpened, and spends nothing.
func (c *Client) admit(ctx context.Context, request PermitRequest) (*pass, Permit, *Account, Credential, error) {
	pass, waiting, err := c.breaker.enter(ctx)
	if err != nil {
		return nil, nil, nil, Credential{}, err
	}
	permit, account, cred, err := c.acquirePermit(waiting, request)
	refusal := pass.checkIn(waiting, err)
	if refusal == nil {
		return pass, permit, account, cred, err
	}
	if err == nil {
		permit.Done(refusal)
	}
	return nil, nil, nil, cred, refusal
}

// outlast reports whether a call that the breaker refused shall try anew, and waits for that. A batch may outlast a short outage; a
// person is better off with an error at once.
func (c *Client) outlast(ctx context.Context, n int, refusal error) bool {
	class := DemandOf(ctx).Class
	if class == Interactive || n >= c.Backoff.Attempts {
		return false
	}
	waiting, end := WithEscalation(ctx, class)
	defer end()
	return c.pause(waiting, n, refusal) || Escalated(waiting)
}

// move reports whether another account may serve the call instead of the permit's, which then is passed over. A call moves at most
// once for each account.
func (c *Client) move(ctx context.Context, tried *remedies, permit Permit, why error) bool {
	if ctx.Err() != nil || tried.moves >= len(c.Accounts) || !permit.PassOver(why) {
		return false
	}
	tried.moves++
	return true
}

// allowed reports whether a waiting caller may spend another call.
func allowed(ctx context.Context) bool { return DemandOf(ctx).Budget.left() > 0 }

// acquirePermit waits for a permit and returns it with its account and the credential to send. With an error it returns
// the permit, released, if the account has no token.
func (c *Client) acquirePermit(ctx context.Context, request PermitRequest) (Permit, *Account, Credential, error) {
	// A missing token of the only account is reported before the wait, not after it.
	var cred Credential
	if len(c.Accounts) == 1 {
		var err error
		if cred, err = c.Accounts[0].credential(ctx); err != nil {
			return nil, nil, Credential{}, err
		}
	}
	permit, err := c.acquire(ctx, request)
	if err != nil {
		return nil, nil, cred, err
	}
	account := c.account(permit.Account())
	if cred, err = account.credential(ctx); err != nil {
		permit.Done(err)
		return permit, account, Credential{}, err
	}
	return permit, account, cred, nil
}

// acquire waits for a permit on behalf of the present callers. The wait starts again in a higher class when a more urgent
// caller joins. It starts again with a later deadline when it was refused for the deadline and a caller with a later one
// has joined.
func (c *Client) acquire(ctx context.Context, request PermitRequest) (Permit, error) {
	for {
		demand := DemandOf(ctx)
		request.Demand = demand
		waiting, end := WithEscalation(ctx, demand.Class)
		permit, err := c.Quota.Acquire(waiting, request)
		escalated := Escalated(waiting)
		end()
		refused := fault.KindOf(err) == fault.QuotaWaitTooLong && DemandOf(ctx).AllowsMoreThan(demand)
		if err == nil || ctx.Err() != nil || !escalated && !refused {
			return permit, err
		}
	}
}

// tokenRenewalsMax is how many refused tokens one call replaces: the new token may be withdrawn as well.
const tokenRenewalsMax = 2

// remedies counts the remedies that are limited per call.
type remedies struct {
	tokens int
	clock  bool
	// moves are the changes to another account.
	moves int
}

// remedy does what the fault's retry class asks for before another attempt, and reports whether one makes sense. Its
// error is the one to return if there is no other attempt.
func (c *Client) remedy(ctx context.Context, tried *remedies, account *Account, err error, serverTime time.Time, token secret.Text) (bool, error) {
	switch fault.KindOf(err).Retry() {
	case fault.RetryTransient, fault.RetryThrottle:
		return true, err
	case fault.RetryAuth:
		if tried.tokens == tokenRenewalsMax || token.Empty() {
			return false, err
		}
		tried.tokens++
		renewal := account.Tokens.Renew(ctx, token)
		if renewal != nil && fault.KindOf(renewal) != fault.KindOf(err) {
			// The token can be renewed, but not now: reporting a refused token would mislead the operator.
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

// pause waits before attempt n+1. It returns false at once for a wait beyond the callers' deadline.
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
	return pause.For(ctx, wait)
}

// wait is the pause after attempt n: exponential with equal jitter, so that calls that failed at the same time are not
// repeated at the same time.
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

// attempt sends the call once, when the permit allows it. The reply's attempts are 1 if the call was sent and 0 if not,
// also with an error. With an error, the reply's time is that of the answer's Date header, or zero.
func (c *Client) attempt(ctx context.Context, call Call, cred Credential, permit Permit) (got reply, err error) {
	// ctx has no deadline of the waiting callers, who may change: see [DemandOf]. So the attempt has its own.
	began, callers := time.Now(), ctx
	ctx, cancel := context.WithTimeout(ctx, c.AttemptTimeout)
	defer cancel()
	ctx, hook := withCommitHook(ctx, permit)
	defer hook.cancel(nil)
	defer func() {
		if hook.committed.Load() {
			got.attempts, got.refund = 1, hook.refund
		}
	}()
	now := c.Now().Add(time.Duration(c.clockOffset.Load()))
	request, err := c.Dialect.Wire.NewRequest(ctx, call, cred, now)
	if err != nil {
		return reply{}, err
	}
	if request.Body != nil {
		// A transport may read on after Do has returned. The photo belongs to the caller, who may release it when this
		// function returns.
		defer request.Body.Close()
	}
	response, err := c.HTTP.Do(request)
	if refused := hook.refusedBy(); err != nil && refused != nil {
		return reply{}, refused
	}
	if err != nil {
		err = transportFault(err)
		return reply{shows: unanswered(callers, began, verdictOf(err, false))}, err
	}
	defer response.Body.Close()
	hook.countUntraced()
	got = reply{at: c.Now(), sandbox: response.Header.Get(SandboxHeader) != "", shows: alive}
	body, err := readAnswer(response, c.AnswerBytesMax)
	if err == nil {
		got.payload, err = c.Dialect.Wire.Open(call, response.StatusCode, body)
	}
	if err != nil {
		served, _ := http.ParseTime(response.Header.Get("Date"))
		return reply{at: served, shows: unanswered(callers, began, verdictOf(err, true))}, withRetryAfter(err, response.Header, c.Now())
	}
	return got, nil
}

// unanswered is what an attempt without an answer shows: nothing, if its callers left before an answer was to be expected.
func unanswered(callers context.Context, began time.Time, shows verdict) verdict {
	if shows == dead && callers.Err() != nil && time.Since(began) < unansweredLeast {
		return nothing
	}
	return shows
}

// readAnswer reads a bounded answer and refuses redirects.
func readAnswer(response *http.Response, limit int64) ([]byte, error) {
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return nil, fault.New(fault.UpstreamAPIUnknown, "the upstream's address answers with a redirect, HTTP %d: it is not the address of the gateway", response.StatusCode)
	}
	text, err := boundedio.ReadBody(response, limit)
	switch {
	case errors.Is(err, boundedio.ErrTooLarge):
		return nil, fault.New(fault.UpstreamAnswerTooLarge, "the upstream's answer is over %d bytes", limit)
	case err != nil:
		return nil, transportFault(err)
	}
	return text, nil
}

// transportFault names a transport failure. The error may quote the address with its parameters, so it stays a cause.
// An error that is a fault already, such as for a photo that cannot be read, is returned as it is.
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

// preferCallerEnd returns err, or a fault for the end of ctx if that has ended: then err is only a consequence. If ctx
// was ended with a fault, as a stopping server does, it returns that one.
func preferCallerEnd(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return fault.Ended(ctx, "during the upstream call").WithCause(err)
}
