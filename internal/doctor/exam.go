package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// exam is a running examination. It belongs to one goroutine.
type exam struct {
	o       Options
	token   secret.Text
	renewed bool

	calls   int
	sandbox bool
	host    string
	// reached means that the upstream itself has answered.
	reached bool
	// roundTrip is the time to the first answer. offset is how far the upstream's clock is ahead. Nil means unknown.
	roundTrip, offset *time.Duration

	// failed has the findings of checks whose failure makes all other checks impossible.
	failed map[zhaohuov1.DiagnosisCheck]*zhaohuov1.DiagnosisFinding
	proved map[zhaohuov1.DiagnosisCheck]bool
	// unsteady is a failure of the network between answers.
	unsteady    *zhaohuov1.DiagnosisFinding
	permissions map[string]*zhaohuov1.DiagnosisFinding
	limits      []*zhaohuov1.DiagnosisFinding
	// tokenStore is what is wrong with the token store. Nil means nothing.
	tokenStore *zhaohuov1.DiagnosisFinding
	// passed means that a call passed all checks.
	passed bool
}

func newExam(o Options) *exam {
	return &exam{
		o: o, failed: map[zhaohuov1.DiagnosisCheck]*zhaohuov1.DiagnosisFinding{}, proved: map[zhaohuov1.DiagnosisCheck]bool{},
		permissions: map[string]*zhaohuov1.DiagnosisFinding{},
	}
}

// over reports whether further calls are useless.
func (e *exam) over() bool { return len(e.failed) > 0 }

// probe makes one attempt and counts its calls.
func (e *exam) probe(ctx context.Context, call upstream.Call) upstream.ProbeResult {
	s := e.o.Prober.Probe(ctx, e.o.account, call, e.token)
	e.calls += s.Calls
	e.sandbox = e.sandbox || s.Sandbox
	if s.Host != "" {
		e.host = s.Host
	}
	return s
}

// trouble records a network failure and reports whether there was one. A single failure between answers is a warning.
func (e *exam) trouble(s upstream.ProbeResult) bool {
	what, broken := networkTrouble(s)
	if !broken {
		e.answered(s)
		return false
	}
	if e.reached && e.unsteady == nil {
		e.unsteady = finding(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_UNSTEADY, e.host, fault.KindOf(s.Err), s.Err)
		return true
	}
	e.fail(what, e.host, fault.KindOf(s.Err), s.Err)
	return true
}

// answered measures round trip and clock by an answer of the upstream itself.
func (e *exam) answered(s upstream.ProbeResult) {
	if s.Status == 0 {
		return // Our own limit held it back.
	}
	e.reached = true
	if e.roundTrip == nil && !s.Sent.IsZero() && !s.Answered.Before(s.Sent) {
		took := s.Answered.Sub(s.Sent)
		e.roundTrip = &took
	}
	if !s.Served.IsZero() {
		e.measure(s.Served.Add(time.Second/2), s) // The header has whole seconds: on average the time is half a second later.
	}
}

// measure compares the clocks, once. It assumes that the upstream read its clock half-way between sending and answer.
func (e *exam) measure(served time.Time, s upstream.ProbeResult) {
	if e.offset != nil || s.Sent.IsZero() || s.Answered.IsZero() {
		return
	}
	ahead := served.Sub(s.Sent.Add(s.Answered.Sub(s.Sent) / 2))
	e.offset = &ahead
}

// clockOff reports whether the clocks are known to differ.
func (e *exam) clockOff() bool { return e.offset != nil && e.offset.Abs() > e.o.ClockWarning }

// place returns the check that stopped an attempt, or DIAGNOSIS_CHECK_UNSPECIFIED if it passed all. False means not known.
func (e *exam) place(s upstream.ProbeResult) (zhaohuov1.DiagnosisCheck, bool) {
	if s.Err == nil {
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, true
	}
	f, ok := fault.As(s.Err)
	switch {
	case !ok:
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED, false
	case heldBack(s):
		return zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS, true
	default:
		return e.o.Examination.Stopped(f)
	}
}

// heldBack reports whether our own limits kept the attempt from being sent.
func heldBack(s upstream.ProbeResult) bool {
	if s.Status != 0 {
		return false
	}
	switch fault.KindOf(s.Err) {
	case fault.UpstreamThrottled, fault.UpstreamQuotaExhausted, fault.QuotaDayUsedUp,
		fault.QuotaWaitTooLong, fault.QuotaQueueFull, fault.QuotaStoreUnavailable:
		return true
	}
	return false
}

