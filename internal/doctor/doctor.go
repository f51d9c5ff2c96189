// Package doctor checks the connection to the upstream step by step. It states in English and Chinese what is wrong and what
// to do about it.
//
// It knows the order of the checks, what an answer proves, and the texts. The dialects know how to call the upstream and which
// refusal belongs to which check. The upstream client waits for permits.
package doctor

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// ClockWarningDefault is the smallest difference of the clocks that is reported. Some answers state whole seconds only, and
// the smallest published tolerance is 10 minutes.
const ClockWarningDefault = 30 * time.Second

// Prober makes single attempts. upstream.Client implements it.
type Prober interface {
	// Probe waits for a permit and makes one attempt through an account; empty for the only one. It must return when ctx ends
	// at the latest.
	Probe(ctx context.Context, account string, call upstream.Call, token secret.Text) upstream.ProbeResult
}

// TokenStore is a server that stores tokens.
type TokenStore interface {
	// Eviction is the policy by which it may drop them when it is full. It is empty if it never does. It fails if the server
	// does not report its policy.
	Eviction(ctx context.Context) (policy string, err error)
}

// Options are the parts of a [Doctor].
type Options struct {
	Prober Prober
	// Examination is how the dialect is examined.
	Examination upstream.Examination
	Tokens      upstream.Tokens
	// TokenStore is where replicas share tokens. It is nil if tokens are stored on disk only.
	TokenStore TokenStore
	// QPS and Daily are the configured limits of the service, for the report. 0 means no limit.
	QPS   float64
	Daily int64
	// Accounts are the accounts to examine one after the other, in place of Tokens, TokenStore, QPS and Daily; empty for one
	// account without a name.
	Accounts []Account
	// Pushes is what is known of the upstream's pushes; nil if none are taken. Its findings come after those of all accounts.
	Pushes func() PushState
	// ClockWarning is the smallest difference of the clocks that is reported. Zero means [ClockWarningDefault].
	ClockWarning time.Duration
	// Sandbox marks the findings as those of a sandbox, even if the answers do not.
	Sandbox bool

	account string
}

// Account is one of several accounts.
type Account struct {
	// Name is the account in findings, and for the Prober.
	Name string
	// Tokens, TokenStore, QPS and Daily are as in [Options].
	Tokens     upstream.Tokens
	TokenStore TokenStore
	QPS        float64
	Daily      int64
	// Serves reports whether the account is used for an API: others are not examined.
	Serves func(api string) bool
}

// of are the options for one account.
func (o Options) of(a Account) Options {
	o.Tokens, o.TokenStore, o.QPS, o.Daily, o.account = a.Tokens, a.TokenStore, a.QPS, a.Daily, a.Name
	o.Examination.Probes = slices.DeleteFunc(slices.Clone(o.Examination.Probes), func(p upstream.Probe) bool { return !a.Serves(p.Call.API) })
	return o
}

// Doctor checks the connection to the upstream. It is safe for concurrent use.
type Doctor struct{ o Options }

// New builds a Doctor.
func New(o Options) *Doctor {
	if o.ClockWarning <= 0 {
		o.ClockWarning = ClockWarningDefault
	}
	return &Doctor{o}
}

// Diagnose makes an examination. It makes one call for the time if the dialect has one, one call for each API, and one more for
// each API that is throttled or whose token is renewed; so for each account. If the comparison of translated keywords is asked for, it
// makes two calls for each keyword through the first account of which no check failed. It fails only if the examination cannot continue: when ctx or the
// process ends.
func (d *Doctor) Diagnose(ctx context.Context, q *zhaohuov1.DiagnoseRequest) (*zhaohuov1.DiagnoseResponse, error) {
	all := []Options{d.o}
	if len(d.o.Accounts) > 0 {
		all = nil
		for _, a := range d.o.Accounts {
			all = append(all, d.o.of(a))
		}
	}
	answer := &zhaohuov1.DiagnoseResponse{Meta: &zhaohuov1.AnswerMeta{
		Source: zhaohuov1.AnswerSource_ANSWER_SOURCE_LIVE, ServedFrom: zhaohuov1.ServedFrom_SERVED_FROM_UPSTREAM, FetchTime: timestamppb.Now(),
	}}
	for _, o := range all {
		e := newExam(o)
		if err := e.run(ctx); err != nil {
			return nil, err
		}
		e.lookAtTokenStore(ctx)
		if q.GetCompareTranslation() && answer.Translation == nil && !e.over() {
			var err error
			if answer.Translation, err = e.compareTranslation(ctx); err != nil {
				return nil, err
			}
		}
		if d.o.Sandbox || e.sandbox {
			answer.Meta.Source = zhaohuov1.AnswerSource_ANSWER_SOURCE_SANDBOX
		}
		answer.Findings = append(answer.Findings, e.findings()...)
		answer.Meta.UpstreamCalls += int32(e.calls)
	}
	if d.o.Pushes != nil {
		answer.Findings = append(answer.Findings, d.o.Pushes().findings()...)
	}
	return answer, nil
}

// run makes calls until all checks are decided, or until a failure makes further calls useless.
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

// withoutToken makes the checks that need no token.
func (e *exam) withoutToken(ctx context.Context, noToken error) error {
	if e.over() {
		return nil
	}
	if !e.reached && len(e.o.Examination.Probes) > 0 {
		s := e.probe(ctx, e.o.Examination.Probes[0].Call)
		if unable(s) {
			return s.Err
		}
		// A refusal at the token check or later proves nothing: the call had no token.
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

// lookAtTokenStore checks whether the server where replicas share tokens may drop them.
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

// askTime compares the clocks. The call needs neither token nor permission. So its answer also proves key and signature. It
// proves nothing about timestamps: a caller who asks for the time may have a wrong one.
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

// ask checks one API.
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

// renew replaces the refused token.
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

// unable reports whether the attempt saw nothing, so that the examination cannot continue.
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
