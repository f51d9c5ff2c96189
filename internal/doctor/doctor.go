// Package doctor examines the way to the upstream check by check, and says in English and Chinese what is wrong and what
// to do about it.
//
// It holds the order of the checks, what an answer proves, and the words. How a dialect is asked, and which refusal
// belongs to which check, the dialects say; that an attempt waits for its turn is the upstream client's matter.
package doctor

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// ClockWarningDefault is the difference of the clocks from which on it is told. Answers tell whole seconds at worst, and
// the narrowest tolerance that is published is 10 minutes.
const ClockWarningDefault = 30 * time.Second

// Prober makes single attempts. upstream.Client does.
type Prober interface {
	// Probe makes one attempt, when it has its turn. It must return before ctx ends, or as soon as it does.
	Probe(ctx context.Context, call upstream.Call, token secret.Text) upstream.ProbeResult
}

// TokenStore is a server that keeps tokens.
type TokenStore interface {
	// Eviction is the policy by which it may drop them when it is full; empty if it does not. It fails where the server
	// does not tell.
	Eviction(ctx context.Context) (policy string, err error)
}

// Options are the parts of a [Doctor].
type Options struct {
	Prober Prober
	// Examination is the dialect's.
	Examination upstream.Examination
	Tokens      upstream.Tokens
	// TokenStore is what replicas share tokens through; nil where they are kept on disk alone.
	TokenStore TokenStore
	// QPS and Daily are the limits the service sets itself, to be told; 0 is no limit.
	QPS   float64
	Daily int64
	// ClockWarning is the difference of the clocks that is told as wrong; [ClockWarningDefault] if zero.
	ClockWarning time.Duration
	// Sandbox marks the findings as those of a sandbox, whatever the answers say.
	Sandbox bool
}

// Doctor examines the way to the upstream. It is safe for concurrent use.
type Doctor struct{ o Options }

// New builds a Doctor.
func New(o Options) *Doctor {
	if o.ClockWarning <= 0 {
		o.ClockWarning = ClockWarningDefault
	}
	return &Doctor{o}
}

// Diagnose makes the examination: one call for the time where the dialect tells it, one for each API, and one more for
// each that is throttled or whose token is renewed. It fails only where the examination itself could not go on: when ctx
// ends, or the process does.
func (d *Doctor) Diagnose(ctx context.Context) (*zhaohuov1.DiagnoseResponse, error) {
	e := newExam(d.o)
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	e.lookAtTokenStore(ctx)
	source := zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE
	if d.o.Sandbox || e.sandbox {
		source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
	}
	return &zhaohuov1.DiagnoseResponse{
		Findings: e.findings(),
		Meta: &zhaohuov1.AnswerMeta{
			Source: source, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, FetchTime: timestamppb.Now(), UpstreamCalls: int32(e.calls),
		},
	}, nil
}

// run asks until all is known, or something is wrong that would spoil all further answers.
func (e *exam) run(ctx context.Context) error {
	var noToken error
	e.token, noToken = e.o.Tokens.Token(ctx)
	if e.o.Examination.Time.Offered() {
		if err := e.askTime(ctx); err != nil {
			return err
		}
	}
	if noToken != nil {
		return e.withoutToken(ctx, noToken)
	}
	for _, p := range e.o.Examination.Probes {
		if e.over() {
			return nil
		}
		if err := e.ask(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// withoutToken finds out what can be found out when there is no token to send.
func (e *exam) withoutToken(ctx context.Context, noToken error) error {
	if e.over() {
		return nil
	}
	if !e.reached && len(e.o.Examination.Probes) > 0 {
		s := e.probe(ctx, e.o.Examination.Probes[0].Call)
		if unable(s) {
			return s.Err
		}
		// What comes after the token is no news: the call had none.
		if at, reported := e.place(s); !reported || at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED || at >= zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN {
			if !e.trouble(s) {
				e.proves(at, reported, upstream.Probe{TokenOptional: true})
			}
		} else {
			e.judge(s, upstream.Probe{TokenOptional: true})
		}
	}
	if ctx.Err() != nil {
		return noToken
	}
	if !e.over() {
		e.fail(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_UNAVAILABLE, "", fault.KindOf(noToken), noToken)
	}
	return nil
}

// lookAtTokenStore finds out whether the server that replicas share tokens through may drop them.
func (e *exam) lookAtTokenStore(ctx context.Context) {
	if e.o.TokenStore == nil {
		return
	}
	switch policy, err := e.o.TokenStore.Eviction(ctx); {
	case err != nil:
		e.tokenStore = finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_EVICTION_UNKNOWN, "", 0, nil)
	case policy != "":
		e.tokenStore = finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKENS_EVICTABLE, "maxmemory-policy "+policy, 0, nil)
	}
}

// askTime compares the clocks. The call needs neither token nor permission, so it also tells whether key and signature
// are right; of timestamps it tells nothing, since who asks for the time may not have it.
func (e *exam) askTime(ctx context.Context) error {
	op := e.o.Examination.Time
	call, err := op.Encode(struct{}{})
	if err != nil {
		return err
	}
	s := e.probe(ctx, call)
	if unable(s) {
		return s.Err
	}
	if s.Err == nil {
		var at time.Time
		if at, s.Err = op.Decode(struct{}{}, s.Payload); s.Err == nil {
			e.measure(at, s)
		}
	}
	if e.trouble(s) {
		return nil
	}
	at, reported := e.place(s)
	if reported && at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED {
		e.prove(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE)
		return nil
	}
	if reported && at <= zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE {
		e.judge(s, upstream.Probe{Call: call, TokenOptional: true})
	} else if reported && at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS {
		e.limit(call.API, s)
	}
	return nil
}

// ask finds out how far calls of one API get.
func (e *exam) ask(ctx context.Context, p upstream.Probe) error {
	throttled, renewed := false, e.renewed
	for {
		s := e.probe(ctx, p.Call)
		if unable(s) {
			return s.Err
		}
		kind := fault.KindOf(s.Err)
		if s.Calls > 0 && kind == fault.UpstreamThrottled && !throttled {
			throttled = true
			e.limit(p.Call.API, s)
			continue
		}
		if kind == fault.UpstreamTokenInvalid && !renewed && !e.token.Empty() && e.renew(ctx) {
			renewed = true
			continue
		}
		e.judge(s, p)
		return nil
	}
}

// renew has the refused token replaced.
func (e *exam) renew(ctx context.Context) bool {
	if err := e.o.Tokens.Renew(ctx, e.token); err != nil {
		return false
	}
	token, err := e.o.Tokens.Token(ctx)
	if err != nil || token.Empty() || token == e.token {
		return false
	}
	e.token, e.renewed = token, true
	return true
}

// unable reports that a probe could not be made, so that the examination cannot continue.
func unable(s upstream.ProbeResult) bool {
	if s.Err == nil {
		return false
	}
	switch fault.KindOf(s.Err) {
	case fault.CallerGone, fault.DeadlineExceeded, fault.ServerDraining, fault.Internal:
		return true
	}
	return false
}