// judge draws the conclusions from an attempt at one API.
func (e *exam) judge(s upstream.ProbeResult, p upstream.Probe) {
	api := p.Call.API
	if e.trouble(s) {
		e.permission(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_HIDDEN_BY_FAILURE, api, s)
		return
	}
	at, reported := e.place(s)
	if s.Err == nil && p.Decode != nil {
		// An answer that does not fit this API proves nothing: a proxy in between may accept everything.
		s.Err = p.Decode(s.Payload)
		reported = s.Err == nil
	}
	e.proves(at, reported, p)
	kind := fault.KindOf(s.Err)
	switch {
	case reported && at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED:
		e.passed = true
		e.permission(e.permitted(), api, upstream.ProbeResult{})
	case reported && at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_LIMITS:
		e.limit(api, s)
		e.permission(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_HIDDEN_BY_LIMIT, api, s)
	case reported && at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION:
		e.permission(notPermitted(kind), api, s)
	case reported:
		e.fail(e.spoiled(at), "", kind, s.Err)
	case kind.Retry() == fault.RetryTransient:
		e.permission(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_HIDDEN_BY_FAILURE, api, s)
	case e.clockOff():
		e.fail(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_SUSPECTED, "", fault.UpstreamClockSkew, s.Err)
	default:
		e.permission(zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_REFUSED_UNDOCUMENTED, api, s)
	}
}

// proves records which checks an attempt must have passed before it was stopped. It is not published where limits and unknown
// APIs come in that order.
func (e *exam) proves(at zhaohuov1.DiagnosisCheck, reported bool, p upstream.Probe) {
	if !reported {
		return
	}
	switch at {
	case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE:
		e.prove(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY)
	case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN:
		e.prove(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK)
	case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_PERMISSION, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED:
		e.prove(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE, zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK)
		if !p.TokenOptional && (at == zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_UNSPECIFIED || e.o.Examination.OrderKnown) {
			e.prove(zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_TOKEN)
		}
	}
}

func (e *exam) prove(checks ...zhaohuov1.DiagnosisCheck) {
	for _, c := range checks {
		e.proved[c] = true
	}
}

// spoiled is the diagnosis of a check that fails for every call.
func (e *exam) spoiled(at zhaohuov1.DiagnosisCheck) zhaohuov1.DiagnosisCode {
	switch at {
	case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_CLOCK:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_CLOCK_REFUSED
	case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_APP_KEY:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_APP_KEY_UNKNOWN
	case zhaohuov1.DiagnosisCheck_DIAGNOSIS_CHECK_SIGNATURE:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_SIGNATURE_WRONG
	}
	if e.token.Empty() {
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_MISSING
	}
	return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_TOKEN_REFUSED
}

func (e *exam) fail(what zhaohuov1.DiagnosisCode, subject string, kind fault.Kind, err error) {
	f := finding(what, subject, kind, err)
	e.failed[f.GetCheck()] = f
}

func (e *exam) permitted() zhaohuov1.DiagnosisCode {
	if e.o.Examination.OrderKnown {
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PERMITTED
	}
	return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_PERMITTED_PRESUMABLY
}

func notPermitted(kind fault.Kind) zhaohuov1.DiagnosisCode {
	switch kind {
	case fault.UpstreamIPNotAllowed:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_ADDRESS_NOT_PERMITTED
	case fault.UpstreamAPIUnknown:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NO_SUCH_API
	default:
		return zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_NOT_PERMITTED
	}
}

func (e *exam) permission(what zhaohuov1.DiagnosisCode, api string, s upstream.ProbeResult) {
	e.permissions[api] = finding(what, api, fault.KindOf(s.Err), s.Err)
}

// limit records a limit that was reached: one finding for each API, or one for the App Key.
func (e *exam) limit(api string, s upstream.ProbeResult) {
	f, _ := fault.As(s.Err)
	what := zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_THROTTLED
	subject := api
	switch f.Kind {
	case fault.UpstreamQuotaExhausted:
		what = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_USED_UP
	case fault.QuotaDayUsedUp:
		what = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_OWN_DAY_USED_UP
	case fault.QuotaWaitTooLong, fault.QuotaQueueFull:
		what, subject = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_QUEUE_TOO_LONG, ""
	case fault.QuotaStoreUnavailable:
		what, subject = zhaohuov1.DiagnosisCode_DIAGNOSIS_CODE_LIMITS_STORE_LOST, ""
	}
	if strings.HasPrefix(f.Subject, "app_key/") {
		subject = "" // It is for the App Key, not for one API.
	}
	known := slices.ContainsFunc(e.limits, func(l *zhaohuov1.DiagnosisFinding) bool {
		return l.GetDiagnosis() == what && (l.GetSubject() == subject || subject == "")
	})
	if !known {
		e.limits = append(e.limits, finding(what, subject, f.Kind, s.Err))
	}
}
